//! The comparison of our books with the provider's, day by day and channel by channel.

use super::{Conn, Result, Tx, all, one, run};

/// A day's comparison as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReconciliationRow {
    /// The day in China, `2026-11-20`.
    pub day: String,
    /// The channel.
    pub channel: String,
    /// Payments in the bill.
    pub trades: i64,
    /// Paid in fen, by the bill.
    pub paid_fen: i64,
    /// Given back in fen, by the bill.
    pub refunded_fen: i64,
    /// JSON: a list of `shared::api::Difference`.
    pub differences: String,
    /// When the bill was asked for last.
    pub tried_at: i64,
    /// When it was compared; `None`: it could not be had yet.
    pub compared_at: Option<i64>,
}

/// What somebody found out about a difference, as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DifferenceNoteRow {
    /// UUIDv7.
    pub id: String,
    /// The day in China.
    pub day: String,
    /// Which difference of the day.
    pub difference: String,
    /// Log-in name of who wrote it.
    pub by_name: String,
    /// When.
    pub at: i64,
    /// The words, sealed under the root key.
    pub note_sealed: Vec<u8>,
}

/// A note to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewDifferenceNote<'a> {
    /// A fresh id.
    pub id: &'a str,
    /// The day in China.
    pub day: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// Which difference of the day.
    pub difference: &'a str,
    /// Who wrote it.
    pub staff_id: &'a str,
    /// The words, sealed under the root key.
    pub note_sealed: &'a [u8],
}

/// One sum in our books.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BookedSum {
    /// Our number of the trade.
    pub out_trade_no: String,
    /// Our number of the refund.
    pub out_request_no: Option<String>,
    /// In fen.
    pub amount_fen: i64,
    /// 订单号.
    pub number: String,
    /// The order's channel.
    pub channel: String,
    /// When money moved, as far as we know.
    pub at: i64,
    /// When we asked for it first.
    pub asked_at: Option<i64>,
}

impl Tx {
    /// Keeps a comparison; an earlier one of the same day and channel is replaced.
    pub async fn put_reconciliation(&mut self, row: &ReconciliationRow) -> Result<()> {
        run!(
            self,
            "INSERT INTO reconciliations (day, channel, trades, paid_fen, refunded_fen, differences, tried_at, compared_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (day, channel) DO UPDATE SET trades = excluded.trades, paid_fen = excluded.paid_fen,
                refunded_fen = excluded.refunded_fen, differences = excluded.differences,
                tried_at = excluded.tried_at, compared_at = excluded.compared_at",
            row.day.as_str(),
            row.channel.as_str(),
            row.trades,
            row.paid_fen,
            row.refunded_fen,
            row.differences.as_str(),
            row.tried_at,
            row.compared_at
        )?;
        Ok(())
    }

    /// Keeps a note. `false`: the difference has one already.
    pub async fn insert_difference_note(&mut self, note: NewDifferenceNote<'_>) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO difference_notes (id, day, channel, difference, staff_id, at, note_sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, channel, difference) DO NOTHING",
            note.id,
            note.day,
            note.channel,
            note.difference,
            note.staff_id,
            now,
            note.note_sealed
        )?;
        Ok(written == 1)
    }

    /// The bill of a day was asked for in vain. What was compared before stays.
    pub async fn note_reconciliation_tried(&mut self, day: &str, channel: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO reconciliations (day, channel, trades, paid_fen, refunded_fen, differences, tried_at)
             VALUES ($1, $2, 0, 0, 0, '[]', $3)
             ON CONFLICT (day, channel) DO UPDATE SET tried_at = excluded.tried_at",
            day,
            channel,
            now
        )?;
        Ok(())
    }
}

impl Conn {
    /// A channel's comparisons, newest day first.
    pub async fn reconciliations(&mut self, channel: &str, limit: i64) -> Result<Vec<ReconciliationRow>> {
        all!(
            ReconciliationRow,
            self,
            "SELECT * FROM reconciliations WHERE channel = $1 ORDER BY day DESC LIMIT $2",
            channel,
            limit
        )
    }

    /// A channel's comparison of a day.
    pub async fn reconciliation(&mut self, channel: &str, day: &str) -> Result<Option<ReconciliationRow>> {
        one!(ReconciliationRow, self, "SELECT * FROM reconciliations WHERE channel = $1 AND day = $2", channel, day)
    }

    /// The notes of a channel since a day.
    pub async fn difference_notes(&mut self, channel: &str, since: &str) -> Result<Vec<DifferenceNoteRow>> {
        all!(
            DifferenceNoteRow,
            self,
            "SELECT difference_notes.id, difference_notes.day, difference_notes.difference, staff.name AS by_name,
                difference_notes.at, difference_notes.note_sealed
             FROM difference_notes JOIN staff ON staff.id = difference_notes.staff_id
             WHERE difference_notes.channel = $1 AND difference_notes.day >= $2
             ORDER BY difference_notes.day, difference_notes.id",
            channel,
            since
        )
    }

    /// Whether a day was compared for any channel.
    pub async fn is_reconciled(&mut self, day: &str) -> Result<bool> {
        let row =
            one!((i64,), self, "SELECT COUNT(*) FROM reconciliations WHERE day = $1 AND compared_at IS NOT NULL", day)?;
        Ok(row.is_some_and(|(count,)| count > 0))
    }

    /// Payments by Alipay that were made in a time.
    pub async fn paid_between(&mut self, from: i64, until: i64) -> Result<Vec<BookedSum>> {
        all!(
            BookedSum,
            self,
            "SELECT payments.out_trade_no, CAST(NULL AS TEXT) AS out_request_no, payments.paid_fen AS amount_fen, orders.number,
                orders.channel, payments.paid_at AS at, CAST(NULL AS BIGINT) AS asked_at
             FROM payments JOIN orders ON orders.id = payments.order_id
             WHERE payments.way = 'alipay' AND payments.state = 'paid'
                AND payments.paid_at >= $1 AND payments.paid_at < $2
             ORDER BY payments.out_trade_no",
            from,
            until
        )
    }

    /// Refunds that Alipay made in a time.
    pub async fn refunded_between(&mut self, from: i64, until: i64) -> Result<Vec<BookedSum>> {
        all!(
            BookedSum,
            self,
            "SELECT payments.out_trade_no, refunds_owed.out_request_no, refunds_owed.amount_fen, orders.number,
                orders.channel, refunds_owed.settled_at AS at, refunds_owed.asked_at
             FROM refunds_owed
             JOIN payments ON payments.id = refunds_owed.payment_id
             JOIN orders ON orders.id = refunds_owed.order_id
             WHERE payments.way = 'alipay' AND refunds_owed.state = 'settled'
                AND refunds_owed.settled_at >= $1 AND refunds_owed.settled_at < $2
             ORDER BY payments.out_trade_no",
            from,
            until
        )
    }

    /// When the first order was made.
    pub async fn first_order_at(&mut self) -> Result<Option<i64>> {
        let row = one!((i64,), self, "SELECT created_at FROM orders ORDER BY id LIMIT 1")?;
        Ok(row.map(|(at,)| at))
    }

    /// A trade of ours, whenever it was paid, with its sum if it was.
    pub async fn booked_trade(&mut self, out_trade_no: &str) -> Result<Option<(String, String, Option<i64>)>> {
        one!(
            (String, String, Option<i64>),
            self,
            "SELECT orders.number, orders.channel, payments.paid_fen
             FROM payments JOIN orders ON orders.id = payments.order_id WHERE payments.out_trade_no = $1",
            out_trade_no
        )
    }

    /// The sum of a refund that was settled, whenever that was.
    pub async fn booked_refund(&mut self, out_request_no: &str) -> Result<Option<i64>> {
        let row = one!(
            (i64,),
            self,
            "SELECT amount_fen FROM refunds_owed WHERE out_request_no = $1 AND state = 'settled'",
            out_request_no
        )?;
        Ok(row.map(|(fen,)| fen))
    }
}
