//! Buttons that do one thing once.

use crate::dom::{El, el, press};
use leptos::prelude::*;

/// A button that runs `act`; while `busy` it says so and does nothing. It is never greyed out without a reason.
pub fn button(
    class: &str,
    label: &'static str,
    busy_label: &'static str,
    busy: RwSignal<bool>,
    act: impl Fn() + 'static,
) -> El {
    told(el("button").attr("type", "button").class(class), label, busy_label, busy).on("click", move |_| {
        if !busy.get_untracked() {
            act();
        }
    })
}

/// The button of a form; Enter does the same.
pub fn submit(label: &'static str, busy_label: &'static str, busy: RwSignal<bool>) -> El {
    told(el("button").attr("type", "submit").class("button main"), label, busy_label, busy)
}

fn told(button: El, label: &'static str, busy_label: &'static str, busy: RwSignal<bool>) -> El {
    button.live_flag("aria-busy", move || busy.get()).live(move || if busy.get() { busy_label } else { label })
}

/// A small button.
pub fn small(label: &str, act: impl Fn() + 'static) -> El {
    press("button small", label, act)
}

/// A link that looks like a button.
pub fn link(class: &str, label: &str, to: &str) -> El {
    crate::dom::a(to, label).class(class)
}
