//! Applicant sessions: a random token in a cookie, only its SHA-256 here.

use super::{Conn, Result, Tx, one, run};

/// An applicant's session as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApplicantSession {
    /// UUIDv7; what orders and drafts belong to.
    pub id: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Begun.
    pub created_at: i64,
    /// Last used.
    pub seen_at: i64,
    /// Over then.
    pub expires_at: i64,
}

impl Tx {
    /// Begins a session for the token with this SHA-256.
    pub async fn begin_session(&mut self, token_hash: &[u8], expires_at: i64) -> Result<ApplicantSession> {
        let session = ApplicantSession {
            id: self.new_id(),
            token_hash: token_hash.to_vec(),
            created_at: self.now(),
            seen_at: self.now(),
            expires_at,
        };
        run!(
            self,
            "INSERT INTO applicant_sessions (id, token_hash, created_at, seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)",
            session.id.as_str(),
            token_hash,
            session.created_at,
            session.seen_at,
            session.expires_at
        )?;
        Ok(session)
    }

    /// The session was used; it lasts until `expires_at` from now on.
    pub async fn extend_session(&mut self, id: &str, expires_at: i64) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE applicant_sessions SET seen_at = $2, expires_at = $3 WHERE id = $1", id, now, expires_at)?;
        Ok(())
    }

    /// Ends a session now.
    pub async fn end_session(&mut self, id: &str) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE applicant_sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $2", id, now)?;
        Ok(())
    }
}

impl Conn {
    /// The session of the token with this SHA-256, unless it is over.
    pub async fn session_of_token(&mut self, token_hash: &[u8]) -> Result<Option<ApplicantSession>> {
        let now = self.now();
        one!(
            ApplicantSession,
            self,
            "SELECT * FROM applicant_sessions WHERE token_hash = $1 AND expires_at > $2",
            token_hash,
            now
        )
    }
}
