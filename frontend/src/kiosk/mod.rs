//! A terminal in a service hall: the whole hall for fingers, for one applicant after the other.
//!
//! `guard` keeps the applicant in the hall, `idle` notices that nobody is there any more, `wipe` takes everything of the
//! last applicant away, `keyboard` stands in for the keys that the terminal lacks, `frame` draws head and foot.

mod frame;
mod guard;
mod idle;
mod keyboard;
mod wipe;

use crate::app;
use crate::place::{self, Place, WHOLE};
use leptos::mount::mount_to;
use leptos::prelude::document;
use serde::Deserialize;

static KIOSK: Place = Place {
    segment: "kiosk/",
    one_entry: true,
    header: frame::header,
    footer: frame::footer,
    in_dialog: frame::in_dialog,
    leaving: frame::leaving,
    // One site, one window: the cookie is enough.
    session: || None,
    keep_session: |_| {},
};

/// Times of the terminal, from the channel's profile by way of the shell.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// Seconds without a touch until the warning.
    idle_seconds: u32,
    /// Seconds that the warning stands.
    warning_seconds: u32,
}

/// Starts the terminal; first ends what the last applicant left, if the wipe could not be finished.
pub fn start() {
    place::enter(&KIOSK);
    guard::begin();
    let Some(body) = document().body() else { return };
    // What lives beside the hall, for as long as the page is open.
    mount_to(body, || {
        keyboard::begin();
        frame::begin();
        idle::begin(times());
        wipe::finish_then(|| app::start(&WHOLE));
    })
    .forget();
}

/// What the shell says, or two minutes and half a minute.
fn times() -> Times {
    let told = document().get_element_by_id("kiosk").and_then(|block| block.text_content());
    told.and_then(|text| crate::json::parse(&text).ok()).unwrap_or(Times { idle_seconds: 120, warning_seconds: 30 })
}
