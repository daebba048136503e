//! The frame of every screen.

use super::notice;
use crate::dom::{El, el};
use crate::nav;

/// What a screen consists of.
pub type Parts = Vec<El>;

/// The heading, which takes the focus when the screen changes.
pub fn heading(text: &str) -> El {
    el("h1").id("title").attr("tabindex", "-1").child(text)
}

/// The message that the last screen left. Every screen calls this once, through [`screen`] or by itself.
pub fn arrive(title: &str) -> Option<El> {
    nav::arrive(title).map(|words| notice::info(&words))
}

/// Heading, message, body.
pub fn screen(title: &str, body: Parts) -> Parts {
    let mut parts = vec![heading(title)];
    parts.extend(arrive(title));
    parts.extend(body);
    parts
}
