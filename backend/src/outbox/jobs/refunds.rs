//! Giving money back. The refund's number is stored with the debt, before anybody is asked; a lost answer is asked about
//! under that number before the call is made again, and the provider itself pays once for one number. So neither a
//! crash nor two jobs at once pay twice.

use super::Jobs;
use crate::gateways::{Outcome, PaymentGateway, Refund, Refunded, Refunding};
use crate::notices::{Notices, Told};
use crate::outbox::{Ended, JobError};
use crate::store::{By, RefundRow, RefundState, Store, StoreError};
use serde_json::json;
use shared::order::EventKind;

/// What the provider is asked for, as the books say.
pub async fn request(store: &Store, refund: &RefundRow) -> Result<Refund, StoreError> {
    let payment = super::payments::find(store, &refund.payment_id).await?;
    Ok(Refund {
        out_trade_no: payment.out_trade_no,
        out_request_no: refund.request_no().to_owned(),
        amount_fen: refund.amount_fen,
        reason: refund.reason.shown().label().to_owned(),
    })
}

/// Asks what became of a refund, without asking for it. `Ok(true)`: it was made, and that is written down now.
pub async fn look(
    store: &Store,
    gateway: &dyn PaymentGateway,
    notices: &Notices,
    refund: &RefundRow,
) -> Result<bool, JobError> {
    match gateway.refund_state(&request(store, refund).await?).await {
        Outcome::Ok(Refunding::Done(done)) => settle(store, notices, refund, &done).await.map(|()| true),
        Outcome::Ok(Refunding::NotDone) => Ok(false),
        Outcome::Refused { code, .. } => Err(JobError::Outside(format!("refund query refused: {code}"))),
        Outcome::Unknown { reason } => Err(JobError::Outside(format!("refund query: {reason}"))),
    }
}

/// Writes down that the provider gave money back, once, and tells the operator. Another sum than was owed is left to
/// staff.
async fn settle(store: &Store, notices: &Notices, refund: &RefundRow, done: &Refunded) -> Result<(), JobError> {
    if done.amount_fen != refund.amount_fen {
        tracing::error!(refund = %refund.id, "another sum was given back than was owed");
        let mut tx = store.begin().await?;
        tx.set_refund_refused(&refund.id, &format!("the provider says that it gave back {} fen", done.amount_fen))
            .await?;
        return Ok(tx.commit().await?);
    }
    store
        .transact(|tx| {
            let (notices, refund, at) = (notices.clone(), refund.clone(), done.at);
            Box::pin(async move {
                let order = tx.lock_order(&refund.order_id).await?;
                let order = order.ok_or_else(|| StoreError::Corrupt(format!("no order {}", refund.order_id)))?;
                let at = at.map_or_else(|| tx.now(), jiff::Timestamp::as_microsecond);
                if !tx.set_refund_settled(&refund.id, at).await? {
                    return Ok(());
                }
                let data =
                    json!({ "refund": refund.id, "request": refund.request_no(), "amount_fen": refund.amount_fen });
                let order = tx.move_order(&order, EventKind::RefundSettled, By::SYSTEM, &data).await?;
                notices.tell(tx, &order, Told::Refunded { amount_fen: refund.amount_fen }).await?;
                Ok::<_, JobError>(())
            })
        })
        .await
}

impl Jobs {
    pub(super) async fn refund_payment(&self, refund_id: &str) -> Result<Ended, JobError> {
        let Some(refund) = self.store.read().await?.refund(refund_id).await? else {
            return Ok(Ended::GaveUp { why: "there is no such refund".to_owned() });
        };
        if refund.state != RefundState::Pending {
            return Ok(Ended::Done);
        }
        let ended = self.give_back(&refund).await;
        if let Err(JobError::Outside(why)) = &ended {
            let mut tx = self.store.begin().await?;
            tx.set_refund_error(refund_id, why).await?;
            tx.commit().await?;
        }
        ended
    }

    async fn give_back(&self, refund: &RefundRow) -> Result<Ended, JobError> {
        // Asked before, and no answer written down: it may have been made.
        if refund.asked_at.is_some() && self.look(refund).await? {
            return Ok(Ended::Done);
        }
        let mut tx = self.store.begin().await?;
        let still = tx.set_refund_asked(&refund.id).await?;
        tx.commit().await?;
        if !still {
            return Ok(Ended::Done);
        }
        match self.payment.refund(&request(&self.store, refund).await?).await {
            Outcome::Ok(Refunding::Done(done)) => {
                settle(&self.store, &self.notices, refund, &done).await?;
                Ok(Ended::Done)
            }
            Outcome::Ok(Refunding::NotDone) => Err(JobError::Outside("refund: taken, not made yet".to_owned())),
            Outcome::Refused { code, message } => {
                // A refusal may also mean that nothing is left to give back because we gave it.
                if !self.look(refund).await? {
                    self.leave_to_staff(refund, &format!("{code} {message}")).await?;
                }
                Ok(Ended::Done)
            }
            Outcome::Unknown { reason } => Err(JobError::Outside(format!("refund: {reason}"))),
        }
    }

    async fn look(&self, refund: &RefundRow) -> Result<bool, JobError> {
        look(&self.store, &*self.payment, &self.notices, refund).await
    }

    async fn leave_to_staff(&self, refund: &RefundRow, why: &str) -> Result<(), JobError> {
        tracing::error!(refund = %refund.id, %why, "a refund is refused: staff have to act");
        let why: String = why.chars().take(200).collect();
        let mut tx = self.store.begin().await?;
        tx.set_refund_refused(&refund.id, &why).await?;
        Ok(tx.commit().await?)
    }
}
