//! 下一步: every field is parsed, then unit, legal representative and operator are verified against the registers.

use super::drafts::{self, FoundBy, Place};
use super::elements::{self, Answer, Asked, Request};
use crate::clock::{DAY, china_day_start};
use crate::gate::{Act, ProofHeader, Proven, Whence, prove};
use crate::gateways::CompanyFour;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{DraftRow, VerificationKind};
use sha2::{Digest, Sha256};
use shared::api::{Checked, ErrorCode};
use shared::field::{Date, FieldError};
use shared::form::{Field, FormErrors, FormRules, UnitDraft, UnitForm};
use std::net::IpAddr;

/// Saves, parses and verifies. Checks that passed for the same elements are not made (and paid for) again.
/// The gate's proof is asked for when everything that was typed can be right: a slip costs none.
pub async fn check(
    hall: &Hall,
    place: Place<'_>,
    typed: &UnitDraft,
    (address, proof): (IpAddr, &ProofHeader),
) -> AppResult<Checked> {
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
    let content = content_hash(&form);
    let proof = prove(hall, place.session, proof, Act::Check { content: &content }).await?;
    let whence = Whence::of(&hall.vault, address);
    let limits = &channel.profile.verification;
    for element in Element::ALL {
        let tries = (limits.unit_tries_a_day, limits.operator_tries_a_day);
        verify(hall, &row, (&form, element), tries, (&whence, &proof)).await?;
    }
    let mut tx = hall.store.begin().await?;
    proof.spend(&mut tx).await?;
    let found_by = FoundBy::of(hall, &draft).ok_or_else(|| AppError::fault("a checked draft without code or phone"))?;
    tx.set_draft_checked(&row.id, row.saved_at, &content, (&found_by.holder, &found_by.operator)).await?;
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
        match self {
            Self::Unit => {
                let parts = [unit.name.as_str(), unit.credit_code.as_str(), legal.name.as_str(), legal.id.as_str()];
                parts.join("\n")
            }
            Self::LegalRep => elements::question_about_person(&legal.name, &legal.id, &legal.mobile),
            Self::Operator => elements::question_about_person(&operator.name, &operator.id, &operator.mobile),
        }
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

    fn request(self, form: &UnitForm) -> Request {
        let (unit, legal, operator) = (form.unit(), form.legal_rep(), form.operator());
        match self {
            Self::Unit => Request::Company(CompanyFour {
                name: unit.name.as_str().to_owned(),
                credit_code: unit.credit_code.as_str().to_owned(),
                legal_name: legal.name.as_str().to_owned(),
                legal_id: legal.id.as_str().to_owned(),
            }),
            Self::LegalRep => elements::person(&legal.name, &legal.id, &legal.mobile),
            Self::Operator => elements::person(&operator.name, &operator.id, &operator.mobile),
        }
    }
}

/// One check of a draft: what passed before is not asked again.
async fn verify(
    hall: &Hall,
    draft: &DraftRow,
    (form, element): (&UnitForm, Element),
    tries: (u32, u32),
    (whence, proof): (&Whence, &Proven),
) -> AppResult<()> {
    let asked = Asked {
        draft_id: &draft.id,
        order_id: None,
        kind: element.kind(),
        question: element.question(form),
        unit: form.unit().credit_code.as_str(),
        person: element.person(form),
        request: element.request(form),
        tries,
        whence,
        proof,
    };
    match elements::ask(hall, asked).await? {
        Answer::Passes => Ok(()),
        Answer::Differs => {
            let (code, fields) = element.refusal();
            Err(AppError::new(code).fields(FormErrors::at(fields, FieldError::NotVerified)))
        }
        Answer::Silence => Err(AppError::with(
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
