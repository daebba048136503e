//! 付款结算: one trade at a time; its number is stored before the provider hears of it.

use super::access;
use crate::clock::{MINUTE, SECOND};
use crate::fault::{self, Bug};
use crate::gateways::{Outcome, Precreate};
use crate::hall::Hall;
use crate::http::{AppError, AppResult, StandingOf, Tokens};
use crate::outbox::Job;
use crate::store::{By, Order, PaymentRow, PaymentState as State};
use serde_json::json;
use shared::api::{Cashier, ErrorCode, PaymentState};
use shared::channel::PaymentWay;
use shared::order::{EventKind, Status};

/// A QR code is shown for so long; asking again gives a fresh one of the same trade (the provider's live two hours).
const QR_LIFETIME: i64 = 90 * MINUTE;
/// The provider is asked by ourselves, should its notice get lost.
const FIRST_QUERY: i64 = 20 * SECOND;

/// Opens the payment, or finds it again: a reload shows the same QR code.
pub async fn open(hall: &Hall, session: &str, number: &str, way: PaymentWay) -> AppResult<Cashier> {
    let (order, payment) = begin(hall, session, number, way).await?;
    let pay_until = order.pay_until.unwrap_or(i64::MAX);
    if let (State::Open, Some(qr), Some(qr_until)) = (payment.state, &payment.qr, payment.qr_until)
        && qr_until > hall.now() + MINUTE
    {
        return Ok(cashier(way, qr.clone(), &payment, qr_until, pay_until));
    }
    let request = Precreate {
        out_trade_no: payment.out_trade_no.clone(),
        amount_fen: payment.amount_fen,
        subject: order.product.clone(),
        expires_at: jiff::Timestamp::from_microsecond(pay_until).map_err(AppError::fault)?,
    };
    let outcome = hall.gateways.payment.precreate(&request).await;
    let mut tx = hall.store.begin().await?;
    let answer = match outcome {
        Outcome::Ok(made) => {
            let qr_until = pay_until.min(hall.now() + QR_LIFETIME);
            if tx.set_payment_open(&payment.id, &made.qr_code, qr_until).await? {
                let at = tx.now() + FIRST_QUERY;
                tx.enqueue(&Job::QueryPayment { payment_id: payment.id.clone() }, at).await?;
                Ok(cashier(way, made.qr_code, &payment, qr_until, pay_until))
            } else {
                Err(AppError::new(ErrorCode::Conflict))
            }
        }
        Outcome::Refused { code, message } => {
            tracing::warn!(%code, %message, "precreate refused");
            tx.set_payment_state(&payment.id, State::Refused).await?;
            Err(unavailable())
        }
        Outcome::Unknown { reason } => {
            // The trade may exist: the next try asks again under the same number.
            tracing::warn!(%reason, "precreate unanswered");
            tx.set_payment_state(&payment.id, State::Unknown).await?;
            let at = tx.now() + FIRST_QUERY;
            tx.enqueue(&Job::QueryPayment { payment_id: payment.id.clone() }, at).await?;
            Err(unavailable())
        }
    };
    tx.commit().await?;
    answer
}

/// The live trade of the order, or a new one, committed before the provider is called.
async fn begin(hall: &Hall, session: &str, number: &str, way: PaymentWay) -> AppResult<(Order, PaymentRow)> {
    let mut tx = hall.store.begin().await?;
    let order = access::own(&mut tx, session, number).await?;
    if order.status != Status::AwaitingPayment {
        return Err(AppError::new(ErrorCode::Conflict));
    }
    if !hall.channel(&order.channel)?.public.payment_ways.contains(&way) {
        return Err(AppError::new(ErrorCode::NotFound));
    }
    if order.pay_until.is_some_and(|until| until <= hall.now() + MINUTE) {
        return Err(AppError::with(ErrorCode::Conflict, "订单已超过付款期限，即将被系统取消，请重新申请"));
    }
    if let Some(payment) = tx.live_payment(&order.id, way).await? {
        if !fault::planted(Bug::DoubleCharge) {
            return Ok((order, payment));
        }
        tx.set_payment_state(&payment.id, State::Closed).await?;
    }
    let attempt = tx.payments_of_order(&order.id).await?.len() + 1;
    let payment = tx.begin_payment(&order.id, way, &format!("{}_{attempt}", order.number), order.price_fen).await?;
    let evidence = json!({ "payment": payment.id, "amount_fen": order.price_fen });
    let order = tx.move_order(&order, EventKind::PaymentStarted, By::applicant(session), &evidence).await?;
    tx.commit().await?;
    Ok((order, payment))
}

/// What the pay page polls.
pub async fn state(hall: &Hall, tokens: Tokens, number: &str) -> AppResult<PaymentState> {
    let standing = tokens.find(hall, &StandingOf(number)).await?.and_then(|(_, standing)| standing);
    let standing = standing.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
    Ok(PaymentState { status: standing.status, paid_fen: standing.paid_fen })
}

/// A provider's notice: verified as bytes, kept, and taken as a hint to ask the provider ourselves.
pub async fn notice(hall: &Hall, body: &[u8]) -> AppResult<&'static str> {
    let notice = hall.gateways.payment.verify_notify(body).map_err(|error| {
        tracing::warn!(%error, "payment notice refused");
        AppError::new(ErrorCode::BadRequest)
    })?;
    let mut tx = hall.store.begin().await?;
    let payment = tx.payment_by_trade(&notice.out_trade_no).await?;
    let id = tx.new_id();
    let aad = crate::vault::Aad { table: "payment_notices", column: "raw_sealed", row: &id };
    let raw = hall.vault.seal(&*hall.entropy, aad, body)?;
    let payment_id = payment.as_ref().map(|payment| payment.id.as_str());
    if payment.is_none() {
        tracing::error!(trade = %notice.out_trade_no, "notice for a trade that we did not open");
    }
    tx.insert_payment_notice(&id, &notice.dedupe_key, payment_id, &raw).await?;
    if let Some(payment) = payment {
        let now = tx.now();
        tx.enqueue(&Job::QueryPayment { payment_id: payment.id }, now).await?;
    }
    tx.commit().await?;
    Ok(hall.gateways.payment.acknowledgement())
}

fn cashier(way: PaymentWay, qr: String, payment: &PaymentRow, qr_until: i64, pay_until: i64) -> Cashier {
    Cashier { way, qr, amount_fen: payment.amount_fen, qr_until, pay_until }
}

fn unavailable() -> AppError {
    AppError::with(ErrorCode::ServiceUnavailable, "支付宝暂时没有回应，订单已保存，请稍后重新选择支付方式")
}
