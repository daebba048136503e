//! Sample papers: pictures of licences and ID cards, all marked 样本, and files that a hall must refuse.

mod draw;
mod id_card;
mod licence;
mod odd;

use std::io::Cursor;
use std::path::Path;

use anyhow::Context as _;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder as _, ImageFormat, RgbImage};

use crate::people::{self, Company, Person};

/// Files that must be refused: name, what is wrong.
pub const ODD: [(&str, &str); 6] = [
    ("too-large.png", "超过 1.5 MB 的 PNG"),
    ("not-a-picture.jpg", "改了扩展名的 PDF"),
    ("truncated.jpg", "只有前一半的 JPEG"),
    ("bomb.png", "几百 KB、解开有 9 亿像素的 PNG"),
    ("seventeen-megapixels.jpg", "超过 1600 万像素的 JPEG"),
    ("empty.png", "空文件"),
];

/// A paper that can be asked for.
pub enum Paper {
    /// Photographed with a phone held upright: stored lying, turned by EXIF.
    LicencePhoto(&'static Company),
    /// Scanned.
    LicenceScan(&'static Company),
    /// 头像面.
    IdFront(&'static Person),
    /// 国徽面.
    IdBack(&'static Person),
    /// One of [`ODD`].
    Odd(&'static str),
}

impl Paper {
    /// `licence-0.jpg`, `licence-0.png`, `id-front-0.png`, `id-back-0.gif` or a name in [`ODD`].
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((odd, _)) = ODD.iter().find(|(odd, _)| *odd == name) {
            return Some(Self::Odd(odd));
        }
        let (stem, ending) = name.rsplit_once('.')?;
        let (kind, number) = stem.rsplit_once('-')?;
        let at: usize = number.parse().ok()?;
        match (kind, ending) {
            ("licence", "jpg") => people::COMPANIES.get(at).map(Self::LicencePhoto),
            ("licence", "png") => people::COMPANIES.get(at).map(Self::LicenceScan),
            ("id-front", "png") => people::PERSONS.get(at).map(Self::IdFront),
            ("id-back", "gif") => people::PERSONS.get(at).map(Self::IdBack),
            _ => None,
        }
    }

    fn make(&self) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::LicencePhoto(company) => {
                let upright = licence::photo(company);
                jpeg(&image::imageops::rotate270(&upright), 93, true)
            }
            Self::LicenceScan(company) => picture(&licence::scan(company), ImageFormat::Png),
            Self::IdFront(person) => picture(&id_card::front(person), ImageFormat::Png),
            Self::IdBack(person) => picture(&id_card::back(person), ImageFormat::Gif),
            Self::Odd(name) => odd::make(name),
        }
    }
}

/// The content type that a browser would send.
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        _ => "image/jpeg",
    }
}

/// The file's bytes, made now or earlier.
pub fn read_or_make(dir: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    let path = dir.join(name);
    if let Ok(bytes) = std::fs::read(&path) {
        return Ok(bytes);
    }
    let bytes = Paper::parse(name).context("no such paper")?.make()?;
    std::fs::create_dir_all(dir)?;
    // Written aside and moved: two readers at once never see half a file.
    let aside = dir.join(format!(".{name}.{}", crate::chance::hex(4)?));
    std::fs::write(&aside, &bytes)?;
    std::fs::rename(&aside, &path)?;
    Ok(bytes)
}

fn picture(image: &RgbImage, format: ImageFormat) -> anyhow::Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format)?;
    Ok(out.into_inner())
}

/// EXIF with one tag: orientation 6, "turn clockwise by 90° to see it upright".
const TURNED: [u8; 26] = [
    b'M', b'M', 0, 42, 0, 0, 0, 8, // big endian, first directory at 8
    0, 1, // one entry
    1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, // orientation, short, one value: 6
    0, 0, 0, 0, // no more directories
];

fn jpeg(image: &RgbImage, quality: u8, turned: bool) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, quality);
    if turned {
        encoder.set_exif_metadata(TURNED.to_vec())?;
    }
    encoder.write_image(image.as_raw(), image.width(), image.height(), image::ExtendedColorType::Rgb8)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_phones_photo_is_large_and_lies_on_its_side() {
        let Some(paper) = Paper::parse("licence-0.jpg") else {
            panic!("no licence");
        };
        let bytes = paper.make().unwrap();
        assert!(bytes.len() > 3_000_000, "{} bytes", bytes.len());
        let size = image::ImageReader::with_format(Cursor::new(&bytes), ImageFormat::Jpeg).into_dimensions().unwrap();
        assert_eq!(size, (4032, 3024));
        assert!(bytes.windows(6).any(|window| window == b"Exif\0\0"));
    }

    #[test]
    fn cards_and_scans_fit_the_upload_limit() {
        for name in ["licence-1.png", "id-front-6.png", "id-back-6.gif"] {
            let bytes = Paper::parse(name).unwrap().make().unwrap();
            assert!(bytes.len() < 1_500_000, "{name}: {} bytes", bytes.len());
            image::load_from_memory(&bytes).unwrap();
        }
    }

    #[test]
    fn names_outside_the_list_are_unknown() {
        for name in ["licence-6.jpg", "licence-x.jpg", "../keys", "licence-0.gif", ""] {
            assert!(Paper::parse(name).is_none(), "{name}");
        }
    }
}
