//! Short texts that outlive the page within this tab: a reload, and the way from one program to the other.
//!
//! Nothing personal: tickets, order numbers, messages. All of it is gone when the tab is closed.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// What was kept under a name.
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps a text.
pub fn put(name: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, text);
    }
}

/// Forgets a text.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}

/// Takes a text: it is found once.
pub fn take(name: &str) -> Option<String> {
    let text = get(name)?;
    forget(name);
    Some(text)
}
