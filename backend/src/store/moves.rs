//! Moving an order: the one place where its status is written.

use super::events::{By, Happened};
use super::orders::Order;
use super::{Result, StoreError, Tx, one, run};
use crate::audit::Chain;
use crate::outbox::Job;
use serde_json::Value;
use shared::order::{EventKind, Status, apply};

impl Tx {
    /// Moves an order by the table of `shared::order` and adds the event to its chain.
    ///
    /// The row is guarded by the status and version that were read: somebody else moved it meanwhile →
    /// [`StoreError::Conflict`]; the table says no → [`StoreError::Refused`]; a second signed order of the same holder
    /// and business → [`StoreError::HolderActive`]. `data` holds ids and hashes, never personal values.
    /// Cancelling also frees what hung on the order: codes end, papers are erased (but those of
    /// an order that was refused for good), open trades are closed. A review that ends settles what was staged: an
    /// approval or refusal for good drops it, a refusal makes it the papers to go on with.
    pub async fn move_order(&mut self, order: &Order, event: EventKind, by: By<'_>, data: &Value) -> Result<Order> {
        let to = apply(Some(order.status), event, by.actor).map_err(StoreError::Refused)?;
        let now = self.now();
        let since = if to == order.status { order.status_since } else { now };
        let moved = one!(
            Order,
            self,
            "UPDATE orders SET status = $4, status_since = $5, version = version + 1
             WHERE id = $1 AND status = $2 AND version = $3
             RETURNING *",
            order.id.as_str(),
            order.status.name(),
            order.version,
            to.name(),
            since
        )?;
        let moved = moved.ok_or(StoreError::Conflict)?;
        self.block_or_free_holder(order, to).await?;
        let happened = Happened {
            kind: event.name(),
            actor: by.actor.name(),
            actor_id: by.id,
            from: Some(order.status),
            to: Some(to),
            data,
        };
        self.append(Chain::Order(&order.id), &happened).await?;
        if to == Status::Cancelled && order.status != Status::Cancelled {
            self.free_cancelled(&order.id, event).await?;
        }
        if order.status == Status::AwaitingReview && matches!(to, Status::AwaitingMaking | Status::Cancelled) {
            self.drop_staged(&order.id).await?;
        } else if order.status == Status::AwaitingReview && to == Status::ReviewRefused {
            self.promote_staged(&order.id).await?;
        }
        Ok(moved)
    }

    async fn block_or_free_holder(&mut self, order: &Order, to: Status) -> Result<()> {
        match (order.status.blocks_another(), to.blocks_another()) {
            (false, true) => {
                let now = self.now();
                let written = run!(
                    self,
                    "INSERT INTO active_holders (channel, business, holder_index, order_id, since)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT DO NOTHING",
                    order.channel.as_str(),
                    order.business.name(),
                    order.holder_index.as_str(),
                    order.id.as_str(),
                    now
                )?;
                if written == 0 {
                    let other = self.active_order(&order.channel, order.business, &order.holder_index).await?;
                    return Err(
                        other.map_or(StoreError::Conflict, |other| StoreError::HolderActive { order_id: other.id })
                    );
                }
            }
            (true, false) => {
                run!(self, "DELETE FROM active_holders WHERE order_id = $1", order.id.as_str())?;
            }
            (true, true) | (false, false) => {}
        }
        Ok(())
    }

    async fn free_cancelled(&mut self, order_id: &str, event: EventKind) -> Result<()> {
        let now = self.now();
        self.end_codes(order_id).await?;
        // The papers of an order that was refused for good are evidence: they stay until the person's data is erased.
        if event != EventKind::ReviewRejected {
            self.enqueue(&Job::EraseDocuments { order_id: order_id.to_owned() }, now).await?;
        }
        for payment in self.live_payments(order_id).await? {
            self.enqueue(&Job::ClosePayment { payment_id: payment.id }, now).await?;
        }
        Ok(())
    }

    /// Keeps the deadline of payment with the order.
    pub async fn set_pay_until(&mut self, order_id: &str, pay_until: i64) -> Result<()> {
        run!(self, "UPDATE orders SET pay_until = $2 WHERE id = $1", order_id, pay_until)?;
        Ok(())
    }

    /// Keeps who reviewed it now and, after a refusal, why. `None` ends an earlier refusal.
    pub async fn set_review(&mut self, order_id: &str, reviewer_id: &str, refusal_sealed: Option<&[u8]>) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE orders SET reviewed_at = $2, reviewer_id = $3, refusal_sealed = $4 WHERE id = $1",
            order_id,
            now,
            reviewer_id,
            refusal_sealed
        )?;
        Ok(())
    }

    /// The refusal was answered by new papers and a new signature.
    pub async fn end_refusal(&mut self, order_id: &str) -> Result<()> {
        run!(self, "UPDATE orders SET refusal_sealed = NULL WHERE id = $1", order_id)?;
        Ok(())
    }

    /// Keeps why a key came back.
    pub async fn set_return_reason(&mut self, order_id: &str, reason_sealed: &[u8]) -> Result<()> {
        run!(self, "UPDATE orders SET return_sealed = $2 WHERE id = $1", order_id, reason_sealed)?;
        Ok(())
    }

    /// Keeps who makes the key.
    pub async fn set_maker(&mut self, order_id: &str, maker_id: &str) -> Result<()> {
        run!(self, "UPDATE orders SET maker_id = $2 WHERE id = $1", order_id, maker_id)?;
        Ok(())
    }

    /// Keeps the certificate's serial number (hex).
    pub async fn set_certificate_serial(&mut self, order_id: &str, serial: &str) -> Result<()> {
        run!(self, "UPDATE orders SET certificate_serial = $2 WHERE id = $1", order_id, serial)?;
        Ok(())
    }

    /// Keeps the key's serial number (介质号).
    pub async fn set_key_serial(&mut self, order_id: &str, serial: &str) -> Result<()> {
        run!(self, "UPDATE orders SET key_serial = $2 WHERE id = $1", order_id, serial)?;
        Ok(())
    }

    /// Keeps the parcel's courier and waybill number.
    pub async fn set_parcel(&mut self, order_id: &str, carrier: &str, waybill: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE orders SET carrier = $2, waybill = $3, dispatched_at = $4 WHERE id = $1",
            order_id,
            carrier,
            waybill,
            now
        )?;
        Ok(())
    }
}
