//! Names and values, read-only.

use crate::dom::{El, Part, div, el};

/// One row; an empty value is shown as a dash.
pub fn row(name: &str, value: &str) -> El {
    row_with(name, value, None)
}

/// A row with something to do behind it.
pub fn row_with(name: &str, value: &str, act: Option<El>) -> El {
    let value = if value.is_empty() { "—" } else { value };
    el("div").child(el("dt").child(name)).child(el("dd").child(el("span").child(value)).child(act))
}

/// A list of rows.
pub fn rows(rows: Vec<El>) -> El {
    el("dl").class("rows").child(rows)
}

/// A part of a page with a heading.
pub fn section(title: &str, body: impl Part) -> El {
    el("section").class("card").child(el("h2").child(title)).child(body)
}

/// Buttons at the end of a part.
pub fn acts() -> El {
    div("acts")
}
