//! The session without a cookie: the server's token, kept for this tab and sent with each request. Where the browser lets
//! nothing be kept, it lives as long as the page.

use leptos::prelude::*;
use shared::api::{SESSION_HEADER, SESSION_WANTED};
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Event, Headers, HtmlImageElement, RequestInit, Response, Url};

const KEPT: &str = "session";

thread_local! {
    static TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Finds the token that this tab has from before, and mends pictures that the browser fetched without it.
pub fn begin() {
    TOKEN.set(storage().and_then(|kept| kept.get_item(KEPT).ok().flatten()));
    let mend = Closure::<dyn Fn(Event)>::new(|event: Event| {
        if let Some(picture) = event.target().and_then(|target| target.dyn_into::<HtmlImageElement>().ok()) {
            fetch_again(picture);
        }
    });
    let _ = window().add_event_listener_with_callback_and_bool("error", mend.as_ref().unchecked_ref(), true);
    mend.forget();
}

/// What every request says.
pub fn token() -> Option<String> {
    TOKEN.with_borrow(|token| Some(token.clone().unwrap_or_else(|| SESSION_WANTED.into())))
}

/// The server began a session.
pub fn keep(token: String) {
    if let Some(kept) = storage() {
        let _ = kept.set_item(KEPT, &token);
    }
    TOKEN.set(Some(token));
}

/// `<img>` sends cookies only. Where they are refused, the picture is fetched here and shown from memory.
fn fetch_again(picture: HtmlImageElement) {
    let ours = picture.get_attribute("src").filter(|src| src.starts_with("/api/"));
    let (Some(src), Some(token)) = (ours, token()) else { return };
    leptos::task::spawn_local(async move {
        if let Ok(address) = fetched(&src, &token).await {
            picture.set_src(&address);
            let seen = Closure::once_into_js(move || {
                let _ = Url::revoke_object_url(&address);
            });
            picture.set_onload(Some(seen.unchecked_ref()));
        }
    });
}

async fn fetched(src: &str, token: &str) -> Result<String, JsValue> {
    let (init, headers) = (RequestInit::new(), Headers::new()?);
    headers.set(SESSION_HEADER, token)?;
    init.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(src, &init)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    let blob: Blob = JsFuture::from(response.blob()?).await?.dyn_into()?;
    Url::create_object_url_with_blob(&blob)
}
