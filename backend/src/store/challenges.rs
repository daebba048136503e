//! Challenges of the gate: made, looked at, spent once.

use super::{Conn, Result, Tx, one, run};

/// A challenge as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ChallengeRow {
    /// UUIDv7.
    pub id: String,
    /// The session that asked, and that alone may answer it.
    pub session_id: String,
    /// Keyed hash of the image's digits.
    pub answer_hash: String,
    /// What the number of the proof of work is appended to.
    pub salt: String,
    /// Leading zero bits asked for.
    pub bits: i64,
    /// Made.
    pub created_at: i64,
    /// Worthless afterwards.
    pub expires_at: i64,
    /// Answered, rightly or wrongly.
    pub spent_at: Option<i64>,
    /// Keyed hash of the act that the right answer was good for; empty for a wrong one.
    pub spent_for: Option<String>,
}

/// What [`Tx::insert_challenge`] writes.
#[derive(Clone, Debug)]
pub struct NewChallenge<'a> {
    /// From [`Tx::new_id`]: the hash is bound to it.
    pub id: &'a str,
    /// The session that asks.
    pub session_id: &'a str,
    /// Keyed hash of the image's digits.
    pub answer_hash: &'a str,
    /// What the number is appended to.
    pub salt: &'a str,
    /// Leading zero bits asked for.
    pub bits: u8,
    /// Worthless afterwards.
    pub expires_at: i64,
}

impl Tx {
    /// Keeps a new challenge.
    pub async fn insert_challenge(&mut self, new: &NewChallenge<'_>) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO challenges (id, session_id, answer_hash, salt, bits, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new.id,
            new.session_id,
            new.answer_hash,
            new.salt,
            i64::from(new.bits),
            now,
            new.expires_at
        )?;
        Ok(())
    }

    /// The challenge of this session, locked until the transaction ends: of answers that come together, each sees what the
    /// one before it did.
    pub async fn lock_challenge(&mut self, id: &str, session_id: &str) -> Result<Option<ChallengeRow>> {
        let now = self.now();
        one!(
            ChallengeRow,
            self,
            "UPDATE challenges SET bits = bits WHERE id = $1 AND session_id = $2 AND expires_at > $3 RETURNING *",
            id,
            session_id,
            now
        )
    }

    /// Spends a challenge: `act` is the keyed hash of what the answer was good for, empty for a wrong answer. `false`: it
    /// was spent before.
    pub async fn spend_challenge(&mut self, id: &str, act: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE challenges SET spent_at = $2, spent_for = $3 WHERE id = $1 AND spent_at IS NULL",
            id,
            now,
            act
        )?;
        Ok(written == 1)
    }

    /// Forgets challenges that were worthless at `before`.
    pub async fn forget_challenges(&mut self, before: i64) -> Result<u64> {
        run!(self, "DELETE FROM challenges WHERE expires_at < $1", before)
    }
}

impl Conn {
    /// A challenge.
    pub async fn challenge(&mut self, id: &str) -> Result<Option<ChallengeRow>> {
        one!(ChallengeRow, self, "SELECT * FROM challenges WHERE id = $1", id)
    }
}
