//! Addresses for the applicant's own phone, which takes the photos of one order's papers. Only a token's hash is kept.

use super::{Conn, Result, Tx, one, run};

/// A hand-over as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HandoverRow {
    /// UUIDv7.
    pub id: String,
    /// The order whose papers it opens.
    pub order_id: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Begun.
    pub created_at: i64,
    /// Worthless then.
    pub expires_at: i64,
    /// Worthless since: another one was begun, or the papers were submitted.
    pub ended_at: Option<i64>,
}

impl Tx {
    /// Begins a hand-over; earlier ones of the order end.
    pub async fn begin_handover(&mut self, order_id: &str, token_hash: &[u8], expires_at: i64) -> Result<()> {
        self.end_handovers(order_id).await?;
        let (id, now) = (self.new_id(), self.now());
        run!(
            self,
            "INSERT INTO handovers (id, order_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            id,
            order_id,
            token_hash,
            now,
            expires_at
        )?;
        Ok(())
    }

    /// Ends the order's hand-overs. Of two begun at the same moment one waits here for the other.
    pub async fn end_handovers(&mut self, order_id: &str) -> Result<()> {
        self.lock(&mut [format!("handover:{order_id}")]).await?;
        let now = self.now();
        run!(self, "UPDATE handovers SET ended_at = $2 WHERE order_id = $1 AND ended_at IS NULL", order_id, now)?;
        Ok(())
    }
}

impl Conn {
    /// The hand-over of the token with this SHA-256, unless it is over.
    pub async fn handover_of_token(&mut self, token_hash: &[u8]) -> Result<Option<HandoverRow>> {
        let now = self.now();
        one!(
            HandoverRow,
            self,
            "SELECT * FROM handovers WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2",
            token_hash,
            now
        )
    }
}
