//! A phone's inbox, newest first.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::response::Html;

use super::page;
use crate::clock;
use crate::people;
use crate::server::Shared;
use crate::wire::html;

/// `GET /phones/{phone}`.
pub async fn show(State(shared): State<Shared>, Path(phone): Path<String>) -> Html<String> {
    let messages = shared.memory.change(|world| {
        let mut mine: Vec<_> = world.sms.iter().filter(|sms| sms.phone == phone).cloned().collect();
        mine.reverse();
        mine
    });
    let owner = people::PERSONS
        .iter()
        .find(|person| person.phone == Some(phone.as_str()))
        .map_or("未登记的号码", |person| person.name);
    let mut body = format!(
        "<section class=\"phone\"><h1>{} {} 的短信</h1><p class=\"soft\">每 3 秒自动刷新，新的在上。</p>",
        html(&phone),
        html(owner)
    );
    if messages.is_empty() {
        body += "<p>还没有短信。</p>";
    }
    for sms in &messages {
        let code = sms.params.get("code").or_else(|| sms.params.get("pin"));
        let code = code.map_or_else(String::new, |code| format!("<p class=\"code\" data-code>{}</p>", html(code)));
        let _ = write!(
            body,
            "<p class=\"soft\">{}</p><article class=\"bubble\" data-template=\"{}\">{}{code}</article>",
            clock::local(sms.sent_at),
            html(&sms.template_code),
            html(&sms.text),
        );
    }
    body += "</section>";
    page("短信", Some(3), &body)
}
