//! Drafts found again by a code to their operator, and drafts that made room for another one.

use super::drafts::DraftRow;
use super::{Conn, Result, StoreError, Tx, all, one, run};

/// The most drafts that a list shows.
const LONGEST: i64 = 50;

/// What a session may take up: set aside by itself, or opened by a query code to the phone that the draft still names.
const TAKEABLE: &str = "SELECT drafts.* FROM drafts
     WHERE drafts.id = $1 AND drafts.order_id IS NULL AND (drafts.session_id = $2 OR EXISTS (
        SELECT 1 FROM draft_access
        WHERE draft_access.draft_id = drafts.id AND draft_access.session_id = $2
            AND draft_access.phone_index = drafts.operator_index))";

impl Conn {
    /// Checked drafts of a holder that were not confirmed, the one saved last first.
    pub async fn drafts_of_holder(&mut self, channel: &str, holder_index: &str) -> Result<Vec<DraftRow>> {
        all!(
            DraftRow,
            self,
            "SELECT * FROM drafts
             WHERE channel = $1 AND holder_index = $2 AND operator_index IS NOT NULL AND order_id IS NULL
             ORDER BY saved_at DESC, id DESC LIMIT $3",
            channel,
            holder_index,
            LONGEST
        )
    }

    /// Drafts in a channel that the session may take up, the one saved last first. Its own open one is not among them.
    pub async fn drafts_to_resume(&mut self, session_id: &str, channel: &str) -> Result<Vec<DraftRow>> {
        all!(
            DraftRow,
            self,
            // Both begin with the session's few, not with the channel's many: SQLite for the CROSS JOIN, PostgreSQL because no
            // index has `channel || ''`.
            "SELECT drafts.* FROM (
                SELECT id AS draft_id FROM drafts WHERE session_id = $1 AND set_aside_at IS NOT NULL
                UNION
                SELECT draft_id FROM draft_access CROSS JOIN drafts AS known
                WHERE known.id = draft_access.draft_id AND draft_access.session_id = $1
                    AND draft_access.phone_index = known.operator_index
                    AND (known.session_id <> $1 OR known.set_aside_at IS NOT NULL)) AS mine
             CROSS JOIN drafts
             WHERE drafts.id = mine.draft_id AND drafts.channel || '' = $2 AND drafts.order_id IS NULL
             ORDER BY drafts.saved_at DESC, drafts.id DESC LIMIT $3",
            session_id,
            channel,
            LONGEST
        )
    }

    /// The draft with this id, if the session may take it up: its own, or opened by a query code.
    pub async fn draft_of_session(&mut self, id: &str, session_id: &str) -> Result<Option<DraftRow>> {
        one!(DraftRow, self, TAKEABLE, id, session_id)
    }
}

impl Tx {
    /// Lets a session take a draft up. `phone_index` is the phone that got the code.
    pub async fn grant_draft(&mut self, draft_id: &str, session_id: &str, phone_index: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO draft_access (draft_id, session_id, phone_index, granted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (draft_id, session_id) DO UPDATE
             SET phone_index = excluded.phone_index, granted_at = excluded.granted_at",
            draft_id,
            session_id,
            phone_index,
            now
        )?;
        self.remember_drafts(session_id).await
    }

    /// From now on there may be drafts to resume.
    async fn remember_drafts(&mut self, session_id: &str) -> Result<()> {
        run!(self, "UPDATE applicant_sessions SET drafts_found = 1 WHERE id = $1 AND drafts_found = 0", session_id)?;
        Ok(())
    }

    /// Makes a draft the session's open one; the one that stood there is set aside. It became an order meanwhile, or
    /// another one is begun at the same moment → [`StoreError::Conflict`].
    pub async fn resume_draft(&mut self, draft: &DraftRow, session_id: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE drafts SET set_aside_at = $5
             WHERE session_id = $1 AND channel = $2 AND business = $3 AND id <> $4
                AND order_id IS NULL AND set_aside_at IS NULL",
            session_id,
            draft.channel.as_str(),
            draft.business.name(),
            draft.id.as_str(),
            now
        )?;
        let moved = run!(
            self,
            "UPDATE drafts SET session_id = $2, set_aside_at = NULL WHERE id = $1 AND order_id IS NULL",
            draft.id.as_str(),
            session_id
        )?;
        if moved == 1 { self.remember_drafts(session_id).await } else { Err(StoreError::Conflict) }
    }
}
