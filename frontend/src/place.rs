//! Where the hall is shown when it is not in a browser window of the applicant's own: a partner's frame ([`crate::embed`]),
//! a terminal in a service hall ([`crate::kiosk`]). Each is a program of its own with every screen, and enters its place
//! before it starts.
//!
//! The ordinary programs never call [`enter`]: the optimiser then knows that [`at`] is `None` and leaves every use of it
//! out, so that the first load does not grow.

use crate::dom::El;
use crate::nav;
use crate::programs::{APPLICATION, HALL, ORDERS, Program};
use crate::routes::{Part, Route};
use crate::ui::screen::Parts;
use leptos::prelude::*;
use shared::api::SESSION_HEADER;
use shared::channel::PublicChannel;
use std::cell::Cell;

/// What differs in a place.
#[derive(Debug)]
pub struct Place {
    /// The path's part after the channel's slug, with a slash at its end: `/nanning/kiosk/new`.
    pub segment: &'static str,
    /// Screens take each other's place in the browser's history, so that Back finds none of them.
    pub one_entry: bool,
    /// The head of every screen.
    pub header: fn(&PublicChannel) -> El,
    /// The foot of every screen.
    pub footer: fn(&PublicChannel) -> El,
    /// What a dialog's head offers beside 关闭, where it locks out something that must stay within reach; the dialog's id.
    pub in_dialog: fn(&str) -> Option<El>,
    /// Another screen opens: the path of the one that is left, and whether it shall not be returned to.
    pub leaving: fn(&str, bool),
    /// The session's token as far as the page knows it, to be sent with every request; `None` where cookies are enough.
    pub session: fn() -> Option<String>,
    /// An answer brought a session's token.
    pub keep_session: fn(String),
}

thread_local! {
    static PLACE: Cell<Option<&'static Place>> = const { Cell::new(None) };
}

/// Says where the hall is shown; once, before it starts.
pub fn enter(place: &'static Place) {
    PLACE.set(Some(place));
}

/// The place; `None` in a window of the applicant's own.
pub fn at() -> Option<&'static Place> {
    PLACE.get()
}

/// The path's part between the slug and the screen.
pub fn segment() -> &'static str {
    at().map_or("", |place| place.segment)
}

/// Whether screens take each other's place in the history.
pub fn one_entry() -> bool {
    at().is_some_and(|place| place.one_entry)
}

/// Gives a request the session's token as a header, where cookies are not enough.
pub fn lend_session(set: impl FnOnce(&str, &str)) {
    if let Some(token) = at().and_then(|place| (place.session)()) {
        set(SESSION_HEADER, &token);
    }
}

/// Keeps the token that an answer's headers bring.
pub fn keep_session(get: impl FnOnce(&str) -> Option<String>) {
    if let Some(place) = at()
        && let Some(token) = get(SESSION_HEADER)
    {
        (place.keep_session)(token);
    }
}

/// The screen of a path; paths outside of the place lead nowhere.
pub fn route(path: &str) -> Route {
    let Some(place) = at() else { return Route::parse(path) };
    let inside = path.trim_start_matches('/').split_once('/').and_then(|(slug, rest)| {
        let rest =
            rest.strip_prefix(place.segment).or_else(|| (rest == place.segment.trim_end_matches('/')).then_some(""));
        Some(Route::parse(&["/", slug, "/", rest?].concat()))
    });
    inside.filter(|route| route.slug().is_some()).unwrap_or(Route::Nowhere { part: Part::Hall })
}

/// A program with every screen of a hall. An address that is none of them opens the hall's first screen.
pub static WHOLE: Program = Program {
    // Nothing is ever left to the server: what is not here is nowhere.
    has: |_| true,
    show: |page| match page.part() {
        Part::Hall => (HALL.show)(page),
        Part::Application => (APPLICATION.show)(page),
        Part::Orders => (ORDERS.show)(page),
    },
    begin: APPLICATION.begin,
    entrance: || Signal::stored(false),
    outside: |_| back_to_start(),
};

fn back_to_start() -> Parts {
    let path = window().location().pathname().unwrap_or_default();
    let slug = path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
    let start = ["/", slug, "/", segment()].concat();
    let nav = nav::nav();
    // After this screen is drawn: it is the answer to the same change of address.
    request_animation_frame(move || nav.replace(&start));
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::div;
    use crate::routes::Page;

    const TERMINAL: Place = Place {
        segment: "kiosk/",
        one_entry: true,
        header: |_| div(""),
        footer: |_| div(""),
        in_dialog: |_| None,
        leaving: |_, _| {},
        session: || None,
        keep_session: |_| {},
    };
    const NOWHERE: Route = Route::Nowhere { part: Part::Hall };

    #[test]
    fn addresses_of_a_place_read_back_and_others_lead_nowhere() {
        assert_eq!(route("/nanning/new"), Route::Hall { slug: "nanning".into(), page: Page::Form });
        assert_eq!(route("/nanning/kiosk/new"), NOWHERE);
        enter(&TERMINAL);
        for page in [Page::Home, Page::Form, Page::Pay("20210831U045544".into())] {
            let path = page.path("nanning");
            assert!(path.starts_with("/nanning/kiosk/"), "{path}");
            assert_eq!(route(&path), Route::Hall { slug: "nanning".into(), page });
        }
        assert_eq!(route("/nanning/kiosk"), Route::Hall { slug: "nanning".into(), page: Page::Home });
        for path in ["/", "/nanning/", "/nanning/new", "/nanning/kiosks/new", "/nanning/kiosk/x", "/staff/", "/kiosk"] {
            assert_eq!(route(path), NOWHERE, "{path}");
        }
        // Photos are taken with the applicant's own phone, which is not here.
        assert_eq!(Page::Photos("5f3a".into()).path("nanning"), "/nanning/photos/5f3a");
    }
}
