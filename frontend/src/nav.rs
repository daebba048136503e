//! Moving between screens: address bar, history, links, title, focus. A screen of another program is opened by an
//! ordinary navigation; message and focus are handed over through [`crate::kept`].
//!
//! Written out on the browser's history: `leptos_router`'s would add 5 KB (docs/decisions/0002-page-weight.md).

use crate::kept;
use crate::place;
use crate::routes::{Page, Route};
use crate::ui::press;
use leptos::prelude::*;
use shared::channel::PublicChannel;
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// Handed to every screen: where we are, and how to go elsewhere.
#[derive(Clone)]
pub struct Nav {
    path: RwSignal<String>,
    /// The current screen was reached by Back or Forward.
    came_back: RwSignal<bool>,
    /// Screens shown so far; the first one keeps the browser's own focus.
    shown: RwSignal<u32>,
    /// A message for the next screen, e.g. why it is another one than asked for.
    notice: RwSignal<Option<String>>,
    /// Counts how often the browser has woken the page up from its Back-Forward cache.
    again: RwSignal<u32>,
    /// Whether a path is a screen of this program.
    has: fn(&str) -> bool,
}

/// What is kept on the way to another program: the message for its first screen, perhaps empty.
const MOVED: &str = "moved";

impl Nav {
    /// Takes over links and the Back button for as long as the page is open; `None` where the browser gives no address.
    pub fn start(has: fn(&str) -> bool) -> Option<Self> {
        let moved = kept::take(MOVED);
        let nav = Self {
            path: RwSignal::new(window().location().pathname().ok()?),
            came_back: RwSignal::new(loaded_by_back()),
            shown: RwSignal::new(u32::from(moved.is_some())),
            notice: RwSignal::new(moved.filter(|words| !words.is_empty())),
            again: RwSignal::new(0),
            has,
        };
        press::watch();
        let back = nav.clone();
        let on_popstate = Closure::<dyn Fn()>::new(move || {
            back.came_back.set(true);
            back.read_address();
        });
        let links = nav.clone();
        let on_click = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| links.follow(&event));
        let window = window();
        let _ = window.add_event_listener_with_callback("popstate", on_popstate.as_ref().unchecked_ref());
        let _ = window.add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
        let woken = nav.clone();
        let on_pageshow = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            // Whatever was done meanwhile in another program, the screen asks the server again.
            if property(&event, "persisted").is_truthy() {
                kept::forget(MOVED);
                woken.came_back.set(true);
                // Firefox wakes up a page at another of its addresses without a word.
                woken.read_address();
                woken.again.update(|again| *again += 1);
            }
        });
        let _ = window.add_event_listener_with_callback("pageshow", on_pageshow.as_ref().unchecked_ref());
        on_pageshow.forget();
        on_popstate.forget();
        on_click.forget();
        Some(nav)
    }

    fn read_address(&self) {
        match window().location().pathname() {
            Ok(path) if (self.has)(&path) => self.path.set(path),
            Ok(_) => {
                let _ = window().location().reload();
            }
            Err(_) => {}
        }
    }

    /// Changes when the screen must be drawn anew although the address is the same.
    pub fn again(&self) -> RwSignal<u32> {
        self.again
    }

    /// A plain click on a link to one of our own screens opens it without loading the page again.
    fn follow(&self, event: &MouseEvent) {
        let modified = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else { return };
        let elsewhere = !link.target().is_empty() || link.has_attribute("download") || link.rel().contains("external");
        if elsewhere || link.origin() != window().location().origin().unwrap_or_default() {
            return;
        }
        event.prevent_default();
        self.go(&link.href());
    }

    /// The current screen.
    pub fn route(&self) -> Memo<Route> {
        let path = self.path;
        Memo::new(move |_| path.with(|path| place::route(path)))
    }

    /// The current path, for a program with other screens than the hall's.
    pub fn address(&self) -> Memo<String> {
        let path = self.path;
        Memo::new(move |_| path.get())
    }

    /// A screen is shown.
    pub fn arrived(&self) {
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
        let window = window();
        if !(self.has)(path_of(path)) {
            kept::put(MOVED, &self.take_notice().unwrap_or_default());
            let _ = if replace { window.location().replace(path) } else { window.location().assign(path) };
            return;
        }
        let Ok(history) = window.history() else { return };
        if let Some(place) = place::at() {
            (place.leaving)(&self.path.get_untracked(), replace);
        }
        let _ = if replace || place::one_entry() {
            history.replace_state_with_url(&JsValue::NULL, "", Some(path))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(path))
        };
        window.scroll_to_with_x_and_y(0.0, 0.0);
        self.came_back.set(false);
        self.read_address();
        show_fragment();
    }

    /// Opens a screen as the Back button would, where the browser's own has nothing to go back to.
    pub fn back_to(&self, path: &str) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(path));
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
        self.came_back.set(true);
        self.read_address();
    }

    /// Whether this screen was reached by the Back button.
    pub fn came_back(&self) -> bool {
        self.came_back.get_untracked()
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

/// The path of an address on this site.
fn path_of(address: &str) -> &str {
    let origin = window().location().origin().unwrap_or_default();
    let path = address.strip_prefix(&origin).unwrap_or(address);
    path.split(['?', '#']).next().unwrap_or_default()
}

/// A property of something that the browser gives.
fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or_default()
}

/// The page itself was loaded by Back or Forward.
fn loaded_by_back() -> bool {
    let performance = property(&window(), "performance");
    let entries = js_sys::Reflect::get(&performance, &JsValue::from_str("getEntriesByType")).and_then(|find| {
        find.unchecked_into::<js_sys::Function>().call1(&performance, &JsValue::from_str("navigation"))
    });
    let first = entries.ok().map(|entries| property(&entries, "0"));
    first.is_some_and(|entry| property(&entry, "type").as_string().as_deref() == Some("back_forward"))
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
    let mark = if errors { WRONG } else { "" };
    document().set_title(&[mark, title, " - ", hall].concat());
}

/// What the window's title begins with while something on the screen is wrong.
const WRONG: &str = "错误：";

/// Says in the window's title whether something is wrong on this screen.
pub fn mark_title(errors: bool) {
    let title = document().title();
    let plain = title.strip_prefix(WRONG).unwrap_or(&title);
    document().set_title(&[if errors { WRONG } else { "" }, plain].concat());
}

/// Scrolls to what the address names after `#`.
pub fn show_fragment() {
    let name = window().location().hash().unwrap_or_default();
    if let Some(element) = document().get_element_by_id(name.trim_start_matches('#')) {
        element.scroll_into_view();
    }
}

/// Puts the keyboard's focus on an element and shows it.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        let _ = element.focus();
    }
}

/// Takes the keyboard's focus away from wherever it is.
pub fn leave() {
    if let Some(element) = document().active_element().and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.blur();
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
        show_fragment();
    });
    notice
}
