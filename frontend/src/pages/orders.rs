//! 订单查询: code by SMS, then the lists.

use crate::api::{self, Answer, Failure};
use crate::dom::{El, a, div, el, value_of};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::next_path;
use crate::time;
use crate::ui::rows::{acts, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::sms::{Sms, about_code, must};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, FoundDraft, OrderLine, OrderList, QueryCode, TypedCode};
use shared::field::{CreditCode, FieldError};
use shared::flow;
use shared::form::Field;
use shared::order::Status;
use std::rc::Rc;

/// `20201210A000112`.
const NUMBER_LENGTH: usize = 15;

/// What may be asked about.
const ASKED: &str = "统一社会信用代码或订单号";

/// The lists, once they are here.
type Lists = RwSignal<Option<Answer<OrderList>>>;

/// The screen: this browser's orders at once, and the way to others by a code.
pub fn page() -> Parts {
    let slug = nav::channel().slug.clone();
    let lists: Lists = RwSignal::new(None);
    let load = move || {
        let slug = slug.clone();
        spawn_local(async move {
            lists.try_set(Some(api::orders(&slug).await));
        });
    };
    load();
    let shown = el("div").id("lists").attr("tabindex", "-1").live(move || match lists.get() {
        None => vec![notice::waiting("正在读取订单…")],
        Some(Err(told)) if told.code() == Some(ErrorCode::LoginRequired) => Vec::new(),
        Some(Err(told)) => vec![notice::failed(&told, load.clone())],
        Some(Ok(lists)) => both(&lists),
    });
    let tip = notice::tip()
        .child(el("p").child("温馨提示：您可以在本页面查询您的订单信息。验证码将发送到申请时填写的经办人手机。"));
    screen("订单查询", vec![tip, question(lists), shown])
}

/// 统一社会信用代码, then the code.
fn question(lists: Lists) -> El {
    let channel = nav::channel();
    let sms = Sms::new(["query-", &channel.slug].concat());
    let typed = RwSignal::new(String::new());
    let wrong: RwSignal<Option<FieldError>> = RwSignal::new(None);
    let asked = RwSignal::new(sms.sent.with_untracked(Option::is_some));
    let slug = channel.slug.clone();
    let ask = Rc::new(move || {
        let Some(subject) = subject(typed, wrong) else { return };
        let slug = slug.clone();
        sms.ask(|proof| async move { api::query(&slug, &subject, proof).await }, move |told| sms.keep(told));
    });
    let begin = move || {
        if subject(typed, wrong).is_some() && !asked.get_untracked() {
            asked.set(true);
            request_animation_frame(|| nav::focus("sms-proof"));
        }
    };
    let input = el("input")
        .id("creditCode")
        .class("code")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("aria-required", "true")
        .attr("aria-describedby", "creditCode-error")
        .live_flag("aria-invalid", move || wrong.with(Option::is_some))
        .live_value(move || typed.get())
        .on("input", move |event| {
            nav::mark_title(false);
            typed.set(value_of(&event));
            wrong.set(None);
        })
        .on("blur", move |_| typed.update(|typed| *typed = CreditCode::normalize(typed)));
    let error = el("p").class("wrong").id("creditCode-error").attr("role", "alert");
    let submit = el("button").attr("type", "submit").class("button main").child("查询");
    let field = div("field wide")
        .child(el("label").attr("for", "creditCode").child(must()).child(ASKED))
        .child(div("sms").child(input).child(submit))
        .child(error.live(move || wrong.get().map(told)));
    let form = el("form").attr("novalidate", "").child(field).on("submit", move |event| {
        event.prevent_default();
        begin();
    });
    let second = el("div").live(move || asked.get().then(|| confirm(sms, asked, ask.clone(), lists)));
    el("section").class("card").child(form).child(second)
}

/// What is wrong, in words.
fn told(error: FieldError) -> String {
    if error == FieldError::Required { error.message_for(ASKED) } else { error.message(Field::CreditCode) }
}

/// What is asked about, or says what is wrong: an order's number has 15 characters, a credit code 18.
fn subject(typed: RwSignal<String>, wrong: RwSignal<Option<FieldError>>) -> Option<String> {
    let text = CreditCode::normalize(&typed.get_untracked());
    let error = match CreditCode::parse(&text) {
        Err(error) if text.len() != NUMBER_LENGTH => error,
        Ok(_) | Err(_) => {
            typed.set(text.clone());
            return Some(text);
        }
    };
    wrong.set(Some(if text.is_empty() { FieldError::Required } else { error }));
    nav::mark_title(true);
    nav::focus("creditCode");
    None
}

fn confirm(sms: Sms, asked: RwSignal<bool>, ask: Rc<dyn Fn()>, lists: Lists) -> El {
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let act = move || {
        if busy.get_untracked() {
            return;
        }
        let Some(TypedCode { ticket, code }) = sms.typed() else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = api::query_confirm(&QueryCode { ticket, code }).await;
            busy.try_set(false);
            match answer {
                Ok(found) => {
                    sms.used();
                    asked.try_set(false);
                    lists.try_set(Some(Ok(found)));
                    nav::focus("lists");
                }
                Err(told) if about_code(told.code()) => sms.refuse(told.words()),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    el("form")
        .attr("novalidate", "")
        .child(sms.view(move || ask()))
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, act))))
        .child(acts().child(button::submit("确定", "正在查询…", busy)))
        .on("submit", move |event| {
            event.prevent_default();
            act();
        })
}

fn both(lists: &OrderList) -> Parts {
    let none = lists.unfinished.is_empty() && lists.finished.is_empty();
    if none && lists.drafts.is_empty() {
        return vec![
            el("p").class("hint empty").child("没有可以显示的订单。请在上面输入统一社会信用代码或订单号查询。"),
        ];
    }
    let mut parts: Parts = Vec::new();
    if !lists.drafts.is_empty() {
        parts.push(section(
            "未提交的申请",
            el("ul").class("todo").child(lists.drafts.iter().map(draft).collect::<Vec<_>>()),
        ));
    }
    if !none {
        parts.extend([table("未完成订单", &lists.unfinished), table("已完成订单", &lists.finished)]);
    }
    parts
}

/// A form that was filled in elsewhere and never confirmed.
fn draft(found: &FoundDraft) -> El {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let id = found.id.clone();
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let resume = move || {
        let (nav, slug, id) = (nav.clone(), slug.clone(), id.clone());
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = api::resume_draft(&id).await;
            busy.try_set(false);
            match answer {
                Ok(()) => nav.go(&Page::Form.path(&slug)),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = resume.clone();
    let words = [found.business.label(), "：", &found.unit_name, "，保存于 ", &time::second(found.saved_at)].concat();
    el("li")
        .child(el("span").child(words))
        .child(button::button("button small main", "继续填写", "正在打开…", busy, resume))
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, again.clone()))))
}

const COLUMNS: [&str; 10] = [
    "申请时间",
    "订单号",
    "证书名称",
    "业务类型",
    "介质号",
    "订单状态",
    "发票信息",
    "密码获取方式",
    "邮寄信息",
    "操作",
];

/// The manual's columns; on a narrow screen each order is a card.
fn table(title: &str, orders: &[OrderLine]) -> El {
    if orders.is_empty() {
        return section(title, el("p").class("hint empty").child("暂无"));
    }
    let head: Vec<_> = COLUMNS.iter().map(|name| el("th").attr("scope", "col").child(*name)).collect();
    let lines: Vec<_> = orders.iter().map(line).collect();
    let table = el("table").child(el("thead").child(el("tr").child(head))).child(el("tbody").child(lines));
    section(title, div("scroll").child(table))
}

fn line(order: &OrderLine) -> El {
    let values = [
        &time::second(order.created_at),
        &order.number,
        &order.unit_name,
        order.business.list_label(),
        order.key_serial.as_deref().unwrap_or_default(),
        order.status.label(),
        order.invoice.label(),
        &order.pin_way,
        &mailing(order),
    ];
    let cells = values.iter().zip(COLUMNS).map(|(value, name)| {
        let class = if name == "订单状态" { tone(order.status) } else { "" };
        let value = if value.is_empty() { "—" } else { value };
        el("td").attr("data-name", name).child(el("span").class(class).child(value))
    });
    let acts = div("row-acts")
        .child(a(&nav::path(&Page::Order(order.number.clone())), "查看详情"))
        .child(resume_link(&order.number, order.status));
    el("tr").child(cells.collect::<Vec<_>>()).child(el("td").attr("data-name", "操作").child(acts))
}

/// 未发货, or the courier with the waybill number.
fn mailing(order: &OrderLine) -> String {
    let parts = [Some(order.mailing.label()), order.carrier.as_deref(), order.waybill.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The colour of a status.
pub fn tone(status: Status) -> &'static str {
    match status {
        Status::AwaitingDocuments | Status::AwaitingSignature | Status::AwaitingPayment => "tone todo",
        Status::ReviewRefused => "tone bad",
        Status::AwaitingReview | Status::AwaitingMaking | Status::AwaitingDispatch => "tone busy",
        Status::Dispatched | Status::Completed => "tone fine",
        Status::Cancelled | Status::Returned => "tone off",
    }
}

const CHANGE_PAPERS: &str = "修改上传资料";

/// What the applicant can do with the order now, in the manual's words.
pub fn resume_link(number: &str, status: Status) -> Option<El> {
    if status == Status::AwaitingReview {
        return Some(button::link("button small", CHANGE_PAPERS, &nav::path(&Page::Upload(number.to_owned()))));
    }
    flow::resume(status)?;
    let words = match status {
        Status::AwaitingPayment => "去支付",
        Status::ReviewRefused => CHANGE_PAPERS,
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::AwaitingReview
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => "继续办理",
    };
    Some(button::link("button small main", words, &next_path(number, status)))
}
