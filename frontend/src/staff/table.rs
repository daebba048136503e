//! A queue as a table: number, unit, how long it has waited, what to do.

use super::desk::Place;
use super::queues::Queues;
use super::routes::Page;
use super::wait;
use crate::api::staff::Queue;
use crate::time;
use crate::ui::notice;
use crate::ui::timer::{seconds_until, ticking};
use leptos::prelude::*;
use shared::api::QueueRow;

/// What is particular to a queue.
pub struct Spec {
    /// Which.
    pub queue: Queue,
    /// The heading over the time.
    pub since: &'static str,
    /// Whether a long wait is marked.
    pub urgent: bool,
    /// Headline and explanation of an empty list.
    pub empty: (&'static str, &'static str),
}

/// A further column: its heading, and a row's cell.
pub type Middle = (&'static str, fn(&QueueRow) -> AnyView);

/// The line above a list: how many, how fresh, 刷新.
pub fn head(queue: Queue) -> AnyView {
    let queues = Queues::here();
    let shelf = queues.shelf(queue);
    let count = move || shelf.count().map(|count| format!("共 {count} 单"));
    let seen = move || shelf.seen.get().map(|at| format!("更新于 {}", &time::second(at)[11..]));
    view! {
        <div class="list-head">
            <p class="count" role="status">{count}</p>
            <p class="seen">{seen}</p>
            <button type="button" class="button small" on:click=move |_| queues.refresh()>"刷新"</button>
        </div>
    }
    .into_any()
}

/// The list itself. `middle` adds a cell before the time, `action` the last one.
pub fn list(
    spec: Spec,
    middle: Option<Middle>,
    action: impl Fn(&QueueRow) -> AnyView + Send + 'static,
) -> AnyView {
    let queues = Queues::here();
    let shelf = queues.shelf(spec.queue);
    let place = Place::here();
    let now = ticking();
    // Ages show minutes: no need to draw them every second.
    let minute = Memo::new(move |_| now.get() / 60_000_000 * 60_000_000);
    let body = move || {
        let Some(rows) = shelf.rows.get() else {
            return shelf.failure.with(Option::is_none).then(|| notice::waiting("正在读取列表…")).into_any();
        };
        if rows.is_empty() {
            return empty(spec.empty.0, spec.empty.1);
        }
        let lines: Vec<_> = rows
            .iter()
            .map(|row| {
                let number = row.number.clone();
                let number = if place.may_look() {
                    let path = place.path(&Page::Order(row.number.clone()));
                    view! { <a href=path>{number}</a> }.into_any()
                } else {
                    number.into_any()
                };
                let (since, urgent) = (row.since, spec.urgent);
                let waited = move || seconds_until(minute.get(), since);
                view! {
                    <tr>
                        <th scope="row">{number}</th>
                        <td class="unit">{row.unit_name.clone()}</td>
                        {middle.map(|(_, cell)| view! { <td class="figure">{cell(row)}</td> }.into_any())}
                        <td class="when">
                            <span class=move || if urgent { wait::urgency(waited()) } else { "age" }>
                                {move || wait::age(waited())}
                            </span>
                            <small>{short(since)}</small>
                        </td>
                        <td class="act">{action(row)}</td>
                    </tr>
                }
                .into_any()
            })
            .collect();
        view! {
            <div class="sheet">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"订单号"</th>
                            <th scope="col">"单位名称"</th>
                            {middle.map(|(head, _)| view! { <th scope="col" class="figure">{head}</th> }.into_any())}
                            <th scope="col">{spec.since}</th>
                            <th scope="col"><span class="unseen">"操作"</span></th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let trouble = move || {
        let again = queues.clone();
        shelf.failure.get().map(|failure| notice::failed(&failure, move || again.refresh()))
    };
    view! { {trouble} {body} }.into_any()
}

/// `11-20 15:04`.
fn short(at: i64) -> String {
    time::second(at)[5..16].to_owned()
}

/// Nothing to do here.
pub fn empty(words: &'static str, more: &'static str) -> AnyView {
    view! {
        <div class="empty">
            {crate::ui::icon::icon(crate::ui::icon::CHECK)}
            <p><b>{words}</b></p>
            <p>{more}</p>
        </div>
    }
    .into_any()
}
