//! A dialog that does one thing and tells what became of it.

use super::desk::Desk;
use crate::api::{Answer, Failure};
use crate::dom::{El, div, el, press};
use crate::ui::button::button;
use crate::ui::notice;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::rc::Rc;

/// What happens after a success or a failure; each gets the words or the failure.
type Then = Rc<dyn Fn(Result<&(), &Failure>)>;

/// One act: running or not, and why it failed last.
#[derive(Clone)]
pub struct Act {
    desk: Desk,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    then: Then,
}

impl Act {
    /// An act of the dialog `open`; `then` is told how it ended, before the dialog closes.
    pub fn new(open: RwSignal<bool>, then: impl Fn(Result<&(), &Failure>) + 'static) -> Self {
        Self { desk: Desk::here(), open, busy: RwSignal::new(false), failure: RwSignal::new(None), then: Rc::new(then) }
    }

    /// Runs it.
    pub fn run(&self, work: impl Future<Output = Answer<()>> + 'static) {
        let act = self.clone();
        act.busy.set(true);
        act.failure.set(None);
        spawn_local(async move {
            let answer = act.desk.watch(work.await);
            act.busy.try_set(false);
            (act.then)(answer.as_ref());
            match answer {
                Ok(()) => {
                    act.open.try_set(false);
                }
                Err(failure) => {
                    act.failure.try_set(Some(failure));
                }
            }
        });
    }

    /// Why it failed, and the two buttons at the dialog's end.
    pub fn foot(&self, class: &str, label: &'static str, act: impl Fn() + 'static) -> [El; 2] {
        let (open, failure) = (self.open, self.failure);
        let trouble = el("div").live(move || failure.get().map(|failure| notice::error(&failure.words())));
        let foot = div("dialog-foot").child([
            button(class, label, "正在提交…", self.busy, act),
            press("button", "取消", move || open.set(false)),
        ]);
        [trouble, foot]
    }
}
