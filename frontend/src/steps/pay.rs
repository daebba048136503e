//! 付款结算: the QR code, its deadlines, and the payment noticed by itself.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{El, a, div, el, p};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::with_order;
use crate::time;
use crate::ui::button::button;
use crate::ui::rows::{acts, row, rows, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::timer::{listen, seconds_until, sleep, ticking};
use crate::ui::{notice, qr, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Cashier, OrderView};
use shared::channel::PaymentWay;
use shared::flow::Step;
use shared::order::{EventKind, Status};
use wasm_bindgen::JsCast;

/// Between two questions whether it was paid; longer while nothing happens or the server can't be reached.
const ASK_MS: i32 = 2000;
const ASK_AT_MOST_MS: i32 = 15_000;

/// The screen.
pub fn page(number: String) -> Parts {
    // Once it is paid, the payment's end page follows.
    let belongs = |order: &OrderView| match order.status {
        Status::AwaitingPayment | Status::AwaitingReview => true,
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::ReviewRefused
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => false,
    };
    screen("付款结算", vec![with_order(number, belongs, shown)])
}

/// What the screen knows.
#[derive(Clone, Copy)]
struct Paying {
    order: RwSignal<OrderView>,
    cashier: RwSignal<Option<Cashier>>,
    failure: RwSignal<Option<Failure>>,
    opening: RwSignal<bool>,
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let channel = nav::channel();
    let paying =
        Paying { order, cashier: RwSignal::new(None), failure: RwSignal::new(None), opening: RwSignal::new(false) };
    let now = order.get_untracked();
    if now.status == Status::AwaitingReview {
        nav::nav().replace(&Page::Done(now.number).path(&channel.slug));
        return Vec::new();
    }
    watch(paying);
    let ways: Vec<_> = channel.payment_ways.iter().copied().filter(|way| supported(*way)).collect();
    let first = ways.first().copied();
    // After a reload the open payment is found again.
    let started = now.timeline.iter().any(|entry| entry.event == EventKind::PaymentStarted);
    if let Some(way) = first.filter(|_| started) {
        open(paying, way);
    }
    let failure = el("div").live(move || {
        let told = paying.failure.get()?;
        let again = move || {
            if let Some(way) = first {
                open(paying, way);
            }
        };
        Some(notice::failed(&told, again))
    });
    let buttons: Vec<_> = ways.into_iter().map(|way| pay_button(way, paying)).collect();
    let cashier = el("section")
        .class("card cashier")
        .child(el("h2").child("请选择支付方式"))
        .child(div("ways").child(buttons))
        .child(amount("在线支付金额：", now.price_fen))
        .child(deadline(now.pay_until))
        .child(failure)
        .child(el("div").live(move || paying.cashier.get().map(|cashier| code(&cashier, paying))));
    let hours = channel.pay_hours.to_string();
    let soon = ["温馨提示：订单提交成功，请尽快付款！请您在 ", &hours, " 小时内完成支付，否则订单会被取消。"].concat();
    let thanks =
        ["您的订单已成功提交，请尽快支付费用，感谢您的支持！如有任何疑问请拨打受理点电话：", &channel.help_line, "。"];
    vec![
        steps::bar(now.business, Step::Pay),
        notice::tip().child(p(&soon)),
        summary(&now),
        cashier,
        notice::tip().child(p(&thanks.concat())),
        acts().child(super::cancel::cancel(order)),
    ]
}

fn amount(words: &str, fen: i64) -> El {
    el("p").class("amount").child(words).child(el("b").child(time::yuan(fen)))
}

fn supported(way: PaymentWay) -> bool {
    PaymentWay::SUPPORTED.contains(&way)
}

fn summary(order: &OrderView) -> El {
    section(
        "订单信息",
        rows(vec![
            row("订单号", &order.number),
            row("商品名称", &order.product),
            row("证书名称", &order.unit_name),
            row("交易类型", order.business.pay_label()),
            row("交易金额", &time::yuan(order.price_fen)),
        ]),
    )
}

fn pay_button(way: PaymentWay, paying: Paying) -> El {
    button("button way", way.label(), "正在打开…", paying.opening, move || open(paying, way))
}

/// Opens a payment, or finds the open one again, with a fresh QR code.
fn open(paying: Paying, way: PaymentWay) {
    paying.opening.set(true);
    paying.failure.set(None);
    let number = paying.order.with_untracked(|order| order.number.clone());
    spawn_local(async move {
        let answer = api::pay(&number, way).await;
        paying.opening.try_set(false);
        match answer {
            Ok(cashier) => {
                paying.cashier.try_set(Some(cashier));
            }
            Err(told) => {
                paying.failure.try_set(Some(told));
            }
        }
    });
}

/// Until when; the time that is left is not read out each second.
fn deadline(until: Option<i64>) -> Option<El> {
    let until = until?;
    let now = ticking();
    let left = el("b").live(move || time::span(seconds_until(until, now.get())));
    let words = ["请在 ", &time::second(until), " 前完成支付"].concat();
    let rest = el("span").attr("aria-hidden", "true").child("，剩余 ").child(left);
    Some(el("p").class("deadline").child(words).child(rest))
}

/// The QR code with the amount as text; expired, it is refreshed by a button.
fn code(cashier: &Cashier, paying: Paying) -> El {
    let (way, until) = (cashier.way, cashier.qr_until);
    let now = ticking();
    let expired = Memo::new(move |_| seconds_until(until, now.get()) == 0);
    let refresh = el("div").live(move || {
        expired.get().then(|| {
            let again = button("button small main", "刷新二维码", "正在刷新…", paying.opening, move || {
                open(paying, way);
            });
            div("qr-over").attr("role", "status").child(p("二维码已过期")).child(again)
        })
    });
    let picture = div("qr-box")
        .live_class("expired", move || expired.get())
        .child(qr::svg(&cashier.qr, "支付二维码"))
        .child(refresh);
    let here = (cashier.qr.starts_with("https://") || cashier.qr.starts_with("http://")).then(|| {
        let link = a(&cashier.qr, &["在本机打开", way.label()].concat());
        el("p").child(link.attr("rel", "external noopener").attr("target", "_blank"))
    });
    div("qr")
        .child(p(&["请打开", way.label(), "扫描下方二维码进行支付"].concat()))
        .child(picture)
        .child(amount("扫一扫付款 ", cashier.amount_fen))
        .child(here)
        .child(p("支付完成后本页会自动跳转，请不要关闭。").class("hint"))
}

/// Asks whether it was paid, as long as the screen is shown and visible.
fn watch(paying: Paying) {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let LastOrder(last) = expect_context();
    let number = paying.order.with_untracked(|order| order.number.clone());
    let pause = StoredValue::new(ASK_MS);
    listen(document().unchecked_ref(), "visibilitychange", move || pause.set_value(ASK_MS));
    spawn_local(async move {
        loop {
            sleep(pause.try_get_value().unwrap_or(ASK_MS)).await;
            if paying.order.is_disposed() || pause.is_disposed() {
                return;
            }
            if document().visibility_state() == web_sys::VisibilityState::Hidden {
                continue;
            }
            let answer = api::payment(&number).await;
            let Some(before) = pause.try_get_value() else { return };
            match answer {
                Ok(state) if state.status == Status::AwaitingPayment => {
                    // Half a minute of quick answers, then slower.
                    pause.set_value((before + before / 16).min(ASK_AT_MOST_MS));
                }
                Ok(state) => {
                    last.set(None);
                    let page = if state.status == Status::Cancelled {
                        nav.tell("订单已取消：没有在规定时间内完成支付，或者您已取消。如仍需办理，请重新申请。");
                        Page::Order(number.clone())
                    } else {
                        Page::Done(number.clone())
                    };
                    nav.replace(&page.path(&slug));
                    return;
                }
                Err(_) => pause.set_value((before * 2).min(ASK_AT_MOST_MS)),
            }
        }
    });
}
