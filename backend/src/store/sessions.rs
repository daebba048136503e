//! Applicant sessions: random tokens in a cookie, only their SHA-256 here.
//!
//! A session outlives its tokens. A new token is good at once and the older ones stay good until it is used for the first
//! time: an answer that got lost on the way leaves the browser with a token that still works. From that first use on the
//! older ones have [`GRACE`] left, for requests that were under way.

use super::{Conn, Result, Tx, one, run};
use crate::clock::MINUTE;
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

/// How long an older token stays good once a newer one was used.
pub const GRACE: i64 = MINUTE;

/// An applicant's session, found by one of its tokens.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApplicantSession {
    /// UUIDv7; what orders and drafts belong to.
    #[sqlx(rename = "session_id")]
    pub id: String,
    /// Begun.
    #[sqlx(rename = "session_begun_at")]
    pub created_at: i64,
    /// Over then.
    #[sqlx(rename = "session_expires_at")]
    pub expires_at: i64,
    /// When the token was given out.
    pub token_issued_at: i64,
    /// When it was used for the first time.
    pub token_used_at: Option<i64>,
    /// When the newest token of the session was given out.
    pub newest_token_at: i64,
}

impl Tx {
    /// Begins a session for the token with this SHA-256; answers its id.
    pub async fn begin_session(&mut self, token_hash: &[u8], expires_at: i64) -> Result<String> {
        let (id, now) = (self.new_id(), self.now());
        run!(
            self,
            "INSERT INTO applicant_sessions (id, token_hash, created_at, seen_at, newest_token_at, expires_at)
             VALUES ($1, $2, $3, $3, $3, $4)",
            id.as_str(),
            token_hash,
            now,
            expires_at
        )?;
        // No older one has to end when it is used.
        self.add_token(&id, token_hash, expires_at, Some(now)).await?;
        Ok(id)
    }

    /// Gives a session one more token, and the session until `expires_at`: the older tokens end once this one is used.
    pub async fn rotate_session(&mut self, id: &str, token_hash: &[u8], expires_at: i64) -> Result<()> {
        self.add_token(id, token_hash, expires_at, None).await?;
        let now = self.now();
        run!(
            self,
            "UPDATE applicant_sessions SET seen_at = $2, newest_token_at = $2, expires_at = $3
             WHERE id = $1 AND expires_at > $2",
            id,
            now,
            expires_at
        )?;
        Ok(())
    }

    async fn add_token(
        &mut self,
        session_id: &str,
        token_hash: &[u8],
        expires_at: i64,
        used_at: Option<i64>,
    ) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO session_tokens (token_hash, session_id, issued_at, used_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)",
            token_hash,
            session_id,
            now,
            used_at,
            expires_at
        )?;
        Ok(())
    }

    /// The token is used for the first time: the session's older ones end after [`GRACE`].
    pub async fn use_token(&mut self, token_hash: &[u8], session: &ApplicantSession) -> Result<()> {
        let now = self.now();
        let first = run!(
            self,
            "UPDATE session_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL",
            token_hash,
            now
        )?;
        if first == 1 {
            run!(
                self,
                "UPDATE session_tokens SET expires_at = $4
                 WHERE session_id = $1 AND issued_at <= $2 AND token_hash <> $3 AND expires_at > $4",
                session.id.as_str(),
                session.token_issued_at,
                token_hash,
                now + GRACE
            )?;
        }
        Ok(())
    }

    /// Ends a session now, with all its tokens.
    pub async fn end_session(&mut self, id: &str) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE applicant_sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $2", id, now)?;
        run!(self, "DELETE FROM session_tokens WHERE session_id = $1", id)?;
        Ok(())
    }

    /// Forgets tokens that ended before `before`.
    pub async fn forget_tokens(&mut self, before: i64) -> Result<u64> {
        run!(self, "DELETE FROM session_tokens WHERE expires_at < $1", before)
    }
}

/// A statement that begins with the session of a token (`$1` its SHA-256, `$2` now), unless token or session is over; more
/// columns and joins may follow.
macro_rules! session_of_token {
    ($($columns:expr, $joins:expr)?) => {
        concat!(
            "SELECT s.id AS session_id, s.created_at AS session_begun_at, s.expires_at AS session_expires_at,
                t.issued_at AS token_issued_at, t.used_at AS token_used_at, s.newest_token_at",
            $(", ", $columns,)?
            " FROM session_tokens t JOIN applicant_sessions s ON s.id = t.session_id",
            $(" ", $joins,)?
            " WHERE t.token_hash = $1 AND t.expires_at > $2 AND s.expires_at > $2"
        )
    };
}
pub(super) use session_of_token;

/// A row of [`session_of_token`]: the session, and beside it what it may see, which is told by an `id` that is not NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beside<T> {
    pub session: ApplicantSession,
    pub found: Option<T>,
}

impl<'r, R: Row, T> FromRow<'r, R> for Beside<T>
where
    ApplicantSession: FromRow<'r, R>,
    T: FromRow<'r, R>,
    &'static str: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let is_there = row.try_get::<Option<String>, _>("id")?.is_some();
        Ok(Self {
            session: ApplicantSession::from_row(row)?,
            found: if is_there { Some(T::from_row(row)?) } else { None },
        })
    }
}

impl Conn {
    /// The session of the token with this SHA-256, unless token or session is over.
    pub async fn session_of_token(&mut self, token_hash: &[u8]) -> Result<Option<ApplicantSession>> {
        let now = self.now();
        one!(ApplicantSession, self, session_of_token!(), token_hash, now)
    }
}
