//! 对账: each day's bill of the provider beside our books, and what was found out about the differences.

use super::act::Act;
use super::desk::{Desk, Place};
use super::fetched::Fetched;
use super::field::Field;
use super::refunds::words_of;
use super::table::{cell, empty, order, sheet};
use crate::api;
use crate::dom::{El, el, p, press};
use crate::nav;
use crate::time;
use crate::ui::dialog::dialog;
use crate::ui::rows::section;
use crate::ui::screen::{Parts, screen};
use crate::ui::timer::sleep;
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Difference, Reconciliation, SettleDifference};

/// Longest note, in characters.
const LONGEST: usize = 200;
/// Between two looks whether a day was compared again, milliseconds.
const LOOK_EVERY: i32 = 500;
/// So many looks; a bill that takes longer is compared later.
const LOOKS: u32 = 20;

#[derive(Clone)]
struct Bills {
    desk: Desk,
    place: Place,
    days: Fetched<Vec<Reconciliation>>,
    told: RwSignal<Option<String>>,
    /// The difference that is written about, with its day.
    chosen: RwSignal<Option<(String, Difference)>>,
    writing: RwSignal<bool>,
}

/// The screen.
pub fn page() -> Parts {
    let list = Bills {
        desk: Desk::here(),
        place: Place::here(),
        days: Fetched::new(),
        told: RwSignal::new(None),
        chosen: RwSignal::new(None),
        writing: RwSignal::new(false),
    };
    list.load();
    let (shown, again, told) = (list.clone(), list.clone(), list.told);
    let said = el("div").attr("role", "status").live(move || told.get().map(|words| notice::info(&words)));
    let body = list.days.view(
        move || again.load(),
        move |days| {
            if days.is_empty() {
                return vec![empty(("还没有对账记录", "每天上午与支付宝核对前一天的账单，结果会列在这里。"))];
            }
            days.iter().map(|day| shown.day(day)).collect()
        },
    );
    screen("对账", vec![said, body, list.dialog()])
}

impl Bills {
    fn load(&self) {
        let (days, channel) = (self.days, self.place.channel.clone());
        spawn_local(async move { days.put(api::staff::reconciliations(&channel).await) });
    }

    fn day(&self, day: &Reconciliation) -> El {
        let (list, which, before) = (self.clone(), day.day.clone(), day.compared_at);
        let sums = [
            &*day.trades.to_string(),
            " 笔，收款 ",
            &time::yuan(day.paid_fen),
            "，退款 ",
            &time::yuan(day.refunded_fen),
        ];
        let when = match day.compared_at {
            Some(at) => ["核对于 ", &time::second(at)].concat(),
            None => "账单取到后自动核对".into(),
        };
        let head = el("div").class("list-head").child([
            state(day),
            p(&sums.concat()),
            p(&when).class("hint"),
            button::small("重新核对", move || list.run(&which, before)),
        ]);
        let lines: Vec<El> = day.differences.iter().map(|row| self.difference(&day.day, row)).collect();
        let heads = ["商户订单号", "订单号", "差异", "系统", "账单", "处理结果"];
        let differences = (!lines.is_empty()).then(|| sheet(&heads, lines));
        section(&day.day, vec![Some(head), differences]).class("card day")
    }

    fn difference(&self, day: &str, row: &Difference) -> El {
        let money = |column: &str, fen: Option<i64>| {
            cell(column, fen.map_or_else(|| "—".to_owned(), time::yuan)).class("figure")
        };
        let known = match &row.number {
            Some(number) => order(&self.place, number),
            None => el("span").child("—"),
        };
        let result = if let Some(note) = &row.note {
            let who = [&*note.by, "，", &time::second(note.at)].concat();
            cell("处理结果", note.text.as_str()).child(el("small").class("hint why").child(who))
        } else {
            let (list, this) = (self.clone(), (day.to_owned(), row.clone()));
            el("td").class("act").child(press("button small", "登记处理结果", move || {
                list.chosen.set(Some(this.clone()));
                list.writing.set(true);
            }))
        };
        el("tr").child(el("th").attr("scope", "row").child(row.out_trade_no.as_str())).child([
            cell("订单号", known),
            cell("差异", row.kind.label()),
            money("系统", row.ours_fen),
            money("账单", row.theirs_fen),
            result,
        ])
    }

    /// Compares a day again, and waits a while for the result. `before`: when it was compared last.
    fn run(&self, day: &str, before: Option<i64>) {
        let (list, day) = (self.clone(), day.to_owned());
        spawn_local(async move {
            let channel = &list.place.channel;
            if let Err(failure) = list.desk.watch(api::staff::reconcile(&day, channel).await) {
                list.told.try_set(Some(failure.words()));
                return;
            }
            list.told.try_set(Some(["正在重新核对 ", &day, " 的账单…"].concat()));
            for _ in 0..LOOKS {
                sleep(LOOK_EVERY).await;
                let answer = api::staff::reconciliations(channel).await;
                let fresh = answer.as_ref().is_ok_and(|days| {
                    days.iter().any(|row| row.day == day && row.compared_at.is_some() && row.compared_at != before)
                });
                if fresh {
                    list.told.try_set(Some([&*day, " 的账单已重新核对"].concat()));
                    list.days.put(answer);
                    return;
                }
                // Nobody looks any more.
                if list.told.try_get_untracked().is_none() {
                    return;
                }
            }
            list.told.try_set(Some([&*day, " 的账单还没有取到，取到后自动核对"].concat()));
        });
    }

    fn dialog(&self) -> El {
        let list = self.clone();
        dialog("settle", "登记处理结果", self.writing, move || {
            let Some((day, difference)) = list.chosen.get_untracked() else { return Vec::new() };
            let about = [&*day, " ", &difference.out_trade_no].concat();
            let note = Field::kept("settle-note", "核实的情况和处理结果", &about);
            let (after, place) = (list.clone(), about.clone());
            let act = Act::new(list.writing, move |ended| {
                if ended.is_ok() {
                    Field::sent("settle-note", &place);
                    after.told.try_set(Some([&*place, " 的差异已登记处理结果"].concat()));
                    nav::focus("title");
                }
                // Also when somebody else was first: their note is shown.
                after.load();
            });
            let what = [
                &*about,
                "：",
                difference.kind.label(),
                "，系统 ",
                &difference.ours_fen.map_or_else(|| "—".to_owned(), time::yuan),
                "，账单 ",
                &difference.theirs_fen.map_or_else(|| "—".to_owned(), time::yuan),
            ];
            let (run, channel) = (act.clone(), list.place.channel.clone());
            let submit = move || {
                let Some(text) = words_of(note, LONGEST, "请写明核实的情况和处理结果") else { return };
                let (day, channel) = (day.clone(), channel.clone());
                let settle = SettleDifference { difference: difference.clone(), note: text };
                run.run(async move { api::staff::settle_difference(&day, &channel, &settle).await });
            };
            let mut parts = vec![
                p(&what.concat()),
                p("登记后不能修改，并会留痕。差异本身不会改变，如需退款请在“退款”中办理。").class("hint"),
                note.view(el("textarea").attr("rows", "3").attr("autofocus", ""), ""),
            ];
            parts.extend(act.foot("button main", "确认登记", submit));
            parts
        })
    }
}

fn state(day: &Reconciliation) -> El {
    let open = day.differences.iter().filter(|row| row.note.is_none()).count();
    let (class, words) = match (day.compared_at, day.differences.len(), open) {
        (None, _, _) => ("tag todo", "账单未取到".to_owned()),
        (Some(_), 0, _) => ("tag good", "一致".to_owned()),
        (Some(_), all, 0) => ("tag good", [&*all.to_string(), " 处差异已处理"].concat()),
        (Some(_), _, open) => ("tag bad", [&*open.to_string(), " 处差异待处理"].concat()),
    };
    el("span").class(class).child(words)
}
