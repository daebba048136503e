//! The step bar.

use crate::dom::{El, el};
use crate::nav::channel;
use shared::flow::{self, Step};
use shared::order::Business;
use std::cmp::Ordering;

/// Where the applicant stands in the flow.
pub fn bar(business: Business, now: Step) -> El {
    let channel = channel();
    let steps = flow::steps(business, &channel);
    let at = steps.iter().position(|step| *step == now).unwrap_or(0);
    let items = steps.iter().enumerate().map(|(index, step)| {
        let (class, state) = match index.cmp(&at) {
            Ordering::Less => ("past", "已完成："),
            Ordering::Equal => ("now", "当前："),
            Ordering::Greater => ("next", ""),
        };
        let dot = el("span").class("dot").attr("aria-hidden", "true").child((index + 1).to_string());
        let word = el("span").class("word").child(el("span").class("unseen").child(state)).child(step.label());
        let item = el("li").class(class).child(dot).child(word);
        if index == at { item.attr("aria-current", "step") } else { item }
    });
    el("ol").class("steps").attr("aria-label", "办理进度").child(items.collect::<Vec<_>>())
}
