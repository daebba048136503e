//! 取消订单, while the table allows it.

use crate::api::{self, Failure};
use crate::dom::{El, el, p, press};
use crate::nav;
use crate::routes::Page;
use crate::ui::rows::acts;
use crate::ui::screen::Parts;
use crate::ui::{button::button, dialog::dialog, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::order::{Actor, EventKind, offered};

/// The button with its question; nothing where the order can't be cancelled.
pub fn cancel(order: RwSignal<OrderView>) -> El {
    let open = RwSignal::new(false);
    let allowed = Memo::new(move |_| {
        order.with(|order| offered(order.status, Actor::Applicant).any(|event| event == EventKind::Cancelled))
    });
    let ask = move || allowed.get().then(|| press("button plain", "取消订单", move || open.set(true)));
    el("div")
        .child(el("div").live(ask))
        .child(dialog("cancel-title", "取消订单", open, move || question(order, open)))
}

fn question(order: RwSignal<OrderView>, open: RwSignal<bool>) -> Parts {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let act = move || {
        busy.set(true);
        failure.set(None);
        let number = order.with_untracked(|order| order.number.clone());
        let (nav, slug) = (nav.clone(), slug.clone());
        spawn_local(async move {
            let answer = api::cancel(&number).await;
            busy.try_set(false);
            match answer {
                Ok(cancelled) => {
                    open.try_set(false);
                    order.try_set(cancelled);
                    nav.tell("订单已取消。");
                    nav.replace(&Page::Order(number).path(&slug));
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = act.clone();
    vec![
        p("取消后，已填写的信息和已上传的资料不能恢复，需要重新申请。确定要取消这个订单吗？"),
        el("div").live(move || failure.get().map(|told| notice::failed(&told, again.clone()))),
        acts().child(press("button", "不取消", move || open.set(false))).child(button(
            "button danger",
            "确定取消",
            "正在取消…",
            busy,
            act,
        )),
    ]
}
