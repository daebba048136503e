//! An order counts as paid when the provider, asked by us, says that its amount was paid; nothing else makes it so.

use crate::audit::Chain;
use crate::clock::SECOND;
use crate::gateways::{Outcome, Paid, PaymentGateway, TradeState};
use crate::outbox::Job;
use crate::store::{By, NewRefund, Order, PaymentRow, PaymentState, RefundReason, Store, StoreError, Tx};
use serde_json::json;
use shared::order::{EventKind, Status};

/// How a trade stands after the provider was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Money came; it is written down and the order was moved, or the money is owed back.
    Paid,
    /// Not paid, and it can't be paid any more.
    Closed,
    /// Nobody scanned the code yet.
    NotScanned,
    /// Scanned, not paid.
    Waiting,
    /// The provider did not say.
    Unknown {
        /// Why.
        why: String,
    },
}

/// Asks the provider about a trade and writes down what it says. The page's polling, the provider's notices and the jobs
/// all come here; any number of them at once settle a payment once.
pub async fn requery(store: &Store, gateway: &dyn PaymentGateway, payment_id: &str) -> Result<Stands, StoreError> {
    let payment = find(store, payment_id).await?;
    if payment.state == PaymentState::Paid {
        return Ok(Stands::Paid);
    }
    match gateway.query(&payment.out_trade_no).await {
        Outcome::Ok(TradeState::Paid(paid)) => {
            settle(store, &payment, &paid).await?;
            Ok(Stands::Paid)
        }
        Outcome::Ok(TradeState::Closed) => {
            let mut tx = store.begin().await?;
            tx.set_payment_state(&payment.id, PaymentState::Closed).await?;
            tx.commit().await?;
            Ok(Stands::Closed)
        }
        Outcome::Ok(TradeState::NotScanned) => Ok(Stands::NotScanned),
        Outcome::Ok(TradeState::WaitingForPayer) => Ok(Stands::Waiting),
        Outcome::Refused { code, message } => Ok(Stands::Unknown { why: format!("query refused: {code} {message}") }),
        Outcome::Unknown { reason } => Ok(Stands::Unknown { why: format!("query: {reason}") }),
    }
}

pub(super) async fn find(store: &Store, payment_id: &str) -> Result<PaymentRow, StoreError> {
    let mut read = store.read().await?;
    let payment = read.payment(payment_id).await?;
    payment.ok_or_else(|| StoreError::Corrupt(format!("no payment {payment_id}")))
}

/// Writes down money that the provider says it has: the order goes on, or the money is owed back.
async fn settle(store: &Store, payment: &PaymentRow, paid: &Paid) -> Result<(), StoreError> {
    store
        .transact(|tx| {
            let (payment, paid) = (payment.clone(), paid.clone());
            Box::pin(async move { settle_in(tx, &payment, &paid).await })
        })
        .await
}

async fn settle_in(tx: &mut Tx, payment: &PaymentRow, paid: &Paid) -> Result<(), StoreError> {
    let order = tx.lock_order(&payment.order_id).await?;
    let order = order.ok_or_else(|| StoreError::Corrupt(format!("no order {}", payment.order_id)))?;
    let paid_at = paid.paid_at.map_or_else(|| tx.now(), jiff::Timestamp::as_microsecond);
    if !tx.set_payment_paid(&payment.id, &paid.trade_no, paid.amount_fen, paid_at).await? {
        return Ok(());
    }
    let data = json!({ "payment": payment.id, "trade": paid.trade_no, "amount_fen": paid.amount_fen });
    if paid.amount_fen != payment.amount_fen {
        tracing::error!(order = %order.number, "another amount was paid than was asked for");
        return owe(tx, &order, payment, paid, RefundReason::OtherAmount).await;
    }
    match order.status {
        Status::AwaitingPayment => {
            tx.move_order(&order, EventKind::PaymentSettled, By::SYSTEM, &data).await?;
            close_others(tx, &order).await?;
        }
        Status::Cancelled => {
            tx.move_order(&order, EventKind::LatePaymentRecorded, By::SYSTEM, &data).await?;
            tx.owe_refund(new_refund(&order, payment, paid, RefundReason::Late)).await?;
        }
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::AwaitingReview
        | Status::ReviewRefused
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Returned => owe(tx, &order, payment, paid, RefundReason::PaidTwice).await?,
    }
    Ok(())
}

/// Money that no order wanted: owed back, and noted in the order's chain.
async fn owe(
    tx: &mut Tx,
    order: &Order,
    payment: &PaymentRow,
    paid: &Paid,
    reason: RefundReason,
) -> Result<(), StoreError> {
    tx.owe_refund(new_refund(order, payment, paid, reason)).await?;
    let data = json!({
        "payment": payment.id, "trade": paid.trade_no, "amount_fen": paid.amount_fen, "reason": reason.name()
    });
    tx.note(Chain::Order(&order.id), "refund_owed", By::SYSTEM.actor.name(), By::SYSTEM.id, &data).await
}

fn new_refund<'a>(order: &'a Order, payment: &'a PaymentRow, paid: &Paid, reason: RefundReason) -> NewRefund<'a> {
    NewRefund { order_id: &order.id, payment_id: &payment.id, amount_fen: paid.amount_fen, reason, caused_by: None }
}

/// Other trades of a paid order can't be paid any more.
async fn close_others(tx: &mut Tx, order: &Order) -> Result<(), StoreError> {
    let now = tx.now();
    for other in tx.live_payments(&order.id).await? {
        tx.enqueue(&Job::ClosePayment { payment_id: other.id }, now + SECOND).await?;
    }
    Ok(())
}
