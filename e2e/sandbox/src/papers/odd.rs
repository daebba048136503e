//! Files that a hall must refuse without harm.

use std::io::Write as _;

use image::{ImageFormat, RgbImage};

use super::draw::Canvas;
use super::{ODD, jpeg, picture};

/// Makes one of [`ODD`].
pub fn make(name: &str) -> anyhow::Result<Vec<u8>> {
    anyhow::ensure!(ODD.iter().any(|(odd, _)| *odd == name), "no such file");
    match name {
        "too-large.png" => picture(&grain(1000, 800), ImageFormat::Png),
        "not-a-picture.jpg" => {
            Ok(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec())
        }
        "truncated.jpg" => {
            let mut whole = jpeg(&grain(800, 600), 85, false)?;
            whole.truncate(whole.len() / 2);
            Ok(whole)
        }
        "bomb.png" => bomb(30_000),
        "seventeen-megapixels.jpg" => jpeg(&RgbImage::new(5000, 3400), 60, false),
        _ => Ok(Vec::new()),
    }
}

fn grain(width: u32, height: u32) -> RgbImage {
    let mut canvas = Canvas::new(width, height, 1, [128, 128, 128]);
    canvas.photograph(100);
    canvas.image
}

/// A white square of `side` × `side` points: small as a file, huge in memory.
fn bomb(side: u32) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    let row = vec![0xff; usize::try_from(side)?.div_ceil(8)];
    for _ in 0..side {
        rows.write_all(&row)?;
    }
    rows.finish()?;
    drop(writer);
    Ok(out)
}
