//! Uploaded papers: the rows; the images are in the object store. Papers that wait for a correction's signature are in
//! `staged.rs`.

use super::{Conn, Result, Tx, Word, all, one, run};
use shared::channel::DocumentKind;

/// An uploaded paper as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DocumentRow {
    /// UUIDv7.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// What it shows.
    #[sqlx(try_from = "Word")]
    pub kind: DocumentKind,
    /// Where the sealed image is.
    pub object_key: String,
    /// Hash of the image in clear (hex).
    pub sha256: String,
    /// MIME type.
    pub content_type: String,
    /// Size of the image in clear.
    pub bytes: i64,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Uploaded.
    pub created_at: i64,
    /// Replaced or deleted by the applicant.
    pub superseded_at: Option<i64>,
    /// The image is gone from the object store.
    pub erased_at: Option<i64>,
    /// When a signature covered it first; `None` while none did.
    pub signed_at: Option<i64>,
    /// Uploaded while the review waits: it takes the current one's place when the correction is signed.
    pub staged_at: Option<i64>,
}

/// What [`Tx::insert_document`] writes.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// From [`Tx::new_id`].
    pub id: String,
    /// The order.
    pub order_id: String,
    /// What it shows.
    pub kind: DocumentKind,
    /// Where the sealed image is.
    pub object_key: String,
    /// Hash of the image in clear (hex).
    pub sha256: String,
    /// MIME type.
    pub content_type: String,
    /// Size of the image in clear.
    pub bytes: i64,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
}

impl Tx {
    /// Others who want to change the order's papers wait until this transaction is over: what a signature covers can't
    /// change while it is written, and two uploads of one paper can't both find nothing to supersede.
    pub async fn lock_documents(&mut self, order_id: &str) -> Result<()> {
        self.lock(&mut [format!("documents:{order_id}")]).await
    }

    /// Keeps an uploaded paper; earlier ones of the same kind are superseded.
    pub async fn insert_document(&mut self, new: &NewDocument) -> Result<()> {
        let now = self.now();
        self.lock_documents(&new.order_id).await?;
        run!(
            self,
            "UPDATE documents SET superseded_at = $3 WHERE order_id = $1 AND kind = $2 AND superseded_at IS NULL",
            new.order_id.as_str(),
            new.kind.name(),
            now
        )?;
        self.write_document(new, None).await
    }

    pub(super) async fn write_document(&mut self, new: &NewDocument, staged_at: Option<i64>) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO documents (id, order_id, kind, object_key, sha256, content_type, bytes, width, height,
                created_at, staged_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            new.id.as_str(),
            new.order_id.as_str(),
            new.kind.name(),
            new.object_key.as_str(),
            new.sha256.as_str(),
            new.content_type.as_str(),
            new.bytes,
            new.width,
            new.height,
            now,
            staged_at
        )?;
        Ok(())
    }

    /// The applicant deletes a paper. `false`: it is not the order's current one.
    pub async fn supersede_document(&mut self, order_id: &str, id: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE documents SET superseded_at = $3 WHERE order_id = $1 AND id = $2 AND superseded_at IS NULL",
            order_id,
            id,
            now
        )?;
        Ok(written == 1)
    }

    /// All papers of an order are superseded, staged ones too (it was cancelled).
    pub async fn supersede_documents(&mut self, order_id: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE documents SET superseded_at = $2 WHERE order_id = $1 AND superseded_at IS NULL",
            order_id,
            now
        )?;
        Ok(())
    }

    /// The image is gone from the object store.
    pub async fn set_document_erased(&mut self, id: &str) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE documents SET erased_at = $2 WHERE id = $1 AND erased_at IS NULL", id, now)?;
        Ok(())
    }
}

impl Conn {
    /// The order's current papers, oldest first.
    pub async fn documents_of_order(&mut self, order_id: &str) -> Result<Vec<DocumentRow>> {
        all!(
            DocumentRow,
            self,
            "SELECT * FROM documents WHERE order_id = $1 AND superseded_at IS NULL AND staged_at IS NULL
             ORDER BY created_at, id",
            order_id
        )
    }

    /// One current paper of an order.
    pub async fn document(&mut self, order_id: &str, id: &str) -> Result<Option<DocumentRow>> {
        one!(
            DocumentRow,
            self,
            "SELECT * FROM documents WHERE order_id = $1 AND id = $2 AND superseded_at IS NULL AND staged_at IS NULL",
            order_id,
            id
        )
    }

    /// Superseded papers whose image is still in the object store.
    pub async fn documents_to_erase(&mut self, order_id: &str) -> Result<Vec<DocumentRow>> {
        all!(
            DocumentRow,
            self,
            "SELECT * FROM documents
             WHERE order_id = $1 AND superseded_at IS NOT NULL AND erased_at IS NULL ORDER BY created_at, id",
            order_id
        )
    }
}
