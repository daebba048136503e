//! Payments: each row is one trade at the provider, written before the provider is called.

use super::sessions::{ApplicantSession, Beside, session_of_token};
use super::{Conn, Result, StoreError, Tx, Word, all, one, run, words};
use shared::channel::PaymentWay;
use shared::order::Status;

words! {
    /// Where a trade stands, as far as we know.
    pub enum PaymentState {
        /// The provider is being called.
        Opening = "opening",
        /// There is a QR code.
        Open = "open",
        /// The provider did not answer; ask it.
        Unknown = "unknown",
        /// Paid; the amount is in `paid_fen`.
        Paid = "paid",
        /// Closed unpaid.
        Closed = "closed",
        /// The provider did not open it.
        Refused = "refused",
    }
}

impl PaymentState {
    /// The payer may still pay; no second trade may be opened beside it.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Opening | Self::Open | Self::Unknown => true,
            Self::Paid | Self::Closed | Self::Refused => false,
        }
    }
}

/// A trade as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaymentRow {
    /// UUIDv7.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// Which provider.
    #[sqlx(try_from = "Word")]
    pub way: PaymentWay,
    /// Our number at the provider, never used twice.
    pub out_trade_no: String,
    /// What is to be paid.
    pub amount_fen: i64,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub state: PaymentState,
    /// Text of the QR code.
    pub qr: Option<String>,
    /// The QR code is good until then.
    pub qr_until: Option<i64>,
    /// The provider's number.
    pub trade_no: Option<String>,
    /// What was paid, as the provider said when we asked.
    pub paid_fen: Option<i64>,
    /// When it was paid.
    pub paid_at: Option<i64>,
    /// When we shall ask again.
    pub next_query_at: Option<i64>,
    /// Begun.
    pub created_at: i64,
}

/// What somebody who waits for a payment to arrive asks for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    /// Where the order stands.
    #[sqlx(try_from = "Word")]
    pub status: Status,
    /// What was paid.
    pub paid_fen: Option<i64>,
}

impl Tx {
    /// Begins a trade; commit before calling the provider. While another one of this order and way is live:
    /// [`StoreError::Conflict`], load that one with [`Conn::live_payment`].
    pub async fn begin_payment(
        &mut self,
        order_id: &str,
        way: PaymentWay,
        out_trade_no: &str,
        amount_fen: i64,
    ) -> Result<PaymentRow> {
        let (id, now) = (self.new_id(), self.now());
        let row = one!(
            PaymentRow,
            self,
            "INSERT INTO payments (id, order_id, way, out_trade_no, amount_fen, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT DO NOTHING
             RETURNING *",
            id,
            order_id,
            way.name(),
            out_trade_no,
            amount_fen,
            PaymentState::Opening.name(),
            now
        )?;
        row.ok_or(StoreError::Conflict)
    }

    /// The provider gave a QR code. `false`: the trade is over meanwhile.
    pub async fn set_payment_open(&mut self, id: &str, qr: &str, qr_until: i64) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE payments SET state = 'open', qr = $2, qr_until = $3
             WHERE id = $1 AND state IN ('opening', 'open', 'unknown')",
            id,
            qr,
            qr_until
        )?;
        Ok(written == 1)
    }

    /// The provider did not answer, refused, or closed the trade. `false`: it is over already.
    pub async fn set_payment_state(&mut self, id: &str, state: PaymentState) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE payments SET state = $2 WHERE id = $1 AND state IN ('opening', 'open', 'unknown')",
            id,
            state.name()
        )?;
        Ok(written == 1)
    }

    /// The provider, asked by us, says that money came. Also for a trade that we thought closed. `false`: known already.
    pub async fn set_payment_paid(&mut self, id: &str, trade_no: &str, paid_fen: i64, paid_at: i64) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE payments SET state = 'paid', trade_no = $2, paid_fen = $3, paid_at = $4, next_query_at = NULL
             WHERE id = $1 AND state <> 'paid'",
            id,
            trade_no,
            paid_fen,
            paid_at
        )?;
        Ok(written == 1)
    }

    /// Keeps when the provider will be asked again.
    pub async fn set_payment_next_query(&mut self, id: &str, at: i64) -> Result<()> {
        run!(self, "UPDATE payments SET next_query_at = $2 WHERE id = $1 AND state <> 'paid'", id, at)?;
        Ok(())
    }

    /// Keeps a provider's notification. `false`: one that says the same is here already.
    pub async fn insert_payment_notice(
        &mut self,
        id: &str,
        dedupe: &str,
        payment_id: Option<&str>,
        raw_sealed: &[u8],
    ) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO payment_notices (id, dedupe, payment_id, raw_sealed, received_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (dedupe) DO NOTHING",
            id,
            dedupe,
            payment_id,
            raw_sealed,
            now
        )?;
        Ok(written == 1)
    }
}

impl Conn {
    /// A trade by its id.
    pub async fn payment(&mut self, id: &str) -> Result<Option<PaymentRow>> {
        one!(PaymentRow, self, "SELECT * FROM payments WHERE id = $1", id)
    }

    /// A trade by our number at the provider.
    pub async fn payment_by_trade(&mut self, out_trade_no: &str) -> Result<Option<PaymentRow>> {
        one!(PaymentRow, self, "SELECT * FROM payments WHERE out_trade_no = $1", out_trade_no)
    }

    /// The order's trade of this way that may still be paid.
    pub async fn live_payment(&mut self, order_id: &str, way: PaymentWay) -> Result<Option<PaymentRow>> {
        one!(
            PaymentRow,
            self,
            "SELECT * FROM payments
             WHERE order_id = $1 AND way = $2 AND state IN ('opening', 'open', 'unknown')",
            order_id,
            way.name()
        )
    }

    /// The order's trades that may still be paid.
    pub async fn live_payments(&mut self, order_id: &str) -> Result<Vec<PaymentRow>> {
        all!(
            PaymentRow,
            self,
            "SELECT * FROM payments
             WHERE order_id = $1 AND state IN ('opening', 'open', 'unknown') ORDER BY created_at, id",
            order_id
        )
    }

    /// The session of a token, and where an order that it may see stands (as [`Conn::order_of_session`]): one statement,
    /// because pages ask for it every few seconds.
    pub async fn session_with_standing(
        &mut self,
        token_hash: &[u8],
        number: &str,
    ) -> Result<Option<(ApplicantSession, Option<Standing>)>> {
        let now = self.now();
        let row = one!(
            Beside<Standing>,
            self,
            session_of_token!(
                "orders.id, orders.status,
                (SELECT MAX(paid_fen) FROM payments WHERE payments.order_id = orders.id) AS paid_fen",
                "LEFT JOIN orders ON orders.number = $3 AND orders.erased_at IS NULL
                AND (orders.session_id = s.id OR EXISTS (
                    SELECT 1 FROM order_access
                    WHERE order_access.order_id = orders.id AND order_access.session_id = s.id))"
            ),
            token_hash,
            now,
            number
        )?;
        Ok(row.map(|row| (row.session, row.found)))
    }

    /// Every trade of an order, oldest first.
    pub async fn payments_of_order(&mut self, order_id: &str) -> Result<Vec<PaymentRow>> {
        all!(PaymentRow, self, "SELECT * FROM payments WHERE order_id = $1 ORDER BY created_at, id", order_id)
    }
}
