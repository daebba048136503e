//! The making on the screen: step by step, and how it ended.

use super::Starting;
use super::run::{Ended, Made, Run, Step, stage_words};
use crate::key::KeyError;
use crate::ui::icon::{CHECK, icon};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::bridge::ErrorCode;

/// Opens by itself while there is a making. It can't be closed while the key works.
pub fn dialog(
    run: RwSignal<Option<Run>>,
    starting: Starting,
    slip: impl Fn(&str) -> String + Send + 'static,
) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (run.with(Option::is_some), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        }
    });
    let body = move || run.get().map(|made| shown(&made, run, &starting, &slip));
    view! {
        <dialog
            node_ref=node
            class="dialog making"
            aria-labelledby="making"
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                if run.with_untracked(|run| run.as_ref().is_some_and(|run| !run.is_working())) {
                    run.set(None);
                }
            }
        >
            {body}
        </dialog>
    }
    .into_any()
}

fn shown(made: &Run, run: RwSignal<Option<Run>>, starting: &Starting, slip: &impl Fn(&str) -> String) -> AnyView {
    let title = match &made.ended {
        None => "正在制证",
        Some(Ended::Made(_)) => "制证完成",
        Some(Ended::Failed(_)) => "制证没有完成",
    };
    let foot = match &made.ended {
        None => working(made),
        Some(Ended::Made(key)) => done(key, slip(&made.number), run),
        Some(Ended::Failed(error)) => failed(made, error, run, starting),
    };
    view! {
        <div class="dialog-head"><h2 id="making">{title}</h2></div>
        <div class="dialog-body">
            <p class="making-order">
                <b>{made.unit.clone()}</b>
                <span>"订单号 "<b class="code">{made.number.clone()}</b></span>
            </p>
            {steps(made)}
            {foot}
        </div>
    }
    .into_any()
}

fn steps(made: &Run) -> AnyView {
    let items: Vec<_> = Step::ALL
        .into_iter()
        .filter(|step| *step >= made.first)
        .map(|step| {
            let (class, state) = match (&made.ended, step.cmp(&made.step)) {
                (Some(Ended::Made(_)), _) | (_, std::cmp::Ordering::Less) => ("past", "已完成："),
                (None, std::cmp::Ordering::Equal) => ("now", "正在进行："),
                (Some(Ended::Failed(_)), std::cmp::Ordering::Equal) => ("failed", "未完成："),
                (_, std::cmp::Ordering::Greater) => ("next", ""),
            };
            let mark = match class {
                "past" => icon(CHECK),
                "now" => view! { <span class="spinner"></span> }.into_any(),
                "failed" => icon("M7 7l10 10M17 7 7 17"),
                _ => ().into_any(),
            };
            let stage = (class == "now").then(|| made.stage.map(stage_words)).flatten();
            view! {
                <li class=class>
                    <span class="mark-cell" aria-hidden="true">{mark}</span>
                    <span><span class="unseen">{state}</span>{step.label()}{stage.map(|words| view! { <small role="status">{words}</small> })}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ol class="work">{items}</ol> }.into_any()
}

/// Before the consent it can be cancelled; afterwards the key must stay where it is.
fn working(made: &Run) -> AnyView {
    if made.step > Step::Consent {
        return view! { <p class="hold" role="alert">"请勿拔出 UKey，也不要关闭本页面"</p> }.into_any();
    }
    let cancel = made.operation.map(|operation| {
        let act = move |_| {
            if let Some(operation) = operation.try_get_value() {
                spawn_local(async move { operation.cancel().await });
            }
        };
        view! { <button type="button" class="button" on:click=act>"取消制证"</button> }.into_any()
    });
    view! { <div class="dialog-foot">{cancel}</div> }.into_any()
}

fn done(key: &Made, slip: String, run: RwSignal<Option<Run>>) -> AnyView {
    view! {
        <dl class="made">
            <div><dt>"介质号"</dt><dd class="code">{key.key_serial.clone()}</dd></div>
            <div><dt>"证书序列号"</dt><dd class="code">{key.certificate_serial.clone()}</dd></div>
        </dl>
        <p>"现在可以拔出 UKey，与装箱单一起放入信封。"</p>
        <div class="dialog-foot">
            <a class="button main" href=slip>"打印面单和装箱单"</a>
            <button type="button" class="button" on:click=move |_| run.set(None)>"继续下一单"</button>
        </div>
    }
    .into_any()
}

fn failed(made: &Run, error: &KeyError, run: RwSignal<Option<Run>>, starting: &Starting) -> AnyView {
    let (starting, number, unit) = (starting.clone(), made.number.clone(), made.unit.clone());
    let over = made.step == Step::ReadBack && error.code() == Some(ErrorCode::KeyNotBlank);
    let (label, more) = if over {
        ("仍用这支重新制证", "若它是本订单上次没有做完的 UKey，可以重新制证；系统会拒绝覆盖其他订单的证书。")
    } else {
        ("重新开始", "")
    };
    view! {
        <div class="notice error" role="alert">
            <p><b>{error.layer().label()}"："</b>{error.words()}</p>
            <p>{error.advice()}{more}</p>
        </div>
        <div class="dialog-foot">
            <button type="button" class="button main" on:click=move |_| starting.click(&number, &unit, over)>{label}</button>
            <button type="button" class="button" on:click=move |_| run.set(None)>"关闭"</button>
        </div>
    }
    .into_any()
}
