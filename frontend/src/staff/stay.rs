//! The session's end is told a minute ahead, and may be put off (WCAG 2.2.1).

use super::desk::{Desk, Session};
use super::modal::modal;
use crate::api;
use crate::dom::{El, div, el, p, press};
use crate::nav;
use crate::time;
use crate::ui::timer::listen;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::StaffMe;
use std::sync::Arc;
use std::time::Duration;

/// The warning comes so long before the end, microseconds.
const AHEAD: i64 = 60 * 1_000_000;
/// Between two looks at the clock.
const EVERY: Duration = Duration::from_secs(5);
/// What somebody does keeps the session alive, but no oftener than this, microseconds.
const OFTEN: i64 = 60 * 1_000_000;

/// The clock of one session.
#[derive(Clone, Copy)]
struct Clock {
    /// It ends then if nothing is done.
    idle: RwSignal<i64>,
    /// It ends then in any case.
    end: RwSignal<i64>,
    told: RwSignal<i64>,
    warned: RwSignal<bool>,
    /// The end that can't be put off was read: it is not told again.
    read: RwSignal<bool>,
}

impl Clock {
    fn read(self, me: &StaffMe) {
        let now = time::now();
        let after = |seconds: u32| if seconds == 0 { i64::MAX } else { now + i64::from(seconds) * 1_000_000 };
        self.idle.try_set(after(me.idle_s));
        self.end.try_set(after(me.ends_s));
        self.told.try_set(now);
        self.warned.try_set(false);
        self.read.try_set(false);
    }

    /// Whether the end that is near can't be put off.
    fn is_for_good(self) -> bool {
        self.end.get() <= self.idle.get()
    }

    fn has_read(self) {
        self.read.set(true);
        self.warned.set(false);
    }

    /// Says "I am still here".
    fn stay(self, desk: Desk) {
        self.told.set(time::now());
        spawn_local(async move {
            if let Ok(me) = desk.watch(api::staff::me().await) {
                self.read(&me);
                desk.session.try_set(Session::In(Arc::new(me)));
            }
        });
    }

    fn look(self, desk: Desk) {
        let here = desk.session.with_untracked(|session| matches!(session, Session::In(_)));
        let ends = self.idle.get_untracked().min(self.end.get_untracked());
        let warned = here && time::now() > ends - AHEAD && !self.read.get_untracked();
        if self.warned.get_untracked() != warned {
            self.warned.set(warned);
        }
    }
}

/// The warning; put once beside the desk's screens.
pub fn warning(desk: Desk) -> El {
    let clock = Clock {
        idle: RwSignal::new(i64::MAX),
        end: RwSignal::new(i64::MAX),
        told: RwSignal::new(time::now()),
        warned: RwSignal::new(false),
        read: RwSignal::new(false),
    };
    Effect::new(move |_| {
        if let Session::In(me) = desk.session.get() {
            clock.read(&me);
        }
    });
    if let Ok(handle) = set_interval_with_handle(move || clock.look(desk), EVERY) {
        on_cleanup(move || handle.clear());
    }
    // Typing a long reason asks the backend nothing: work at the desk itself keeps the session alive.
    for event in ["keydown", "pointerdown"] {
        listen(&document(), event, move || {
            let here = desk.session.with_untracked(|session| matches!(session, Session::In(_)));
            if here && !clock.warned.get_untracked() && time::now() - clock.told.get_untracked() > OFTEN {
                clock.stay(desk);
            }
        });
    }
    let for_good = Memo::new(move |_| clock.is_for_good());
    let words = move || {
        if for_good.get() {
            "本次登录已达到最长时间，即将退出。请先保存手头的工作，然后重新登录。"
        } else {
            "长时间没有操作，一分钟内将自动退出。正在填写的内容会保留，重新登录后可以继续。"
        }
    };
    let foot = div("dialog-foot").live(move || {
        if for_good.get() {
            press("button main", "知道了", move || clock.has_read()).id("stay")
        } else {
            press("button main", "继续工作", move || clock.stay(desk)).id("stay")
        }
    });
    let body = div("dialog-body").child(p("").live(words)).child(foot);
    let head = div("dialog-head").child(el("h2").id("stay-title").child("即将自动退出"));
    let open = Memo::new(move |_| clock.warned.get());
    let escape = move || if for_good.get_untracked() { clock.has_read() } else { clock.stay(desk) };
    modal("dialog", "stay-title", open, el("div").child([head, body]), escape, || nav::focus("stay"))
}
