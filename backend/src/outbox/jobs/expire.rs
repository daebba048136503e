//! Unpaid at the deadline: ask, close, then cancel. Never the other way round: a payer must not lose money to a race.

use super::Jobs;
use super::trades::TradeEnd;
use crate::clock::MINUTE;
use crate::notices::Told;
use crate::outbox::{Ended, Job, JobError};
use crate::store::{By, StoreError};
use serde_json::json;
use shared::order::{Actor, EventKind, Status, apply};

impl Jobs {
    pub(super) async fn expire_order(&self, order_id: &str) -> Result<Ended, JobError> {
        let mut read = self.store.read().await?;
        let Some(order) = read.order(order_id).await? else {
            return Ok(Ended::GaveUp { why: "there is no such order".to_owned() });
        };
        let trades = read.live_payments(order_id).await?;
        drop(read);
        if apply(Some(order.status), EventKind::Expired, Actor::System).is_err() {
            return Ok(Ended::Done);
        }
        let Some(pay_until) = order.pay_until else {
            return Ok(Ended::Done);
        };
        if self.store.now() < pay_until {
            return Ok(Ended::Later { at: pay_until, why: "the deadline is later".to_owned() });
        }
        let mut unscanned = Vec::new();
        for trade in trades {
            match self.end_trade(&trade.id).await? {
                TradeEnd::Paid | TradeEnd::Closed => {}
                TradeEnd::NeverScanned => unscanned.push(trade.id),
            }
        }
        self.cancel_expired(order_id, unscanned).await?;
        Ok(Ended::Done)
    }

    /// Cancels the order, unless it was paid or cancelled meanwhile. A trade that was begun meanwhile is closed by the job
    /// that the cancelling enqueues.
    async fn cancel_expired(&self, order_id: &str, unscanned: Vec<String>) -> Result<(), JobError> {
        self.store
            .transact(|tx| {
                let (order_id, unscanned, notices) = (order_id.to_owned(), unscanned.clone(), self.notices.clone());
                Box::pin(async move {
                    let order = tx.lock_order(&order_id).await?;
                    let order = order.ok_or_else(|| StoreError::Corrupt(format!("no order {order_id}")))?;
                    if apply(Some(order.status), EventKind::Expired, Actor::System).is_err() {
                        return Ok(());
                    }
                    let data = json!({ "pay_until": order.pay_until });
                    let cancelled = tx.move_order(&order, EventKind::Expired, By::SYSTEM, &data).await?;
                    // Who signed was promised to hear of it; a draft that was left lying tells nobody.
                    if order.status == Status::AwaitingPayment {
                        notices.tell(tx, &cancelled, Told::Expired).await?;
                    }
                    let later = tx.now() + MINUTE;
                    for payment_id in unscanned {
                        tx.enqueue(&Job::ClosePayment { payment_id }, later).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
