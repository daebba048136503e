//! 退款: money that is owed back, how it stands at the provider, and what staff do when the provider refuses.

use super::act::Act;
use super::desk::{Desk, Place};
use super::fetched::Fetched;
use super::field::Field;
use super::queues::Queues;
use super::table::{cell, empty, number, sheet};
use crate::api;
use crate::dom::{El, el, p, press};
use crate::nav;
use crate::time;
use crate::ui::dialog::dialog;
use crate::ui::screen::{Parts, screen};
use crate::ui::timer::sleep;
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{RecordRefund, RefundRow, RefundState};
use std::sync::Arc;

/// Longest note, in characters.
const LONGEST: usize = 200;

/// After so long a refund is looked at again, milliseconds.
const MOMENT: i32 = 3_000;

/// The list with its dialog.
#[derive(Clone)]
struct Refunds {
    desk: Desk,
    place: Place,
    rows: Fetched<Vec<RefundRow>>,
    /// Settled ones instead of open ones.
    settled: RwSignal<bool>,
    /// The one that is being recorded.
    chosen: RwSignal<Option<RefundRow>>,
    recording: RwSignal<bool>,
    told: RwSignal<Option<String>>,
}

/// The screen.
pub fn page() -> Parts {
    let list = Refunds {
        desk: Desk::here(),
        place: Place::here(),
        rows: Fetched::new(),
        settled: RwSignal::new(false),
        chosen: RwSignal::new(None),
        recording: RwSignal::new(false),
        told: RwSignal::new(None),
    };
    list.load();
    let (shown, again, told) = (list.clone(), list.clone(), list.told);
    let body = list.rows.view(move || again.load(), move |rows| shown.table(rows));
    let said = el("div").attr("role", "status").live(move || told.get().map(|words| notice::info(&words)));
    screen("退款", vec![list.switch(), said, body, list.dialog()])
}

impl Refunds {
    fn load(&self) {
        let (rows, channel, settled) = (self.rows, self.place.channel.clone(), self.settled.get_untracked());
        spawn_local(async move { rows.put(api::staff::refunds(&channel, !settled).await) });
    }

    /// 待退款 or 已退款.
    fn switch(&self) -> El {
        let tab = |words: &str, settled: bool| {
            let list = self.clone();
            let chosen = self.settled;
            press("pick", words, move || {
                list.settled.set(settled);
                list.load();
            })
            .live_attr("aria-pressed", move || Some((chosen.get() == settled).to_string()))
        };
        let again = self.clone();
        el("div").class("list-head").child([
            tab("待退款", false),
            tab("已退款", true),
            button::small("刷新", move || again.load()),
        ])
    }

    fn table(&self, rows: &Arc<Vec<RefundRow>>) -> Parts {
        if rows.is_empty() {
            let more = "终止办理、证书退货、取消后到账和重复支付的款项由系统自动原路退回，退回失败的会留在这里。";
            let settled = self.settled.get_untracked();
            return vec![empty((if settled { "还没有已退的款项" } else { "没有待退的款项" }, more))];
        }
        let sum = rows.iter().map(|row| row.amount_fen).sum::<i64>();
        let lines = rows.iter().map(|row| self.line(row)).collect();
        vec![
            sheet(&["订单号", "单位名称", "金额", "原因", "状态", ""], lines),
            p(&["合计 ", &time::yuan(sum)].concat()).class("total"),
        ]
    }

    fn line(&self, row: &RefundRow) -> El {
        let state = el("span").class(match row.state {
            RefundState::Pending => "tag todo",
            RefundState::Refused => "tag bad",
            RefundState::Settled | RefundState::Recorded => "tag good",
        });
        // What went wrong on the way does not matter once the money is back.
        let open = matches!(row.state, RefundState::Pending | RefundState::Refused);
        let why = row.last_error.as_ref().filter(|_| open);
        let why = why.map(|error| el("small").class("hint why").child(error.as_str()));
        let since = el("small").class("hint why").child(time::day(row.since));
        let unit = if row.unit_name.is_empty() { "（资料已按期清除）" } else { &row.unit_name };
        el("tr").child(number(&self.place, &row.number)).child([
            el("td").class("unit").child(unit),
            el("td").class("figure").child(el("b").child(time::yuan(row.amount_fen))),
            cell("原因", row.reason.label()).class("reason").child(since),
            cell("状态", state.child(row.state.label())).child(why),
            el("td").class("act").child(self.acts(row)),
        ])
    }

    fn acts(&self, row: &RefundRow) -> Parts {
        match row.state {
            RefundState::Refused => {
                let (list, id, number) = (self.clone(), row.id.clone(), row.number.clone());
                let (recording, chosen, this) = (self.recording, self.chosen, row.clone());
                vec![
                    button::small("重新退款", move || list.retry(&id, &number)),
                    button::small("登记线下退款", move || {
                        chosen.set(Some(this.clone()));
                        recording.set(true);
                    }),
                ]
            }
            RefundState::Pending | RefundState::Settled | RefundState::Recorded => Vec::new(),
        }
    }

    fn retry(&self, id: &str, number: &str) {
        let (list, id, number) = (self.clone(), id.to_owned(), number.to_owned());
        spawn_local(async move {
            let words = match list.desk.watch(api::staff::retry_refund(&id).await) {
                Ok(()) => ["订单 ", &number, " 已重新发起退款"].concat(),
                Err(failure) => failure.words(),
            };
            list.told.try_set(Some(words));
            list.load();
            // The provider answers within a moment as a rule.
            sleep(MOMENT).await;
            if list.told.try_get_untracked().is_some() {
                list.load();
            }
        });
    }

    fn dialog(&self) -> El {
        let list = self.clone();
        let queues = Queues::here();
        dialog("record", "登记线下退款", self.recording, move || {
            let Some(row) = list.chosen.get_untracked() else { return Vec::new() };
            let note = Field::kept("note", "退款方式和流水号", &row.id);
            let (after, fresh, number, sum) = (list.clone(), queues.clone(), row.number.clone(), row.id.clone());
            let act = Act::new(list.recording, move |ended| {
                if ended.is_ok() {
                    Field::sent("note", &sum);
                    after.told.try_set(Some(["订单 ", &number, " 已登记线下退款"].concat()));
                    after.load();
                    fresh.refresh();
                }
            });
            let (run, id) = (act.clone(), row.id.clone());
            let submit = move || {
                let Some(text) = words_of(note, LONGEST, "请填写退款方式和银行流水号，供对账核实")
                else {
                    return;
                };
                let id = id.clone();
                run.run(async move { api::staff::record_refund(&id, &RecordRefund { note: text }).await });
            };
            let money =
                ["应退 ", &time::yuan(row.amount_fen), "（", row.reason.label(), "），订单 ", &row.number].concat();
            let input = el("textarea").attr("rows", "3").attr("autofocus", "");
            let mut parts = vec![
                p(&money),
                p("只在款项已经通过其他方式退回后登记；登记人不能是当时办理不通过或退货的人员。").class("hint"),
                note.view(input, ""),
            ];
            parts.extend(act.foot("button main", "确认登记", submit));
            parts
        })
    }
}

/// What was written into a field, or its error and the focus there.
pub fn words_of(field: Field, longest: usize, missing: &str) -> Option<String> {
    let text = field.value.with_untracked(|text| text.trim().to_owned());
    let length = text.chars().count();
    field.error.set(if length == 0 {
        Some(missing.to_owned())
    } else if length > longest {
        Some(["不能超过 ", &longest.to_string(), " 个字，现在是 ", &length.to_string(), " 个字，请缩短"].concat())
    } else {
        None
    });
    if field.error.with_untracked(Option::is_some) {
        nav::focus(field.id);
        return None;
    }
    Some(text)
}
