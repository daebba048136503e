//! 发送失败: text messages and mails that were given up, so that somebody calls the applicant.

use super::desk::{Desk, Place};
use super::fetched::Fetched;
use super::routes::Page;
use super::table::{empty, sheet};
use crate::api;
use crate::dom::{El, a, el};
use crate::time;
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::FailedMessage;

#[derive(Clone)]
struct Messages {
    desk: Desk,
    place: Place,
    rows: Fetched<Vec<FailedMessage>>,
    told: RwSignal<Option<String>>,
}

/// The screen.
pub fn page() -> Parts {
    let list = Messages { desk: Desk::here(), place: Place::here(), rows: Fetched::new(), told: RwSignal::new(None) };
    list.load();
    let (shown, again, fresh, told) = (list.clone(), list.clone(), list.clone(), list.told);
    let head = el("div").class("list-head").child(button::small("刷新", move || fresh.load()));
    let said = el("div").attr("role", "status").live(move || told.get().map(|words| notice::info(&words)));
    let body = list.rows.view(
        move || again.load(),
        move |rows| {
            if rows.is_empty() {
                return vec![empty(("没有发送失败的通知", "短信和邮件多次发送失败后会列在这里，请电话联系申请人。"))];
            }
            let lines = rows.iter().map(|row| shown.line(row)).collect();
            vec![sheet(&["订单号", "内容", "方式", "失败原因", "时间", ""], lines)]
        },
    );
    screen("发送失败的通知", vec![head, said, body])
}

impl Messages {
    fn load(&self) {
        let (rows, channel) = (self.rows, self.place.channel.clone());
        spawn_local(async move { rows.put(api::staff::failed_messages(&channel).await) });
    }

    fn line(&self, row: &FailedMessage) -> El {
        let number = el("th").attr("scope", "row");
        let number = if self.place.may_look() {
            number.child(a(&self.place.path(&Page::Order(row.number.clone())), &row.number))
        } else {
            number.child(row.number.as_str())
        };
        let way = if row.way == "mail" { "邮件" } else { "短信" };
        let (list, id) = (self.clone(), row.id.clone());
        el("tr").child(number).child([
            el("td").child(row.what.as_str()),
            el("td").child(way),
            el("td").class("unit").child(row.error.as_str()),
            el("td").class("when").child(time::second(row.since)),
            el("td").class("act").child(button::small("已处理", move || list.dismiss(&id))),
        ])
    }

    fn dismiss(&self, id: &str) {
        let (list, id) = (self.clone(), id.to_owned());
        spawn_local(async move {
            let answer = list.desk.watch(api::staff::dismiss_message(&id).await);
            list.told.try_set(answer.err().map(|failure| failure.words()));
            list.load();
        });
    }
}
