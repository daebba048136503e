//! The home page: who is known, sample papers, phones, open payments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::extract::State;
use axum::response::Html;

use super::page;
use crate::alipay::trade::yuan;
use crate::ctl::open_trades;
use crate::papers;
use crate::people::{self, Company, Person};
use crate::server::Shared;
use crate::wire::html;

/// `GET /`.
pub async fn show(State(shared): State<Shared>) -> Html<String> {
    let (trades, counts, mailboxes) = shared.memory.change(|world| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for sms in &world.sms {
            *counts.entry(sms.phone.clone()).or_default() += 1;
        }
        let mut mailboxes: BTreeMap<String, usize> = BTreeMap::new();
        for mail in &world.mails {
            *mailboxes.entry(mail.to.clone()).or_default() += 1;
        }
        (open_trades(world), counts, mailboxes)
    });
    let mut body = String::new();

    body += "<section><h1>待付款的二维码</h1>";
    if trades.is_empty() {
        body += "<p class=\"soft\">现在没有。在大厅下单后，可以在这里代替手机扫码。</p>";
    }
    for trade in &trades {
        let _ = write!(
            body,
            "<p><a class=\"button\" href=\"/cashier/{}\">扫码付款：{} ¥{}</a><span class=\"soft\">{}</span></p>",
            html(&trade.token),
            html(&trade.subject),
            yuan(trade.amount_fen),
            html(&trade.out_trade_no),
        );
    }
    body += "</section><section><h2>登记的单位</h2><div class=\"cards\">";
    for (at, company) in people::COMPANIES.iter().enumerate() {
        body += &company_card(at, company);
    }
    body += "</div></section><section><h2>实名登记的人和手机</h2><div class=\"cards\">";
    for (at, person) in people::PERSONS.iter().enumerate() {
        body += &person_card(at, person, &counts);
    }
    body += "</div></section>";
    body += &elsewhere(&counts);
    if !mailboxes.is_empty() {
        let rows = mailboxes.iter().map(|(to, count)| {
            let to = html(to);
            format!("<li><a href=\"/mails/{to}\">{to}（{count}）</a></li>")
        });
        body += &format!("<section><h2>邮箱</h2><ul>{}</ul></section>", rows.collect::<String>());
    }
    body += &mismatches();
    body += &odd_papers();
    page("首页", None, &body)
}

fn company_card(at: usize, company: &Company) -> String {
    let legal = people::person(company.legal_id);
    let note = if company.abnormal { "<p class=\"bad\">经营异常（核验通过，原因码 1）</p>" } else { "" };
    format!(
        "<article class=\"card\"><h3>{name}</h3>{note}<dl>\
         <dt>信用代码</dt><dd><code>{code}</code></dd>\
         <dt>法定代表人</dt><dd>{legal}</dd>\
         <dt>证件号</dt><dd><code>{id}</code></dd>\
         <dt>手机</dt><dd><code>{phone}</code></dd></dl>\
         <p><a href=\"/papers/licence-{at}.jpg\">营业执照（手机照片 JPEG，1220 万像素）</a></p>\
         <p><a href=\"/papers/licence-{at}.png\">营业执照（扫描 PNG）</a></p></article>",
        name = html(company.name),
        code = company.credit_code,
        legal = html(legal.map_or("", |person| person.name)),
        id = company.legal_id,
        phone = legal.and_then(|person| person.phone).unwrap_or("—"),
    )
}

fn person_card(at: usize, person: &Person, counts: &BTreeMap<String, usize>) -> String {
    let phone = match person.phone {
        Some(phone) => format!(
            "<a href=\"/phones/{phone}\"><code>{phone}</code> 收件箱（{}）</a>",
            counts.get(phone).copied().unwrap_or_default()
        ),
        None => "没有".to_owned(),
    };
    format!(
        "<article class=\"card\"><h3>{name} <span class=\"soft\">{role}</span></h3><dl>\
         <dt>证件号</dt><dd><code>{id}</code></dd><dt>手机</dt><dd>{phone}</dd></dl>\
         <p>身份证：<a href=\"/papers/id-front-{at}.png\">头像面 PNG</a> · \
         <a href=\"/papers/id-back-{at}.gif\">国徽面 GIF</a></p></article>",
        name = html(person.name),
        role = person.role,
        id = person.id_number,
    )
}

/// Phones that got messages but belong to nobody in the list.
fn elsewhere(counts: &BTreeMap<String, usize>) -> String {
    let others: Vec<String> = counts
        .iter()
        .filter(|(phone, _)| !people::is_registered(phone))
        .map(|(phone, count)| format!("<li><a href=\"/phones/{phone}\">{phone}（{count}）</a></li>"))
        .collect();
    if others.is_empty() {
        return String::new();
    }
    format!("<section><h2>其他收到短信的手机</h2><ul>{}</ul></section>", others.join(""))
}

fn mismatches() -> String {
    let rows: String = people::MISMATCHES
        .iter()
        .map(|mismatch| {
            format!(
                "<article class=\"card\"><h3>{}</h3><p>{}</p><p class=\"soft\">{}</p></article>",
                mismatch.what, mismatch.how, mismatch.answer
            )
        })
        .collect();
    format!("<section><h2>核验不通过的例子</h2><div class=\"cards\">{rows}</div></section>")
}

fn odd_papers() -> String {
    let rows: String = papers::ODD
        .iter()
        .map(|(name, what)| format!("<li><a href=\"/papers/{name}\">{name}</a>：{what}</li>"))
        .collect();
    format!("<section><h2>应当被拒绝的文件</h2><ul>{rows}</ul></section>")
}
