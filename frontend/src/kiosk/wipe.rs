//! 结束办理: nothing of an applicant stays behind. The session ends on the server, the cookie and everything that was kept
//! here go, and the page is loaded anew in the place of the old one, which takes its memory and its pictures with it.

use crate::api;
use crate::dom::{div, p};
use crate::place;
use crate::ui::notice;
use crate::ui::timer::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Kept while the session's end is not confirmed: the cookie is out of reach of this page, so that only the server can
/// take it away, and a terminal that could not reach the server must not greet the next applicant with it.
const UNFINISHED: &str = "kiosk-unfinished";

/// Between two tries to reach the server.
const PAUSE_MS: i32 = 2000;

/// Wipes everything and starts anew. What is on the screen is covered at once.
pub fn wipe() {
    cover("正在清除本次办理的信息…");
    for storage in storages() {
        let _ = storage.clear();
    }
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(UNFINISHED, "1");
    }
    spawn_local(async {
        if api::end_session().await.is_ok() {
            finished();
        }
        // The start page goes on trying if that failed.
        let path = window().location().pathname().unwrap_or_default();
        let slug = path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
        let _ = window().location().replace(&["/", slug, "/", place::segment()].concat());
    });
}

/// Calls `start` once no wipe is unfinished; nothing can be done on the terminal before.
pub fn finish_then(start: impl FnOnce() + 'static) {
    let unfinished = window().local_storage().ok().flatten().and_then(|kept| kept.get_item(UNFINISHED).ok().flatten());
    if unfinished.is_none() {
        return start();
    }
    cover("正在清除上一位用户的信息，请稍候…");
    spawn_local(async move {
        while api::end_session().await.is_err() {
            sleep(PAUSE_MS).await;
        }
        finished();
        if let Some(cover) = document().get_element_by_id(COVER) {
            cover.remove();
        }
        start();
    });
}

fn finished() {
    for storage in storages() {
        let _ = storage.clear();
    }
}

fn storages() -> impl Iterator<Item = web_sys::Storage> {
    [window().session_storage(), window().local_storage()].into_iter().filter_map(|kept| kept.ok().flatten())
}

const COVER: &str = "cover";

/// Hides the screen behind a message, above dialogs too.
fn cover(words: &str) {
    let Some(body) = document().body() else { return };
    if let Some(app) = document().get_element_by_id("app") {
        app.set_inner_html("");
    }
    let message = div("wide").child(p("数字证书服务").class("cover-name")).child(notice::waiting(words));
    div("cover").id(COVER).child(message).mount(&body);
}
