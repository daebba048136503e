//! 取消订单, while the table allows it.

use crate::api::{self, Failure};
use crate::nav;
use crate::ui::{button::button, dialog::dialog, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::order::{Actor, EventKind, offered};

/// The button with its question; nothing where the order can't be cancelled.
pub fn cancel(order: RwSignal<OrderView>) -> AnyView {
    let open = RwSignal::new(false);
    let allowed =
        move || order.with(|order| offered(order.status, Actor::Applicant).any(|event| event == EventKind::Cancelled));
    let view = move || {
        allowed().then(|| {
            view! {
                <button type="button" class="button plain" on:click=move |_| open.set(true)>"取消订单"</button>
            }
            .into_any()
        })
    };
    view! { {view} {dialog("cancel-title", "取消订单".into_any(), open, move || question(order, open))} }.into_any()
}

fn question(order: RwSignal<OrderView>, open: RwSignal<bool>) -> AnyView {
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
                    nav.replace(&crate::routes::Page::Order(number).path(&slug));
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = act.clone();
    view! {
        <p>"取消后，已填写的信息和已上传的资料不能恢复，需要重新申请。确定要取消这个订单吗？"</p>
        {move || failure.get().map(|told| notice::failed(&told, again.clone()))}
        <div class="acts">
            <button type="button" class="button" on:click=move |_| open.set(false)>"不取消"</button>
            {button("button danger", "确定取消", "正在取消…", busy, act)}
        </div>
    }
    .into_any()
}
