//! QR codes as SVG.

use fast_qr::{ECL, QRBuilder};
use leptos::prelude::*;

/// White around the code, in modules: scanners need four.
const QUIET: usize = 4;

/// A text as a QR code; nothing when it is too long for one.
pub fn svg(text: &str) -> Option<AnyView> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let size = code.size;
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let start = x;
            while x < size && code[y][x].value() {
                x += 1;
            }
            if x > start {
                for part in ["M", &(start + QUIET).to_string(), " ", &(y + QUIET).to_string(), "h", &(x - start).to_string()] {
                    path.push_str(part);
                }
                path.push_str("v1H");
                path.push_str(&(start + QUIET).to_string());
                path.push('z');
            } else {
                x += 1;
            }
        }
    }
    let edge = (size + 2 * QUIET).to_string();
    let view_box = ["0 0 ", &edge, " ", &edge].concat();
    Some(
        view! {
            <svg viewBox=view_box role="img" aria-label="支付二维码" shape-rendering="crispEdges">
                <path d=path></path>
            </svg>
        }
        .into_any(),
    )
}
