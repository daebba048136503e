//! Envelope label and packing slip, to be printed. No PIN is ever on paper.

use super::desk::Place;
use super::order::Loading;
use super::routes::Page;
use crate::api::staff::Queue;
use crate::dom::{El, div, el, p, press};
use crate::time;
use crate::ui::button;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use shared::api::StaffOrder;
use shared::channel::PublicChannel;
use shared::form::Field;

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

    /// Name and phone on one line.
    pub fn line(&self) -> String {
        [self.name.as_str(), "　", &self.mobile].concat()
    }
}

/// The screen; printed, only the two papers remain.
pub fn page(number: &str) -> Parts {
    let place = Place::here();
    let print = press("button main", "打印", || {
        let _ = window().print();
    });
    let tools = div("print-tools").child([
        print,
        button::link("button", "返回制证", &place.path(&Page::Queue(Queue::Making))),
        button::link("button", "去寄送", &place.path(&Page::Queue(Queue::Dispatch))),
    ]);
    let papers = Loading::start(number).view(number, move |order| vec![papers(&place, order)]);
    screen("面单和装箱单", vec![tools, papers])
}

fn papers(place: &Place, order: &StaffOrder) -> El {
    let to = Recipient::of(order);
    let cut = p("").class("cut").attr("aria-hidden", "true").child(el("span").child("✂ 沿线剪开"));
    div("paper").child([label(&to, order), cut, slip(place, &to, order)])
}

fn label(to: &Recipient, order: &StaffOrder) -> El {
    let order = &order.order;
    let named = |name: &str, value: &str| el("span").child(name).child(el("b").child(value));
    el("section").class("label").attr("aria-label", "信封面单").child([
        p("收件人").class("label-to"),
        p(&to.name).class("label-name").child(el("span").child(to.mobile.as_str())),
        p(&to.address).class("label-address"),
        p(&order.unit_name).class("label-unit"),
        p("").class("label-foot").child([
            named("订单号 ", &order.number),
            named("介质号 ", order.key_serial.as_deref().unwrap_or_default()),
        ]),
    ])
}

fn slip(place: &Place, to: &Recipient, order: &StaffOrder) -> El {
    let order = &order.order;
    let line = |name: &str, value: &str| {
        el("tr").child(el("th").attr("scope", "row").child(name)).child(el("td").child(value))
    };
    let lines = [
        line("订单号", &order.number),
        line("业务类型", order.business.label()),
        line("商品名称", &order.product),
        line("证书名称", &order.unit_name),
        line("介质号", order.key_serial.as_deref().unwrap_or_default()),
        line("证书序列号", order.certificate_serial.as_deref().unwrap_or_default()),
        line("收件人", &to.line()),
        line("申请时间", &time::second(order.created_at)),
    ];
    let thing = |words: &str| el("li").child(el("span").class("box")).child(words);
    let profile = place.profile;
    let told = move |tell: fn(&PublicChannel) -> String| profile.with(|profile| profile.as_deref().map(tell));
    let pin = [
        "证书初始密码已另行发送（",
        &order.pin_way,
        "），不随快件寄送；首次使用请修改密码。请核对介质号与 UKey 一致，如有不符请勿使用并致电受理点。",
    ];
    el("section").class("slip").attr("aria-label", "装箱单").child([
        el("h2").child("数字证书装箱单"),
        el("table").child(el("tbody").child(lines)),
        el("h3").child("箱内物品"),
        el("ul").class("contents").child([thing("数字证书 UKey　1 支"), thing("装箱单　1 份")]),
        el("h3").child("收到后"),
        p("").live(move || told(|profile| profile.after_receipt.clone())),
        p(&pin.concat()),
        p("").class("slip-foot").child([
            el("span").live(move || told(|profile| profile.title.clone())),
            el("span").live(move || told(|profile| ["受理点电话 ", &profile.help_line].concat())),
        ]),
    ])
}
