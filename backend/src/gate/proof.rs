//! Whether a request brought the answer of a challenge.
//!
//! An answer is good for one act: one press of one button. It is spent in the transaction of that act, so a request that is
//! refused for another reason leaves it good; a wrong reading of an image is spent at once. A press that is sent again
//! because its answer got lost on the way brings the same answer within [`AGAIN`], and finds what the first one did.

use super::challenge::answer_hash;
use crate::clock::MINUTE;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{ChallengeRow, Tx};
use crate::vault::BlindColumn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use shared::api::{ErrorCode, PROOF_HEADER, Proof};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use subtle::ConstantTimeEq;

/// How long the same press may be sent again with the same answer.
const AGAIN: i64 = MINUTE;

/// What a request brought in [`PROOF_HEADER`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofHeader(pub Option<Proof>);

impl FromRequestParts<Hall> for ProofHeader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Hall) -> Result<Self, Infallible> {
        let text = parts.headers.get(PROOF_HEADER).and_then(|value| value.to_str().ok());
        Ok(Self(text.and_then(Proof::parse)))
    }
}

/// What an answer is good for: the button that was pressed, and what it was pressed about.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// 下一步 with this form.
    Check {
        /// The form as it was understood.
        content: &'a str,
    },
    /// 获取验证码 for signing an order.
    Sign {
        /// 订单号.
        number: &'a str,
    },
    /// 获取验证码 of 订单查询.
    Query {
        /// The channel's slug.
        channel: &'a str,
        /// What was asked about, as it was understood.
        subject: &'a str,
    },
    /// 获取验证码 for another address of the parcel.
    CorrectMailing {
        /// 订单号.
        number: &'a str,
    },
    /// 获取验证码 for another phone of the operator.
    CorrectPhone {
        /// 订单号.
        number: &'a str,
        /// The new phone, as it was understood.
        phone: &'a str,
    },
}

impl Act<'_> {
    fn hash(self, hall: &Hall) -> String {
        let text = match self {
            Self::Check { content } => format!("check\n{content}"),
            Self::Sign { number } => format!("sign\n{number}"),
            Self::Query { channel, subject } => format!("query\n{channel}\n{subject}"),
            Self::CorrectMailing { number } => format!("mailing\n{number}"),
            Self::CorrectPhone { number, phone } => format!("phone\n{number}\n{phone}"),
        };
        hall.vault.blind(BlindColumn::Act, &text)
    }
}

/// A good answer, for one act; not spent yet, or spent by the same press a moment ago.
#[derive(Debug)]
pub struct Proven {
    challenge: String,
    act: String,
    /// This request has spent it: what else it does belongs to the same press, however long it takes.
    spent: AtomicBool,
}

/// How [`Proven::spend`] found the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Pressed now.
    First,
    /// The same press came before; what it did stands.
    Again,
}

impl Proven {
    /// The challenge's id.
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// Spends the answer in the transaction of the act itself. An act of several transactions spends it in each.
    pub async fn spend(&self, tx: &mut Tx) -> AppResult<Press> {
        if self.spent.load(Ordering::Relaxed) {
            return Ok(Press::Again);
        }
        let press = self.spend_in(tx).await?;
        self.spent.store(true, Ordering::Relaxed);
        Ok(press)
    }

    async fn spend_in(&self, tx: &mut Tx) -> AppResult<Press> {
        if tx.spend_challenge(&self.challenge, &self.act).await? {
            return Ok(Press::First);
        }
        // Two requests of one press at the same moment, or something else that brought the same answer.
        let spent = tx.challenge(&self.challenge).await?;
        if spent.is_some_and(|row| is_again(&row, &self.act, tx.now())) { Ok(Press::Again) } else { Err(needed()) }
    }
}

/// Looks at what a request brought. [`ErrorCode::ProofNeeded`]: nothing, or something wrong, old, spent, or somebody else's.
pub async fn prove(hall: &Hall, session: &str, proof: &ProofHeader, act: Act<'_>) -> AppResult<Proven> {
    let Some(proof) = &proof.0 else {
        return Err(needed().words("请先填写图片验证码，看不清图片时可用计算验证代替"));
    };
    let (Proof::Image { id, .. } | Proof::Work { id, .. }) = proof;
    let act = act.hash(hall);
    let mut tx = hall.store.begin().await?;
    let Some(row) = tx.lock_challenge(id, session).await? else { return Err(needed()) };
    let right = match proof {
        Proof::Image { answer, .. } => {
            answer_hash(hall, id, answer).as_bytes().ct_eq(row.answer_hash.as_bytes()).into()
        }
        Proof::Work { number, .. } => is_work_done(&row.salt, *number, row.bits),
    };
    match (right, row.spent_at.is_some()) {
        (true, false) => {}
        (true, true) if is_again(&row, &act, tx.now()) => {}
        (true | false, true) => return Err(needed()),
        (false, false) => {
            tx.spend_challenge(id, "").await?;
            tx.commit().await?;
            return Err(needed());
        }
    }
    Ok(Proven { challenge: row.id, act, spent: AtomicBool::new(false) })
}

fn needed() -> AppError {
    AppError::new(ErrorCode::ProofNeeded)
}

/// The answer was spent for the same act, a moment ago.
fn is_again(row: &ChallengeRow, act: &str, now: i64) -> bool {
    row.spent_for.as_deref() == Some(act) && row.spent_at.is_some_and(|at| (at..at + AGAIN).contains(&now))
}

/// SHA-256 of the salt and the number in decimal begins with so many zero bits.
fn is_work_done(salt: &str, number: u64, bits: i64) -> bool {
    let hash = Sha256::digest(format!("{salt}{number}"));
    let mut zeros = 0;
    for byte in hash {
        zeros += i64::from(byte.leading_zeros());
        if byte != 0 {
            break;
        }
    }
    zeros >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_when_the_hash_begins_with_enough_zeros() {
        // SHA-256("certhall" ‖ number): found once with another program (sha256sum).
        let easiest = (0..1 << 20).find(|number| is_work_done("certhall", *number, 12)).unwrap();
        let hash = Sha256::digest(format!("certhall{easiest}"));
        assert_eq!((hash[0], hash[1] >> 4), (0, 0));
        assert!(!is_work_done("certhall", easiest, 40));
        assert!(is_work_done("certhall", easiest, 0));
        assert!(!is_work_done("certhalk", easiest, 12));
    }

    #[test]
    fn a_press_is_again_only_for_the_same_act_and_within_a_minute() {
        let row = ChallengeRow {
            id: "c".into(),
            session_id: "s".into(),
            answer_hash: String::new(),
            salt: String::new(),
            bits: 8,
            created_at: 0,
            expires_at: 0,
            spent_at: Some(100),
            spent_for: Some("act".into()),
        };
        assert!(is_again(&row, "act", 100 + AGAIN - 1));
        assert!(!is_again(&row, "act", 100 + AGAIN));
        assert!(!is_again(&row, "act", 99), "a clock that went backwards");
        assert!(!is_again(&row, "other", 100));
        let wrong = ChallengeRow { spent_for: Some(String::new()), ..row };
        assert!(!is_again(&wrong, "act", 100));
    }
}
