//! What was typed so far, sealed; one open draft for each session, channel and business. Finding one again elsewhere is
//! in `found_drafts.rs`.

use super::{Conn, Result, StoreError, Tx, Word, one, run};
use shared::order::Business;

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftRow {
    /// UUIDv7.
    pub id: String,
    /// The applicant session.
    pub session_id: String,
    /// The channel's slug.
    pub channel: String,
    /// The business.
    #[sqlx(try_from = "Word")]
    pub business: Business,
    /// Its data key; the order takes it over.
    pub data_key_id: String,
    /// What was typed.
    pub sealed: Vec<u8>,
    /// Hash of the content that was checked (hex); `None` while it is not, or was changed since.
    pub content_hash: Option<String>,
    /// When it was checked.
    pub checked_at: Option<i64>,
    /// The order that was made from it.
    pub order_id: Option<String>,
    /// When it was saved last.
    pub saved_at: i64,
    /// Blind index of the unit's credit code, once everything was checked.
    pub holder_index: Option<String>,
    /// Blind index of the operator's phone, once everything was checked.
    pub operator_index: Option<String>,
    /// When it made room for another draft.
    pub set_aside_at: Option<i64>,
}

/// A draft with its data key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CheckedDraft {
    /// The draft.
    #[sqlx(flatten)]
    pub draft: DraftRow,
    /// The data key as it is kept; `None`: it was destroyed.
    pub wrapped: Option<Vec<u8>>,
    /// Which root key wraps it.
    pub root_version: Option<i64>,
}

impl Tx {
    /// Begins a draft. `id` comes from [`Tx::new_id`]: the sealed text is bound to it. There is an open one already →
    /// [`StoreError::Conflict`].
    pub async fn insert_draft(
        &mut self,
        id: &str,
        session_id: &str,
        channel: &str,
        business: Business,
        data_key_id: &str,
        sealed: &[u8],
    ) -> Result<()> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO drafts (id, session_id, channel, business, data_key_id, sealed, saved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT DO NOTHING",
            id,
            session_id,
            channel,
            business.name(),
            data_key_id,
            sealed,
            now
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Saves an open draft again. Whatever was checked before is not checked any more; with `findable` the draft is still
    /// found by its operator. `false`: it became an order, or another session took it up.
    pub async fn save_draft(&mut self, id: &str, session_id: &str, sealed: &[u8], findable: bool) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE drafts SET sealed = $2, saved_at = $3, content_hash = NULL, checked_at = NULL,
                holder_index = CASE WHEN $4 = 1 THEN holder_index END,
                operator_index = CASE WHEN $4 = 1 THEN operator_index END
             WHERE id = $1 AND session_id = $5 AND set_aside_at IS NULL AND order_id IS NULL",
            id,
            sealed,
            now,
            i64::from(findable),
            session_id
        )?;
        Ok(written == 1)
    }

    /// The draft's content passed every check; from now on it is found by these blind indexes of credit code and
    /// operator's phone. `saved_at` is the row's that was checked: saved again meanwhile → [`StoreError::Conflict`].
    pub async fn set_draft_checked(
        &mut self,
        id: &str,
        saved_at: i64,
        content_hash: &str,
        (holder_index, operator_index): (&str, &str),
    ) -> Result<()> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE drafts SET content_hash = $3, checked_at = $4, holder_index = $5, operator_index = $6
             WHERE id = $1 AND saved_at = $2 AND order_id IS NULL",
            id,
            saved_at,
            content_hash,
            now,
            holder_index,
            operator_index
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

impl Conn {
    /// The open draft of a session for a business in a channel.
    pub async fn open_draft(
        &mut self,
        session_id: &str,
        channel: &str,
        business: Business,
    ) -> Result<Option<DraftRow>> {
        one!(
            DraftRow,
            self,
            "SELECT * FROM drafts
             WHERE session_id = $1 AND channel = $2 AND business = $3 AND order_id IS NULL AND set_aside_at IS NULL",
            session_id,
            channel,
            business.name()
        )
    }

    /// The session's draft with this checked content and the key that opens it, whether it became an order or not: 确认订单
    /// twice finds the order that the first one made.
    pub async fn checked_draft(
        &mut self,
        session_id: &str,
        channel: &str,
        business: Business,
        content_hash: &str,
    ) -> Result<Option<CheckedDraft>> {
        one!(
            CheckedDraft,
            self,
            "SELECT drafts.*, data_keys.wrapped, data_keys.root_version
             FROM drafts LEFT JOIN data_keys ON data_keys.id = drafts.data_key_id
             WHERE drafts.session_id = $1 AND drafts.channel = $2 AND drafts.business = $3 AND drafts.content_hash = $4
             ORDER BY drafts.saved_at DESC, drafts.id DESC LIMIT 1",
            session_id,
            channel,
            business.name(),
            content_hash
        )
    }

    /// A draft by its id.
    pub async fn draft(&mut self, id: &str) -> Result<Option<DraftRow>> {
        one!(DraftRow, self, "SELECT * FROM drafts WHERE id = $1", id)
    }
}
