//! Element checks: the attempt is committed before the call, the answer afterwards; limits a day are counted here.

use super::{Conn, Result, StoreError, Tx, Word, all, one, run, words};
use crate::clock::{DAY, china_day_start};

words! {
    /// What is checked (rules.md, "Verification").
    pub enum VerificationKind {
        /// Unit name, credit code, legal representative's name and ID number.
        CompanyFour = "company_four",
        /// Legal representative's name, ID number and phone.
        LegalRepThree = "legal_rep_three",
        /// Operator's name, ID number and phone.
        OperatorThree = "operator_three",
    }
}

words! {
    /// What came of it.
    pub enum VerificationOutcome {
        /// Called, or about to be: nobody knows yet.
        Started = "started",
        /// The register agrees.
        Passed = "passed",
        /// The register does not agree.
        Refused = "refused",
        /// No readable answer.
        Unknown = "unknown",
    }
}

/// An element check as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct VerificationRow {
    /// UUIDv7.
    pub id: String,
    /// The draft.
    pub draft_id: String,
    /// The order that was made from it.
    pub order_id: Option<String>,
    /// What was checked.
    #[sqlx(try_from = "Word")]
    pub kind: VerificationKind,
    /// Blind index of the unit's credit code.
    pub unit_index: String,
    /// Blind index of the person's ID number.
    pub person_index: String,
    /// Hash of the checked content (hex): the same content need not be checked again.
    pub content_hash: String,
    /// What came of it.
    #[sqlx(try_from = "Word")]
    pub outcome: VerificationOutcome,
    /// The provider's words, without personal values.
    pub detail: String,
    /// Called.
    pub started_at: i64,
    /// Answered.
    pub finished_at: Option<i64>,
}

/// What [`Tx::start_verification`] writes.
#[derive(Clone, Debug)]
pub struct NewVerification {
    /// The draft.
    pub draft_id: String,
    /// The order that was made from it, if there is one already.
    pub order_id: Option<String>,
    /// What is checked.
    pub kind: VerificationKind,
    /// Blind index of the unit's credit code.
    pub unit_index: String,
    /// Blind index of the person's ID number.
    pub person_index: String,
    /// Hash of what is checked (hex).
    pub content_hash: String,
}

/// How many checks of one kind a day in China.
#[derive(Clone, Copy, Debug)]
pub struct DailyLimits {
    /// For one unit.
    pub unit: i64,
    /// For one person.
    pub person: i64,
}

impl Tx {
    /// Writes down that a check begins; commit before calling the provider. Answers the row's id, or
    /// [`StoreError::TooMany`] until tomorrow.
    pub async fn start_verification(&mut self, new: &NewVerification, limits: DailyLimits) -> Result<String> {
        self.lock(&mut [format!("verify-unit:{}", new.unit_index), format!("verify-person:{}", new.person_index)])
            .await?;
        let now = self.now();
        let today = china_day_start(now);
        let counted = one!(
            (i64, i64),
            self,
            "SELECT
                (SELECT COUNT(*) FROM verifications WHERE kind = $1 AND unit_index = $2 AND started_at >= $4),
                (SELECT COUNT(*) FROM verifications WHERE kind = $1 AND person_index = $3 AND started_at >= $4)",
            new.kind.name(),
            new.unit_index.as_str(),
            new.person_index.as_str(),
            today
        )?;
        let (unit, person) = counted.unwrap_or_default();
        if unit >= limits.unit || person >= limits.person {
            return Err(StoreError::TooMany { retry_at: today + DAY });
        }
        let id = self.new_id();
        run!(
            self,
            "INSERT INTO verifications (id, draft_id, kind, unit_index, person_index, content_hash, outcome, detail,
                started_at, order_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)",
            id.as_str(),
            new.draft_id.as_str(),
            new.kind.name(),
            new.unit_index.as_str(),
            new.person_index.as_str(),
            new.content_hash.as_str(),
            VerificationOutcome::Started.name(),
            now,
            new.order_id.as_deref()
        )?;
        Ok(id)
    }

    /// Writes down what came of a check that was started. A second answer is [`StoreError::Conflict`].
    pub async fn finish_verification(&mut self, id: &str, outcome: VerificationOutcome, detail: &str) -> Result<()> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE verifications SET outcome = $2, detail = $3, finished_at = $4
             WHERE id = $1 AND finished_at IS NULL",
            id,
            outcome.name(),
            detail,
            now
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

impl Conn {
    /// The draft's newest check of this kind that passed for this content.
    pub async fn passed_verification(
        &mut self,
        draft_id: &str,
        kind: VerificationKind,
        content_hash: &str,
    ) -> Result<Option<VerificationRow>> {
        one!(
            VerificationRow,
            self,
            "SELECT * FROM verifications
             WHERE draft_id = $1 AND kind = $2 AND content_hash = $3 AND outcome = 'passed'
             ORDER BY started_at DESC, id DESC LIMIT 1",
            draft_id,
            kind.name(),
            content_hash
        )
    }

    /// Every check of an order, oldest first.
    pub async fn verifications_of_order(&mut self, order_id: &str) -> Result<Vec<VerificationRow>> {
        all!(VerificationRow, self, "SELECT * FROM verifications WHERE order_id = $1 ORDER BY started_at, id", order_id)
    }
}
