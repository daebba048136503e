//! Small papers, each different from every other.

use std::io::Cursor;

use anyhow::Result;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use crate::chance::Chance;

/// A little picture as a phone would send it.
pub fn paper(chance: &Chance) -> Result<Vec<u8>> {
    let [red, green, blue, right, low] = chance.bytes::<5>();
    let image = RgbImage::from_fn(96, 64, |at_x, at_y| {
        let inside = at_x < u32::from(right) % 96 && at_y < u32::from(low) % 64;
        if inside { Rgb([red, green, blue]) } else { Rgb([250, 250, 245]) }
    });
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&image)?;
    Ok(bytes.into_inner())
}
