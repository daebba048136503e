//! Messages: what happened and what to do.

use super::button;
use crate::api::Failure;
use crate::dom::{El, div, el, p};

/// Something good to know. Read out when the reader is free.
pub fn info(words: &str) -> El {
    div("notice info").attr("role", "status").child(p(words))
}

/// 温馨提示 and the like, part of the page: nothing has happened.
pub fn tip() -> El {
    div("notice tip")
}

/// Something went wrong. Read out at once.
pub fn error(words: &str) -> El {
    div("notice error").attr("role", "alert").child(p(words))
}

/// A failed request, with another try where that may help.
pub fn failed(failure: &Failure, again: impl Fn() + 'static) -> El {
    error(&failure.words()).child(failure.is_passing().then(|| button::small("重试", again)))
}

/// Something is under way.
pub fn waiting(words: &str) -> El {
    el("p").class("waiting").attr("role", "status").child(el("span").class("spinner")).child(words)
}
