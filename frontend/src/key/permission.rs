//! Whether the browser lets this page reach the bridge. Chromium and Firefox ask the person before a page's first connection to
//! their own computer: that question must follow a click, or nobody knows what it is about.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What the browser does when the page connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It lets the page through, or knows no such permission.
    Given,
    /// It asks.
    Asks,
    /// It was told to refuse.
    Refused,
}

thread_local! {
    static CLICKED: Cell<bool> = const { Cell::new(false) };
}

/// The person clicked to connect: from now on the browser may ask.
pub fn clicked() {
    CLICKED.set(true);
}

/// What the browser would do now.
pub async fn permission() -> Permission {
    match state().await.as_deref() {
        Some("prompt") if !CLICKED.get() => Permission::Asks,
        Some("denied") => Permission::Refused,
        Some(_) | None => Permission::Given,
    }
}

/// The browser's word; `None` where there is no such permission.
async fn state() -> Option<String> {
    let navigator = Reflect::get(&window(), &JsValue::from_str("navigator")).ok()?;
    let permissions = Reflect::get(&navigator, &JsValue::from_str("permissions")).ok()?;
    let query: Function = Reflect::get(&permissions, &JsValue::from_str("query")).ok()?.dyn_into().ok()?;
    let wanted = Object::new();
    Reflect::set(&wanted, &JsValue::from_str("name"), &JsValue::from_str("loopback-network")).ok()?;
    let promise: Promise = query.call1(&permissions, &wanted).ok()?.dyn_into().ok()?;
    let status = JsFuture::from(promise).await.ok()?;
    Reflect::get(&status, &JsValue::from_str("state")).ok()?.as_string()
}
