//! One order: reviewed, or just looked at.

use super::desk::{Desk, Place};
use super::review;
use super::routes::Page;
use crate::api::staff::Queue;
use crate::api::{self, Answer};
use crate::dom::{El, a, el, p};
use crate::ui::notice;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Role, StaffOrder};
use shared::order::{Actor, EventKind, Status, offered};
use std::sync::Arc;

/// An order being loaded, shown and loaded again.
#[derive(Clone, Copy)]
pub struct Loading {
    desk: Desk,
    /// None while it is on its way.
    pub order: RwSignal<Option<Answer<Arc<StaffOrder>>>>,
    /// Somebody else moved the order while it was looked at.
    pub moved: RwSignal<bool>,
}

impl Loading {
    /// Begins to load.
    pub fn start(number: &str) -> Self {
        let loading = Self { desk: Desk::here(), order: RwSignal::new(None), moved: RwSignal::new(false) };
        loading.again(number);
        loading
    }

    /// Loads it again; what is shown stays until the answer is here.
    pub fn again(self, number: &str) {
        let number = number.to_owned();
        spawn_local(async move {
            let answer = self.desk.watch(api::staff::order(&number).await);
            self.order.try_set(Some(answer.map(Arc::new)));
        });
    }

    /// Shows it, or that it is loading, or why it can't be.
    pub fn view(self, number: &str, show: impl Fn(&Arc<StaffOrder>) -> Parts + 'static) -> El {
        let number = number.to_owned();
        el("div").live(move || match self.order.get() {
            None => vec![notice::waiting("正在读取订单…")],
            Some(Ok(order)) => show(&order),
            Some(Err(failure)) => {
                let number = number.clone();
                vec![notice::failed(&failure, move || self.again(&number))]
            }
        })
    }
}

/// What a member of staff may do to an order now.
pub fn may(place: &Place, status: Status, event: EventKind) -> bool {
    let actor = match event.rule().by {
        Actor::Reviewer if place.roles.contains(&Role::Reviewer) => Actor::Reviewer,
        Actor::Maker if place.roles.contains(&Role::Maker) => Actor::Maker,
        Actor::Admin if place.roles.contains(&Role::Admin) => Actor::Admin,
        Actor::Reviewer | Actor::Maker | Actor::Admin | Actor::Applicant | Actor::System => return false,
    };
    offered(status, actor).any(|offer| offer == event)
}

/// 订单: with 审核通过 and 审核不通过 while it waits for them.
pub fn page(number: &str) -> Parts {
    let loading = Loading::start(number);
    let place = Place::here();
    let back = if place.roles.contains(&Role::Reviewer) { Queue::Review } else { Queue::Dispatch };
    let link = p("").class("back").child(a(&place.path(&Page::Queue(back)), "‹ 返回列表"));
    let moved = el("div").live(move || {
        let words = "该订单刚刚被其他人员处理，或申请人已修改。下面是最新内容，请重新核对。";
        loading.moved.get().then(|| notice::info(words))
    });
    screen("订单", vec![link, moved, loading.view(number, move |order| review::order(order, loading))])
}
