//! 审核不通过: refused for good.

use super::StaffMember;
use super::desk::{order_at, owe_fee};
use super::review::{four_eyes, reason_of};
use crate::audit::must_be_sealed;
use crate::hall::Hall;
use crate::http::AppResult;
use crate::notices::{Notices, Told};
use crate::orders::refusal_aad;
use crate::store::{By, RefundReason};
use serde_json::json;
use shared::api::{RefusalView, Reject, Role};
use shared::order::EventKind;

/// Ends the order and gives the fee back. The reviewer's words may name a person: they are sealed, and shown in the hall
/// only; the text message and the mail tell the kind of reason. The papers stay as evidence.
pub async fn reject(hall: &Hall, staff: &StaffMember, number: &str, reject: &Reject) -> AppResult<()> {
    must_be_sealed(hall).await?;
    let reason = reason_of(&reject.reason)?;
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Reviewer, reject.version).await?;
                four_eyes(&order, staff)?;
                let key = hall.data_key(tx, &order.data_key_id).await?;
                let words = RefusalView { reason: reason.to_owned(), documents: Vec::new() };
                let sealed = hall.seal_json(&key, refusal_aad(&order.id), &words)?;
                let data = json!({ "category": reject.category });
                let order = tx.move_order(&order, EventKind::ReviewRejected, By::reviewer(&staff.id), &data).await?;
                tx.set_review(&order.id, &staff.id, Some(&sealed)).await?;
                owe_fee(tx, &order, RefundReason::Rejected, staff).await?;
                Ok(Notices::of(hall).tell(tx, &order, Told::Rejected { category: reject.category }).await?)
            })
        })
        .await
}
