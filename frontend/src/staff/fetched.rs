//! Something that is asked for, shown, and asked for again.

use super::desk::Desk;
use crate::api::Answer;
use crate::dom::{El, el};
use crate::ui::notice;
use crate::ui::screen::Parts;
use leptos::prelude::*;
use std::sync::Arc;

/// What the backend was asked for.
pub struct Fetched<T: Send + Sync + 'static> {
    desk: Desk,
    /// None while it is on its way for the first time.
    pub answer: RwSignal<Option<Answer<Arc<T>>>>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Nothing was asked yet.
    pub fn new() -> Self {
        Self { desk: Desk::here(), answer: RwSignal::new(None) }
    }

    /// Takes an answer in; what is shown stays until then.
    pub fn put(self, answer: Answer<T>) {
        let answer = self.desk.watch(answer);
        self.answer.try_set(Some(answer.map(Arc::new)));
    }

    /// Shows it, or that it is on its way, or why it can't be shown.
    pub fn view(self, again: impl Fn() + Clone + 'static, show: impl Fn(&Arc<T>) -> Parts + 'static) -> El {
        el("div").live(move || match self.answer.get() {
            None => vec![notice::waiting("正在读取…")],
            Some(Ok(value)) => show(&value),
            Some(Err(failure)) => vec![notice::failed(&failure, again.clone())],
        })
    }
}
