//! 退费: what is owed back, for those who settle money.

use super::StaffMember;
use super::desk::order_summary;
use super::troubles::told;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::notices::Notices;
use crate::outbox::Job;
use crate::outbox::jobs::refunds;
use crate::store::{By, Conn, Order, RefundRow, RefundState};
use crate::vault::Aad;
use serde_json::json;
use shared::api::{ErrorCode, RecordRefund, RefundRow as ShownRefund, Role};
use shared::order::EventKind;

/// The most rows that are shown at once.
const LONGEST: i64 = 200;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 200;

/// What is owed back in a channel, oldest first, or what was given back, newest first.
pub async fn refunds(hall: &Hall, staff: &StaffMember, channel: &str, open: bool) -> AppResult<Vec<ShownRefund>> {
    staff.must(channel, &[Role::Admin])?;
    let mut reader = hall.store.read().await?;
    let mut rows = Vec::new();
    for refund in reader.refunds_owed(channel, open, LONGEST).await? {
        let Some(order) = reader.order(&refund.order_id).await? else { continue };
        // A person whose data was erased leaves the sum behind, not the name.
        let summary = order_summary(hall, &mut reader, &order).await.ok();
        rows.push(ShownRefund {
            id: refund.id,
            number: order.number,
            unit_name: summary.map(|summary| summary.unit_name).unwrap_or_default(),
            amount_fen: refund.amount_fen,
            reason: refund.reason.shown(),
            state: refund.state.shown(),
            since: refund.created_at,
            last_error: refund.last_error.as_deref().map(told),
        });
    }
    Ok(rows)
}

/// Asks the provider again, under the same number.
pub async fn retry(hall: &Hall, staff: &StaffMember, id: &str) -> AppResult<()> {
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let (refund, order) = find(tx, staff, id).await?;
                if !tx.set_refund_pending(&refund.id).await? {
                    return Err(AppError::new(ErrorCode::Conflict));
                }
                let now = tx.now();
                tx.enqueue(&Job::RefundPayment { refund_id: refund.id.clone() }, now).await?;
                let data = json!({ "refund": refund.id });
                let chain = crate::audit::Chain::Order(&order.id);
                Ok(tx.note(chain, "refund_retried", "admin", &staff.id, &data).await?)
            })
        })
        .await
}

/// 已线下退款. Not by whose act the money is owed, and not before the provider, asked once more, says that it gave
/// nothing back: nobody is paid twice.
pub async fn record(hall: &Hall, staff: &StaffMember, id: &str, record: &RecordRefund) -> AppResult<()> {
    let note = record.note.trim();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE {
        let words = format!("请填写线下退款的方式和流水号，不超过 {LONGEST_NOTE} 个字");
        return Err(AppError::with(ErrorCode::BadRequest, words));
    }
    let mut reader = hall.store.read().await?;
    let (refund, _) = find(&mut reader, staff, id).await?;
    drop(reader);
    if refund.caused_by.as_ref() == Some(&staff.id) {
        return Err(AppError::with(ErrorCode::FourEyes, "退款不能由作出退款决定的同一人登记，请由其他人员办理"));
    }
    if refund.state != RefundState::Refused {
        return Err(AppError::new(ErrorCode::Conflict));
    }
    let gateway = &*hall.gateways.payment;
    match refunds::look(&hall.store, gateway, &Notices::of(hall), &refund).await {
        Ok(false) => {}
        Ok(true) => {
            return Err(AppError::with(ErrorCode::RefundRefused, "支付渠道已完成这笔退款，请刷新，不要再线下退款"));
        }
        Err(error) => {
            tracing::warn!(%error, "a refund can't be recorded: the provider does not say");
            return Err(AppError::with(
                ErrorCode::ServiceUnavailable,
                "支付渠道暂时没有回应，无法确认是否已退款，请稍后再登记",
            ));
        }
    }
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let (refund, order) = find(tx, staff, id).await?;
                let key = hall.data_key(tx, &order.data_key_id).await?;
                let sealed = hall.seal_json(&key, note_aad(&refund.id), &note)?;
                if !tx.set_refund_recorded(&refund.id, &staff.id, &sealed).await? {
                    return Err(AppError::new(ErrorCode::Conflict));
                }
                let data = json!({ "refund": refund.id, "amount_fen": refund.amount_fen });
                tx.move_order(&order, EventKind::RefundRecorded, By::admin(&staff.id), &data).await?;
                Ok(())
            })
        })
        .await
}

async fn find(conn: &mut Conn, staff: &StaffMember, id: &str) -> AppResult<(RefundRow, Order)> {
    let unknown = || AppError::new(ErrorCode::NotFound);
    let refund = conn.refund(id).await?.ok_or_else(unknown)?;
    let order = conn.order(&refund.order_id).await?.ok_or_else(unknown)?;
    staff.must(&order.channel, &[Role::Admin])?;
    Ok((refund, order))
}

/// Where the note of a refund belongs.
const fn note_aad(refund_id: &str) -> Aad<'_> {
    Aad { table: "refunds_owed", column: "note_sealed", row: refund_id }
}
