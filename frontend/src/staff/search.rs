//! 订单查询 of the desk: by order number, 统一社会信用代码, phone, key serial or waybill number.

use super::desk::Place;
use super::fetched::Fetched;
use super::field::Field;
use super::table::{cell, nothing, number, sheet};
use crate::api;
use crate::dom::{El, el, p};
use crate::time;
use crate::ui::button;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{FoundOrder, FoundOrders};
use std::sync::Arc;

#[derive(Clone)]
struct Search {
    place: Place,
    words: Field,
    found: Fetched<FoundOrders>,
    /// Where this page of the list begins; the first page is empty.
    before: RwSignal<String>,
    /// How many were found.
    told: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

/// The screen: the newest orders first, until something is searched for.
pub fn page() -> Parts {
    let search = Search {
        place: Place::here(),
        words: Field::kept("search", "订单号、统一社会信用代码、手机号、介质号或运单号", &Place::here().channel),
        found: Fetched::new(),
        before: RwSignal::new(String::new()),
        told: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    search.load();
    let (asking, shown, again) = (search.clone(), search.clone(), search.clone());
    let input = el("input").attr("type", "search").attr("autocomplete", "off");
    let form = el("form")
        .class("search")
        .attr("role", "search")
        .attr("novalidate", "")
        .child([
            search.words.view(input, "留空则列出全部订单；每次查询都会留痕"),
            button::submit("查询", "正在查询…", search.busy),
        ])
        .on("submit", move |event| {
            event.prevent_default();
            asking.before.set(String::new());
            asking.load();
        });
    let body = search.found.view(move || again.load(), move |found| shown.list(found));
    let told = search.told;
    let head = el("div").class("list-head").child(p("").class("count").attr("role", "status").live(move || told.get()));
    screen("订单查询", vec![form, head, body])
}

/// How many; that nothing was found is told where the list would be.
fn count(found: &FoundOrders) -> Option<String> {
    let more = if found.next.is_some() { " 单，还有更早的" } else { " 单" };
    (!found.rows.is_empty()).then(|| ["本页 ", &found.rows.len().to_string(), more].concat())
}

impl Search {
    fn load(&self) {
        let search = self.clone();
        search.busy.set(true);
        let (words, before) = (self.words.value.get_untracked(), self.before.get_untracked());
        spawn_local(async move {
            let answer = api::staff::find(&search.place.channel, words.trim(), &before).await;
            search.busy.try_set(false);
            search.told.try_set(answer.as_ref().ok().and_then(count));
            search.found.put(answer);
        });
    }

    fn list(&self, found: &Arc<FoundOrders>) -> Parts {
        let first = self.before.with_untracked(String::is_empty);
        if found.rows.is_empty() && first {
            let more = "请核对号码。手机号可以是经办人或法定代表人的；单位名称不能查询，请用统一社会信用代码。";
            return vec![nothing(("没有找到订单", more))];
        }
        let mut parts = vec![sheet(
            &["订单号", "单位名称", "状态", "申请时间"],
            found.rows.iter().map(|row| self.line(row)).collect(),
        )];
        let (start, on) = (self.clone(), self.clone());
        let back = (!first).then(|| {
            button::small("回到最新", move || {
                start.before.set(String::new());
                start.load();
            })
        });
        let next = found.next.clone().map(|next| {
            button::small("更早的订单", move || {
                on.before.set(next.clone());
                on.load();
            })
        });
        if back.is_some() || next.is_some() {
            parts.push(el("div").class("pages").child(back).child(next));
        }
        parts
    }

    fn line(&self, row: &FoundOrder) -> El {
        el("tr").child(number(&self.place, &row.number)).child([
            el("td").class("unit").child(row.unit_name.as_str()),
            cell("状态", row.status.label()),
            cell("申请时间", time::second(row.created_at)).class("when"),
        ])
    }
}
