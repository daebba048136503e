//! Everything that is wrong, on top of the form; each line leads to its input.

use super::Applying;
use crate::dom::{El, a, el, p};
use crate::nav;
use leptos::prelude::*;
use shared::form::FormErrors;

/// The error summary. It comes with 下一步 only (errors found on leaving an input are told there), and takes the focus.
pub fn summary(applying: Applying) -> El {
    let due = RwSignal::new(applying.alarm.get_untracked() > 0 || applying.told.with_untracked(Option::is_some));
    Effect::new(move |_| {
        if applying.alarm.get() > 0 {
            due.set(true);
            applying.alarm.set(0);
            request_animation_frame(|| {
                // Enter, and a click in WebKit, leave the focus in the input. Leaving that draws the summary once more.
                nav::leave();
                request_animation_frame(|| nav::focus("errors"));
            });
        }
    });
    el("div").live(move || {
        let (errors, told, proof) = (applying.errors.get(), applying.told.get(), applying.proof().error.get());
        let any = told.is_some() || proof.is_some() || !errors.is_empty();
        (due.get() && any).then(|| shown(&errors, told, proof.map(|words| (applying.proof().id(), words))))
    })
}

fn shown(errors: &FormErrors, told: Option<String>, proof: Option<(&'static str, String)>) -> El {
    let heading = match errors.len() + usize::from(proof.is_some()) {
        0 => "请核对后重新提交".to_owned(),
        count => ["有 ", &count.to_string(), " 处需要修改"].concat(),
    };
    el("div")
        .id("errors")
        .class("notice error")
        .attr("tabindex", "-1")
        .attr("role", "alert")
        .attr("aria-labelledby", "errors-title")
        .child(el("h2").id("errors-title").child(heading))
        .child(told.map(|words| p(&words)))
        .child(
            el("ul")
                .child(errors.iter().map(|problem| line(problem.field.id(), &problem.message())).collect::<Vec<_>>())
                .child(proof.map(|(id, words)| line(id, &words))),
        )
}

fn line(id: &'static str, words: &str) -> El {
    el("li").child(a(&["#", id].concat(), words).on("click", move |event| {
        event.prevent_default();
        nav::focus(id);
    }))
}
