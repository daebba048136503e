//! What is corrected on a paid order: the parcel's address, the operator's phone. The step itself is `moves.rs`'.

use super::orders::Order;
use super::{Conn, Result, StoreError, Tx, all, run};

/// An order's application after a correction.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The application.
    pub form_sealed: Vec<u8>,
    /// What lists show.
    pub summary_sealed: Vec<u8>,
    /// Hash of the application's content (hex).
    pub content_hash: String,
    /// Blind index of the operator's phone.
    pub operator_index: String,
    /// Blind index of the legal representative's phone.
    pub legal_rep_index: String,
}

impl Tx {
    /// Writes an order's application anew. Guarded by the version that was read: somebody else moved the order meanwhile
    /// → [`StoreError::Conflict`]. The step that follows in the same transaction counts the version up.
    pub async fn correct_application(&mut self, order: &Order, new: &Corrected) -> Result<()> {
        let written = run!(
            self,
            "UPDATE orders SET form_sealed = $3, summary_sealed = $4, content_hash = $5, operator_index = $6,
                legal_rep_index = $7
             WHERE id = $1 AND version = $2",
            order.id.as_str(),
            order.version,
            new.form_sealed.as_slice(),
            new.summary_sealed.as_slice(),
            new.content_hash.as_str(),
            new.operator_index.as_str(),
            new.legal_rep_index.as_str()
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Blind indexes of an order of an older version. Of an erased one they are empty texts, which no index is.
    pub async fn set_phone_indexes(
        &mut self,
        order_id: &str,
        operator_index: &str,
        legal_rep_index: &str,
    ) -> Result<()> {
        run!(
            self,
            "UPDATE orders SET operator_index = $2, legal_rep_index = $3 WHERE id = $1 AND operator_index IS NULL",
            order_id,
            operator_index,
            legal_rep_index
        )?;
        Ok(())
    }
}

impl Conn {
    /// Orders of an older version that have no blind indexes of phones yet.
    pub async fn orders_without_indexes(&mut self, limit: i64) -> Result<Vec<Order>> {
        all!(Order, self, "SELECT * FROM orders WHERE operator_index IS NULL ORDER BY id LIMIT $1", limit)
    }
}
