//! 填写信息: the whole application on one page, with sections as in the manual.

mod field;
mod look;
mod parts;
mod save;
mod state;
mod submit;
mod summary;
mod typed;

pub use parts::input;
pub use state::{Applying, Saved};
pub use summary::summary;

use crate::api;
use crate::dom::{El, div, el, p};
use crate::nav;
use crate::steps::{order, prepare};
use crate::ui::rows;
use crate::ui::screen::{Parts, screen};
use crate::ui::timer::drawn;
use crate::ui::{button, notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderLine;
use shared::flow::{self, Step};
use shared::form::Section;
use shared::order::Business;

const TITLE: &str = "填写申请信息";
/// Sections that are drawn first.
const IN_SIGHT: usize = 2;

/// The screen.
pub fn page() -> Parts {
    let channel = nav::channel();
    if !flow::offered(Business::New, &channel) {
        return screen(TITLE, vec![notice::info("本大厅暂不支持在线新办，请查看办理指南或拨打受理点电话。")]);
    }
    let applying: Applying = expect_context();
    let focus = applying.focus.try_update_untracked(Option::take).flatten();
    let whole = RwSignal::new(focus.is_some() || applying.restored.with_untracked(Option::is_some));
    save::keep(applying);
    if let Some(field) = focus {
        // After the heading had it.
        Effect::new(move |_| request_animation_frame(move || nav::focus(field.id())));
    }
    let ready = el("details")
        .class("card ready")
        .child(el("summary").child("申请须知：需要准备的资料、费用和时间"))
        .child(div("facts").live(move || whole.get().then(|| prepare::facts(&nav::channel()))));
    let tip = notice::tip().child(p(
        "温馨提示：请如实填写申请信息。为不影响报销，请准确填写发票抬头、纳税人识别号、经办人电子邮箱。带 * 号的为必填项。",
    ));
    let body = vec![
        steps::bar(Business::New, Step::Form),
        earlier_order(),
        ready,
        tip,
        save::restored(applying),
        summary(applying),
        form(applying, whole),
    ];
    screen(TITLE, body)
}

/// What can be in sight is drawn first, the rest right after it: the first inputs are there sooner.
fn form(applying: Applying, whole: RwSignal<bool>) -> El {
    let submit = submit::submitter(applying);
    let again = submit.clone();
    let (first, rest) = Section::ALL.split_at(IN_SIGHT);
    spawn_local(async move {
        drawn().await;
        whole.try_maybe_update(|whole| (!std::mem::replace(whole, true), ()));
    });
    let rest = el("div").class("rest").live(move || {
        whole.get().then(|| {
            let mut parts = parts::sections(rest, applying);
            parts.push(rows::section("验证码", applying.proof().view()));
            parts.extend(end(applying, again.clone()));
            parts
        })
    });
    el("form").attr("novalidate", "").child(parts::sections(first, applying)).child(rest).on("submit", move |event| {
        event.prevent_default();
        submit();
    })
}

fn end(applying: Applying, again: impl Fn() + Clone + 'static) -> [El; 2] {
    let failure = el("div").live(move || applying.failure.get().map(|told| notice::failed(&told, again.clone())));
    let acts = div("acts")
        .child(p("请核对以上填写内容是否准确，确认后请点击“下一步”。").class("hint"))
        .child(save::state(applying))
        .child(button::submit("下一步", "正在核验，请稍候…", applying.busy));
    [failure, acts]
}

/// Whoever comes back from an order, or has one that waits, is told of it. No screen opens by itself: Firefox keeps an address
/// that is left at once in its history, and Back would never get past it.
fn earlier_order() -> El {
    let slug = nav::channel().slug.clone();
    let found: RwSignal<Option<OrderLine>> = RwSignal::new(None);
    spawn_local(async move {
        drawn().await;
        let Ok(list) = api::orders(&slug).await else { return };
        let mine = list.unfinished.into_iter().find(|order| flow::resume(order.status).is_some());
        found.try_set(mine);
    });
    el("div").live(move || {
        let order = found.get()?;
        let words = ["您有一个未完成的订单 ", &order.number, "（", order.status.label(), "）。"].concat();
        let link = button::link("button small main", "继续办理", &order::next_path(&order.number, order.status));
        Some(notice::tip().child(p(&words).child(link).child("也可以在下面为另一个单位新办。")))
    })
}
