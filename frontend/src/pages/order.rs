//! 订单详情.

use super::orders::{mailing, resume_link, tone};
use crate::dom::{El, el};
use crate::nav;
use crate::routes::Page;
use crate::steps::{cancel, order::with_order, upload};
use crate::time;
use crate::ui::button;
use crate::ui::rows::{acts, row, rows, section};
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use shared::api::OrderView;
use shared::order::Status;

/// The screen.
pub fn page(number: String) -> Parts {
    screen("订单详情", vec![with_order(number, |_| true, shown)])
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let acts = acts()
        .child(button::link("button", "返回订单列表", &nav::path(&Page::Orders)))
        .child(cancel::cancel(order))
        .child(el("div").live(move || order.with(resume_link)));
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
        row("邮寄信息", &mailing(order)),
        row("密码获取方式", &order.pin_way),
    ];
    facts.extend(due.map(|due| row("付款截止", &time::second(due))));
    let mut parts: Vec<El> = upload::refusal(order).into_iter().collect();
    parts.extend([
        section("订单状态", [state, rows(facts)]),
        section(
            "证书主体信息",
            rows(vec![
                row("单位名称", &order.unit_name),
                row("部门", &order.department),
                row("证件类型", "统一社会信用代码"),
                row("证件号码", &order.credit_code),
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
    parts
}
