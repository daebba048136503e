//! What both corrections of a paid order share.

use super::indexes::PhoneIndexes;
use super::sealed::{Summary, form_aad, summary_aad};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{By, Corrected, Order, Tx};
use serde_json::json;
use shared::api::ErrorCode;
use shared::form::UnitForm;
use shared::order::{Actor, EventKind, apply};

/// Refuses an order that the table does not let be corrected now.
pub fn allowed(order: &Order, event: EventKind) -> AppResult<()> {
    match apply(Some(order.status), event, Actor::Applicant) {
        Ok(_) => Ok(()),
        Err(_) => Err(AppError::new(ErrorCode::Conflict)),
    }
}

/// Writes the corrected application and its step: form, summary, content hash and indexes change together. The event holds
/// the hashes before and after, and the codes that proved it.
pub async fn write(
    hall: &Hall,
    tx: &mut Tx,
    order: &Order,
    form: &UnitForm,
    (event, session, codes): (EventKind, &str, &[&str]),
) -> AppResult<Order> {
    let key = hall.data_key(tx, &order.data_key_id).await?;
    let phones = PhoneIndexes::of(hall, form);
    let new = Corrected {
        form_sealed: hall.seal_json(&key, form_aad(&order.id), form)?,
        summary_sealed: hall.seal_json(&key, summary_aad(&order.id), &Summary::of(form))?,
        content_hash: super::check::content_hash(form),
        operator_index: phones.operator,
        legal_rep_index: phones.legal_rep,
    };
    tx.correct_application(order, &new).await?;
    let evidence = json!({ "before": order.content_hash, "content": new.content_hash, "codes": codes });
    Ok(tx.move_order(order, event, By::applicant(session), &evidence).await?)
}
