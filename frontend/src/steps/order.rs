//! What the steps of an order share: load it, and go where it stands.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{El, el};
use crate::nav;
use crate::routes::Page;
use crate::ui::screen::Parts;
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, OrderView};
use shared::flow::{self, Step};
use shared::order::Status;

/// The screen on which an order is taken up; its details when nothing is to be done.
pub fn next_page(number: &str, status: Status) -> Page {
    let number = number.to_owned();
    match flow::resume(status) {
        Some(Step::Upload) => Page::Upload(number),
        Some(Step::Sign) => Page::Sign(number),
        Some(Step::Pay) => Page::Pay(number),
        Some(Step::Prepare | Step::Form | Step::Confirm | Step::Done) | None => Page::Order(number),
    }
}

/// The address of [`next_page`].
pub fn next_path(number: &str, status: Status) -> String {
    nav::path(&next_page(number, status))
}

/// Loads an order and shows it; `belongs` says whether this screen is right for it, else the right one opens.
pub fn with_order(number: String, belongs: fn(&OrderView) -> bool, show: fn(RwSignal<OrderView>) -> Parts) -> El {
    let LastOrder(last) = expect_context();
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let order: RwSignal<Option<RwSignal<OrderView>>> = RwSignal::new(None);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let take = move |loaded: OrderView| {
        let Some(shown) = order.try_get_untracked() else { return };
        last.set(Some(loaded.clone()));
        if !belongs(&loaded) {
            nav.replace(&next_page(&loaded.number, loaded.status).path(&slug));
        } else if let Some(shown) = shown {
            shown.set(loaded);
        } else {
            order.set(Some(RwSignal::new(loaded)));
        }
    };
    // What is known already shows at once, and is loaded again behind it.
    if let Some(known) = last.get_untracked().filter(|known| known.number == number && belongs(known)) {
        order.set(Some(RwSignal::new(known)));
    }
    let load = move || {
        let (number, take) = (number.clone(), take.clone());
        failure.set(None);
        spawn_local(async move {
            match api::order(&number).await {
                Ok(loaded) => take(loaded),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    load();
    el("div").live(move || match (order.get(), failure.get()) {
        (Some(order), _) => show(order),
        (None, Some(told)) if matches!(told.code(), Some(ErrorCode::NotFound | ErrorCode::LoginRequired)) => stranger(),
        (None, Some(told)) => vec![notice::failed(&told, load.clone())],
        (None, None) => vec![notice::waiting("正在读取订单…")],
    })
}

/// An order that this browser may not see (any more).
fn stranger() -> Parts {
    let words = "没有找到这个订单，或者登录已过期。请用统一社会信用代码和经办人手机验证码重新查询，再继续办理。";
    let link = button::link("button main", "订单查询", &nav::path(&Page::Orders));
    vec![notice::error(words), el("p").child(link)]
}
