//! 对账: the comparisons with the provider's books.

use super::StaffMember;
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::outbox::Job;
use crate::outbox::jobs::reconcile::day_of;
use jiff::civil::Date;
use serde_json::json;
use shared::api::{ErrorCode, Reconciliation, Role};

/// Days that are shown.
const DAYS: i64 = 30;

/// A channel's last comparisons, newest first.
pub async fn reconciliations(hall: &Hall, staff: &StaffMember, channel: &str) -> AppResult<Vec<Reconciliation>> {
    staff.must(channel, &[Role::Admin])?;
    let mut reader = hall.store.read().await?;
    let rows = reader.reconciliations(channel, DAYS).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Reconciliation {
                differences: serde_json::from_str(&row.differences).map_err(AppError::fault)?,
                trades: u32::try_from(row.trades).map_err(AppError::fault)?,
                day: row.day,
                paid_fen: row.paid_fen,
                refunded_fen: row.refunded_fen,
                compared_at: row.compared_at,
            })
        })
        .collect()
}

/// Compares a day again, soon.
pub async fn compare_again(hall: &Hall, staff: &StaffMember, channel: &str, day: &str) -> AppResult<()> {
    staff.must(channel, &[Role::Admin])?;
    let day: Date = day.parse().map_err(|_| AppError::new(ErrorCode::BadRequest))?;
    if day >= day_of(hall.now()) {
        return Err(AppError::with(ErrorCode::BadRequest, "只能核对已经过去的日期"));
    }
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let now = tx.now();
                tx.enqueue(&Job::ReconcileDay { day: day.to_string() }, now).await?;
                let data = json!({ "day": day.to_string() });
                Ok(tx.note(Chain::Staff(&staff.id), "reconciliation_asked", "staff", &staff.id, &data).await?)
            })
        })
        .await
}
