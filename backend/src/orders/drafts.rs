//! What was typed so far, kept sealed on the server, found again by the same browser; once it was checked, also by its
//! operator in another one.

use super::sealed::open_json;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::DraftRow;
use crate::store::{Conn, Tx};
use crate::vault::{Aad, BlindColumn, DataKey};
use shared::api::{ErrorCode, FoundDraft, SavedDraft};
use shared::field::{CreditCode, Mobile};
use shared::flow;
use shared::form::{Field, UnitDraft};
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
        let findable = FoundBy::of(hall, draft).is_some_and(|found_by| found_by.finds(&row));
        if !tx.save_draft(&row.id, place.session, &sealed, findable).await? {
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
    open_with(&hall.data_key(conn, &row.data_key_id).await?, row)
}

/// The same with its data key at hand.
pub fn open_with(key: &DataKey, row: &DraftRow) -> AppResult<UnitDraft> {
    open_json(key, draft_aad(&row.id), &row.sealed)
}

/// By what a checked draft is found elsewhere: blind indexes of the credit code and of the operator's phone.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundBy {
    /// Of the credit code.
    pub holder: String,
    /// Of the operator's phone.
    pub operator: String,
}

impl FoundBy {
    /// Of what was typed, if both can be read.
    pub fn of(hall: &Hall, draft: &UnitDraft) -> Option<Self> {
        let holder = CreditCode::parse(draft.get(Field::CreditCode)).ok()?;
        let operator = Mobile::parse(draft.get(Field::OperatorMobile)).ok()?;
        Some(Self {
            holder: hall.vault.blind(BlindColumn::Holder, holder.as_str()),
            operator: super::indexes::of_phone(hall, &operator),
        })
    }

    /// Whether it was checked before with the same credit code and phone.
    fn finds(&self, row: &DraftRow) -> bool {
        row.holder_index.as_ref() == Some(&self.holder) && row.operator_index.as_ref() == Some(&self.operator)
    }
}

/// Drafts that the session may take up, the one saved last first: those that a query code opened, and those that made room
/// for another one.
pub async fn found(hall: &Hall, conn: &mut Conn, session: &str, channel: &str) -> AppResult<Vec<FoundDraft>> {
    let mut found = Vec::new();
    for row in conn.drafts_to_resume(session, channel).await? {
        // Its data may have been erased meanwhile.
        if conn.data_key(&row.data_key_id).await?.is_none() {
            continue;
        }
        let unit_name = open(hall, conn, &row).await?.get(Field::UnitName).to_owned();
        found.push(FoundDraft { id: row.id, business: row.business, unit_name, saved_at: row.saved_at });
    }
    Ok(found)
}

/// Makes a found draft this session's own; pressed twice, nothing happens the second time. The draft that stood there is
/// set aside.
pub async fn resume(hall: &Hall, session: &str, id: &str) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let row = tx.draft_of_session(id, session).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
    if row.session_id == session && row.set_aside_at.is_none() {
        return Ok(());
    }
    tx.resume_draft(&row, session).await?;
    Ok(tx.commit().await?)
}

/// Where a draft's text belongs.
const fn draft_aad(id: &str) -> Aad<'_> {
    Aad { table: "drafts", column: "sealed", row: id }
}
