//! Messages among the outbox's rows: those that were given up, those that are not to be sent any more.

use super::{Conn, Result, Tx, all, one, run};

/// A text message or mail that was given up.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FailedRow {
    /// The job's id.
    pub id: String,
    /// The job's kind.
    pub kind: String,
    /// What it says, in a word.
    pub topic: Option<String>,
    /// The order.
    pub order_id: String,
    /// 订单号.
    pub number: String,
    /// The order's channel.
    pub channel: String,
    /// Given up.
    pub done_at: i64,
    /// Why.
    pub last_error: Option<String>,
}

impl Tx {
    /// Keeps what a message says, in a word.
    pub async fn set_job_topic(&mut self, id: &str, topic: &str) -> Result<()> {
        run!(self, "UPDATE outbox SET topic = $2 WHERE id = $1", id, topic)?;
        Ok(())
    }

    /// Takes a failed message off the staff's list and wipes it. `false`: it is not on the list.
    pub async fn dismiss_message(&mut self, id: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE outbox SET dismissed_at = $2, payload_sealed = NULL
             WHERE id = $1 AND state = 'failed' AND dismissed_at IS NULL",
            id,
            now
        )?;
        Ok(written == 1)
    }

    /// The PIN is not to be sent any more: what waits is dropped and wiped. A message that is with the provider already is
    /// only asked about, as ever. Answers how many were dropped.
    pub async fn drop_pin_messages(&mut self, order_id: &str) -> Result<u64> {
        let now = self.now();
        run!(
            self,
            "UPDATE outbox SET state = 'done', done_at = $2, payload_sealed = NULL, lease_owner = NULL,
                lease_until = NULL, last_error = 'dropped: the key came back'
             WHERE order_id = $1 AND kind IN ('notify_dispatch', 'resend_pin')
                AND (state IN ('ready', 'running') OR (state = 'failed' AND dismissed_at IS NULL))",
            order_id,
            now
        )
    }
}

impl Conn {
    /// Failed messages of a channel's orders that nobody took off the list, oldest first.
    pub async fn failed_messages(&mut self, channel: &str, limit: i64) -> Result<Vec<FailedRow>> {
        all!(
            FailedRow,
            self,
            "SELECT outbox.id, outbox.kind, outbox.topic, orders.id AS order_id, orders.number, orders.channel,
                outbox.done_at, outbox.last_error
             FROM outbox JOIN orders ON orders.id = outbox.order_id
             WHERE outbox.state = 'failed' AND outbox.dismissed_at IS NULL AND orders.channel = $1
                AND outbox.kind IN ('notify_dispatch', 'resend_pin', 'send_message', 'send_mail')
             ORDER BY outbox.done_at, outbox.id LIMIT $2",
            channel,
            limit
        )
    }

    /// A failed message of any channel that nobody took off the list.
    pub async fn failed_message(&mut self, id: &str) -> Result<Option<FailedRow>> {
        one!(
            FailedRow,
            self,
            "SELECT outbox.id, outbox.kind, outbox.topic, orders.id AS order_id, orders.number, orders.channel,
                outbox.done_at, outbox.last_error
             FROM outbox JOIN orders ON orders.id = outbox.order_id
             WHERE outbox.id = $1 AND outbox.state = 'failed' AND outbox.dismissed_at IS NULL
                AND outbox.kind IN ('notify_dispatch', 'resend_pin', 'send_message', 'send_mail')",
            id
        )
    }

    /// Whether a message with the PIN is on its way.
    pub async fn pin_message_pends(&mut self, order_id: &str) -> Result<bool> {
        let row = one!(
            (i64,),
            self,
            "SELECT COUNT(*) FROM outbox WHERE order_id = $1 AND kind IN ('notify_dispatch', 'resend_pin')
                AND state IN ('ready', 'running', 'sending')",
            order_id
        )?;
        Ok(row.is_some_and(|(count,)| count > 0))
    }

    /// How often something happened to an order.
    pub async fn times_happened(&mut self, order_id: &str, kind: &str) -> Result<i64> {
        let chain = crate::audit::Chain::Order(order_id).name();
        let row = one!((i64,), self, "SELECT COUNT(*) FROM events WHERE chain = $1 AND kind = $2", chain, kind)?;
        Ok(row.map_or(0, |(count,)| count))
    }
}
