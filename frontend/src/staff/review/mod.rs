//! 审核: the photos beside the data, and the decision.

mod decide;
mod facts;
mod photos;

use super::afterwards;
use super::desk::Place;
use super::order::{Loading, may};
use super::routes::Page;
use super::table::{self, Spec};
use crate::api::staff::Queue;
use crate::dom::{El, div, el, p};
use crate::time;
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, notice};
use shared::api::{Role, StaffOrder};
use shared::order::{EventKind, Status};
use std::sync::Arc;

/// Waiting for a reviewer, oldest first.
pub fn queue() -> Parts {
    let spec = Spec {
        queue: Queue::Review,
        since: "已等待",
        urgent: true,
        empty: ("没有待审核的订单", "有新的订单时，这里会自动更新。"),
        middle: None,
    };
    let place = Place::here();
    // The number in the row leads there too: the keyboard needs one stop only.
    let list = table::list(spec, move |row| {
        let link = button::link("button small main", "审核", &place.path(&Page::Order(row.number.clone())));
        vec![link.attr("tabindex", "-1").attr("aria-hidden", "true")]
    });
    screen("审核", list)
}

/// One order in full.
pub fn order(order: &Arc<StaffOrder>, loading: Loading) -> Parts {
    let place = Place::here();
    let status = order.order.status;
    // Papers are for reviewers only.
    let reviewer = place.roles.contains(&Role::Reviewer);
    let photos = reviewer.then(|| div("beside-photos").child(photos::viewer(order)));
    let beside = div(if reviewer { "beside" } else { "beside alone" })
        .child(photos)
        .child(div("beside-facts").child(facts::all(order)));
    let mut parts = summary(order);
    parts.push(beside);
    let (more, dialogs) = afterwards::acts(order, loading);
    if may(&place, status, EventKind::ReviewApproved) && may(&place, status, EventKind::ReviewRefused) {
        parts.extend(decide::bar(order, loading, more));
    } else {
        // After making, whoever looks at the order can print its slip again.
        let slip = place.path(&Page::Slip(order.order.number.clone()));
        let has_parcel = match status {
            Status::AwaitingDispatch | Status::Dispatched | Status::Completed => true,
            Status::AwaitingDocuments
            | Status::AwaitingSignature
            | Status::AwaitingPayment
            | Status::AwaitingReview
            | Status::ReviewRefused
            | Status::AwaitingMaking
            | Status::Cancelled
            | Status::Returned => false,
        };
        let print = has_parcel.then(|| button::link("button", "打印面单和装箱单", &slip));
        if print.is_some() || !more.is_empty() {
            parts.push(div("bar").child(print).child(more));
        }
    }
    parts.extend(dialogs);
    parts
}

fn summary(order: &StaffOrder) -> Parts {
    let order = &order.order;
    let fact = |words: &str| el("span").child(words);
    let title = p(&order.unit_name)
        .class("summary-unit")
        .child(el("span").class(tag(order.status)).child(order.status.label()));
    let line = p("").class("summary-line").child([
        fact("订单号 ").child(el("b").class("code").child(order.number.as_str())),
        fact(order.business.label()),
        fact(&order.product),
        fact(&time::yuan(order.price_fen)),
        fact("申请时间 ").child(time::second(order.created_at)),
    ]);
    let which = if order.status == Status::Cancelled { "终止原因：" } else { "上次审核未通过：" };
    let refused = order
        .refusal
        .as_ref()
        .map(|refusal| notice::tip().child(p("").child(el("b").child(which)).child(refusal.reason.as_str())));
    let refund = order.refund.as_ref().map(|refund| {
        let at = refund.settled_at.map(|at| [" ", &time::second(at)].concat()).unwrap_or_default();
        let state = [refund.state.label(), "，", &time::yuan(refund.amount_fen), &at].concat();
        notice::tip().child(p("").child(el("b").child("退款：")).child(state))
    });
    [Some(div("summary").child([title, line])), refused, refund].into_iter().flatten().collect::<Vec<El>>()
}

fn tag(status: Status) -> &'static str {
    match status {
        Status::AwaitingReview | Status::AwaitingMaking | Status::AwaitingDispatch => "tag todo",
        Status::ReviewRefused | Status::Cancelled | Status::Returned => "tag bad",
        Status::Dispatched | Status::Completed => "tag good",
        Status::AwaitingDocuments | Status::AwaitingSignature | Status::AwaitingPayment => "tag",
    }
}
