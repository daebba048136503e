//! Money that is owed back: listed for staff until somebody settles it.

use super::{Conn, Result, Tx, Word, all, run, words};

words! {
    /// Why money is owed back.
    pub enum RefundReason {
        /// It came for an order that was cancelled.
        Late = "late",
        /// The order was paid already.
        PaidTwice = "paid_twice",
        /// Another amount came than was asked for.
        OtherAmount = "other_amount",
    }
}

/// A sum owed back.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RefundRow {
    /// UUIDv7.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The trade.
    pub payment_id: String,
    /// How much.
    pub amount_fen: i64,
    /// Why.
    #[sqlx(try_from = "Word")]
    pub reason: RefundReason,
    /// Since.
    pub created_at: i64,
    /// Paid back.
    pub settled_at: Option<i64>,
}

/// A sum owed back with the order's number, for the staff's list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RefundOwed {
    /// Id of the sum.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// How much.
    pub amount_fen: i64,
    /// Since.
    pub created_at: i64,
}

impl Tx {
    /// Money is owed back for this trade. A second call for the same trade changes nothing (`false`).
    pub async fn owe_refund(
        &mut self,
        order_id: &str,
        payment_id: &str,
        amount_fen: i64,
        reason: RefundReason,
    ) -> Result<bool> {
        let (id, now) = (self.new_id(), self.now());
        let written = run!(
            self,
            "INSERT INTO refunds_owed (id, order_id, payment_id, amount_fen, reason, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (payment_id) DO NOTHING",
            id,
            order_id,
            payment_id,
            amount_fen,
            reason.name(),
            now
        )?;
        Ok(written == 1)
    }
}

impl Conn {
    /// Sums owed back in a channel, oldest first.
    pub async fn refunds_owed(&mut self, channel: &str, limit: i64) -> Result<Vec<RefundOwed>> {
        all!(
            RefundOwed,
            self,
            "SELECT refunds_owed.id, refunds_owed.order_id, refunds_owed.amount_fen, refunds_owed.created_at
             FROM refunds_owed JOIN orders ON orders.id = refunds_owed.order_id
             WHERE orders.channel = $1 AND refunds_owed.settled_at IS NULL
             ORDER BY refunds_owed.created_at, refunds_owed.id LIMIT $2",
            channel,
            limit
        )
    }

    /// Every sum that is or was owed back for an order.
    pub async fn refunds_of_order(&mut self, order_id: &str) -> Result<Vec<RefundRow>> {
        all!(RefundRow, self, "SELECT * FROM refunds_owed WHERE order_id = $1 ORDER BY created_at, id", order_id)
    }
}
