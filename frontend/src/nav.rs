//! Moving between screens: address bar, title, focus.

use crate::routes::{Page, Route};
use leptos::prelude::*;
use leptos_router::location::{BrowserUrl, LocationChange, LocationProvider};
use shared::channel::PublicChannel;
use std::sync::Arc;

/// Handed to every screen: where we are, and how to go elsewhere.
#[derive(Clone)]
pub struct Nav {
    browser: BrowserUrl,
    /// Screens shown so far; the first one keeps the browser's own focus.
    shown: RwSignal<u32>,
    /// A message for the next screen, e.g. why it is another one than asked for.
    notice: RwSignal<Option<String>>,
}

impl Nav {
    /// Takes over links and the Back button; `None` where the browser gives no address.
    pub fn start() -> Option<Self> {
        let browser = BrowserUrl::new().ok()?;
        browser.init(None);
        Some(Self { browser, shown: RwSignal::new(0), notice: RwSignal::new(None) })
    }

    /// The current screen.
    pub fn route(&self) -> Memo<Route> {
        let url = self.browser.as_url().clone();
        Memo::new(move |_| url.with(|url| Route::parse(url.path())))
    }

    /// The current path, for a program with other screens than the hall's.
    pub fn address(&self) -> Memo<String> {
        let url = self.browser.as_url().clone();
        Memo::new(move |_| url.with(|url| url.path().to_owned()))
    }

    /// The address bar follows once a screen is shown.
    pub fn arrived(&self) {
        self.browser.ready_to_complete();
        self.shown.update(|shown| *shown += 1);
    }

    /// Opens a screen as a new entry in the history.
    pub fn go(&self, path: &str) {
        self.change(path, false);
    }

    /// Opens a screen instead of this one: Back does not return here.
    pub fn replace(&self, path: &str) {
        self.change(path, true);
    }

    fn change(&self, path: &str, replace: bool) {
        self.browser.complete_navigation(&LocationChange { value: path.into(), replace, ..LocationChange::default() });
        if let Ok(url) = BrowserUrl::current() {
            self.browser.as_url().set(url);
        }
    }

    /// Whether this screen was reached by the Back button.
    pub fn came_back(&self) -> bool {
        self.browser.is_back().get_untracked()
    }

    /// Leaves a message for the next screen.
    pub fn tell(&self, words: impl Into<String>) {
        self.notice.set(Some(words.into()));
    }

    /// Takes the message that was left.
    pub fn take_notice(&self) -> Option<String> {
        self.notice.try_update_untracked(Option::take).flatten()
    }
}

/// The way to move. Only within a screen.
pub fn nav() -> Nav {
    expect_context()
}

/// The hall that is shown. Only within a screen of a hall.
pub fn channel() -> Arc<PublicChannel> {
    expect_context()
}

/// The address of a screen of this hall.
pub fn path(page: &Page) -> String {
    page.path(&channel().slug)
}

/// Sets the window's title; a screen with errors says so first.
pub fn set_title(title: &str, errors: bool) {
    let hall = use_context::<Arc<PublicChannel>>();
    title_of(title, hall.as_ref().map_or("数字证书服务系统", |channel| &channel.brand), errors);
}

/// The same where no hall is at hand: in what happens after a click.
pub fn set_title_in(channel: &PublicChannel, title: &str, errors: bool) {
    title_of(title, &channel.brand, errors);
}

fn title_of(title: &str, hall: &str, errors: bool) {
    let mark = if errors { "错误：" } else { "" };
    document().set_title(&[mark, title, " - ", hall].concat());
}

/// Puts the keyboard's focus on an element and shows it.
pub fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let element = document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        let _ = element.focus();
    }
}

/// Every screen calls this once: window title, and focus on the heading unless it is the first screen.
/// Gives the message that the last screen left.
pub fn arrive(title: &str) -> Option<String> {
    let nav = nav();
    set_title(title, false);
    let notice = nav.take_notice();
    Effect::new(move |_| {
        let first = nav.shown.get_untracked() == 0;
        nav.arrived();
        if !first {
            focus("title");
        }
    });
    notice
}

/// The frame of a screen of the staff desk: heading, message, body.
pub fn screen(title: &'static str, body: AnyView) -> AnyView {
    let notice = arrive(title).map(crate::ui::notice::info);
    view! { <h1 id="title" tabindex="-1">{title}</h1> {notice} {body} }.into_any()
}
