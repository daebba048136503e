//! The three papers, and what the page makes of a photo before it is sent.

use std::io::Cursor;

use anyhow::{Context as _, Result};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageReader};
use shared::channel::DocumentKind;

use crate::cast::Unit;
use crate::outside::Outside;

/// The long edge that the page scales a photo to.
const LONG_EDGE: u32 = 2400;

/// A file as it lies on the applicant's phone or computer.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What it shows.
    pub kind: DocumentKind,
    /// The file's name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The papers of a unit as they lie on a phone: a turned 12-megapixel JPEG, a PNG, a GIF.
pub async fn photos(unit: &Unit, outside: &Outside) -> Result<Vec<Paper>> {
    fetch(unit, outside, "jpg").await
}

/// The papers of a unit as a scanner makes them: each within the limit.
pub async fn scans(unit: &Unit, outside: &Outside) -> Result<Vec<Paper>> {
    fetch(unit, outside, "png").await
}

async fn fetch(unit: &Unit, outside: &Outside, licence: &str) -> Result<Vec<Paper>> {
    let names = [
        (DocumentKind::BusinessLicence, format!("licence-{}.{licence}", unit.number)),
        (DocumentKind::OperatorIdPortrait, format!("id-front-{}.png", unit.operator_number)),
        (DocumentKind::OperatorIdEmblem, format!("id-back-{}.gif", unit.operator_number)),
    ];
    let mut papers = Vec::new();
    for (kind, name) in names {
        papers.push(Paper { kind, bytes: outside.paper(&name).await?, name });
    }
    Ok(papers)
}

/// A photo turned upright, scaled down and written as a JPEG, as the page does it before sending.
pub fn scaled(photo: &[u8]) -> Result<Vec<u8>> {
    let mut decoder = ImageReader::new(Cursor::new(photo)).with_guessed_format()?.into_decoder()?;
    let turn = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(turn);
    let image = image.resize(LONG_EDGE, LONG_EDGE, FilterType::Triangle);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&image.to_rgb8())?;
    Ok(bytes)
}

/// Width and height as an image viewer shows it.
pub fn size(bytes: &[u8]) -> Result<(u32, u32)> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_dimensions().context("no image")
}
