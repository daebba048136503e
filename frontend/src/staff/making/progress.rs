//! The making on the screen: step by step, and how it ended.

use super::run::{Ended, Made, Run, Step, stage_words};
use super::{CROSS, Starting};
use crate::dom::{El, div, el, p, press};
use crate::key::KeyError;
use crate::staff::modal::modal;
use crate::ui::button;
use crate::ui::icon::{CHECK, icon};
use crate::ui::screen::Parts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::bridge::ErrorCode;
use std::cmp::Ordering;

/// Opens by itself while there is a making. It can't be closed while the key works.
pub fn dialog(run: RwSignal<Option<Run>>, starting: Starting, slip: impl Fn(&str) -> String + 'static) -> El {
    let open = Memo::new(move |_| run.with(Option::is_some));
    let inside = el("div").live(move || run.get().map(|made| shown(&made, run, &starting, &slip)));
    let escape = move || {
        if run.with_untracked(|run| run.as_ref().is_some_and(|run| !run.is_working())) {
            run.set(None);
        }
    };
    modal("dialog making", "making", open, inside, escape, || ())
}

fn shown(made: &Run, run: RwSignal<Option<Run>>, starting: &Starting, slip: &impl Fn(&str) -> String) -> Parts {
    let title = match &made.ended {
        None => "正在制证",
        Some(Ended::Made(_)) => "制证完成",
        Some(Ended::Failed(_)) => "制证没有完成",
    };
    let foot = match &made.ended {
        None => vec![working(made)],
        Some(Ended::Made(key)) => done(key, &slip(&made.number), run),
        Some(Ended::Failed(error)) => failed(made, error, run, starting),
    };
    let number = el("span").child("订单号 ").child(el("b").class("code").child(made.number.as_str()));
    let order = p("").class("making-order").child([el("b").child(made.unit.as_str()), number]);
    vec![
        div("dialog-head").child(el("h2").id("making").child(title)),
        div("dialog-body").child(order).child(steps(made)).child(foot),
    ]
}

fn steps(made: &Run) -> El {
    let items: Parts = Step::ALL.into_iter().filter(|step| *step >= made.first).map(|step| item(made, step)).collect();
    el("ol").class("work").child(items)
}

fn item(made: &Run, step: Step) -> El {
    let (class, state, mark) = match (&made.ended, step.cmp(&made.step)) {
        (Some(Ended::Made(_)), _) | (_, Ordering::Less) => ("past", "已完成：", Some(icon(CHECK))),
        (None, Ordering::Equal) => ("now", "正在进行：", Some(el("span").class("spinner"))),
        (Some(Ended::Failed(_)), Ordering::Equal) => ("failed", "未完成：", Some(icon(CROSS))),
        (_, Ordering::Greater) => ("next", "", None),
    };
    let stage = made.stage.filter(|_| class == "now");
    let words = el("span")
        .child(el("span").class("unseen").child(state))
        .child(step.label())
        .child(stage.map(|stage| el("small").attr("role", "status").child(stage_words(stage))));
    el("li").class(class).child(el("span").class("mark-cell").attr("aria-hidden", "true").child(mark)).child(words)
}

/// Before the consent it can be cancelled; afterwards the key must stay where it is.
fn working(made: &Run) -> El {
    if made.step > Step::Consent {
        return p("请勿拔出 UKey，也不要关闭本页面").class("hold").attr("role", "alert");
    }
    let cancel = made.operation.map(|operation| {
        press("button", "取消制证", move || {
            if let Some(operation) = operation.try_get_value() {
                spawn_local(async move { operation.cancel().await });
            }
        })
    });
    div("dialog-foot").child(cancel)
}

fn done(key: &Made, slip: &str, run: RwSignal<Option<Run>>) -> Parts {
    let line =
        |name: &str, value: &str| el("div").child(el("dt").child(name)).child(el("dd").class("code").child(value));
    vec![
        el("dl").class("made").child([line("介质号", &key.key_serial), line("证书序列号", &key.certificate_serial)]),
        p("现在可以拔出 UKey，与装箱单一起放入信封。"),
        div("dialog-foot").child([
            button::link("button main", "打印面单和装箱单", slip),
            press("button", "继续下一单", move || run.set(None)),
        ]),
    ]
}

fn failed(made: &Run, error: &KeyError, run: RwSignal<Option<Run>>, starting: &Starting) -> Parts {
    let (starting, number, unit) = (starting.clone(), made.number.clone(), made.unit.clone());
    let over = made.step == Step::ReadBack && error.code() == Some(ErrorCode::KeyNotBlank);
    let (label, more) = if over {
        ("仍用这支重新制证", "若它是本订单上次没有做完的 UKey，可以重新制证；系统会拒绝覆盖其他订单的证书。")
    } else {
        ("重新开始", "")
    };
    let what = p("").child(el("b").child([error.layer().label(), "："].concat())).child(error.words());
    vec![
        div("notice error").attr("role", "alert").child([what, p(&error.advice()).child(more)]),
        div("dialog-foot").child([
            press("button main", label, move || starting.click(&number, &unit, over)),
            press("button", "关闭", move || run.set(None)),
        ]),
    ]
}
