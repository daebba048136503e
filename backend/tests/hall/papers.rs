//! Papers to upload.

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, (x * y % 239) as u8]))
}

/// A JPEG.
pub fn jpeg() -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 80).encode_image(&picture(320, 200)).unwrap();
    file
}

/// A PNG.
pub fn png() -> Vec<u8> {
    let mut file = Vec::new();
    let picture = picture(120, 80);
    PngEncoder::new(&mut file).write_image(&picture, 120, 80, ExtendedColorType::Rgb8).unwrap();
    file
}
