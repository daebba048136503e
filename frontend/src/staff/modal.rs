//! A dialog that closes only when the desk says so.

use crate::dom::{El, el};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

/// A dialog that follows `open`. `id` names its heading, Escape calls `escape`, `opened` is called once it is there.
pub fn modal(
    class: &str,
    id: &str,
    open: Memo<bool>,
    inside: El,
    escape: impl Fn() + 'static,
    opened: impl Fn() + 'static,
) -> El {
    let frame = el("dialog").class(class).attr("aria-labelledby", id).child(inside).on("cancel", move |event| {
        event.prevent_default();
        escape();
    });
    if let Ok(dialog) = frame.node().clone().dyn_into::<HtmlDialogElement>() {
        Effect::new(move |_| match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
                opened();
            }
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        });
    }
    frame
}
