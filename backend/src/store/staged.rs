//! Papers uploaded while the review waits (修改上传资料): the reviewer goes on seeing the signed ones until the correction is
//! signed too.

use super::documents::{DocumentRow, NewDocument};
use super::{Conn, Result, Tx, all, one, run};
use crate::outbox::Job;

impl Tx {
    /// Keeps an uploaded paper beside the current one of its kind; an earlier staged one is superseded.
    pub async fn stage_document(&mut self, new: &NewDocument) -> Result<()> {
        let now = self.now();
        self.lock_documents(&new.order_id).await?;
        run!(
            self,
            "UPDATE documents SET superseded_at = $3
             WHERE order_id = $1 AND kind = $2 AND superseded_at IS NULL AND staged_at IS NOT NULL",
            new.order_id.as_str(),
            new.kind.name(),
            now
        )?;
        self.write_document(new, Some(now)).await
    }

    /// A signature covers the order's papers now: staged ones take the place of the current ones of their kinds. Take
    /// [`Tx::lock_documents`] before reading what is signed.
    pub async fn sign_documents(&mut self, order_id: &str) -> Result<()> {
        self.promote_staged(order_id).await?;
        let now = self.now();
        run!(
            self,
            "UPDATE documents SET signed_at = $2 WHERE order_id = $1 AND superseded_at IS NULL AND signed_at IS NULL",
            order_id,
            now
        )?;
        Ok(())
    }

    /// Staged papers become the order's, unsigned: the review refused it before they were signed.
    pub(super) async fn promote_staged(&mut self, order_id: &str) -> Result<()> {
        let now = self.now();
        let replaced = run!(
            self,
            "UPDATE documents SET superseded_at = $2
             WHERE order_id = $1 AND superseded_at IS NULL AND staged_at IS NULL AND kind IN (
                SELECT staged.kind FROM documents AS staged
                WHERE staged.order_id = $1 AND staged.superseded_at IS NULL AND staged.staged_at IS NOT NULL)",
            order_id,
            now
        )?;
        run!(self, "UPDATE documents SET staged_at = NULL WHERE order_id = $1 AND superseded_at IS NULL", order_id)?;
        if replaced > 0 {
            self.enqueue(&Job::EraseDocuments { order_id: order_id.to_owned() }, now).await?;
        }
        Ok(())
    }

    /// Staged papers are given up: the review was over before they were signed.
    pub(super) async fn drop_staged(&mut self, order_id: &str) -> Result<()> {
        let now = self.now();
        let dropped = run!(
            self,
            "UPDATE documents SET superseded_at = $2
             WHERE order_id = $1 AND superseded_at IS NULL AND staged_at IS NOT NULL",
            order_id,
            now
        )?;
        if dropped > 0 {
            self.enqueue(&Job::EraseDocuments { order_id: order_id.to_owned() }, now).await?;
        }
        Ok(())
    }
}

impl Conn {
    /// Papers of an order that wait for a correction's signature, oldest first.
    pub async fn staged_documents(&mut self, order_id: &str) -> Result<Vec<DocumentRow>> {
        all!(
            DocumentRow,
            self,
            "SELECT * FROM documents WHERE order_id = $1 AND superseded_at IS NULL AND staged_at IS NOT NULL
             ORDER BY created_at, id",
            order_id
        )
    }

    /// One staged paper of an order.
    pub async fn staged_document(&mut self, order_id: &str, id: &str) -> Result<Option<DocumentRow>> {
        one!(
            DocumentRow,
            self,
            "SELECT * FROM documents
             WHERE order_id = $1 AND id = $2 AND superseded_at IS NULL AND staged_at IS NOT NULL",
            order_id,
            id
        )
    }
}
