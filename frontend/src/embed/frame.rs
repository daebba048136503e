//! Talking to the snippet in the partner's page. Messages go to allowed origins only, and are believed only when they come
//! from our parent and from one of these; the partner learns heights and positions, nothing else.

use crate::ui::press;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, MessageEvent, ResizeObserver, Window};

thread_local! {
    /// Origins that may frame this page, as the shell says: the browser has refused any other already.
    static PARENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Starts to report.
pub fn begin() {
    let told = document().get_element_by_id("parents").and_then(|block| block.text_content());
    PARENTS.set(told.and_then(|text| crate::json::parse(&text).ok()).unwrap_or_default());
    listen();
    say("ready", &[]);
    report_height();
    show_focus();
}

/// The frame itself can't be scrolled: its parent brings its top into view.
pub fn to_top() {
    say("top", &[]);
}

fn parent() -> Option<Window> {
    let parent = window().parent().ok().flatten()?;
    (parent != window()).then_some(parent)
}

/// Says something to the parent. The browser delivers it only where the parent's origin is the one named; as long as the
/// parent has not spoken, every allowed one is named.
fn say(what: &str, numbers: &[(&str, f64)]) {
    let Some(parent) = parent() else { return };
    let message = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&message, &JsValue::from_str(name), &value);
    let _ = set("certhall", JsValue::from_str(what));
    for (name, number) in numbers {
        let _ = set(name, JsValue::from_f64(*number));
    }
    PARENTS.with_borrow(|parents| {
        for origin in parents {
            let _ = parent.post_message(&message, origin);
        }
    });
}

fn listen() {
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let from_parent = parent().is_some_and(|parent| event.source().is_some_and(|source| source.loose_eq(&parent)));
        let allowed = PARENTS.with_borrow(|parents| parents.contains(&event.origin()));
        if !from_parent || !allowed {
            return;
        }
        // From here on nobody else is spoken to.
        PARENTS.set(vec![event.origin()]);
        let data = event.data();
        let get = |name: &str| Reflect::get(&data, &JsValue::from_str(name)).unwrap_or_default();
        if get("certhall").as_string().as_deref() == Some("view")
            && let (Some(top), Some(height)) = (get("top").as_f64(), get("height").as_f64())
        {
            view(top, height);
        }
    });
    let _ = window().add_event_listener_with_callback("message", heard.as_ref().unchecked_ref());
    heard.forget();
}

/// Which part of the frame can be seen: dialogs open there.
fn view(top: f64, height: f64) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = root else { return };
    for (name, value) in [("--view-top", top), ("--view-height", height)] {
        let _ = root.style().set_property(name, &[&value.round().clamp(0.0, 100_000.0).to_string(), "px"].concat());
    }
}

/// The content's height, whenever it changes.
fn report_height() {
    let Some(app) = document().get_element_by_id("app") else { return };
    let told = app.clone();
    let changed = Closure::<dyn Fn()>::new(move || say("height", &[("height", height_of(&told))]));
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(&app);
    }
    changed.forget();
}

fn height_of(app: &Element) -> f64 {
    app.get_bounding_client_rect().height().ceil()
}

/// What gets the focus is brought into view by the parent: a frame that is as high as its content has nothing to scroll.
/// Not while a button is pressed: the page would move away under the pointer, and the click be lost.
fn show_focus() {
    let focused = Closure::<dyn Fn(Event)>::new(|event: Event| {
        if press::is_down() {
            return;
        }
        if let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let place = element.get_bounding_client_rect();
            say("show", &[("top", place.top()), ("bottom", place.bottom())]);
        }
    });
    let _ = window().add_event_listener_with_callback("focusin", focused.as_ref().unchecked_ref());
    focused.forget();
}
