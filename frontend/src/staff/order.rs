//! One order: reviewed, or just looked at.

use super::desk::{Desk, Place};
use super::review;
use super::routes::Page;
use crate::api::staff::Queue;
use crate::api::{self, Answer};
use crate::dom::{El, a, el, p};
use crate::nav;
use crate::time;
use crate::ui::notice;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Role, StaffOrder, TimelineEntry};
use shared::order::{Actor, EventKind, Status, offered};
use std::sync::Arc;

/// An order being loaded, shown and loaded again.
#[derive(Clone, Copy)]
pub struct Loading {
    desk: Desk,
    /// None while it is on its way.
    pub order: RwSignal<Option<Answer<Arc<StaffOrder>>>>,
    /// What has just happened to it.
    said: RwSignal<Option<String>>,
}

impl Loading {
    /// Begins to load.
    pub fn start(number: &str) -> Self {
        let loading = Self { desk: Desk::here(), order: RwSignal::new(None), said: RwSignal::new(None) };
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

    /// Something was done to it: loads it again and says so.
    pub fn done(self, number: &str, words: String) {
        let number = number.to_owned();
        spawn_local(async move {
            let answer = self.desk.watch(api::staff::order(&number).await);
            self.order.try_set(Some(answer.map(Arc::new)));
            self.said.try_set(Some(words));
            nav::focus("title");
        });
    }

    /// Something was refused because the order has moved on, or so it seems: shows it as it is now, and who was first. An
    /// order that is as it was stays on the screen, with whatever is being written.
    pub fn look_again(self) {
        let Some(Ok(seen)) = self.order.get_untracked() else { return };
        spawn_local(async move {
            match self.desk.watch(api::staff::order(&seen.order.number).await) {
                Ok(order) if order.order.version != seen.order.version => {
                    self.said.try_set(Some(moved(&order, seen.order.timeline.len())));
                    self.order.try_set(Some(Ok(Arc::new(order))));
                    nav::focus("title");
                }
                // The refusal's own words say what is wrong.
                Ok(_) | Err(_) => {}
            }
        });
    }

    /// What has just happened to it, once something has.
    pub fn news(self) -> El {
        el("div").live(move || self.said.get().map(|words| notice::info(&words)))
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

/// Who of the staff took a step.
pub fn by<'a>(order: &'a StaffOrder, step: &TimelineEntry) -> Option<&'a str> {
    order.acts.iter().find(|act| act.event == step.event && act.at == step.at).map(|act| act.by.as_str())
}

/// What happened after the first `known` steps, and by whom.
fn moved(order: &StaffOrder, known: usize) -> String {
    let steps = order.order.timeline.iter().skip(known).map(|step| {
        let who = by(order, step).map(|name| [name, "，"].concat()).unwrap_or_default();
        [step.event.label(), "（", &who, &time::second(step.at)[11..], "）"].concat()
    });
    let steps = steps.collect::<Vec<_>>().join("、");
    ["该订单刚刚有变化：", &steps, "。您的操作没有执行，请核对下面的最新内容。"].concat()
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
    let first = if place.roles.contains(&Role::Reviewer) { Queue::Review } else { Queue::Dispatch };
    let list = place.list.get_untracked().unwrap_or(Page::Queue(first));
    let words = ["‹ 返回", list.list_label().unwrap_or("列表")].concat();
    let link = p("").class("back").child(a(&place.path(&list), &words));
    screen("订单", vec![link, loading.news(), loading.view(number, move |order| review::order(order, loading))])
}
