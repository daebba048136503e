//! 付款结算: the QR code, its deadlines, and the payment noticed by itself.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::nav;
use crate::routes::Page;
use crate::steps::order::with_order;
use crate::time;
use crate::ui::rows::{row, rows, section};
use crate::ui::timer::{listen, seconds_until, sleep, ticking};
use crate::ui::{button::button, notice, qr, steps};
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
pub fn page(number: String) -> AnyView {
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
        | Status::Cancelled => false,
    };
    nav::screen("付款结算", with_order(number, belongs, shown))
}

/// What the screen knows.
#[derive(Clone, Copy)]
struct Paying {
    order: RwSignal<OrderView>,
    cashier: RwSignal<Option<Cashier>>,
    failure: RwSignal<Option<Failure>>,
    opening: RwSignal<bool>,
}

fn shown(order: RwSignal<OrderView>) -> AnyView {
    let channel = nav::channel();
    let paying =
        Paying { order, cashier: RwSignal::new(None), failure: RwSignal::new(None), opening: RwSignal::new(false) };
    let now = order.get_untracked();
    if now.status == Status::AwaitingReview {
        nav::nav().replace(&Page::Done(now.number).path(&channel.slug));
        return ().into_any();
    }
    watch(paying);
    // After a reload the open payment is found again.
    if now.timeline.iter().any(|entry| entry.event == EventKind::PaymentStarted)
        && let Some(way) = channel.payment_ways.iter().find(|way| supported(**way))
    {
        open(paying, *way);
    }
    let ways: Vec<_> = channel.payment_ways.iter().filter(|way| supported(**way)).map(|way| pay_button(*way, paying)).collect();
    let again = channel.payment_ways.first().copied();
    view! {
        {steps::bar(now.business, Step::Pay)}
        {notice::tip(view! {
            <p>"温馨提示：订单提交成功，请尽快付款！请您在 "{channel.pay_hours}" 小时内完成支付，否则订单会被取消。"</p>
        }.into_any())}
        {summary(&now)}
        <section class="card cashier">
            <h2>"请选择支付方式"</h2>
            <div class="ways">{ways}</div>
            <p class="amount">"在线支付金额：" <b>{time::yuan(now.price_fen)}</b></p>
            {deadline(now.pay_until)}
            {move || paying.failure.get().map(|told| {
                notice::failed(&told, move || if let Some(way) = again { open(paying, way) })
            })}
            {move || paying.cashier.get().map(|cashier| code(&cashier, paying))}
        </section>
        {notice::tip(view! {
            <p>"您的订单已成功提交，请尽快支付费用，感谢您的支持！如有任何疑问请拨打受理点电话："{channel.help_line.clone()}"。"</p>
        }.into_any())}
        <div class="acts">{super::cancel::cancel(order)}</div>
    }
    .into_any()
}

fn supported(way: PaymentWay) -> bool {
    PaymentWay::SUPPORTED.contains(&way)
}

fn summary(order: &OrderView) -> AnyView {
    section(
        "订单信息",
        rows(vec![
            row("订单号", order.number.clone()),
            row("商品名称", order.product.clone()),
            row("证书名称", order.unit_name.clone()),
            row("交易类型", order.business.pay_label()),
            row("交易金额", time::yuan(order.price_fen)),
        ]),
    )
}

fn pay_button(way: PaymentWay, paying: Paying) -> AnyView {
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
fn deadline(until: Option<i64>) -> Option<AnyView> {
    let until = until?;
    let now = ticking();
    let left = move || time::span(seconds_until(until, now.get()));
    Some(
        view! {
            <p class="deadline">
                "请在 "{time::second(until)}" 前完成支付"
                <span aria-hidden="true">"，剩余 "<b>{left}</b></span>
            </p>
        }
        .into_any(),
    )
}

/// The QR code with the amount as text; expired, it is refreshed by a button.
fn code(cashier: &Cashier, paying: Paying) -> AnyView {
    let (way, until) = (cashier.way, cashier.qr_until);
    let now = ticking();
    let expired = Memo::new(move |_| seconds_until(until, now.get()) == 0);
    let svg = qr::svg(&cashier.qr);
    let refresh = move || {
        expired.get().then(|| {
            view! {
                <div class="qr-over" role="status">
                    <p>"二维码已过期"</p>
                    {button("button small main", "刷新二维码", "正在刷新…", paying.opening, move || open(paying, way))}
                </div>
            }
            .into_any()
        })
    };
    let here = (cashier.qr.starts_with("https://") || cashier.qr.starts_with("http://")).then(|| {
        let words = ["在本机打开", way.label()].concat();
        view! { <p><a href=cashier.qr.clone() rel="external noopener" target="_blank">{words}</a></p> }.into_any()
    });
    view! {
        <div class="qr">
            <p>"请打开"{way.label()}"扫描下方二维码进行支付"</p>
            <div class="qr-box" class:expired=move || expired.get()>{svg}{refresh}</div>
            <p class="amount">"扫一扫付款 "<b>{time::yuan(cashier.amount_fen)}</b></p>
            {here}
            <p class="hint" role="status">"支付完成后本页会自动跳转，请不要关闭。"</p>
        </div>
    }
    .into_any()
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
