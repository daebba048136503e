//! 用手机拍照上传: a QR code for the applicant's own phone; what it uploads shows up here by itself.

use crate::api::{self, Failure};
use crate::dom::{El, div, el, p};
use crate::time;
use crate::ui::button::{self, button};
use crate::ui::timer::{seconds_until, sleep, ticking};
use crate::ui::{notice, qr};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Handover, OrderView};

/// Between two looks for what the phone has uploaded.
const LOOK_MS: i32 = 2500;

/// The button, then the code.
pub fn offer(order: RwSignal<OrderView>) -> El {
    let shown: RwSignal<Option<Handover>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let begin = move || {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = api::hand_over(&order.with_untracked(|order| order.number.clone())).await;
            busy.try_set(false);
            match answer {
                Ok(handover) => {
                    let until = handover.expires_at;
                    shown.try_set(Some(handover));
                    look(order, shown, until).await;
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let closed = Memo::new(move |_| shown.with(Option::is_none));
    let start = move || {
        closed.get().then(|| {
            let open = button("button small", "用手机拍照上传", "正在打开…", busy, begin);
            div("handover-offer").child(p("资料在手边、想用手机拍照？用手机扫码，直接拍照上传。")).child(open)
        })
    };
    div("handover")
        .child(el("div").live(start))
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, begin))))
        .child(el("div").live(move || shown.get().map(|handover| code(&handover, shown, begin, busy))))
}

/// The code, until when it works, and a way to close it.
fn code(
    handover: &Handover,
    shown: RwSignal<Option<Handover>>,
    again: impl Fn() + Copy + 'static,
    busy: RwSignal<bool>,
) -> El {
    let now = ticking();
    let until = handover.expires_at;
    let expired = Memo::new(move |_| seconds_until(until, now.get()) == 0);
    let left = el("span")
        .attr("aria-hidden", "true")
        .live(move || ["剩余 ", &time::span(seconds_until(until, now.get()))].concat());
    let over = el("div").live(move || {
        expired.get().then(|| {
            div("qr-over").attr("role", "status").child(p("二维码已过期")).child(button(
                "button small main",
                "刷新二维码",
                "正在刷新…",
                busy,
                again,
            ))
        })
    });
    let picture = div("qr-box")
        .live_class("expired", move || expired.get())
        .child(qr::svg(&handover.url, "手机上传二维码"))
        .child(over);
    let limit = ["二维码有效至 ", &time::second(until)[11..16], "，只能用于上传本订单的资料，"].concat();
    let words = div("handover-words")
        .child(p("请用手机相机或微信扫描二维码，在手机上拍照并上传。").attr("role", "status"))
        .child(p("上传完成后照片会自动显示在下面，请不要关闭本页。"))
        .child(p(&limit).class("hint").child(left))
        .child(button::small("收起二维码", move || shown.set(None)));
    div("handover-code").child(picture).child(words)
}

/// Looks for what the phone has uploaded, as long as the code is shown and works.
async fn look(order: RwSignal<OrderView>, shown: RwSignal<Option<Handover>>, until: i64) {
    loop {
        sleep(LOOK_MS).await;
        let current = shown.try_with_untracked(|shown| shown.as_ref().map(|shown| shown.expires_at));
        if current.flatten() != Some(until) || time::now() > until {
            return;
        }
        let Some(number) = order.try_with_untracked(|order| order.number.clone()) else { return };
        if document().visibility_state() == web_sys::VisibilityState::Hidden {
            continue;
        }
        let Ok(fresh) = api::order(&number).await else { continue };
        let same = |now: &OrderView| now.documents == fresh.documents && now.staged == fresh.staged;
        if order.try_with_untracked(same) == Some(false) {
            order.try_set(fresh);
        }
    }
}
