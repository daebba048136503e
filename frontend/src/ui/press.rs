//! Whether a button of the mouse is down just now.
//!
//! Pressing it takes the focus from the input before, and what is wrong with that input is told. Were it drawn at once, the
//! page would move between press and release, and the click would go beside its target (browsers with scroll anchoring hide
//! that mostly, WebKit has none).

use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

thread_local! {
    static DOWN: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
}

/// Begins to watch, for as long as the page is open.
pub fn watch() {
    on("pointerdown", || DOWN.set(true));
    // A click comes right after the release, in the same task. What waits is done before anybody hears of it.
    on("click", release);
    for event in ["pointerup", "pointercancel"] {
        on(event, || {
            DOWN.set(false);
            set_timeout(release, std::time::Duration::ZERO);
        });
    }
}

fn on(event: &str, act: fn()) {
    let act = Closure::<dyn Fn()>::new(act);
    let _ = window().add_event_listener_with_callback_and_bool(event, act.as_ref().unchecked_ref(), true);
    act.forget();
}

fn release() {
    for act in WAITING.take() {
        act();
    }
}

/// A button of the mouse, or a finger, is down.
pub fn is_down() -> bool {
    DOWN.get()
}

/// Does it now, or when the button is up: for what moves the page.
pub fn after(act: impl FnOnce() + 'static) {
    if is_down() {
        WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(act)));
    } else {
        act();
    }
}
