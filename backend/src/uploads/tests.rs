#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_possible_truncation)]

use super::*;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

fn formats() -> Vec<String> {
    ["gif", "jpg", "png", "jpeg"].map(String::from).to_vec()
}

async fn develop(file: Vec<u8>) -> Result<Paper, ErrorCode> {
    Darkroom::default().develop(file, &formats()).await
}

/// Left half red, right half blue, wider than high.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(picture).unwrap();
    file
}

fn png_of(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::png::PngEncoder::new(&mut file)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .unwrap();
    file
}

fn gif_of(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::gif::GifEncoder::new(&mut file)
        .encode(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .unwrap();
    file
}

/// The same JPEG with an EXIF block that says: turn me by 90°, and where it was taken.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS-SECRET-PLACE");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn a_photo_is_turned_upright_and_loses_its_metadata() {
    let paper = develop(with_exif(&jpeg_of(&picture(64, 32)))).await.unwrap();
    assert_eq!((paper.width, paper.height), (32, 64));
    assert!(!paper.jpeg.windows(6).any(|part| part == b"SECRET"));
    let kept = image::load_from_memory(&paper.jpeg).unwrap().into_rgb8();
    assert!(kept.get_pixel(16, 5).0[0] > 150, "the red half is on top now");
}

#[tokio::test]
async fn every_allowed_format_is_kept_as_jpeg() {
    let picture = picture(40, 30);
    for file in [jpeg_of(&picture), png_of(&picture), gif_of(&picture)] {
        let paper = develop(file).await.unwrap();
        assert_eq!((paper.width, paper.height), (40, 30));
        assert_eq!(&paper.jpeg[..3], [0xff, 0xd8, 0xff]);
    }
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say() {
    for file in [b"%PDF-1.7".to_vec(), b"<html>".to_vec(), b"RIFF....WEBPVP8 ".to_vec(), Vec::new()] {
        assert_eq!(develop(file).await.err(), Some(ErrorCode::FileType));
    }
    let only_png = vec!["png".to_owned()];
    let refused = Darkroom::default().develop(jpeg_of(&picture(8, 8)), &only_png).await;
    assert_eq!(refused.err(), Some(ErrorCode::FileType));
}

#[tokio::test]
async fn a_cut_off_file_is_refused_wherever_it_was_cut() {
    let picture =
        RgbImage::from_fn(200, 150, |x, y| Rgb([(x * y % 251) as u8, (x * 7 % 256) as u8, (y * 3 % 256) as u8]));
    for file in [with_exif(&jpeg_of(&picture)), png_of(&picture), gif_of(&picture)] {
        for part in [1, 2, 3, 5, 9] {
            let cut = file[..file.len() * part / 10].to_vec();
            assert_eq!(develop(cut).await.err(), Some(ErrorCode::ImageDamaged), "{part}0 % of {:?}", &file[..4]);
        }
    }
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_is_decoded() {
    // A PNG of 60,000 × 60,000 black pixels whose data is a few bytes: the header alone must be enough.
    let mut bomb = png_of(&picture(8, 8));
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(develop(bomb).await.err(), Some(ErrorCode::ImageTooManyPixels));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1))))
}

#[test]
fn a_thumbnail_s_end_is_not_the_picture_s_end() {
    let whole = with_exif(&jpeg_of(&picture(16, 16)));
    assert!(jpeg::is_complete(&whole));
    let thumbnail = [&whole[..2], &[0xff, 0xe1, 0, 8, 1, 2, 3, 4, 0xff, 0xd9], &whole[2..whole.len() - 2]].concat();
    assert!(!jpeg::is_complete(&thumbnail));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn never_panics_on_damaged_files(at in 0usize..2000, byte: u8) {
        let mut file = with_exif(&jpeg_of(&picture(64, 48)));
        let at = at % file.len();
        file[at] = byte;
        let _ = super::develop(&file, Format::Jpeg);
        let _ = jpeg::is_complete(&file[at..]);
    }
}
