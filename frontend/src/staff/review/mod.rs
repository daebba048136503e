//! 审核: the photos beside the data, and the decision.

mod decide;
mod facts;
mod photos;

use super::desk::Place;
use super::order::{Loading, may};
use super::routes::Page;
use super::table::{self, Spec};
use crate::api::staff::Queue;
use crate::nav;
use crate::time;
use leptos::prelude::*;
use shared::api::{QueueRow, Role, StaffOrder};
use shared::order::{EventKind, Status};
use std::sync::Arc;

/// Waiting for a reviewer, oldest first.
pub fn queue() -> AnyView {
    let spec = Spec {
        queue: Queue::Review,
        since: "已等待",
        urgent: true,
        empty: ("没有待审核的订单", "有新的订单时，这里会自动更新。"),
    };
    let place = Place::here();
    let open = move |row: &QueueRow| {
        let path = place.path(&Page::Order(row.number.clone()));
        view! { <a class="button small main" href=path tabindex="-1" aria-hidden="true">"审核"</a> }.into_any()
    };
    let body = view! { {table::head(Queue::Review)} {table::list(spec, None, open)} };
    nav::screen("审核", body.into_any())
}

/// One order in full.
pub fn order(order: &Arc<StaffOrder>, loading: Loading) -> AnyView {
    let place = Place::here();
    let status = order.order.status;
    let decide = may(&place, status, EventKind::ReviewApproved) && may(&place, status, EventKind::ReviewRefused);
    let actions = if decide { decide::bar(order, loading) } else { slip_link(&place, order) };
    // Papers are for reviewers only.
    let photos = place.roles.contains(&Role::Reviewer).then(|| {
        view! { <div class="beside-photos">{photos::viewer(order)}</div> }.into_any()
    });
    let class = if photos.is_some() { "beside" } else { "beside alone" };
    view! {
        {summary(order)}
        <div class=class>{photos}<div class="beside-facts">{facts::all(order)}</div></div>
        {actions}
    }
    .into_any()
}

fn summary(order: &StaffOrder) -> AnyView {
    let order = &order.order;
    let refusal = order.refusal.as_ref().map(|refusal| {
        view! {
            <div class="notice tip">
                <p><b>"上次审核未通过："</b>{refusal.reason.clone()}</p>
            </div>
        }
        .into_any()
    });
    view! {
        <div class="summary">
            <p class="summary-unit">{order.unit_name.clone()}<span class=tag(order.status)>{order.status.label()}</span></p>
            <p class="summary-line">
                <span>"订单号 "<b class="code">{order.number.clone()}</b></span>
                <span>{order.business.label()}</span>
                <span>{order.product.clone()}</span>
                <span>{time::yuan(order.price_fen)}</span>
                <span>"申请时间 "{time::second(order.created_at)}</span>
            </p>
        </div>
        {refusal}
    }
    .into_any()
}

fn tag(status: Status) -> &'static str {
    match status {
        Status::AwaitingReview | Status::AwaitingMaking | Status::AwaitingDispatch => "tag todo",
        Status::ReviewRefused => "tag bad",
        Status::Dispatched | Status::Completed => "tag good",
        Status::AwaitingDocuments | Status::AwaitingSignature | Status::AwaitingPayment | Status::Cancelled => "tag",
    }
}

/// After making, whoever looks at the order can print its slip again.
fn slip_link(place: &Place, order: &StaffOrder) -> AnyView {
    if order.order.key_serial.is_none() {
        return ().into_any();
    }
    let path = place.path(&Page::Slip(order.order.number.clone()));
    view! { <p class="bar"><a class="button" href=path>"打印面单和装箱单"</a></p> }.into_any()
}
