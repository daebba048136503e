//! Drawing: rectangles, discs, Chinese text, grain.

use std::sync::OnceLock;

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};
use image::{Rgb, RgbImage};

/// Where Debian's fonts-noto-cjk and others put a font with Chinese characters, with the face's index in the file.
const FONTS: [(&str, u32); 4] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
];

fn font() -> Option<&'static FontVec> {
    static FONT: OnceLock<Option<FontVec>> = OnceLock::new();
    FONT.get_or_init(|| {
        let found = FONTS
            .iter()
            .find_map(|(path, index)| FontVec::try_from_vec_and_index(std::fs::read(path).ok()?, *index).ok());
        if found.is_none() {
            tracing::warn!("no font for the sample papers: their text is left out (install fonts-noto-cjk)");
        }
        found
    })
    .as_ref()
}

/// A picture drawn in units; `scale` pixels each.
pub struct Canvas {
    pub image: RgbImage,
    scale: f32,
}

impl Canvas {
    /// An empty picture of so many units.
    pub fn new(width: u32, height: u32, scale: u32, ground: [u8; 3]) -> Self {
        Self {
            image: RgbImage::from_pixel(width * scale, height * scale, Rgb(ground)),
            #[allow(clippy::cast_precision_loss)]
            scale: scale as f32,
        }
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, colour: [u8; 3]) {
        self.fill((x, y), (x + width, y + height), |_, _| true, colour);
    }

    /// A rectangle's border.
    pub fn border(&mut self, x: f32, y: f32, width: f32, height: f32, thick: f32, colour: [u8; 3]) {
        self.rect(x, y, width, thick, colour);
        self.rect(x, y + height - thick, width, thick, colour);
        self.rect(x, y, thick, height, colour);
        self.rect(x + width - thick, y, thick, height, colour);
    }

    /// A filled disc, or with `inner` a ring.
    pub fn ring(&mut self, x: f32, y: f32, outer: f32, inner: f32, colour: [u8; 3]) {
        let inside = |px: f32, py: f32| {
            let distance = (px - x).hypot(py - y);
            distance <= outer && distance >= inner
        };
        self.fill((x - outer, y - outer), (x + outer, y + outer), inside, colour);
    }

    /// Every point between two corners that is inside.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    fn fill(&mut self, from: (f32, f32), to: (f32, f32), inside: impl Fn(f32, f32) -> bool, colour: [u8; 3]) {
        let scale = self.scale;
        let pixel = |units: f32| (units.max(0.0) * scale) as u32;
        let (width, height) = self.image.dimensions();
        for y in pixel(from.1)..pixel(to.1).min(height) {
            for x in pixel(from.0)..pixel(to.0).min(width) {
                if inside(x as f32 / scale, y as f32 / scale) {
                    self.image.put_pixel(x, y, Rgb(colour));
                }
            }
        }
    }

    /// One line of text with its left top corner at the point. Gives its width in units.
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)]
    pub fn text(&mut self, x: f32, y: f32, size: f32, colour: [u8; 3], text: &str) -> f32 {
        let Some(font) = font() else {
            return 0.0;
        };
        // A font's height is more than its em; sizes here are ems.
        let em = font.units_per_em().unwrap_or(1000.0);
        let px = PxScale::from(size * self.scale * font.height_unscaled() / em);
        let scaled = font.as_scaled(px);
        let baseline = y * self.scale + scaled.ascent();
        let mut caret = x * self.scale;
        for character in text.chars() {
            let id = font.glyph_id(character);
            let glyph = id.with_scale_and_position(px, point(caret, baseline));
            caret += scaled.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            let image = &mut self.image;
            outline.draw(|gx, gy, cover| {
                let (px, py) = (bounds.min.x as i64 + i64::from(gx), bounds.min.y as i64 + i64::from(gy));
                let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py)) else {
                    return;
                };
                if let Some(pixel) = image.get_pixel_mut_checked(px, py) {
                    for (old, new) in pixel.0.iter_mut().zip(colour) {
                        let mixed = f32::from(*old) * (1.0 - cover) + f32::from(new) * cover;
                        *old = mixed as u8;
                    }
                }
            });
        }
        caret / self.scale - x
    }

    /// The grain and fading light of a photograph.
    pub fn photograph(&mut self, strength: u8) {
        let mut seed = 0x2026_1120_u32;
        let span = u32::from(strength) * 2 + 1;
        for pixel in self.image.pixels_mut() {
            // Marsaglia's xorshift: any grain will do.
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let grain = u8::try_from((seed >> 8) % span).unwrap_or(0);
            for value in &mut pixel.0 {
                *value = value.saturating_add(grain).saturating_sub(strength);
            }
        }
    }
}
