//! Everything that is wrong, on top of the form; each line leads to its input.

use super::Applying;
use crate::nav;
use leptos::prelude::*;

/// The error summary. It takes the focus whenever 下一步 was refused.
pub fn summary(applying: Applying) -> AnyView {
    Effect::new(move |_| {
        if applying.alarm.get() > 0 {
            applying.alarm.update_untracked(|alarm| *alarm = 0);
            request_animation_frame(|| nav::focus("errors"));
        }
    });
    let view = move || {
        let errors = applying.errors.get();
        let told = applying.told.get();
        if errors.is_empty() && told.is_none() {
            return None;
        }
        let items: Vec<_> = errors
            .iter()
            .map(|problem| {
                let id = problem.field.id();
                view! {
                    <li><a href=format!("#{id}") on:click=move |event| {
                        event.prevent_default();
                        nav::focus(id);
                    }>{problem.message()}</a></li>
                }
                .into_any()
            })
            .collect();
        let heading = match errors.len() {
            0 => "请核对后重新提交".to_owned(),
            count => format!("有 {count} 处需要修改"),
        };
        Some(
            view! {
                <div id="errors" class="notice error" tabindex="-1" role="alert" aria-labelledby="errors-title">
                    <h2 id="errors-title">{heading}</h2>
                    {told.map(|words| view! { <p>{words}</p> }.into_any())}
                    <ul>{items}</ul>
                </div>
            }
            .into_any(),
        )
    };
    // Errors found on leaving an input are told there; the summary comes with 下一步 only.
    let due = RwSignal::new(false);
    Effect::new(move |_| {
        if applying.alarm.get() > 0 {
            due.set(true);
        }
        if applying.errors.with(shared::form::FormErrors::is_empty) && applying.told.with(Option::is_none) {
            due.set(false);
        }
    });
    view! { {move || if due.get() { view() } else { None }} }.into_any()
}
