//! Short texts that outlive the page within this tab: a reload, and the way from one program to another.
//!
//! In the hall nothing personal: tickets, order numbers, messages. At the desk also what somebody is writing, until it is sent
//! or they log out. All of it is gone when the tab is closed.

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

/// Forgets every text whose name begins so.
pub fn forget_all(begin: &str) {
    let Some(storage) = storage() else { return };
    let all = (0..storage.length().unwrap_or_default()).filter_map(|at| storage.key(at).ok().flatten());
    let names: Vec<String> = all.filter(|name| name.starts_with(begin)).collect();
    for name in names {
        forget(&name);
    }
}

/// Takes a text: it is found once.
pub fn take(name: &str) -> Option<String> {
    let text = get(name)?;
    forget(name);
    Some(text)
}
