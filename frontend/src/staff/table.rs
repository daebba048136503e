//! A queue as a table: number, unit, how long it has waited, what to do.

use super::desk::Place;
use super::queues::{Queues, Shelf};
use super::routes::Page;
use super::wait;
use crate::api::staff::Queue;
use crate::dom::{El, Part, a, div, el, p};
use crate::time;
use crate::ui::icon::{CHECK, SEARCH, icon};
use crate::ui::screen::Parts;
use crate::ui::timer::{seconds_until, ticking};
use crate::ui::{button, notice};
use leptos::prelude::*;
use shared::api::QueueRow;

/// A further column: its heading, and a row's cell.
pub type Middle = (&'static str, fn(&QueueRow) -> String);

/// What is particular to a queue.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Which.
    pub queue: Queue,
    /// The heading over the time.
    pub since: &'static str,
    /// Whether a long wait is marked.
    pub urgent: bool,
    /// Headline and explanation of an empty list.
    pub empty: (&'static str, &'static str),
    /// A further column: its heading, and a row's cell.
    pub middle: Option<Middle>,
}

/// The list, and above it how many, how fresh, 刷新. `acts` gives what can be done with a row.
pub fn list(spec: Spec, acts: impl Fn(&QueueRow) -> Parts + 'static) -> Parts {
    let queues = Queues::here();
    let shelf = queues.shelf(spec.queue);
    let (refresh, again) = (queues.clone(), queues);
    let head = div("list-head")
        .child(
            el("p")
                .class("count")
                .attr("role", "status")
                .live(move || shelf.count().map(|count| ["共 ", &count.to_string(), " 单"].concat())),
        )
        .child(
            el("p")
                .class("seen")
                .live(move || shelf.seen.get().map(|at| ["更新于 ", &time::second(at)[11..]].concat())),
        )
        .child(button::small("刷新", move || refresh.refresh()));
    let trouble = el("div").live(move || {
        let again = again.clone();
        shelf.failure.get().map(|failure| notice::failed(&failure, move || again.refresh()))
    });
    let place = Place::here();
    let now = ticking();
    // Ages show minutes: no need to draw them every second.
    let minute = Memo::new(move |_| now.get() / 60_000_000 * 60_000_000);
    let body = el("div").live(move || body(spec, shelf, &place, minute, &acts));
    vec![head, trouble, body]
}

fn body(spec: Spec, shelf: Shelf, place: &Place, minute: Memo<i64>, acts: &impl Fn(&QueueRow) -> Parts) -> Option<El> {
    let Some(rows) = shelf.rows.get() else {
        return shelf.failure.with(Option::is_none).then(|| notice::waiting("正在读取列表…"));
    };
    if rows.is_empty() {
        return Some(empty(spec.empty));
    }
    let lines: Vec<_> = rows.iter().map(|row| line(spec, place, minute, row, acts(row))).collect();
    let mut heads = vec!["订单号", "单位名称"];
    heads.extend(spec.middle.map(|(words, _)| words));
    heads.extend([spec.since, ""]);
    Some(sheet(&heads, lines))
}

/// A table of rows; a column without a heading holds what can be done.
pub fn sheet(heads: &[&str], lines: Vec<El>) -> El {
    let heads: Parts = heads
        .iter()
        .map(|words| {
            let head = el("th").attr("scope", "col");
            if words.is_empty() { head.child(el("span").class("unseen").child("操作")) } else { head.child(*words) }
        })
        .collect();
    let head = el("thead").child(el("tr").child(heads));
    div("sheet").child(el("table").child(head).child(el("tbody").child(lines)))
}

fn line(spec: Spec, place: &Place, minute: Memo<i64>, row: &QueueRow, acts: Parts) -> El {
    let (since, urgent) = (row.since, spec.urgent);
    let waited = move || seconds_until(minute.get(), since);
    let age = el("span")
        .live_attr("class", move || Some(if urgent { wait::urgency(waited()) } else { "age" }.into()))
        .live(move || wait::age(waited()));
    el("tr")
        .child(number(place, &row.number))
        .child(el("td").class("unit").child(row.unit_name.as_str()))
        .child(spec.middle.map(|(_, cell)| el("td").class("figure").child(el("b").child(cell(row)))))
        .child(el("td").class("when").child(age).child(el("small").child(&time::second(since)[5..16])))
        .child(el("td").class("act").child(acts))
}

/// A row's first cell: the order's number.
pub fn number(place: &Place, number: &str) -> El {
    el("th").attr("scope", "row").child(order(place, number))
}

/// An order's number, which leads to the order for whoever may look at it.
pub fn order(place: &Place, number: &str) -> El {
    if place.may_look() { a(&place.path(&Page::Order(number.to_owned())), number) } else { el("span").child(number) }
}

/// A cell that says which column it belongs to where a row is shown as a card.
pub fn cell(column: &str, content: impl Part) -> El {
    el("td").attr("data-column", column).child(content)
}

/// Nothing to do here.
pub fn empty((words, more): (&str, &str)) -> El {
    div("empty").child(icon(CHECK)).child(p("").child(el("b").child(words))).child(p(more))
}

/// Nothing found.
pub fn nothing((words, more): (&str, &str)) -> El {
    div("empty vain").child(icon(SEARCH)).child(p("").child(el("b").child(words))).child(p(more))
}
