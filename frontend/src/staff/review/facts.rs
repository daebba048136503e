//! What was typed, what the outside services said, how it was signed, what happened.

use crate::time;
use crate::ui::icon::{CHECK, icon};
use crate::ui::rows::{row, rows, section};
use leptos::prelude::*;
use shared::api::{SignatureEvidence, StaffOrder, TimelineEntry, Verification};
use shared::field::IdType;
use shared::form::{Field, OperatorWay, Section, UnitDraft, UnitWay};

/// In the order of the photos: the licence's data first.
const SECTIONS: [Section; 5] =
    [Section::Unit, Section::LegalRep, Section::Operator, Section::Mailing, Section::Invoice];

/// The mark of a check that failed.
const CROSS: &str = "M7 7l10 10M17 7 7 17";

/// Everything beside the photos.
pub fn all(order: &StaffOrder) -> AnyView {
    let form: Vec<_> = SECTIONS.into_iter().map(|part| typed(part, &order.form)).collect();
    view! {
        {verified(&order.verifications)}
        {form}
        {signed(order.signature.as_ref())}
        {happened(&order.order.timeline)}
    }
    .into_any()
}

fn typed(part: Section, form: &UnitDraft) -> AnyView {
    let lines = part
        .fields()
        .filter(|field| field.required() || !form.get(*field).is_empty())
        .map(|field| row(field.label(), words(field, form.get(field))))
        .collect();
    section(part.label(), rows(lines))
}

/// A chosen name in words; anything else as typed.
fn words(field: Field, value: &str) -> String {
    let label = match field {
        Field::UnitWay => UnitWay::from_name(value).map(UnitWay::label),
        Field::OperatorWay => OperatorWay::from_name(value).map(OperatorWay::label),
        Field::LegalRepIdType | Field::OperatorIdType => IdType::from_name(value).map(IdType::label),
        Field::UnitName
        | Field::Department
        | Field::CreditCode
        | Field::UnitPhone
        | Field::LegalRepName
        | Field::LegalRepMobile
        | Field::LegalRepId
        | Field::InvoiceTitle
        | Field::TaxpayerNumber
        | Field::InvoiceAddressPhone
        | Field::InvoiceBankAccount
        | Field::OperatorName
        | Field::OperatorMobile
        | Field::OperatorId
        | Field::OperatorEmail
        | Field::MailProvince
        | Field::MailCity
        | Field::MailAddress
        | Field::Recipient
        | Field::RecipientMobile
        | Field::Agreements => None,
    };
    label.unwrap_or(value).to_owned()
}

fn verified(checks: &[Verification]) -> AnyView {
    let lines: Vec<_> = checks
        .iter()
        .map(|check| {
            let (class, mark, word) = if check.passed {
                ("check passed", icon(CHECK), "通过")
            } else {
                ("check failed", icon(CROSS), "未通过")
            };
            view! {
                <li class=class>
                    {mark}
                    <span class="check-name">{check.name.clone()}</span>
                    <b>{word}</b>
                    <small>{check.detail.clone()}" "{time::second(check.at)}</small>
                </li>
            }
            .into_any()
        })
        .collect();
    let body = if lines.is_empty() {
        view! { <p class="none">"没有核验记录。"</p> }.into_any()
    } else {
        view! { <ul class="checks">{lines}</ul> }.into_any()
    };
    section("核验结果", body)
}

fn signed(signature: Option<&SignatureEvidence>) -> AnyView {
    let body = match signature {
        None => view! { <p class="none">"尚未签名。"</p> }.into_any(),
        Some(signature) => rows(vec![
            row("签名时间", time::second(signature.at)),
            row("验证手机号", signature.phone.clone()),
            row("确认文本版本", signature.consent_version.clone()),
            view! { <div><dt>"申请内容摘要"</dt><dd class="hash">{signature.content.clone()}</dd></div> }.into_any(),
        ]),
    };
    section("签名存证", body)
}

fn happened(timeline: &[TimelineEntry]) -> AnyView {
    let lines: Vec<_> = timeline
        .iter()
        .map(|entry| view! { <li><span>{entry.event.label()}</span><time>{time::second(entry.at)}</time></li> }.into_any())
        .collect();
    section("办理记录", view! { <ol class="timeline">{lines}</ol> }.into_any())
}
