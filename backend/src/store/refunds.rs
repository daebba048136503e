//! Money that is owed back: asked of the provider until it is settled, or until staff have to act.

use super::{Conn, Result, Tx, Word, all, one, run, words};
use crate::outbox::Job;
use shared::api::{RefundReason as ShownReason, RefundState as ShownState};

words! {
    /// Why money is owed back.
    pub enum RefundReason {
        /// It came for an order that was cancelled.
        Late = "late",
        /// The order was paid already.
        PaidTwice = "paid_twice",
        /// Another amount came than was asked for.
        OtherAmount = "other_amount",
        /// 审核不通过.
        Rejected = "rejected",
        /// 证书退货.
        Returned = "returned",
    }
}

impl RefundReason {
    /// As people see it.
    pub const fn shown(self) -> ShownReason {
        match self {
            Self::Late => ShownReason::LatePayment,
            Self::PaidTwice => ShownReason::PaidTwice,
            Self::OtherAmount => ShownReason::OtherAmount,
            Self::Rejected => ShownReason::Rejected,
            Self::Returned => ShownReason::Returned,
        }
    }
}

words! {
    /// Where a refund stands.
    pub enum RefundState {
        /// The provider is being asked.
        Pending = "pending",
        /// The provider refused for good; staff must act.
        Refused = "refused",
        /// The provider gave it back.
        Settled = "settled",
        /// Staff gave it back outside the provider.
        Recorded = "recorded",
    }
}

impl RefundState {
    /// As people see it.
    pub const fn shown(self) -> ShownState {
        match self {
            Self::Pending => ShownState::Pending,
            Self::Refused => ShownState::Refused,
            Self::Settled => ShownState::Settled,
            Self::Recorded => ShownState::Recorded,
        }
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
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub state: RefundState,
    /// Our number of the refund at the provider, the same at each try.
    pub out_request_no: Option<String>,
    /// The staff member whose act made the debt.
    pub caused_by: Option<String>,
    /// When the provider was asked first: from then on it may have given the money back.
    pub asked_at: Option<i64>,
    /// What the provider said last.
    pub last_error: Option<String>,
    /// The staff member who recorded it.
    pub settled_by: Option<String>,
    /// How it was given back outside the provider, sealed under the order's data key.
    pub note_sealed: Option<Vec<u8>>,
    /// Since.
    pub created_at: i64,
    /// Paid back.
    pub settled_at: Option<i64>,
}

impl RefundRow {
    /// The number that the provider knows it by. A row of an earlier version has its own id.
    pub fn request_no(&self) -> &str {
        self.out_request_no.as_deref().unwrap_or(&self.id)
    }
}

/// What [`Tx::owe_refund`] writes.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund<'a> {
    /// The order.
    pub order_id: &'a str,
    /// The trade.
    pub payment_id: &'a str,
    /// How much.
    pub amount_fen: i64,
    /// Why.
    pub reason: RefundReason,
    /// The staff member whose act made the debt, if it was one.
    pub caused_by: Option<&'a str>,
}

impl Tx {
    /// Money is owed back for this trade, and the provider will be asked. A second call for the same trade changes
    /// nothing (`false`): a payment is given back at most once, whatever the reasons.
    pub async fn owe_refund(&mut self, new: NewRefund<'_>) -> Result<bool> {
        let (id, now) = (self.new_id(), self.now());
        let request_no = id.replace('-', "");
        let written = run!(
            self,
            "INSERT INTO refunds_owed (id, order_id, payment_id, amount_fen, reason, state, out_request_no, caused_by,
                created_at)
             VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8)
             ON CONFLICT (payment_id) DO NOTHING",
            id.as_str(),
            new.order_id,
            new.payment_id,
            new.amount_fen,
            new.reason.name(),
            request_no,
            new.caused_by,
            now
        )?;
        if written == 0 {
            return Ok(false);
        }
        self.enqueue(&Job::RefundPayment { refund_id: id }, now).await?;
        Ok(true)
    }

    /// The provider is asked now: commit before the call. `false`: it is not to be asked any more.
    pub async fn set_refund_asked(&mut self, id: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE refunds_owed SET asked_at = COALESCE(asked_at, $2) WHERE id = $1 AND state = 'pending'",
            id,
            now
        )?;
        Ok(written == 1)
    }

    /// What the provider said last, while it is still being asked.
    pub async fn set_refund_error(&mut self, id: &str, error: &str) -> Result<()> {
        run!(self, "UPDATE refunds_owed SET last_error = $2 WHERE id = $1 AND state = 'pending'", id, error)?;
        Ok(())
    }

    /// The provider refused for good. `false`: it is settled or with staff already.
    pub async fn set_refund_refused(&mut self, id: &str, error: &str) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE refunds_owed SET state = 'refused', last_error = $2 WHERE id = $1 AND state = 'pending'",
            id,
            error
        )?;
        Ok(written == 1)
    }

    /// The provider gave it back, also where it seemed to refuse. `false`: known already.
    pub async fn set_refund_settled(&mut self, id: &str, at: i64) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE refunds_owed SET state = 'settled', settled_at = $2, last_error = NULL
             WHERE id = $1 AND state IN ('pending', 'refused')",
            id,
            at
        )?;
        Ok(written == 1)
    }

    /// Staff want the provider asked again. `false`: nothing waits for staff.
    pub async fn set_refund_pending(&mut self, id: &str) -> Result<bool> {
        let written = run!(self, "UPDATE refunds_owed SET state = 'pending' WHERE id = $1 AND state = 'refused'", id)?;
        Ok(written == 1)
    }

    /// Staff gave it back outside the provider. `false`: nothing waits for staff.
    pub async fn set_refund_recorded(&mut self, id: &str, staff_id: &str, note_sealed: &[u8]) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE refunds_owed SET state = 'recorded', settled_at = $2, settled_by = $3, note_sealed = $4
             WHERE id = $1 AND state = 'refused'",
            id,
            now,
            staff_id,
            note_sealed
        )?;
        Ok(written == 1)
    }
}

impl Conn {
    /// A refund by its id.
    pub async fn refund(&mut self, id: &str) -> Result<Option<RefundRow>> {
        one!(RefundRow, self, "SELECT * FROM refunds_owed WHERE id = $1", id)
    }

    /// Sums owed back in a channel, oldest first; with `open = false` those that are settled or recorded, newest first.
    pub async fn refunds_owed(&mut self, channel: &str, open: bool, limit: i64) -> Result<Vec<RefundRow>> {
        const OPEN: &str = "SELECT refunds_owed.* FROM refunds_owed JOIN orders ON orders.id = refunds_owed.order_id
             WHERE orders.channel = $1 AND refunds_owed.state IN ('pending', 'refused')
             ORDER BY refunds_owed.created_at, refunds_owed.id LIMIT $2";
        const CLOSED: &str = "SELECT refunds_owed.* FROM refunds_owed JOIN orders ON orders.id = refunds_owed.order_id
             WHERE orders.channel = $1 AND refunds_owed.state IN ('settled', 'recorded')
             ORDER BY refunds_owed.settled_at DESC, refunds_owed.id DESC LIMIT $2";
        all!(RefundRow, self, if open { OPEN } else { CLOSED }, channel, limit)
    }

    /// Every sum that is or was owed back for an order.
    pub async fn refunds_of_order(&mut self, order_id: &str) -> Result<Vec<RefundRow>> {
        all!(RefundRow, self, "SELECT * FROM refunds_owed WHERE order_id = $1 ORDER BY created_at, id", order_id)
    }
}
