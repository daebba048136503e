//! 完成申请: what happens next.

use crate::dom::{div, el, p, press};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::with_order;
use crate::time;
use crate::ui::icon::{CHECK, icon};
use crate::ui::rows::{acts, row, rows};
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, steps};
use leptos::prelude::*;
use shared::api::OrderView;
use shared::flow::Step;
use shared::order::Status;

/// The screen, for orders that are paid.
pub fn page(number: String) -> Parts {
    let belongs = |order: &OrderView| match order.status {
        Status::AwaitingReview
        | Status::ReviewRefused
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed => true,
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::AwaitingPayment
        | Status::Cancelled
        | Status::Returned => false,
    };
    screen("完成申请", vec![with_order(number, belongs, shown)])
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let order = order.get_untracked();
    let channel = nav::channel();
    let facts = vec![
        row("订单编号", &order.number),
        row("证书名称", &order.unit_name),
        row("支付方式", channel.payment_ways.first().map_or("", |way| way.label())),
        row("支付金额", &time::yuan(order.price_fen)),
        row("密码获取方式", &order.pin_way),
    ];
    let mut next: Vec<_> = channel.after_payment.iter().map(|line| el("li").child(line.as_str())).collect();
    next.push(el("li").child("审核结果和发货信息会以短信通知经办人。"));
    next.push(el("li").child(channel.after_receipt.as_str()));
    let print = press("button", "打印本页", || {
        let _ = window().print();
    });
    let card = el("section")
        .class("card done")
        .child(div("done-head").child(icon(CHECK)).child(el("h2").child("恭喜您，数字证书申请成功!")))
        .child(rows(facts))
        .child(el("h3").child("接下来"))
        .child(el("ul").child(next))
        .child(p(&["如有任何疑问请拨打受理点电话 ", &channel.help_line, "。"].concat()))
        .child(acts().child([
            button::link("button", "返回首页", &nav::path(&Page::Home)),
            print,
            button::link("button main", "查看订单", &nav::path(&Page::Order(order.number))),
        ]));
    vec![steps::bar(order.business, Step::Done), card]
}
