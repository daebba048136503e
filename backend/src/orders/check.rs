//! 下一步: every field is parsed, then unit, legal representative and operator are verified against the registers.

use super::drafts::{self, Place};
use crate::clock::{DAY, china_day_start};
use crate::gateways::{CompanyFour, CompanyVerdict, Outcome, PersonThree, PersonVerdict};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::DraftRow;
use crate::store::{DailyLimits, NewVerification, VerificationKind, VerificationOutcome};
use crate::vault::BlindColumn;
use sha2::{Digest, Sha256};
use shared::api::{Checked, ErrorCode};
use shared::field::{Date, FieldError};
use shared::form::{Field, FormErrors, FormRules, UnitDraft, UnitForm};

/// Saves, parses and verifies. Checks that passed for the same elements are not made (and paid for) again.
pub async fn check(hall: &Hall, place: Place<'_>, typed: &UnitDraft) -> AppResult<Checked> {
    let channel = hall.channel(place.channel)?;
    drafts::save(hall, place, typed).await?;
    let now = hall.now();
    let today = Date::from_unix_micros_china(now);
    let form = UnitForm::parse(typed, &FormRules::of(&channel.public, today))
        .map_err(|errors| AppError::new(ErrorCode::Form).fields(errors))?;
    let draft = form.to_draft();
    let mut tx = hall.store.begin().await?;
    let row = drafts::save_in(hall, &mut tx, place, &draft).await?;
    tx.commit().await?;
    let limits = &channel.profile.verification;
    for element in Element::ALL {
        verify(hall, &row, &form, element, (limits.unit_tries_a_day, limits.operator_tries_a_day)).await?;
    }
    let content = content_hash(&form);
    let mut tx = hall.store.begin().await?;
    tx.set_draft_checked(&row.id, row.saved_at, &content).await?;
    tx.commit().await?;
    let product = &channel.public.product;
    Ok(Checked {
        draft,
        content,
        certificate: product.certificate.clone(),
        product: product.name.clone(),
        price_fen: product.price_fen,
        valid_from: now,
        valid_to: end_of_validity(now, product.years),
    })
}

/// Hash of the application's content, hex.
pub fn content_hash(form: &UnitForm) -> String {
    hex::encode(Sha256::digest(form.canonical_bytes()))
}

/// 23:59:59 China time, `years` years later (rules.md, "Certificates").
pub fn end_of_validity(from: i64, years: u32) -> i64 {
    let years = i64::from(years);
    let last_day = jiff::Timestamp::from_microsecond(china_day_start(from) + DAY / 2)
        .ok()
        .and_then(|noon| {
            noon.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
                .checked_add(jiff::Span::new().years(years))
                .ok()
        })
        .map_or(from, |day| day.timestamp().as_microsecond());
    china_day_start(last_day) + DAY - crate::clock::SECOND
}

/// One question to a register.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Unit,
    LegalRep,
    Operator,
}

/// What a register answered.
struct Verdict {
    passes: bool,
    /// For the reviewer.
    detail: &'static str,
}

impl Element {
    /// What is asked about every form: both ways that this build supports verify by phone.
    const ALL: [Self; 3] = [Self::Unit, Self::LegalRep, Self::Operator];

    const fn kind(self) -> VerificationKind {
        match self {
            Self::Unit => VerificationKind::CompanyFour,
            Self::LegalRep => VerificationKind::LegalRepThree,
            Self::Operator => VerificationKind::OperatorThree,
        }
    }

    /// The values that are compared, in one text; its blind index says whether the same question was answered before.
    fn question(self, form: &UnitForm) -> String {
        let (unit, legal, operator) = (form.unit(), form.legal_rep(), form.operator());
        let parts = match self {
            Self::Unit => [unit.name.as_str(), unit.credit_code.as_str(), legal.name.as_str(), legal.id.as_str()],
            Self::LegalRep => [legal.name.as_str(), legal.id.as_str(), legal.mobile.as_str(), ""],
            Self::Operator => [operator.name.as_str(), operator.id.as_str(), operator.mobile.as_str(), ""],
        };
        parts.join("\n")
    }

    fn person(self, form: &UnitForm) -> &str {
        match self {
            Self::Unit | Self::LegalRep => form.legal_rep().id.as_str(),
            Self::Operator => form.operator().id.as_str(),
        }
    }

    const fn refusal(self) -> (ErrorCode, &'static [Field]) {
        match self {
            Self::Unit => {
                (ErrorCode::UnitMismatch, &[Field::UnitName, Field::CreditCode, Field::LegalRepName, Field::LegalRepId])
            }
            Self::LegalRep => {
                (ErrorCode::LegalRepMismatch, &[Field::LegalRepName, Field::LegalRepMobile, Field::LegalRepId])
            }
            Self::Operator => {
                (ErrorCode::OperatorMismatch, &[Field::OperatorName, Field::OperatorMobile, Field::OperatorId])
            }
        }
    }

    async fn ask(self, hall: &Hall, form: &UnitForm) -> Outcome<Verdict> {
        let three = |name: &str, id: &str, phone: &str| PersonThree {
            name: name.to_owned(),
            id_number: id.to_owned(),
            phone: phone.to_owned(),
        };
        let (unit, legal, operator) = (form.unit(), form.legal_rep(), form.operator());
        let elements = &hall.gateways.elements;
        match self {
            Self::Unit => {
                let request = CompanyFour {
                    name: unit.name.as_str().to_owned(),
                    credit_code: unit.credit_code.as_str().to_owned(),
                    legal_name: legal.name.as_str().to_owned(),
                    legal_id: legal.id.as_str().to_owned(),
                };
                elements.company_four(&request).await.and_then(|verdict| Outcome::Ok(unit_verdict(verdict)))
            }
            Self::LegalRep => {
                let request = three(legal.name.as_str(), legal.id.as_str(), legal.mobile.as_str());
                elements.person_three(&request).await.and_then(|verdict| Outcome::Ok(person_verdict(verdict)))
            }
            Self::Operator => {
                let request = three(operator.name.as_str(), operator.id.as_str(), operator.mobile.as_str());
                elements.person_three(&request).await.and_then(|verdict| Outcome::Ok(person_verdict(verdict)))
            }
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

/// One check: the attempt is committed before the call, its result after it.
async fn verify(hall: &Hall, draft: &DraftRow, form: &UnitForm, element: Element, tries: (u32, u32)) -> AppResult<()> {
    let question = hall.vault.blind(BlindColumn::CheckedElements, &element.question(form));
    let mut tx = hall.store.begin().await?;
    if tx.passed_verification(&draft.id, element.kind(), &question).await?.is_some() {
        return Ok(());
    }
    let attempt = NewVerification {
        draft_id: draft.id.clone(),
        kind: element.kind(),
        unit_index: hall.vault.blind(BlindColumn::CheckedUnit, form.unit().credit_code.as_str()),
        person_index: hall.vault.blind(BlindColumn::CheckedPerson, element.person(form)),
        content_hash: question,
    };
    let limits = DailyLimits { unit: i64::from(tries.0), person: i64::from(tries.1) };
    let id = tx.start_verification(&attempt, limits).await.map_err(|error| match hall.refusal(error) {
        limit if limit.code() == ErrorCode::TooMany => {
            limit.words("今天的核验次数已用完，请明天再试，或拨打受理点电话咨询")
        }
        other => other,
    })?;
    tx.commit().await?;
    let outcome = element.ask(hall, form).await;
    let (result, detail) = match &outcome {
        Outcome::Ok(verdict) if verdict.passes => (VerificationOutcome::Passed, verdict.detail.to_owned()),
        Outcome::Ok(verdict) => (VerificationOutcome::Refused, verdict.detail.to_owned()),
        Outcome::Refused { code, message } => {
            tracing::warn!(%code, %message, kind = element.kind().name(), "element check refused by the provider");
            (VerificationOutcome::Unknown, code.clone())
        }
        Outcome::Unknown { reason } => {
            tracing::warn!(%reason, kind = element.kind().name(), "element check unanswered");
            (VerificationOutcome::Unknown, reason.to_string())
        }
    };
    let mut tx = hall.store.begin().await?;
    tx.finish_verification(&id, result, &detail).await?;
    tx.commit().await?;
    match result {
        VerificationOutcome::Passed => Ok(()),
        VerificationOutcome::Refused => {
            let (code, fields) = element.refusal();
            Err(AppError::new(code).fields(FormErrors::at(fields, FieldError::NotVerified)))
        }
        VerificationOutcome::Started | VerificationOutcome::Unknown => Err(AppError::with(
            ErrorCode::ServiceUnavailable,
            "实名核验服务暂时没有回应，您填写的内容已保存，请稍后再次点击“下一步”",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SECOND, TestClock};

    #[test]
    fn validity_ends_one_second_before_midnight_in_china() {
        let from = TestClock::default().now();
        let end = end_of_validity(from, 1);
        assert_eq!(china_day_start(end) + DAY - SECOND, end);
        assert_eq!(crate::clock::china_day(end), "20271120");
    }
}
