//! 制证: a blank key in the computer, one approved order at a time.

mod key;
mod progress;
mod run;

use super::desk::{Desk, Place};
use super::queues::Queues;
use super::routes::Page;
use super::table::{self, Spec};
use crate::api::staff::Queue;
use crate::dom::press;
use crate::key::{Bridge, KeyError, Keys, State};
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use run::{Ended, Run, Step};
use shared::bridge::{ErrorCode, ErrorData, KeyDetail};

/// The mark of what failed.
pub const CROSS: &str = "M7 7l10 10M17 7 7 17";

/// The screen.
pub fn page() -> Parts {
    let place = Place::here();
    let bridge = Bridge::start(&place.channel);
    let run = RwSignal::new(None::<Run>);
    warn_before_leaving(run);
    let spec = Spec {
        queue: Queue::Making,
        since: "已等待",
        urgent: true,
        empty: ("没有待制证的订单", "审核通过的订单会出现在这里。"),
        middle: None,
    };
    let starting = Starting { desk: Desk::here(), queues: Queues::here(), bridge, run };
    let start = starting.clone();
    let list = table::list(spec, move |row| {
        let (start, number, unit) = (start.clone(), row.number.clone(), row.unit_name.clone());
        vec![press("button small main", "开始制证", move || start.click(&number, &unit, false))]
    });
    let slip = move |number: &str| place.path(&Page::Slip(number.to_owned()));
    let mut parts = vec![key::panel(bridge)];
    parts.extend(list);
    parts.push(progress::dialog(run, starting, slip));
    screen("制证", parts)
}

/// Closing the tab in the middle spoils the key's work: the browser asks first.
fn warn_before_leaving(run: RwSignal<Option<Run>>) {
    let handle = window_event_listener(leptos::ev::beforeunload, move |event| {
        if run.with_untracked(|run| run.as_ref().is_some_and(Run::is_working)) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// What a click on 开始制证 needs.
#[derive(Clone)]
pub struct Starting {
    desk: Desk,
    queues: Queues,
    bridge: Bridge,
    run: RwSignal<Option<Run>>,
}

impl Starting {
    /// The click: the window is opened here and now, everything else follows. `over` asks for a new making on a key
    /// that holds a certificate: backend and bridge allow it only where that is the rest of an interrupted making.
    pub fn click(&self, number: &str, unit: &str, over: bool) {
        if self.run.with_untracked(|run| run.as_ref().is_some_and(Run::is_working)) {
            return;
        }
        let begin = |first| Run::new(number, unit, first);
        match self.ready(over) {
            Err(error) => self.run.set(Some(begin(Step::Consent).failed(error))),
            Ok(Ready::Make { key, window }) => {
                self.run.set(Some(begin(Step::Consent)));
                self.spawn(number, move |starting, number| async move {
                    run::make(starting.bridge, &number, key, window, starting.run).await
                });
            }
            Ok(Ready::Finish(key)) => {
                self.run.set(Some(begin(Step::ReadBack)));
                self.spawn(number, move |starting, number| async move {
                    run::finish(starting.bridge, &number, &key, starting.run).await
                });
            }
        }
    }

    fn spawn<F>(&self, number: &str, work: impl FnOnce(Self, String) -> F + 'static)
    where
        F: Future<Output = Result<run::Made, KeyError>> + 'static,
    {
        let (starting, number) = (self.clone(), number.to_owned());
        spawn_local(async move {
            let ended = work(starting.clone(), number).await;
            starting.bridge.after_work();
            if let Err(KeyError::Server(failure)) = &ended {
                starting.desk.notice(failure);
            }
            let ended = match ended {
                Ok(made) => Ended::Made(made),
                Err(error) => Ended::Failed(error),
            };
            starting.run.try_update(|run| {
                if let Some(run) = run {
                    run.ended = Some(ended);
                    run.operation = None;
                }
            });
            starting.queues.refresh();
        });
    }

    /// Whether the one key is there, and the bridge's window opened if a new key is to be made.
    fn ready(&self, over: bool) -> Result<Ready, KeyError> {
        let told = |code| KeyError::Bridge(ErrorData { code, tries_left: None });
        let list = match self.bridge.state().get_untracked() {
            State::Ready { list, .. } => list,
            State::Failed(error) => return Err(error),
            State::Connecting => return Err(KeyError::NotRunning),
        };
        match Keys::from(&list) {
            Keys::NoReader => Err(told(ErrorCode::NoReader)),
            Keys::NoKey => Err(told(ErrorCode::NoKey)),
            Keys::Several(_) => Err(told(ErrorCode::SeveralKeys)),
            Keys::Blank(key) | Keys::Used(key) if key.busy => Err(told(ErrorCode::Busy)),
            Keys::Used(key) if !over => Ok(Ready::Finish(key)),
            Keys::Blank(key) | Keys::Used(key) => Ok(Ready::Make { key, window: self.bridge.open_window()? }),
        }
    }
}

enum Ready {
    /// A blank key, and the window that asks for consent.
    Make {
        /// The key.
        key: KeyDetail,
        /// The window's name.
        window: String,
    },
    /// A key with a certificate: perhaps this order's own, from a making that broke off at its last step.
    Finish(KeyDetail),
}
