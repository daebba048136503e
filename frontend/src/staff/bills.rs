//! 对账: each day's bill of the provider beside our books.

use super::desk::{Desk, Place};
use super::fetched::Fetched;
use super::table::{empty, sheet};
use crate::api;
use crate::dom::{El, el, p};
use crate::time;
use crate::ui::rows::section;
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Difference, Reconciliation};

#[derive(Clone)]
struct Bills {
    desk: Desk,
    place: Place,
    days: Fetched<Vec<Reconciliation>>,
    told: RwSignal<Option<String>>,
}

/// The screen.
pub fn page() -> Parts {
    let list = Bills { desk: Desk::here(), place: Place::here(), days: Fetched::new(), told: RwSignal::new(None) };
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
    screen("对账", vec![said, body])
}

impl Bills {
    fn load(&self) {
        let (days, channel) = (self.days, self.place.channel.clone());
        spawn_local(async move { days.put(api::staff::reconciliations(&channel).await) });
    }

    fn day(&self, day: &Reconciliation) -> El {
        let (list, which) = (self.clone(), day.day.clone());
        let state = match (day.compared_at, day.differences.len()) {
            (None, _) => el("span").class("tag todo").child("账单未取到"),
            (Some(_), 0) => el("span").class("tag good").child("一致"),
            (Some(_), count) => el("span").class("tag bad").child([&count.to_string(), " 处差异"].concat()),
        };
        let sums = [
            &day.trades.to_string(),
            " 笔，收款 ",
            &time::yuan(day.paid_fen),
            "，退款 ",
            &time::yuan(day.refunded_fen),
        ]
        .concat();
        let head = el("div").class("list-head").child([
            state,
            p(&sums),
            p(&day.compared_at.map(|at| ["核对于 ", &time::second(at)].concat()).unwrap_or_default()).class("hint"),
            button::small("重新核对", move || list.run(&which)),
        ]);
        let lines: Vec<El> = day.differences.iter().map(difference).collect();
        let differences = (!lines.is_empty()).then(|| sheet(&["商户订单号", "订单号", "差异", "系统", "账单"], lines));
        section(&day.day, vec![Some(head), differences])
    }

    fn run(&self, day: &str) {
        let (list, day) = (self.clone(), day.to_owned());
        spawn_local(async move {
            let answer = api::staff::reconcile(&day, &list.place.channel).await;
            let words = match list.desk.watch(answer) {
                Ok(()) => ["已重新核对 ", &day].concat(),
                Err(failure) => failure.words(),
            };
            list.told.try_set(Some(words));
            list.load();
        });
    }
}

fn difference(row: &Difference) -> El {
    let money = |fen: Option<i64>| el("td").class("figure").child(fen.map_or_else(|| "—".to_owned(), time::yuan));
    el("tr").child(el("th").attr("scope", "row").child(row.out_trade_no.as_str())).child([
        el("td").child(row.number.as_deref().unwrap_or("—")),
        el("td").child(row.kind.label()),
        money(row.ours_fen),
        money(row.theirs_fen),
    ])
}
