//! Dialogs on the browser's own `<dialog>`: focus stays inside, Escape closes, focus returns.

use super::screen::Parts;
use crate::dom::{El, div, el, press};
use crate::place;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

/// A dialog that follows `open`. `id` names its heading.
pub fn dialog(id: &str, title: &str, open: RwSignal<bool>, body: impl Fn() -> Parts + 'static) -> El {
    let close = press("close", "×", move || open.set(false)).attr("aria-label", "关闭");
    let beside = place::at().and_then(|place| (place.in_dialog)(id));
    let head = div("dialog-head").child(el("h2").id(id).child(title)).child(beside).child(close);
    let body = div("dialog-body").live(move || open.get().then(&body));
    let frame = el("dialog").class("dialog").attr("aria-labelledby", id).child(head).child(body);
    follow(frame, open)
}

fn follow(frame: El, open: RwSignal<bool>) -> El {
    // After a tick: a dialog opens only once it is on the page.
    if let Ok(dialog) = frame.node().clone().dyn_into::<HtmlDialogElement>() {
        Effect::new(move |_| match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        });
    }
    frame.on("close", move |_| open.set(false))
}
