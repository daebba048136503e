//! Evidence of the applications' signatures.

use super::{Conn, Result, Tx, one, run};

/// A signature as stored: what was consented to, when, from where.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SignatureRow {
    /// UUIDv7; from [`Tx::new_id`]: the sealed columns are bound to it.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The SMS code that was typed.
    pub code_id: String,
    /// When.
    pub at: i64,
    /// The phone that the code went to.
    pub phone_sealed: Vec<u8>,
    /// The address that the code came from.
    pub ip_sealed: Vec<u8>,
    /// Version of the consent text.
    pub consent_version: String,
    /// Hash of the consent text (hex).
    pub consent_hash: String,
    /// Hash of the application's content with its papers (hex).
    pub content_hash: String,
}

impl Tx {
    /// Keeps a signature; `at` is now.
    pub async fn insert_signature(&mut self, row: &SignatureRow) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO signatures (id, order_id, code_id, at, phone_sealed, ip_sealed, consent_version, consent_hash,
                content_hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            row.id.as_str(),
            row.order_id.as_str(),
            row.code_id.as_str(),
            now,
            row.phone_sealed.as_slice(),
            row.ip_sealed.as_slice(),
            row.consent_version.as_str(),
            row.consent_hash.as_str(),
            row.content_hash.as_str()
        )?;
        Ok(())
    }
}

impl Conn {
    /// The order's newest signature.
    pub async fn signature_of_order(&mut self, order_id: &str) -> Result<Option<SignatureRow>> {
        one!(
            SignatureRow,
            self,
            "SELECT * FROM signatures WHERE order_id = $1 ORDER BY at DESC, id DESC LIMIT 1",
            order_id
        )
    }
}
