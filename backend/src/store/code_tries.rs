//! Trying an SMS code. A try is spent and committed before the answer is known to anybody: a request that is refused or
//! rolled back later can't get its try back.

use super::codes::{CodePurpose, CodeRow};
use super::{Result, Store, StoreError, Tx, one, run};
use subtle::ConstantTimeEq;

/// Tries of one code, right or wrong.
pub const MAX_TRIES: i64 = 5;

/// What the applicant typed, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The ticket: the code's id.
    pub id: &'a str,
    /// The session that tries.
    pub session_id: &'a str,
    /// What it shall be good for.
    pub purpose: CodePurpose,
    /// The order, for everything but a query.
    pub order_id: Option<&'a str>,
    /// Keyed hash of what was typed.
    pub code_hash: &'a str,
}

/// How a try ended.
#[derive(Debug)]
pub enum Tried {
    /// Right. Use it in the transaction of the act itself: [`Tx::use_code`].
    Right(RightCode),
    /// Wrong.
    Wrong {
        /// Tries left.
        left: i64,
    },
    /// Older than it may be.
    Expired,
    /// Used, tried too often, for something or somebody else, or never asked for.
    UsedUp,
}

/// Proof that a code was typed rightly; not used yet.
#[derive(Debug)]
pub struct RightCode(Box<CodeRow>);

impl RightCode {
    /// The code.
    pub fn row(&self) -> &CodeRow {
        &self.0
    }
}

impl Store {
    /// Spends one try of a code, in a transaction of its own.
    pub async fn try_code(&self, typed: Typed<'_>) -> Result<Tried> {
        let mut tx = self.begin().await?;
        let now = tx.now();
        let spent = one!(
            CodeRow,
            tx,
            "UPDATE codes SET tries = tries + 1
             WHERE id = $1 AND session_id = $2 AND purpose = $3 AND used_at IS NULL AND tries < $4
                AND expires_at > $5 AND state <> 'failed'
             RETURNING *",
            typed.id,
            typed.session_id,
            typed.purpose.name(),
            MAX_TRIES,
            now
        )?;
        let Some(code) = spent else {
            let code = tx.code(typed.id).await?;
            let expired = code.is_some_and(|code| {
                code.session_id == typed.session_id
                    && code.used_at.is_none()
                    && code.tries < MAX_TRIES
                    && code.expires_at <= now
            });
            return Ok(if expired { Tried::Expired } else { Tried::UsedUp });
        };
        tx.commit().await?;
        if code.order_id.as_deref() != typed.order_id {
            return Ok(Tried::UsedUp);
        }
        let right: bool = code.code_hash.as_bytes().ct_eq(typed.code_hash.as_bytes()).into();
        Ok(match (right, MAX_TRIES - code.tries) {
            (true, _) => Tried::Right(RightCode(Box::new(code))),
            (false, left) => Tried::Wrong { left },
        })
    }
}

impl Tx {
    /// Uses a code up, in the transaction of the act that it allows. It can be used once: a second use is
    /// [`StoreError::Conflict`], also when both come at the same moment.
    pub async fn use_code(&mut self, right: &RightCode) -> Result<()> {
        let now = self.now();
        let written =
            run!(self, "UPDATE codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL", right.0.id.as_str(), now)?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
