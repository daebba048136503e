//! 对账: the comparisons with the provider's books.

use super::StaffMember;
use super::review::reason_of;
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::outbox::Job;
use crate::outbox::jobs::reconcile::day_of;
use crate::store::{DifferenceNoteRow, NewDifferenceNote, ReconciliationRow};
use crate::vault::Aad;
use jiff::civil::Date;
use serde_json::json;
use shared::api::{Difference, DifferenceNote, ErrorCode, Reconciliation, Role, SettleDifference};
use std::collections::HashMap;

/// Days that are shown.
const DAYS: i64 = 30;

/// A channel's last comparisons, newest first.
pub async fn reconciliations(hall: &Hall, staff: &StaffMember, channel: &str) -> AppResult<Vec<Reconciliation>> {
    staff.must(channel, &[Role::Admin])?;
    let mut reader = hall.store.read().await?;
    let rows = reader.reconciliations(channel, DAYS).await?;
    let since = rows.last().map(|row| row.day.as_str()).unwrap_or_default();
    let notes = notes(hall, reader.difference_notes(channel, since).await?)?;
    rows.into_iter()
        .map(|row| {
            let mut differences = listed(&row)?;
            for difference in &mut differences {
                difference.note = notes.get(&(row.day.clone(), mark(difference))).cloned();
            }
            Ok(Reconciliation {
                differences,
                trades: u32::try_from(row.trades).map_err(AppError::fault)?,
                day: row.day,
                paid_fen: row.paid_fen,
                refunded_fen: row.refunded_fen,
                compared_at: row.compared_at,
            })
        })
        .collect()
}

/// Keeps what somebody found out about a difference. The first note stands: whoever comes second is told whose it is.
pub async fn settle_difference(
    hall: &Hall,
    staff: &StaffMember,
    channel: &str,
    day: &str,
    settle: &SettleDifference,
) -> AppResult<()> {
    staff.must(channel, &[Role::Admin])?;
    let note = reason_of(&settle.note)?;
    let difference = mark(&settle.difference);
    hall.store
        .attempt(move |tx, _| {
            let difference = difference.clone();
            Box::pin(async move {
                let row = tx.reconciliation(channel, day).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
                if !listed(&row)?.iter().any(|one| mark(one) == difference) {
                    return Err(AppError::with(ErrorCode::Conflict, "对账结果已更新，请刷新后再登记"));
                }
                let id = tx.new_id();
                let sealed = hall.vault.seal(&*hall.entropy, note_aad(&id), note.as_bytes())?;
                let new = NewDifferenceNote {
                    id: &id,
                    day,
                    channel,
                    difference: &difference,
                    staff_id: &staff.id,
                    note_sealed: &sealed,
                };
                if !tx.insert_difference_note(new).await? {
                    return Err(AppError::with(ErrorCode::Conflict, "这处差异已由其他人员登记，请刷新查看"));
                }
                let data = json!({ "channel": channel, "day": day, "difference": difference, "note": id });
                Ok(tx.note(Chain::Staff(&staff.id), "difference_settled", "admin", &staff.id, &data).await?)
            })
        })
        .await
}

fn listed(row: &ReconciliationRow) -> AppResult<Vec<Difference>> {
    serde_json::from_str(&row.differences).map_err(AppError::fault)
}

/// What makes a difference the same when the day is compared again: trade, kind and both sums.
fn mark(difference: &Difference) -> String {
    let sum = |fen: Option<i64>| fen.map_or_else(|| "-".to_owned(), |fen| fen.to_string());
    let (ours, theirs) = (sum(difference.ours_fen), sum(difference.theirs_fen));
    format!("{} {} {ours} {theirs}", difference.out_trade_no, difference.kind.name())
}

/// The words of the notes, by day and difference.
fn notes(hall: &Hall, rows: Vec<DifferenceNoteRow>) -> AppResult<HashMap<(String, String), DifferenceNote>> {
    rows.into_iter()
        .map(|row| {
            let text = hall.vault.open(note_aad(&row.id), &row.note_sealed)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            Ok(((row.day, row.difference), DifferenceNote { text, by: row.by_name, at: row.at }))
        })
        .collect()
}

/// Where a note belongs.
const fn note_aad(id: &str) -> Aad<'_> {
    Aad { table: "difference_notes", column: "note_sealed", row: id }
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
