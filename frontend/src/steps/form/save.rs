//! The draft on the server: saved a moment after typing, on leaving an input, and when the page is closed.

use super::{Applying, Saved};
use crate::api;
use crate::dom::{El, el, p};
use crate::time;
use crate::ui::timer::{drawn, listen, sleep};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::order::Business;
use wasm_bindgen::JsCast;

/// After the last key.
const PAUSE_MS: i32 = 800;
/// After a failed try.
const RETRY_MS: i32 = 5000;

/// Fetches the draft once, then keeps it saved while the form is shown.
pub fn keep(applying: Applying) {
    if applying.restored.get_untracked().is_none() {
        fetch(applying);
    }
    Effect::new(move |_| {
        applying.draft.changes().track();
        if applying.saved.get_untracked() == Saved::Typing {
            later(applying, PAUSE_MS);
        }
    });
    let hidden = move || {
        if document().visibility_state() == web_sys::VisibilityState::Hidden {
            save(applying, true);
        }
    };
    listen(document().unchecked_ref(), "visibilitychange", hidden);
    listen(window().unchecked_ref(), "pagehide", move || save(applying, true));
    listen(window().unchecked_ref(), "online", move || save(applying, false));
    on_cleanup(move || save(applying, false));
}

/// Asks for the draft that this browser left behind.
pub fn fetch(applying: Applying) {
    let slug = applying.channel.with_value(|channel| channel.slug.clone());
    spawn_local(async move {
        drawn().await;
        let Ok(draft) = api::draft(&slug, Business::New).await else { return };
        let draft = draft.filter(|saved| !saved.draft.is_empty());
        if let Some(saved) = &draft {
            applying.restore(&saved.draft);
            if applying.saved.get_untracked() == Saved::Nothing {
                applying.saved.set(Saved::At(saved.saved_at));
            }
        }
        applying.restored.try_set(Some(draft.map(|saved| saved.saved_at)));
    });
}

/// Saves after a pause, unless something more was typed.
fn later(applying: Applying, pause: i32) {
    let changes = applying.draft.changes();
    let typed = changes.get_untracked();
    spawn_local(async move {
        sleep(pause).await;
        if changes.try_get_untracked() == Some(typed) {
            save(applying, false);
        }
    });
}

/// Saves what is not saved yet.
pub fn save(applying: Applying, leaving: bool) {
    if !applying.kept {
        return;
    }
    let due = match applying.saved.get_untracked() {
        Saved::Typing | Saved::Offline => true,
        Saved::Saving => leaving,
        Saved::Nothing | Saved::Checking | Saved::At(_) => false,
    };
    if !due {
        return;
    }
    applying.saved.set(Saved::Saving);
    let (slug, draft) = (applying.channel.with_value(|channel| channel.slug.clone()), applying.draft.all());
    spawn_local(async move {
        let answer = api::save_draft(&slug, Business::New, &draft, leaving).await;
        if applying.saved.try_get_untracked() != Some(Saved::Saving) {
            return;
        }
        if answer.is_ok() {
            applying.saved.set(Saved::At(time::now()));
        } else {
            applying.saved.set(Saved::Offline);
            sleep(RETRY_MS).await;
            if applying.saved.try_get_untracked() == Some(Saved::Offline) {
                save(applying, false);
            }
        }
    });
}

/// Tells where the draft stands.
pub fn state(applying: Applying) -> El {
    el("p")
        .class("saved")
        .attr("role", "status")
        .live_class("offline", move || applying.saved.get() == Saved::Offline)
        .live(move || match applying.saved.get() {
            Saved::Nothing => String::new(),
            Saved::Typing | Saved::Saving | Saved::Checking => "正在保存…".into(),
            Saved::At(at) => ["已保存 ", &time::second(at)[11..16]].concat(),
            Saved::Offline => "网络中断，内容暂存在本页，恢复后自动保存。请不要关闭页面。".into(),
        })
}

/// Tells that earlier inputs are back, and offers to begin anew.
pub fn restored(applying: Applying) -> El {
    el("div").live(move || {
        let at = applying.restored.get().flatten()?;
        let words = ["已恢复您在 ", &time::second(at), " 保存的内容，可以接着填写。"].concat();
        let again = button::small("清空重填", move || {
            applying.clear();
            applying.restored.set(Some(None));
            applying.saved.set(Saved::Typing);
            save(applying, false);
        });
        Some(notice::tip().child(p(&words).child(again)))
    })
}
