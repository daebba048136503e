//! Time that passes while a screen is shown.

use crate::time;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The time, every second, as long as the screen is shown. Microseconds UTC.
pub fn ticking() -> ReadSignal<i64> {
    let (now, set_now) = signal(time::now());
    if let Ok(handle) = set_interval_with_handle(move || set_now.set(time::now()), Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    now
}

/// Whole seconds from now until then, never below zero.
pub fn seconds_until(then: i64, now: i64) -> i64 {
    ((then - now) / 1_000_000).max(0)
}

/// Waits. The page's own tasks only: it stops when the screen is gone, for whoever checks `still_here`.
pub async fn sleep(millis: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Lets a new screen be drawn before more is begun that can wait.
pub async fn drawn() {
    sleep(50).await;
}

/// Calls `act` whenever the element comes into sight or leaves it, as long as the screen is shown.
pub fn in_sight(element: &web_sys::Element, act: impl Fn(bool) + 'static) {
    let closure = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let newest = entries.pop().unchecked_into::<web_sys::IntersectionObserverEntry>();
        act(newest.is_intersecting());
    });
    let Ok(observer) = web_sys::IntersectionObserver::new(closure.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let kept = StoredValue::new_local((observer, closure));
    on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
}

/// Calls `act` on an event of the window or the document as long as the screen is shown.
pub fn listen(target: &web_sys::EventTarget, event: &'static str, act: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(act);
    let target = target.clone();
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    let kept = StoredValue::new_local((target, closure));
    on_cleanup(move || {
        kept.with_value(|(target, closure)| {
            let _ = target.remove_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        });
    });
}
