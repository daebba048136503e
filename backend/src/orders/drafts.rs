//! What was typed so far, kept sealed on the server, found again by the same browser.

use super::sealed::open_json;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::DraftRow;
use crate::store::{Conn, Tx};
use crate::vault::Aad;
use shared::api::{ErrorCode, SavedDraft};
use shared::flow;
use shared::form::UnitDraft;
use shared::order::Business;

/// The most text that is saved of a form; the fields' own limits are far below.
const MAX_BYTES: usize = 16 * 1024;

/// Where a draft belongs: session, channel and business.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The applicant's session.
    pub session: &'a str,
    /// The channel's slug.
    pub channel: &'a str,
    /// The business.
    pub business: Business,
}

/// Saves what was typed. What was checked before stays checked if nothing changed.
pub async fn save(hall: &Hall, place: Place<'_>, draft: &UnitDraft) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    save_in(hall, &mut tx, place, draft).await?;
    Ok(tx.commit().await?)
}

/// As [`save`], in a transaction of the caller's; answers the row.
pub async fn save_in(hall: &Hall, tx: &mut Tx, place: Place<'_>, draft: &UnitDraft) -> AppResult<DraftRow> {
    if !flow::offered(place.business, &hall.channel(place.channel)?.public) {
        return Err(AppError::new(ErrorCode::NotFound));
    }
    if draft.len() > MAX_BYTES {
        return Err(AppError::with(ErrorCode::BadRequest, "填写的内容过长，请删减后重试"));
    }
    if let Some(row) = tx.open_draft(place.session, place.channel, place.business).await? {
        let key = hall.data_key(tx, &row.data_key_id).await?;
        if open_json::<UnitDraft>(&key, draft_aad(&row.id), &row.sealed)? == *draft {
            return Ok(row);
        }
        let sealed = hall.seal_json(&key, draft_aad(&row.id), draft)?;
        if !tx.save_draft(&row.id, &sealed).await? {
            return Err(AppError::new(ErrorCode::Conflict));
        }
    } else {
        let id = tx.new_id();
        let (key_id, key) = hall.new_data_key(tx).await?;
        let sealed = hall.seal_json(&key, draft_aad(&id), draft)?;
        tx.insert_draft(&id, place.session, place.channel, place.business, &key_id, &sealed).await?;
    }
    let row = tx.open_draft(place.session, place.channel, place.business).await?;
    row.ok_or_else(|| AppError::new(ErrorCode::Conflict))
}

/// What was typed so far in this browser.
pub async fn load(hall: &Hall, place: Place<'_>) -> AppResult<Option<SavedDraft>> {
    let mut reader = hall.store.read().await?;
    let Some(row) = reader.open_draft(place.session, place.channel, place.business).await? else { return Ok(None) };
    Ok(Some(SavedDraft { draft: open(hall, &mut reader, &row).await?, saved_at: row.saved_at }))
}

/// The text of a draft.
pub async fn open(hall: &Hall, conn: &mut Conn, row: &DraftRow) -> AppResult<UnitDraft> {
    let key = hall.data_key(conn, &row.data_key_id).await?;
    open_json(&key, draft_aad(&row.id), &row.sealed)
}

/// Where a draft's text belongs.
const fn draft_aad(id: &str) -> Aad<'_> {
    Aad { table: "drafts", column: "sealed", row: id }
}
