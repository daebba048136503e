//! QR codes as SVG.

use crate::dom::{El, drawing};
use fast_qr::{ECL, QRBuilder};

/// White around the code, in modules: scanners need four.
const QUIET: usize = 4;

/// A text as a QR code, with a name for who can't see it; nothing when it is too long for one.
pub fn svg(text: &str, name: &str) -> Option<El> {
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
                let (left, top, width) =
                    ((start + QUIET).to_string(), (y + QUIET).to_string(), (x - start).to_string());
                path.push_str(&["M", &left, " ", &top, "h", &width, "v1H", &left, "z"].concat());
            } else {
                x += 1;
            }
        }
    }
    let edge = (size + 2 * QUIET).to_string();
    let view_box = ["0 0 ", &edge, " ", &edge].concat();
    let code = drawing("code-image", &view_box, &path).attr("shape-rendering", "crispEdges");
    Some(code.attr("role", "img").attr("aria-label", name))
}
