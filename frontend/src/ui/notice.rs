//! Messages: what happened and what to do.

use crate::api::Failure;
use leptos::prelude::*;

fn notice(class: &'static str, role: &'static str, body: AnyView) -> AnyView {
    view! { <div class=class role=role>{body}</div> }.into_any()
}

/// Something good to know. Read out when the reader is free.
pub fn info(words: String) -> AnyView {
    notice("notice info", "status", view! { <p>{words}</p> }.into_any())
}

/// 温馨提示 and the like, part of the page: nothing has happened.
pub fn tip(body: AnyView) -> AnyView {
    notice("notice tip", "note", body)
}

/// Something went wrong. Read out at once.
pub fn error(words: String) -> AnyView {
    notice("notice error", "alert", view! { <p>{words}</p> }.into_any())
}

/// A failed request, with another try where that may help.
pub fn failed(failure: &Failure, again: impl Fn() + 'static) -> AnyView {
    let button = failure.is_passing().then(|| {
        view! { <button type="button" class="button small" on:click=move |_| again()>"重试"</button> }.into_any()
    });
    notice("notice error", "alert", view! { <p>{failure.words()}</p> {button} }.into_any())
}

/// Something is under way.
pub fn waiting(words: &'static str) -> AnyView {
    view! { <p class="waiting" role="status"><span class="spinner"></span>{words}</p> }.into_any()
}
