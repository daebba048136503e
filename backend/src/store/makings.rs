//! Makings: each try to make an order's key.

use super::{Conn, Result, StoreError, Tx, Word, all, one, run, words};

words! {
    /// Where a making stands.
    pub enum MakingState {
        /// A ticket was given; the key may have new secrets already.
        Started = "started",
        /// A certificate was prepared for it.
        Issued = "issued",
        /// The key holds the certificate.
        Made = "made",
        /// Another making of the order took its place.
        Abandoned = "abandoned",
    }
}

/// A making as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Making {
    /// UUIDv7.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// Who makes it.
    pub staff_id: String,
    /// The bridge's nonce that its ticket answers.
    pub nonce: String,
    /// The key's serial, if it had one when the making began.
    pub key_serial: Option<String>,
    /// PIN, PUK and management key, sealed under the order's data key.
    pub secrets_sealed: Option<Vec<u8>>,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub state: MakingState,
    /// Begun.
    pub started_at: i64,
    /// Made or abandoned.
    pub finished_at: Option<i64>,
}

/// What [`Tx::begin_making`] writes.
#[derive(Clone, Copy, Debug)]
pub struct NewMaking<'a> {
    /// From [`Tx::new_id`]: the secrets are bound to it.
    pub id: &'a str,
    /// The order.
    pub order_id: &'a str,
    /// Who makes it.
    pub staff_id: &'a str,
    /// The bridge's nonce.
    pub nonce: &'a str,
    /// The key's serial, if it has one.
    pub key_serial: Option<&'a str>,
    /// Its secrets, sealed.
    pub secrets_sealed: &'a [u8],
}

impl Tx {
    /// Begins a making; the order's running one is abandoned.
    pub async fn begin_making(&mut self, new: NewMaking<'_>) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE makings SET state = 'abandoned', finished_at = $2
             WHERE order_id = $1 AND state IN ('started', 'issued')",
            new.order_id,
            now
        )?;
        let written = run!(
            self,
            "INSERT INTO makings (id, order_id, staff_id, nonce, key_serial, secrets_sealed, state, started_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'started', $7) ON CONFLICT DO NOTHING",
            new.id,
            new.order_id,
            new.staff_id,
            new.nonce,
            new.key_serial,
            new.secrets_sealed,
            now
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Moves a making on. Somebody else moved it → [`StoreError::Conflict`].
    pub async fn move_making(&mut self, id: &str, from: MakingState, to: MakingState) -> Result<()> {
        let finished_at = match to {
            MakingState::Started | MakingState::Issued => None,
            MakingState::Made | MakingState::Abandoned => Some(self.now()),
        };
        let written = run!(
            self,
            "UPDATE makings SET state = $3, finished_at = $4 WHERE id = $1 AND state = $2",
            id,
            from.name(),
            to.name(),
            finished_at
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Forgets a making's secrets: the key's row has them now.
    pub async fn wipe_making_secrets(&mut self, id: &str) -> Result<()> {
        run!(self, "UPDATE makings SET secrets_sealed = NULL WHERE id = $1", id)?;
        Ok(())
    }
}

impl Conn {
    /// The order's running making.
    pub async fn live_making(&mut self, order_id: &str) -> Result<Option<Making>> {
        one!(Making, self, "SELECT * FROM makings WHERE order_id = $1 AND state IN ('started', 'issued')", order_id)
    }

    /// The order's makings, newest first.
    pub async fn makings(&mut self, order_id: &str) -> Result<Vec<Making>> {
        all!(Making, self, "SELECT * FROM makings WHERE order_id = $1 ORDER BY started_at DESC, id DESC", order_id)
    }

    /// Interrupted makings whose secrets may be on this key, newest first: those that named its serial, and those that
    /// met a key without one (it has got its serial since).
    pub async fn unfinished_makings_of_key(
        &mut self,
        key_serial: Option<&str>,
        since: i64,
        limit: i64,
    ) -> Result<Vec<Making>> {
        all!(
            Making,
            self,
            "SELECT * FROM makings
             WHERE state <> 'made' AND secrets_sealed IS NOT NULL AND started_at >= $2
               AND (key_serial IS NULL OR key_serial = $1)
             ORDER BY started_at DESC, id DESC LIMIT $3",
            key_serial,
            since,
            limit
        )
    }
}
