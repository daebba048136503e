//! 确认订单: the checked form becomes an order with a number.

use super::drafts;
use super::indexes::PhoneIndexes;
use super::sealed::{Summary, erased, form_aad, summary_aad};
use super::view::{new_order_view, order_view};
use crate::clock::{HOUR, SECOND};
use crate::hall::Hall;
use crate::http::{AppError, AppResult, NextToken};
use crate::outbox::Job;
use crate::store::{By, CheckedDraft, Conn, NewOrder, Tx};
use crate::vault::BlindColumn;
use serde_json::json;
use shared::api::{ErrorCode, NewOrder as Request, OrderView};
use shared::field::Date;
use shared::form::{FormRules, UnitForm};

/// A verification older than this is made again: people move, phones change hands.
const CHECKED_FOR: i64 = 24 * HOUR;

/// Makes the order, once: a double click, a second tab, a retry after a lost answer all get the same one.
/// The session gets a new token with the order.
pub async fn confirm(hall: &Hall, session: &str, request: &Request, next: &NextToken) -> AppResult<OrderView> {
    let mut tx = hall.store.begin().await?;
    let checked = tx
        .checked_draft(session, &request.channel, request.business, &request.content)
        .await?
        .ok_or_else(|| AppError::new(ErrorCode::NotChecked))?;
    let draft = &checked.draft;
    if draft.order_id.is_some()
        && let Some(order) = tx.order_of_draft(&draft.id).await?
    {
        return order_view(hall, &mut tx, &order).await;
    }
    if draft.checked_at.is_none_or(|at| at + CHECKED_FOR < hall.now()) {
        return Err(AppError::new(ErrorCode::NotChecked));
    }
    let (new, summary) = order_of(hall, &tx, session, checked)?;
    refuse_second(&mut tx, session, &new).await?;
    let evidence = json!({ "content": new.content_hash, "profile": new.profile_version, "price_fen": new.price_fen });
    let (order, made) = tx.insert_order(new, By::applicant(session), &evidence).await?;
    if let Some(deadline) = order.pay_until.filter(|_| made) {
        tx.enqueue(&Job::ExpireOrder { order_id: order.id.clone() }, deadline).await?;
    }
    let view = if made { new_order_view(&order, summary) } else { order_view(hall, &mut tx, &order).await? };
    next.write(&mut tx, session).await?;
    tx.commit().await?;
    next.written();
    Ok(view)
}

/// Everything that the order pins: texts, price and consent of the profile as it is now.
fn order_of(hall: &Hall, tx: &Tx, session: &str, checked: CheckedDraft) -> AppResult<(NewOrder, Summary)> {
    let CheckedDraft { draft, wrapped, root_version } = checked;
    let channel = hall.channel(&draft.channel)?;
    let rules = FormRules::of(&channel.public, Date::from_unix_micros_china(hall.now()));
    let (wrapped, root_version) = wrapped.zip(root_version).ok_or_else(erased)?;
    let key = hall.unwrap_key(&draft.data_key_id, wrapped, root_version)?;
    let typed = drafts::open_with(&key, &draft)?;
    // The same rules as at the check; it fails only when the profile was changed in between.
    let form = UnitForm::parse(&typed, &rules).map_err(|errors| AppError::new(ErrorCode::NotChecked).fields(errors))?;
    let (profile, summary) = (&channel.profile, Summary::of(&form));
    let (id, phones) = (tx.new_id(), PhoneIndexes::of(hall, &form));
    let new = NewOrder {
        series: profile.order_series,
        channel: profile.slug.clone(),
        profile_version: profile.version.clone(),
        business: draft.business,
        holder_index: hall.vault.blind(BlindColumn::Holder, form.unit().credit_code.as_str()),
        operator_index: phones.operator,
        legal_rep_index: phones.legal_rep,
        session_id: session.to_owned(),
        draft_id: draft.id,
        data_key_id: draft.data_key_id,
        form_sealed: hall.seal_json(&key, form_aad(&id), &form)?,
        summary_sealed: hall.seal_json(&key, summary_aad(&id), &summary)?,
        content_hash: super::check::content_hash(&form),
        product: profile.new.product.clone(),
        price_fen: profile.new.price_fen,
        consent_version: profile.consent.version.clone(),
        pay_until: Some(hall.now() + i64::from(profile.payment.hours) * 3600 * SECOND),
        id,
    };
    Ok((new, summary))
}

/// 已有办理中的订单: its owner is told the number, anybody else only that there is one.
async fn refuse_second(conn: &mut Conn, session: &str, new: &NewOrder) -> AppResult<()> {
    let Some(active) = conn.active_order(&new.channel, new.business, &new.holder_index).await? else { return Ok(()) };
    let refusal = AppError::new(ErrorCode::OrderExists);
    let own = conn.order_of_session(&active.number, session).await?.is_some();
    Err(if own { refusal.order(active.number) } else { refusal })
}
