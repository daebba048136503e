//! Envelope label and packing slip, to be printed. No PIN is ever on paper.

use super::desk::Place;
use super::order::Loading;
use super::routes::Page;
use crate::api::staff::Queue;
use crate::nav;
use crate::time;
use leptos::prelude::*;
use shared::api::StaffOrder;
use shared::form::Field;
use std::sync::Arc;

/// Whom the parcel goes to: the operator where the form names nobody else.
pub struct Recipient {
    pub name: String,
    pub mobile: String,
    pub address: String,
}

impl Recipient {
    /// From the application.
    pub fn of(order: &StaffOrder) -> Self {
        let form = &order.form;
        let or = |field, other| {
            let value = form.get(field);
            if value.is_empty() { form.get(other) } else { value }.to_owned()
        };
        let (province, city) = (form.get(Field::MailProvince), form.get(Field::MailCity));
        // 北京市北京市 would be said twice.
        let city = if city == province { "" } else { city };
        Self {
            name: or(Field::Recipient, Field::OperatorName),
            mobile: or(Field::RecipientMobile, Field::OperatorMobile),
            address: [province, city, form.get(Field::MailAddress)].concat(),
        }
    }
}

/// The screen; printed, only the two papers remain.
pub fn page(number: String) -> AnyView {
    let loading = Loading::start(&number);
    let back = Place::here().path(&Page::Queue(Queue::Making));
    let next = Place::here().path(&Page::Queue(Queue::Dispatch));
    let body = view! {
        <div class="print-tools">
            <button type="button" class="button main" on:click=move |_| {
                let _ = window().print();
            }>"打印"</button>
            <a class="button" href=back>"返回制证"</a>
            <a class="button" href=next>"去寄送"</a>
        </div>
        {loading.view(number, papers)}
    };
    nav::screen("面单和装箱单", body.into_any())
}

fn papers(order: Arc<StaffOrder>) -> AnyView {
    let place = Place::here();
    let to = Recipient::of(&order);
    let view = order.order.clone();
    let profile = place.profile;
    let title = move || profile.with(|profile| profile.as_ref().map(|profile| profile.title.clone()));
    let help = move || profile.with(|profile| profile.as_ref().map(|profile| profile.help_line.clone()));
    let after = move || profile.with(|profile| profile.as_ref().map(|profile| profile.after_receipt.clone()));
    let line = |name: &'static str, value: String| {
        view! { <tr><th scope="row">{name}</th><td>{value}</td></tr> }.into_any()
    };
    view! {
        <div class="paper">
            <section class="label" aria-label="信封面单">
                <p class="label-to">"收件人"</p>
                <p class="label-name">{to.name.clone()}<span>{to.mobile.clone()}</span></p>
                <p class="label-address">{to.address.clone()}</p>
                <p class="label-unit">{view.unit_name.clone()}</p>
                <p class="label-foot"><span>"订单号 "<b>{view.number.clone()}</b></span><span>"介质号 "<b>{view.key_serial.clone()}</b></span></p>
            </section>
            <p class="cut" aria-hidden="true"><span>"✂ 沿线剪开"</span></p>
            <section class="slip" aria-label="装箱单">
                <h2>"数字证书装箱单"</h2>
                <table>
                    <tbody>
                        {line("订单号", view.number.clone())}
                        {line("业务类型", view.business.label().into())}
                        {line("商品名称", view.product.clone())}
                        {line("证书名称", view.unit_name.clone())}
                        {line("介质号", view.key_serial.clone().unwrap_or_default())}
                        {line("证书序列号", view.certificate_serial.clone().unwrap_or_default())}
                        {line("收件人", format!("{}　{}", to.name, to.mobile))}
                        {line("申请时间", time::second(view.created_at))}
                    </tbody>
                </table>
                <h3>"箱内物品"</h3>
                <ul class="contents"><li><span class="box"></span>"数字证书 UKey　1 支"</li><li><span class="box"></span>"装箱单　1 份"</li></ul>
                <h3>"收到后"</h3>
                <p>{after}</p>
                <p>"证书初始密码已另行发送（"{view.pin_way.clone()}"），不随快件寄送；首次使用请修改密码。请核对介质号与 UKey 一致，如有不符请勿使用并致电受理点。"</p>
                <p class="slip-foot"><span>{title}</span><span>"受理点电话 "{help}</span></p>
            </section>
        </div>
    }
    .into_any()
}
