//! Uploaded papers: what comes in is sniffed, measured, decoded, turned upright and encoded anew. What is kept is our
//! own JPEG, without metadata, whatever the file's name or type said.

mod jpeg;

use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, jpeg::JpegEncoder, png::PngDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits};
use shared::api::ErrorCode;
use std::io::Cursor;
use tokio::sync::Semaphore;

/// The most pixels that are decoded. Phone photos have 12.2 million.
pub const MAX_PIXELS: u64 = 16_000_000;

/// Memory for decoding one image: 16 million pixels of 8 bytes and something for the decoder itself.
const MAX_DECODE_BYTES: u64 = MAX_PIXELS * 8 + 32 * 1024 * 1024;

/// Quality of what is kept: stamps and small print stay readable.
const QUALITY: u8 = 85;

/// A paper as it is kept.
#[derive(Clone)]
pub struct Paper {
    /// JPEG, upright, no metadata.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
    Gif,
}

/// Decodes one image at a time: two photos at once would need twice the memory.
pub struct Darkroom(Semaphore);

impl Default for Darkroom {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl Darkroom {
    /// Turns an uploaded file into a paper. `formats` are the profile's extensions.
    pub async fn develop(&self, file: Vec<u8>, formats: &[String]) -> Result<Paper, ErrorCode> {
        let format = sniff(&file).ok_or(ErrorCode::FileType)?;
        if !formats.iter().any(|name| names(format).contains(&name.as_str())) {
            return Err(ErrorCode::FileType);
        }
        let _turn = self.0.acquire().await.map_err(|_| ErrorCode::Internal)?;
        tokio::task::spawn_blocking(move || develop(&file, format)).await.map_err(|_| ErrorCode::ImageDamaged)?
    }
}

fn names(format: Format) -> &'static [&'static str] {
    match format {
        Format::Jpeg => &["jpg", "jpeg"],
        Format::Png => &["png"],
        Format::Gif => &["gif"],
    }
}

/// What a file really is, by its first bytes.
fn sniff(file: &[u8]) -> Option<Format> {
    if file.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(Format::Jpeg)
    } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Format::Png)
    } else if file.starts_with(b"GIF87a") || file.starts_with(b"GIF89a") {
        Some(Format::Gif)
    } else {
        None
    }
}

fn develop(file: &[u8], format: Format) -> Result<Paper, ErrorCode> {
    let bytes = Cursor::new(file);
    let image = match format {
        Format::Jpeg => {
            if !jpeg::is_complete(file) {
                return Err(ErrorCode::ImageDamaged);
            }
            decode(JpegDecoder::new(bytes).map_err(refusal)?)?
        }
        Format::Png => decode(PngDecoder::new(bytes).map_err(refusal)?)?,
        Format::Gif => decode(GifDecoder::new(bytes).map_err(refusal)?)?,
    };
    // Transparent papers lie on white, not on black.
    let rgb = flatten(image);
    let (width, height) = rgb.dimensions();
    let mut jpeg = Vec::with_capacity(file.len());
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&rgb).map_err(refusal)?;
    Ok(Paper { jpeg, width, height })
}

/// For the fuzz targets: whatever it is, it is refused or becomes a picture of our own.
#[cfg(fuzzing)]
pub fn fuzz(file: &[u8]) {
    if let Some(format) = sniff(file)
        && let Ok(paper) = develop(file, format)
    {
        assert!(jpeg::is_complete(&paper.jpeg) && sniff(&paper.jpeg) == Some(Format::Jpeg));
    }
}

fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, ErrorCode> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ErrorCode::ImageTooManyPixels);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    decoder.set_limits(limits).map_err(refusal)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn flatten(image: DynamicImage) -> image::RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    image::RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let image::Rgba([r, g, b, a]) = *rgba.get_pixel(x, y);
        let over = |colour: u8| {
            let mixed = (u32::from(colour) * u32::from(a) + 255 * (255 - u32::from(a))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        image::Rgb([over(r), over(g), over(b)])
    })
}

fn refusal(error: ImageError) -> ErrorCode {
    match error {
        ImageError::Limits(_) => ErrorCode::ImageTooManyPixels,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Unsupported(_)
        | ImageError::IoError(_) => ErrorCode::ImageDamaged,
    }
}

#[cfg(test)]
mod tests;
