//! Asking about trades until they are settled, and closing those of cancelled orders.

use super::Jobs;
use super::payments::{Stands, find, requery};
use crate::clock::{DAY, HOUR, MINUTE, SECOND};
use crate::gateways::{Closing, Outcome};
use crate::outbox::{Ended, JobError};
use crate::store::{PaymentRow, PaymentState};

/// How a trade was brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TradeEnd {
    /// It was paid; that is written down.
    Paid,
    /// It can't be paid any more.
    Closed,
    /// Nobody ever scanned its code, so the provider has nothing to close; the code dies by itself.
    NeverScanned,
}

/// The provider refuses money a little after the deadline (whole minutes): afterwards a code is surely dead.
const DEAD_AFTER: i64 = 5 * MINUTE;
/// A code that nobody scanned is looked at this often until it is dead.
const WATCH: i64 = 10 * MINUTE;

/// When to ask again about a trade of this age: often while somebody sits before the code.
const fn next_query(age: i64) -> i64 {
    if age < 10 * MINUTE {
        15 * SECOND
    } else if age < HOUR {
        MINUTE
    } else {
        10 * MINUTE
    }
}

impl Jobs {
    pub(super) async fn query_payment(&self, payment_id: &str) -> Result<Ended, JobError> {
        match requery(&self.store, &*self.payment, payment_id).await? {
            Stands::Paid | Stands::Closed => Ok(Ended::Done),
            Stands::Unknown { why } => Err(JobError::Outside(why)),
            Stands::NotScanned | Stands::Waiting => {
                let payment = find(&self.store, payment_id).await?;
                if !payment.state.is_live() {
                    return Ok(Ended::Done);
                }
                let now = self.store.now();
                let at = now + next_query(now - payment.created_at);
                let mut tx = self.store.begin().await?;
                tx.set_payment_next_query(payment_id, at).await?;
                tx.commit().await?;
                Ok(Ended::Later { at, why: "not paid yet".to_owned() })
            }
        }
    }

    /// The trade of a cancelled order: closed, and watched until it can't be paid any more.
    pub(super) async fn close_payment(&self, payment_id: &str) -> Result<Ended, JobError> {
        match self.end_trade(payment_id).await? {
            TradeEnd::Paid | TradeEnd::Closed => Ok(Ended::Done),
            TradeEnd::NeverScanned => {
                let payment = find(&self.store, payment_id).await?;
                let now = self.store.now();
                if now >= self.dead_at(&payment).await? {
                    return Ok(Ended::Done);
                }
                Ok(Ended::Later { at: now + WATCH, why: "the code may still be scanned".to_owned() })
            }
        }
    }

    /// Asks, closes, and asks again where that is needed. An error means that nobody knows: try later, under the same
    /// number.
    pub(super) async fn end_trade(&self, payment_id: &str) -> Result<TradeEnd, JobError> {
        match requery(&self.store, &*self.payment, payment_id).await? {
            Stands::Paid => return Ok(TradeEnd::Paid),
            Stands::Closed => return Ok(TradeEnd::Closed),
            Stands::Unknown { why } => return Err(JobError::Outside(why)),
            Stands::NotScanned | Stands::Waiting => {}
        }
        let payment = find(&self.store, payment_id).await?;
        match self.payment.close(&payment.out_trade_no).await {
            Outcome::Ok(Closing::Closed) => {
                self.set_closed(payment_id).await?;
                Ok(TradeEnd::Closed)
            }
            Outcome::Ok(Closing::NeverScanned) => {
                self.set_closed(payment_id).await?;
                Ok(TradeEnd::NeverScanned)
            }
            Outcome::Ok(Closing::AlreadyPaid) => match requery(&self.store, &*self.payment, payment_id).await? {
                Stands::Paid => Ok(TradeEnd::Paid),
                Stands::Closed | Stands::NotScanned | Stands::Waiting | Stands::Unknown { .. } => {
                    Err(JobError::Outside("close: paid already, query: not paid".to_owned()))
                }
            },
            Outcome::Refused { code, message } => Err(JobError::Outside(format!("close refused: {code} {message}"))),
            Outcome::Unknown { reason } => Err(JobError::Outside(format!("close: {reason}"))),
        }
    }

    async fn set_closed(&self, payment_id: &str) -> Result<(), JobError> {
        let mut tx = self.store.begin().await?;
        tx.set_payment_state(payment_id, PaymentState::Closed).await?;
        Ok(tx.commit().await?)
    }

    async fn dead_at(&self, payment: &PaymentRow) -> Result<i64, JobError> {
        let mut read = self.store.read().await?;
        let order = read.order(&payment.order_id).await?;
        let pay_until = order.and_then(|order| order.pay_until);
        Ok(pay_until.unwrap_or(payment.created_at + DAY) + DEAD_AFTER)
    }
}
