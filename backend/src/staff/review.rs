//! 鉴证: approve or refuse.

use super::StaffMember;
use super::desk::order_at;
use crate::audit::must_be_sealed;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::notices::{Notices, Told};
use crate::orders::refusal_aad;
use crate::store::{By, Order};
use serde_json::json;
use shared::api::{Approve, ErrorCode, RefusalView, Refuse, Role};
use shared::channel::DocumentKind;
use shared::order::EventKind;

/// The longest reason, in characters; it is shown whole on a phone.
const LONGEST_REASON: usize = 200;

/// 审核通过: the order waits for a maker.
pub async fn approve(hall: &Hall, staff: &StaffMember, number: &str, seen: &Approve) -> AppResult<()> {
    must_be_sealed(hall).await?;
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Reviewer, seen.version).await?;
                four_eyes(&order, staff)?;
                tx.set_review(&order.id, &staff.id, None).await?;
                tx.move_order(&order, EventKind::ReviewApproved, By::reviewer(&staff.id), &json!({})).await?;
                Ok(Notices::of(hall).tell(tx, &order, Told::Approved).await?)
            })
        })
        .await
}

/// 鉴证未通过: the applicant is told why and which papers to upload again. The words may name a person, so they are
/// sealed; the event holds the kinds of paper only.
pub async fn refuse(hall: &Hall, staff: &StaffMember, number: &str, refusal: &Refuse) -> AppResult<()> {
    must_be_sealed(hall).await?;
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Reviewer, refusal.version).await?;
                four_eyes(&order, staff)?;
                let reason = reason_of(&refusal.reason)?;
                let wanted = &hall.channel(&order.channel)?.public.documents;
                let documents: Vec<DocumentKind> = wanted
                    .iter()
                    .map(|document| document.kind)
                    .filter(|kind| refusal.documents.contains(kind))
                    .collect();
                if documents.is_empty() {
                    return Err(AppError::with(ErrorCode::BadRequest, "请至少选择一份需要重新上传的资料"));
                }
                let kinds: Vec<_> = documents.iter().map(|kind| kind.name()).collect();
                let key = hall.data_key(tx, &order.data_key_id).await?;
                let words = RefusalView { reason: reason.to_owned(), documents };
                let sealed = hall.seal_json(&key, refusal_aad(&order.id), &words)?;
                tx.set_review(&order.id, &staff.id, Some(&sealed)).await?;
                let data = json!({ "documents": kinds });
                tx.move_order(&order, EventKind::ReviewRefused, By::reviewer(&staff.id), &data).await?;
                Ok(Notices::of(hall).tell(tx, &order, Told::Refused { reason }).await?)
            })
        })
        .await
}

/// What a member of staff wrote as a reason, neither empty nor too long.
pub(super) fn reason_of(typed: &str) -> AppResult<&str> {
    let reason = typed.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(AppError::with(ErrorCode::BadRequest, format!("请填写原因，不超过 {LONGEST_REASON} 个字")));
    }
    Ok(reason)
}

pub(super) fn four_eyes(order: &Order, staff: &StaffMember) -> AppResult<()> {
    if order.maker_id.as_ref() == Some(&staff.id) { Err(AppError::new(ErrorCode::FourEyes)) } else { Ok(()) }
}
