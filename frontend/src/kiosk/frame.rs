//! Head and foot of every screen: where one is, one step back, and the end.

use super::wipe;
use crate::app;
use crate::dom::{El, div, el, p, press};
use crate::nav;
use crate::routes::Page;
use crate::ui::button;
use crate::ui::dialog::dialog;
use crate::ui::rows::acts;
use leptos::prelude::*;
use shared::channel::PublicChannel;
use std::cell::{Cell, RefCell};

thread_local! {
    /// The screens that 返回 leads to: the browser's own history holds one entry only, so that nothing of an applicant
    /// stays in it.
    static TRAIL: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The question's heading.
const END: &str = "end-title";

/// 结束办理 was pressed, in the head or in a dialog.
#[derive(Clone, Copy)]
struct Ending(RwSignal<bool>);

thread_local! {
    /// One for as long as the page is open.
    static ENDING: Cell<Option<Ending>> = const { Cell::new(None) };
}

/// Puts the question beside the hall: it opens above every dialog of it.
pub fn begin() {
    let Some(body) = document().body() else { return };
    let ending = RwSignal::new(false);
    ENDING.set(Some(Ending(ending)));
    let question = dialog(END, "结束办理", ending, move || {
        let words = "结束后，本机会清除您填写的内容，下一位用户看不到。已确认的订单和已保存的申请不受影响，可以凭短信验证码继续办理。";
        let stay = press("button", "继续办理", move || ending.set(false));
        let leave = press("button danger", "确定结束", wipe::wipe).attr("data-end", "");
        vec![p(words), acts().child([stay, leave])]
    });
    question.mount(&body);
}

fn end() -> El {
    press("button danger", "结束办理", || {
        if let Some(Ending(ending)) = ENDING.get() {
            ending.set(true);
        }
    })
}

/// A modal dialog locks out the head of the screen, so it has 结束办理 in its own.
pub fn in_dialog(id: &str) -> Option<El> {
    (id != END).then(end)
}

/// Another screen opens.
pub fn leaving(path: &str, for_good: bool) {
    if !for_good {
        TRAIL.with_borrow_mut(|trail| trail.push(path.to_owned()));
    }
}

pub fn header(channel: &PublicChannel) -> El {
    let nav = nav::nav();
    let home = nav::path(&Page::Home);
    let address = nav.address();
    let start = home.clone();
    let inside = Memo::new(move |_| address.get() != start);
    let first = home.clone();
    let go_back = move || match TRAIL.with_borrow_mut(Vec::pop) {
        Some(path) => nav.back_to(&path),
        None => nav.back_to(&first),
    };
    let back = div("step-back").live(move || {
        let go_back = go_back.clone();
        inside.get().then(|| press("button", "‹ 返回", go_back))
    });
    let name = el("span").child(el("b").child("数字认证")).child(el("span").class("of").child(channel.brand.as_str()));
    let brand = div("brand").child(app::mark()).child(name);
    let bar = div("wide")
        .child(back)
        .child(brand)
        .child(div("head-acts").child(button::link("button", "首页", &home)).child(end()));
    el("header").class("top").child(bar)
}

pub fn footer(channel: &PublicChannel) -> El {
    let line = p(&["受理点电话：", &channel.help_line, "　离开前请点击“结束办理”。"].concat());
    el("footer").class("bottom").child(div("wide").child(line))
}
