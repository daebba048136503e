//! 订单详情.

use super::orders::{resume_link, tone};
use crate::dom::{El, el, p, press};
use crate::nav;
use crate::routes::Page;
use crate::steps::{cancel, order::with_order, upload};
use crate::time;
use crate::ui::button;
use crate::ui::rows::{acts, row, rows, section};
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use shared::api::{OrderView, RefundState, RefundView};
use shared::order::{Actor, EventKind, Status, offered};

/// The screen.
pub fn page(number: String) -> Parts {
    screen("订单详情", vec![with_order(number, |_| true, shown)])
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let print = press("button", "打印本页", || drop(window().print()));
    let acts = acts()
        .child([button::link("button", "返回订单列表", &nav::path(&Page::Orders)), print])
        .child(cancel::cancel(order))
        .child(el("div").live(move || order.with(|order| resume_link(&order.number, order.status))));
    vec![el("div").live(move || order.with(details)), acts]
}

fn details(order: &OrderView) -> Parts {
    let at = |when: Option<i64>| when.map(time::second).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let due = order.pay_until.filter(|_| order.status == Status::AwaitingPayment);
    let steps = order.timeline.iter().map(|entry| {
        el("li").child(el("time").child(time::second(entry.at))).child(el("span").child(entry.event.label()))
    });
    let state = el("p").class("state").child(el("span").class(tone(order.status)).child(order.status.label()));
    let mut facts = vec![
        row("发票状态", order.invoice.label()),
        row("密码获取方式", &order.pin_way),
        row("邮寄信息", order.mailing.label()),
        row("快递公司", &text(&order.carrier)),
        row("运单号", &text(&order.waybill)),
    ];
    facts.extend(due.map(|due| row("付款截止", &time::second(due))));
    let mut parts: Vec<El> = upload::refusal(order).into_iter().collect();
    parts.extend([
        section("订单状态", state).child(times(order.status)).child(rows(facts)),
        section(
            "证书主体信息",
            rows(vec![
                row("单位名称", &order.unit_name),
                row("部门", &order.department),
                row("证件类型", "统一社会信用代码"),
                row("证件号码", &order.credit_code),
                // Rows of the manual's picture. No form asks for them, so they are empty there too.
                row("企业所属区域", ""),
                row("印章信息", ""),
                row("经办人姓名", &order.operator_name),
                row("经办人手机号", &order.operator_phone),
            ]),
        ),
        section(
            "证书详细信息",
            rows(vec![
                row("订单号", &order.number),
                row("业务类型", order.business.list_label()),
                row("商品名称", &order.product),
                row("交易金额", &time::yuan(order.price_fen)),
                row("录入时间", &time::second(order.created_at)),
                row("审核时间", &at(order.reviewed_at)),
                row("介质号", &text(&order.key_serial)),
                row("证书序列号", &text(&order.certificate_serial)),
            ]),
        ),
        section("办理进度", el("ol").class("timeline").child(steps.collect::<Vec<_>>())),
    ]);
    parts.extend(refund(order));
    parts.extend(corrections(order));
    parts
}

/// How long it takes from here, while the applicant can only wait.
fn times(status: Status) -> Option<El> {
    match status {
        Status::AwaitingReview | Status::AwaitingMaking | Status::AwaitingDispatch => {
            Some(p(&nav::channel().times).class("hint times"))
        }
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::AwaitingPayment
        | Status::ReviewRefused
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => None,
    }
}

/// What becomes of the fee, in words; nothing where nothing is given back.
fn refund(order: &OrderView) -> Option<El> {
    let RefundView { amount_fen, state, settled_at } = order.refund.as_ref()?;
    let words = match state {
        RefundState::Pending => "费用正在原路退回您付款的账户，一般 1 至 3 个工作日到账，请留意账户变动。",
        RefundState::Refused => "自动退款没有成功，工作人员会联系经办人处理。如有疑问，请拨打受理点电话。",
        RefundState::Settled => "费用已原路退回您付款的账户。",
        RefundState::Recorded => "费用已由工作人员线下退还。",
    };
    let facts = vec![
        row("退款状态", state.label()),
        row("退款金额", &time::yuan(*amount_fen)),
        row("退款时间", &settled_at.map(time::second).unwrap_or_default()),
    ];
    Some(section("退款信息", [p(words), rows(facts)]))
}

/// What may still be corrected, each proven by codes.
fn corrections(order: &OrderView) -> Option<El> {
    let number = || order.number.clone();
    let may = |wanted: EventKind| offered(order.status, Actor::Applicant).any(|event| event == wanted);
    let mailing = may(EventKind::MailingCorrected)
        .then(|| button::link("button small", "修改邮寄信息", &nav::path(&Page::Mailing(number()))));
    let phone = may(EventKind::OperatorPhoneCorrected)
        .then(|| button::link("button small", "修改经办人手机号", &nav::path(&Page::Phone(number()))));
    (mailing.is_some() || phone.is_some())
        .then(|| section("信息有变？", [el("div").class("corrections").child(mailing).child(phone)]))
}
