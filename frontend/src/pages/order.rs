//! 订单详情.

use super::orders::{mailing, resume_link, tone};
use crate::nav;
use crate::routes::Page;
use crate::steps::{cancel, order::with_order, upload};
use crate::time;
use crate::ui::rows::{row, rows, section};
use leptos::prelude::*;
use shared::api::OrderView;

/// The screen.
pub fn page(number: String) -> AnyView {
    nav::screen("订单详情", with_order(number, |_| true, shown))
}

fn shown(order: RwSignal<OrderView>) -> AnyView {
    let view = move || details(&order.get());
    view! {
        {view}
        <div class="acts">
            <a class="button" href=nav::path(&Page::Orders)>"返回订单列表"</a>
            {cancel::cancel(order)}
            {move || order.with(resume_link)}
        </div>
    }
    .into_any()
}

fn details(order: &OrderView) -> AnyView {
    let at = |when: Option<i64>| when.map(time::second).unwrap_or_default();
    let steps: Vec<_> = order
        .timeline
        .iter()
        .map(|entry| {
            view! { <li><time>{time::second(entry.at)}</time><span>{entry.event.label()}</span></li> }.into_any()
        })
        .collect();
    view! {
        {upload::refusal(order)}
        <section class="card">
            <h2>"订单状态"</h2>
            <p class="state"><span class=tone(order.status)>{order.status.label()}</span></p>
            {rows(vec![
                row("发票状态", order.invoice.label()),
                row("邮寄信息", mailing(order)),
                row("密码获取方式", order.pin_way.clone()),
                row("付款截止", order.pay_until.filter(|_| order.status == shared::order::Status::AwaitingPayment).map(time::second).unwrap_or_default()),
            ])}
        </section>
        {section("证书主体信息", rows(vec![
            row("单位名称", order.unit_name.clone()),
            row("部门", order.department.clone()),
            row("证件类型", "统一社会信用代码"),
            row("证件号码", order.credit_code.clone()),
            row("经办人姓名", order.operator_name.clone()),
            row("经办人手机号", order.operator_phone.clone()),
        ]))}
        {section("证书详细信息", rows(vec![
            row("订单号", order.number.clone()),
            row("业务类型", order.business.list_label()),
            row("商品名称", order.product.clone()),
            row("交易金额", time::yuan(order.price_fen)),
            row("录入时间", time::second(order.created_at)),
            row("审核时间", at(order.reviewed_at)),
            row("介质号", order.key_serial.clone().unwrap_or_default()),
            row("证书序列号", order.certificate_serial.clone().unwrap_or_default()),
        ]))}
        <section class="card"><h2>"办理进度"</h2><ol class="timeline">{steps}</ol></section>
    }
    .into_any()
}
