//! A mailbox, newest first.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::response::Html;

use super::page;
use crate::clock;
use crate::server::Shared;
use crate::wire::html;

/// `GET /mails/{address}`.
pub async fn show(State(shared): State<Shared>, Path(address): Path<String>) -> Html<String> {
    let mails = shared.memory.change(|world| {
        let mut mine: Vec<_> =
            world.mails.iter().filter(|mail| mail.to.eq_ignore_ascii_case(&address)).cloned().collect();
        mine.reverse();
        mine
    });
    let mut body =
        format!("<section><h1>{} 的邮箱</h1><p class=\"soft\">每 3 秒自动刷新，新的在上。</p>", html(&address));
    if mails.is_empty() {
        body += "<p>还没有邮件。</p>";
    }
    for mail in &mails {
        let _ = write!(
            body,
            "<article class=\"card\" data-message-id=\"{}\"><h3>{}</h3>\
             <p class=\"soft\">{} · {}</p><p>{}</p></article>",
            html(&mail.message_id),
            html(&mail.subject),
            html(&mail.from_header),
            clock::local(mail.received_at),
            html(&mail.text).replace('\n', "<br>"),
        );
    }
    body += "</section>";
    page("邮箱", Some(3), &body)
}
