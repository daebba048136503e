//! The step bar.

use crate::nav::channel;
use leptos::prelude::*;
use shared::flow::{self, Step};
use shared::order::Business;

/// Where the applicant stands in the flow.
pub fn bar(business: Business, now: Step) -> AnyView {
    let channel = channel();
    let steps = flow::steps(business, &channel);
    let at = steps.iter().position(|step| *step == now).unwrap_or(0);
    let items: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let (class, state) = match index.cmp(&at) {
                std::cmp::Ordering::Less => ("past", "已完成："),
                std::cmp::Ordering::Equal => ("now", "当前："),
                std::cmp::Ordering::Greater => ("next", ""),
            };
            view! {
                <li class=class aria-current=(index == at).then_some("step")>
                    <span class="dot" aria-hidden="true">{index + 1}</span>
                    <span class="word"><span class="unseen">{state}</span>{step.label()}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ol class="steps" aria-label="办理进度">{items}</ol> }.into_any()
}
