//! 完成申请: what happens next.

use crate::nav;
use crate::routes::Page;
use crate::steps::order::with_order;
use crate::time;
use crate::ui::icon::{CHECK, icon};
use crate::ui::rows::{row, rows};
use crate::ui::steps;
use leptos::prelude::*;
use shared::api::OrderView;
use shared::flow::Step;
use shared::order::Status;

/// The screen, for orders that are paid.
pub fn page(number: String) -> AnyView {
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
        | Status::Cancelled => false,
    };
    nav::screen("完成申请", with_order(number, belongs, shown))
}

fn shown(order: RwSignal<OrderView>) -> AnyView {
    let order = order.get_untracked();
    let channel = nav::channel();
    let next: Vec<_> = channel.after_payment.iter().map(|line| view! { <li>{line.clone()}</li> }.into_any()).collect();
    let facts = vec![
        row("订单编号", order.number.clone()),
        row("证书名称", order.unit_name.clone()),
        row("支付方式", channel.payment_ways.first().map_or("", |way| way.label())),
        row("支付金额", time::yuan(order.price_fen)),
        row("密码获取方式", order.pin_way.clone()),
    ];
    view! {
        {steps::bar(order.business, Step::Done)}
        <section class="card done">
            <div class="done-head">{icon(CHECK)}<h2>"恭喜您，数字证书申请成功!"</h2></div>
            {rows(facts)}
            <h3>"接下来"</h3>
            <ul>
                {next}
                <li>"审核结果和发货信息会以短信通知经办人。"</li>
                <li>{channel.after_receipt.clone()}</li>
            </ul>
            <p>"如有任何疑问请拨打受理点电话 "<b>{channel.help_line.clone()}</b>"。"</p>
            <div class="acts">
                <a class="button" href=nav::path(&Page::Home)>"返回首页"</a>
                <button type="button" class="button" on:click=|_| { let _ = window().print(); }>"打印本页"</button>
                <a class="button main" href=nav::path(&Page::Order(order.number))>"查看订单"</a>
            </div>
        </section>
    }
    .into_any()
}
