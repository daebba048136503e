//! One order on the desk. Each look is a link of the staff member's own chain, written before anything is shown.

use super::StaffMember;
use super::desk::order_for;
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::AppResult;
use crate::orders::{desk_view, documents};
use crate::store::{Conn, Order, SignatureRow, VerificationKind, VerificationOutcome};
use serde_json::json;
use shared::api::{Role, SignatureEvidence, StaffAct, StaffOrder, Verification};
use shared::form::{Field, UnitDraft, UnitForm};
use shared::order::EventKind;

/// The order with its application, what the outside services said, and its signature. A reviewer sees everything; a
/// maker needs the address, not the ID numbers.
pub async fn order(hall: &Hall, staff: &StaffMember, number: &str) -> AppResult<StaffOrder> {
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Reviewer, Role::Maker]).await?;
    let reviewer = staff.may(&order.channel, Role::Reviewer);
    let form = hall.open_form(&mut tx, &order).await?;
    let answer = StaffOrder {
        order: desk_view(hall, &mut tx, &order).await?,
        verifications: verifications(&mut tx, &order).await?,
        signature: tx.signature_of_order(&order.id).await?.map(|row| evidence(&form, row)),
        acts: acts(&mut tx, &order).await?,
        form: if reviewer { form.to_draft() } else { for_maker(&form) },
    };
    tx.note(
        Chain::Staff(&staff.id),
        "order_viewed",
        "staff",
        &staff.id,
        &json!({ "order": order.id, "unmasked": reviewer }),
    )
    .await?;
    tx.commit().await?;
    Ok(answer)
}

/// A paper's image in clear, for a reviewer.
pub async fn document(hall: &Hall, staff: &StaffMember, number: &str, id: &str) -> AppResult<Vec<u8>> {
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Reviewer]).await?;
    let data = json!({ "order": order.id, "document": id });
    tx.note(Chain::Staff(&staff.id), "document_viewed", "staff", &staff.id, &data).await?;
    tx.commit().await?;
    // The image is fetched outside the transaction: it may come from another machine.
    let mut reader = hall.store.read().await?;
    documents::open_image(hall, &mut reader, &order, id).await
}

fn for_maker(form: &UnitForm) -> UnitDraft {
    let mut draft = form.to_draft();
    draft.set(Field::LegalRepId, form.legal_rep().id.masked());
    draft.set(Field::LegalRepMobile, form.legal_rep().mobile.masked());
    draft.set(Field::OperatorId, form.operator().id.masked());
    draft.set(Field::InvoiceBankAccount, String::new());
    draft
}

async fn verifications(conn: &mut Conn, order: &Order) -> AppResult<Vec<Verification>> {
    let rows = conn.verifications_of_order(&order.id).await?;
    Ok(rows
        .into_iter()
        .map(|row| Verification {
            name: kind_label(row.kind).to_owned(),
            passed: row.outcome == VerificationOutcome::Passed,
            detail: if row.detail.is_empty() { outcome_label(row.outcome).to_owned() } else { row.detail },
            at: row.finished_at.unwrap_or(row.started_at),
        })
        .collect())
}

const fn kind_label(kind: VerificationKind) -> &'static str {
    match kind {
        VerificationKind::CompanyFour => "企业四要素",
        VerificationKind::LegalRepThree => "法定代表人三要素",
        VerificationKind::OperatorThree => "经办人三要素",
    }
}

const fn outcome_label(outcome: VerificationOutcome) -> &'static str {
    match outcome {
        VerificationOutcome::Started | VerificationOutcome::Unknown => "没有得到明确的答复",
        VerificationOutcome::Passed => "一致",
        VerificationOutcome::Refused => "不一致",
    }
}

/// Whoever comes second sees who was first.
async fn acts(conn: &mut Conn, order: &Order) -> AppResult<Vec<StaffAct>> {
    let done = conn.done_by_staff(&order.id).await?;
    let act = |(kind, at, by): (String, i64, String)| Some(StaffAct { event: EventKind::from_name(&kind)?, at, by });
    Ok(done.into_iter().filter_map(act).collect())
}

fn evidence(form: &UnitForm, row: SignatureRow) -> SignatureEvidence {
    SignatureEvidence {
        at: row.at,
        phone: form.operator().mobile.masked(),
        consent_version: row.consent_version,
        content: row.content_hash,
    }
}
