//! One question to a register: asked once for the same elements, so many times a day, the attempt committed before the call
//! and its result after it.

use crate::gate::{Limits, Proven, Whence};
use crate::gateways::{CompanyFour, CompanyVerdict, Outcome, PersonThree, PersonVerdict};
use crate::hall::Hall;
use crate::http::AppResult;
use crate::store::{DailyLimits, NewVerification, VerificationKind, VerificationOutcome};
use crate::vault::BlindColumn;
use shared::api::ErrorCode;
use shared::field::{IdNumber, Mobile, PersonName};

/// What is asked.
pub enum Request {
    /// 企业四要素.
    Company(CompanyFour),
    /// 手机三要素.
    Person(PersonThree),
}

/// A question with what limits count by.
pub struct Asked<'a> {
    /// The draft that it is about.
    pub draft_id: &'a str,
    /// The order that was made from it, if there is one already.
    pub order_id: Option<&'a str>,
    /// What is checked.
    pub kind: VerificationKind,
    /// The values that are compared, in one text; its blind index says whether the same question was answered before.
    pub question: String,
    /// The unit's credit code.
    pub unit: &'a str,
    /// The person's ID number.
    pub person: &'a str,
    /// What the register gets.
    pub request: Request,
    /// Tries a day of one unit and of one person.
    pub tries: (u32, u32),
    /// Where the request came from.
    pub whence: &'a Whence,
    /// The challenge that was answered for it.
    pub proof: &'a Proven,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The register agrees, now or before.
    Passes,
    /// It does not.
    Differs,
    /// No readable answer.
    Silence,
}

/// A person and a phone.
pub fn person(name: &PersonName, id: &IdNumber, phone: &Mobile) -> Request {
    Request::Person(PersonThree {
        name: name.as_str().to_owned(),
        id_number: id.as_str().to_owned(),
        phone: phone.as_str().to_owned(),
    })
}

/// [`Asked::question`] about a person and a phone.
pub fn question_about_person(name: &PersonName, id: &IdNumber, phone: &Mobile) -> String {
    [name.as_str(), id.as_str(), phone.as_str(), ""].join("\n")
}

/// Asks, unless it passed before. The tries of today are used up → [`ErrorCode::TooMany`].
pub async fn ask(hall: &Hall, asked: Asked<'_>) -> AppResult<Answer> {
    let question = hall.vault.blind(BlindColumn::CheckedElements, &asked.question);
    let mut tx = hall.store.begin().await?;
    if tx.passed_verification(asked.draft_id, asked.kind, &question).await?.is_some() {
        return Ok(Answer::Passes);
    }
    let attempt = NewVerification {
        draft_id: asked.draft_id.to_owned(),
        order_id: asked.order_id.map(str::to_owned),
        kind: asked.kind,
        unit_index: hall.vault.blind(BlindColumn::CheckedUnit, asked.unit),
        person_index: hall.vault.blind(BlindColumn::CheckedPerson, asked.person),
        content_hash: question,
    };
    let limits = DailyLimits { unit: i64::from(asked.tries.0), person: i64::from(asked.tries.1) };
    let id = tx.start_verification(&attempt, limits).await.map_err(|error| match hall.refusal(error) {
        limit if limit.code() == ErrorCode::TooMany => {
            limit.words("今天的核验次数已用完，请明天再试，或拨打受理点电话咨询")
        }
        other => other,
    })?;
    Limits::of(hall).element_check(&mut tx, asked.whence).await.map_err(|error| hall.refusal(error))?;
    asked.proof.spend(&mut tx).await?;
    tx.commit().await?;
    let outcome = call(hall, &asked.request).await;
    let kind = asked.kind.name();
    let (result, detail) = match &outcome {
        Outcome::Ok(verdict) if verdict.passes => (VerificationOutcome::Passed, verdict.detail.to_owned()),
        Outcome::Ok(verdict) => (VerificationOutcome::Refused, verdict.detail.to_owned()),
        Outcome::Refused { code, message } => {
            tracing::warn!(%code, %message, kind, "element check refused by the provider");
            (VerificationOutcome::Unknown, code.clone())
        }
        Outcome::Unknown { reason } => {
            tracing::warn!(%reason, kind, "element check unanswered");
            (VerificationOutcome::Unknown, reason.to_string())
        }
    };
    let mut tx = hall.store.begin().await?;
    tx.finish_verification(&id, result, &detail).await?;
    tx.commit().await?;
    Ok(match result {
        VerificationOutcome::Passed => Answer::Passes,
        VerificationOutcome::Refused => Answer::Differs,
        VerificationOutcome::Started | VerificationOutcome::Unknown => Answer::Silence,
    })
}

/// What a register answered.
struct Verdict {
    passes: bool,
    /// For the reviewer.
    detail: &'static str,
}

async fn call(hall: &Hall, request: &Request) -> Outcome<Verdict> {
    let elements = &hall.gateways.elements;
    match request {
        Request::Company(four) => {
            elements.company_four(four).await.and_then(|verdict| Outcome::Ok(unit_verdict(verdict)))
        }
        Request::Person(three) => {
            elements.person_three(three).await.and_then(|verdict| Outcome::Ok(person_verdict(verdict)))
        }
    }
}

fn unit_verdict(verdict: CompanyVerdict) -> Verdict {
    let detail = match verdict {
        CompanyVerdict::Matches => "一致",
        CompanyVerdict::MatchesAbnormal => "一致，经营异常",
        CompanyVerdict::LegalPersonDiffers => "法定代表人不一致",
        CompanyVerdict::Differs => "不一致",
        CompanyVerdict::CompanyNotFound => "查无此企业",
        CompanyVerdict::PersonNotFound => "查无此人",
    };
    Verdict { passes: verdict.passes(), detail }
}

fn person_verdict(verdict: PersonVerdict) -> Verdict {
    let detail = match verdict {
        PersonVerdict::Matches => "一致",
        PersonVerdict::Differs => "不一致",
        PersonVerdict::NoRecord => "查无记录",
    };
    Verdict { passes: verdict.passes(), detail }
}
