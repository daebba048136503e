//! 发送失败: text messages and mails that were given up, so that somebody calls the applicant.

use super::desk::{Desk, Place};
use super::fetched::Fetched;
use super::table::{cell, empty, number, sheet};
use crate::api;
use crate::dom::{El, el, p};
use crate::nav;
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
    let hint = p("请电话联系申请人，处理后从列表移除。证书密码没有送达的，可在订单中重新发送。").class("hint");
    let head = el("div").class("list-head").child(hint).child(button::small("刷新", move || fresh.load()));
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
    screen("发送失败", vec![head, said, body])
}

impl Messages {
    fn load(&self) {
        let (rows, channel) = (self.rows, self.place.channel.clone());
        spawn_local(async move { rows.put(api::staff::failed_messages(&channel).await) });
    }

    fn line(&self, row: &FailedMessage) -> El {
        let way = if row.way == "mail" { "邮件" } else { "短信" };
        let (list, gone) = (self.clone(), row.clone());
        el("tr").child(number(&self.place, &row.number)).child([
            cell("内容", row.what.as_str()),
            cell("方式", way),
            cell("失败原因", row.error.as_str()),
            cell("时间", time::second(row.since)).class("when"),
            el("td").class("act").child(button::small("已处理", move || list.dismiss(&gone))),
        ])
    }

    fn dismiss(&self, gone: &FailedMessage) {
        let (list, gone) = (self.clone(), gone.clone());
        spawn_local(async move {
            let words = match list.desk.watch(api::staff::dismiss_message(&gone.id).await) {
                Ok(()) => ["订单 ", &gone.number, " 的“", &gone.what, "”已处理，不再列出"].concat(),
                Err(failure) => failure.words(),
            };
            list.told.try_set(Some(words));
            list.load();
            // The button that was pressed goes with its row.
            nav::focus("title");
        });
    }
}
