//! A photo is made smaller and turned upright in the browser before it is sent.

use shared::channel::UploadLimits;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions, ImageOrientation};

/// Longest edge in pixels. Small print on a licence stays readable.
const LONGEST: f64 = 2400.0;

/// JPEG qualities that are tried until the file fits.
const QUALITIES: [f64; 4] = [0.88, 0.8, 0.7, 0.6];

/// Whether the name or the type says that this is one of the allowed formats.
pub fn allowed(name: &str, mime: &str, limits: &UploadLimits) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let subtype = mime.strip_prefix("image/").unwrap_or_default();
    limits.formats.iter().any(|format| format.eq_ignore_ascii_case(ending) || format.eq_ignore_ascii_case(subtype))
}

/// What is sent: the file itself when it is small and has no orientation to turn, else a JPEG. A picture that the browser
/// can't read is sent as it is if it is small enough, because the server says best what is wrong with it.
pub async fn prepared(file: &Blob, limits: &UploadLimits) -> Option<Blob> {
    let fits = |blob: &Blob| blob.size() <= f64_of(limits.max_bytes);
    let plain = matches!(file.type_().as_str(), "image/png" | "image/gif");
    // Firefox and WebKit show the half that is there of a broken-off file, and half a licence is none.
    let bitmap = if is_whole(file).await { upright(file).await.ok() } else { None };
    let Some(bitmap) = bitmap else {
        return fits(file).then(|| file.clone());
    };
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    if plain && fits(file) && width.max(height) <= LONGEST {
        bitmap.close();
        return Some(file.clone());
    }
    let mut scale = (LONGEST / width.max(height)).min(1.0);
    let mut found = None;
    // Each round has three quarters of the edge of the one before: the fourth is a tenth of the area.
    'search: for _ in 0..5 {
        let Ok(canvas) = drawn(&bitmap, width * scale, height * scale) else { break };
        for quality in QUALITIES {
            match jpeg(&canvas, quality).await {
                Some(blob) if fits(&blob) => {
                    found = Some(blob);
                    break 'search;
                }
                Some(_) => {}
                None => break 'search,
            }
        }
        scale *= 0.75;
    }
    bitmap.close();
    found
}

/// A JPEG file goes as far as its end; of other files nothing is known.
async fn is_whole(file: &Blob) -> bool {
    match JsFuture::from(file.array_buffer()).await {
        Ok(bytes) => !breaks_off(&js_sys::Uint8Array::new(&bytes).to_vec()),
        Err(_) => true,
    }
}

/// A JPEG without the mark of its end after the picture's data begins (ITU-T T.81, B.1). A small picture within its head
/// may have one of its own.
fn breaks_off(file: &[u8]) -> bool {
    let [0xff, 0xd8, data @ ..] = file else { return false };
    let mut rest = data;
    while let [0xff, mark, high, low, ..] = *rest {
        if mark == 0xda {
            return !rest.windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        let Some(next) = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..) else { return true };
        rest = next;
    }
    // Nothing that the browser or the server would read as a JPEG: they say so.
    false
}

/// The picture as its EXIF orientation means it.
async fn upright(file: &Blob) -> Result<ImageBitmap, JsValue> {
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    let window = leptos::prelude::window();
    let promise = window.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)?;
    JsFuture::from(promise).await?.dyn_into()
}

fn drawn(bitmap: &ImageBitmap, width: f64, height: f64) -> Result<HtmlCanvasElement, JsValue> {
    let (width, height) = (width.round().max(1.0), height.round().max(1.0));
    let canvas: HtmlCanvasElement = leptos::prelude::document().create_element("canvas")?.dyn_into()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        canvas.set_width(width as u32);
        canvas.set_height(height as u32);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    // JPEG knows no transparency: paper is white.
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height)?;
    Ok(canvas)
}

async fn jpeg(canvas: &HtmlCanvasElement, quality: f64) -> Option<Blob> {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::UNDEFINED, &blob);
        });
        let asked = canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &quality.into());
        if asked.is_err() {
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

#[expect(clippy::cast_precision_loss)]
fn f64_of(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::breaks_off;

    #[test]
    fn a_jpeg_that_breaks_off_is_told_from_a_whole_one() {
        let head = [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        let data = [0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0];
        let whole = [&head[..], &data, &[0xff, 0xd9, 9, 9]].concat();
        assert!(!breaks_off(&whole));
        assert!(breaks_off(&[&head[..], &data].concat()));
        assert!(breaks_off(&[0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1]));
        for other in [&b"\x89PNG\r\n"[..], b"GIF89a", b"", b"%PDF-1.7"] {
            assert!(!breaks_off(other));
        }
    }
}
