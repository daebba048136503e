//! Erasing identity data: the data key's row is destroyed, and with it everything that it sealed, wherever copies of the
//! ciphertext are. What could still lead to the person (keyed hashes, the ciphertext itself) is wiped as well. Events,
//! seals, payments and certificates stay: they hold ids, hashes, amounts and the unit's public name.

use super::{Conn, Order, Result, Tx, all, one, run};

/// An order whose identity data is due to be erased.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Due {
    /// The order's id.
    pub id: String,
    /// Its number.
    pub number: String,
}

impl Tx {
    /// Erases an order's identity data. `false`: it was erased before. The papers' objects are removed by the job
    /// `EraseDocuments` afterwards; without the key they are noise.
    pub async fn erase_identity(&mut self, order: &Order) -> Result<bool> {
        let (id, now) = (order.id.as_str(), self.now());
        let erased: &[u8] = &[];
        // No keyed hash of anything; unique, so that erased orders are not each other's.
        let nobody = format!("erased:{id}");
        let nobody = nobody.as_str();
        let first = run!(
            self,
            "UPDATE orders SET erased_at = $2, holder_index = $3, operator_index = $3, legal_rep_index = $3,
                form_sealed = $4, summary_sealed = $4, refusal_sealed = NULL, return_sealed = NULL
             WHERE id = $1 AND erased_at IS NULL",
            id,
            now,
            nobody,
            erased
        )?;
        if first == 0 {
            return Ok(false);
        }
        self.destroy_data_key(&order.data_key_id).await?;
        run!(
            self,
            "UPDATE drafts SET sealed = $2, content_hash = NULL, holder_index = NULL, operator_index = NULL
             WHERE id = $1",
            order.draft_id.as_str(),
            erased
        )?;
        run!(self, "DELETE FROM draft_access WHERE draft_id = $1", order.draft_id.as_str())?;
        run!(self, "DELETE FROM order_access WHERE order_id = $1", id)?;
        run!(self, "DELETE FROM handovers WHERE order_id = $1", id)?;
        run!(
            self,
            "UPDATE verifications SET unit_index = $3, person_index = $3, content_hash = $3
             WHERE order_id = $1 OR draft_id = $2",
            id,
            order.draft_id.as_str(),
            nobody
        )?;
        run!(
            self,
            "UPDATE codes SET holder_index = NULL, phone_index = $2, ip_index = $2, code_hash = $2 WHERE order_id = $1",
            id,
            nobody
        )?;
        // Query codes belong to the holder, not to an order; the past ones serve nobody.
        run!(
            self,
            "UPDATE codes SET holder_index = NULL, phone_index = $2, ip_index = $2, code_hash = $2
             WHERE holder_index = $1 AND expires_at < $3",
            order.holder_index.as_str(),
            nobody,
            now
        )?;
        run!(self, "UPDATE signatures SET phone_sealed = $2, ip_sealed = $2 WHERE order_id = $1", id, erased)?;
        run!(
            self,
            "UPDATE payment_notices SET raw_sealed = $2
             WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)",
            id,
            erased
        )?;
        run!(self, "UPDATE makings SET secrets_sealed = NULL WHERE order_id = $1", id)?;
        run!(self, "UPDATE keys SET secrets_sealed = $2, pin_sealed = NULL WHERE order_id = $1", id, erased)?;
        run!(self, "UPDATE refunds_owed SET note_sealed = NULL WHERE order_id = $1", id)?;
        run!(self, "UPDATE outbox SET payload_sealed = NULL WHERE order_id = $1", id)?;
        self.supersede_documents(id).await?;
        Ok(true)
    }
}

impl Conn {
    /// Whether an order's identity data was erased.
    pub async fn is_erased(&mut self, order_id: &str) -> Result<bool> {
        let at = one!((Option<i64>,), self, "SELECT erased_at FROM orders WHERE id = $1", order_id)?;
        Ok(at.is_some_and(|(at,)| at.is_some()))
    }

    /// Whether money of an order is still owed back.
    pub async fn owes_refund(&mut self, order_id: &str) -> Result<bool> {
        let owed = one!(
            (i64,),
            self,
            "SELECT amount_fen FROM refunds_owed WHERE order_id = $1 AND settled_at IS NULL LIMIT 1",
            order_id
        )?;
        Ok(owed.is_some())
    }

    /// When the last certificate of an order ended or will end: expired, revoked or superseded. `None`: it has none.
    pub async fn last_certificate_end(&mut self, order_id: &str) -> Result<Option<i64>> {
        let end = one!(
            (Option<i64>,),
            self,
            "SELECT MAX(CASE WHEN COALESCE(revoked_at, superseded_at) < not_after
                        THEN COALESCE(revoked_at, superseded_at) ELSE not_after END)
             FROM certificates WHERE order_id = $1 AND issued_at IS NOT NULL",
            order_id
        )?;
        Ok(end.and_then(|(end,)| end))
    }

    /// Orders whose last certificate ended before `ended`, oldest first. One with several certificates may not be due yet
    /// (`last_certificate_end` decides).
    pub async fn ended_before(&mut self, ended: i64, limit: i64) -> Result<Vec<Due>> {
        all!(
            Due,
            self,
            "SELECT orders.id, orders.number FROM orders
             WHERE orders.erased_at IS NULL
                AND EXISTS (SELECT 1 FROM certificates WHERE certificates.order_id = orders.id
                    AND certificates.issued_at IS NOT NULL
                    AND (certificates.not_after < $1 OR certificates.superseded_at < $1
                        OR certificates.revoked_at < $1))
                AND NOT EXISTS (SELECT 1 FROM certificates WHERE certificates.order_id = orders.id
                    AND certificates.issued_at IS NOT NULL
                    AND certificates.not_after >= $1
                    AND COALESCE(certificates.revoked_at, certificates.superseded_at, $1) >= $1)
             ORDER BY orders.number LIMIT $2",
            ended,
            limit
        )
    }

    /// Orders that were cancelled before `cancelled` and never got a certificate, oldest first.
    pub async fn cancelled_before(&mut self, cancelled: i64, limit: i64) -> Result<Vec<Due>> {
        all!(
            Due,
            self,
            "SELECT id, number FROM orders
             WHERE status = 'cancelled' AND erased_at IS NULL AND status_since < $1
                AND NOT EXISTS (SELECT 1 FROM certificates
                    WHERE certificates.order_id = orders.id AND certificates.issued_at IS NOT NULL)
             ORDER BY status_since LIMIT $2",
            cancelled,
            limit
        )
    }
}
