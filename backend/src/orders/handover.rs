//! 扫码拍照上传: the applicant's own phone takes the photos. A random token, of which only a hash is kept, opens the papers of
//! one order and nothing else: no names but a masked unit's, and no image can be read back.

use super::documents::{self, Change};
use super::view::document_view;
use super::{Summary, access, open_json, summary_aad};
use crate::clock::MINUTE;
use crate::hall::Hall;
use crate::http::{AppError, AppResult, new_token, token_hash};
use crate::store::{Conn, HandoverRow, Order};
use shared::api::{ErrorCode, Handover, HandoverView, RefusalView};
use shared::channel::DocumentKind;
use shared::order::Status;

/// The address is worthless afterwards.
pub const LIFETIME: i64 = 15 * MINUTE;

/// A new address; earlier ones of the order are worthless from now on.
pub async fn begin(hall: &Hall, session: &str, number: &str) -> AppResult<Handover> {
    let token = new_token(&*hall.entropy);
    let mut tx = hall.store.begin().await?;
    let order = access::own(&mut tx, session, number).await?;
    documents::changeable(&order)?;
    let expires_at = tx.now() + LIFETIME;
    tx.begin_handover(&order.id, &token_hash(&token), expires_at).await?;
    tx.commit().await?;
    Ok(Handover { url: format!("{}/{}/photos/{token}", hall.config.public_url, order.channel), expires_at })
}

/// What a token opens. Unknown, used up, too old, papers that can't be changed any more: all look the same.
pub async fn open(conn: &mut Conn, token: &str) -> AppResult<(HandoverRow, Order)> {
    let over = || AppError::new(ErrorCode::HandoverOver);
    let row = conn.handover_of_token(&token_hash(token)).await?.ok_or_else(over)?;
    let order = conn.order(&row.order_id).await?.ok_or_else(over)?;
    documents::changeable(&order).map_err(|_| over())?;
    Ok((row, order))
}

/// What the phone shows.
pub async fn view(hall: &Hall, token: &str) -> AppResult<HandoverView> {
    let mut reader = hall.store.read().await?;
    let (row, order) = open(&mut reader, token).await?;
    let key = hall.data_key(&mut reader, &order.data_key_id).await?;
    let summary: Summary = open_json(&key, summary_aad(&order.id), &order.summary_sealed)?;
    let there = match documents::changeable(&order)? {
        Change::Direct => documents::effective(&mut reader, &order.id).await?,
        Change::Staged => reader.staged_documents(&order.id).await?,
    };
    let fresh_only = order.status == Status::ReviewRefused;
    Ok(HandoverView {
        wanted: wanted(hall, &mut reader, &order).await?,
        unit_name: masked(&summary.unit_name),
        documents: there
            .into_iter()
            .filter(|paper| !fresh_only || paper.signed_at.is_none())
            .map(|paper| document_view(paper, true))
            .collect(),
        channel: order.channel,
        expires_at: row.expires_at,
    })
}

/// After a refusal the refused papers, else all.
async fn wanted(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<Vec<DocumentKind>> {
    if let (Status::ReviewRefused, Some(sealed)) = (order.status, &order.refusal_sealed) {
        let key = hall.data_key(conn, &order.data_key_id).await?;
        let refusal: RefusalView = open_json(&key, super::refusal_aad(&order.id), sealed)?;
        return Ok(refusal.documents);
    }
    Ok(hall.channel(&order.channel)?.profile.documents.iter().map(|paper| paper.kind).collect())
}

/// The first two characters and the last two; enough for who holds the phone to see that it is theirs.
fn masked(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let (first, last) = if letters.len() > 5 { (2, 2) } else { (1, 0) };
    let part = |letters: &[char]| letters.iter().collect::<String>();
    format!("{}****{}", part(&letters[..first.min(letters.len())]), part(&letters[letters.len() - last..]))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_units_name_shows_its_ends_only() {
        assert_eq!(masked("南宁市朱槿信息技术有限公司"), "南宁****公司");
        assert_eq!(masked("朱槿"), "朱****");
        assert_eq!(masked(""), "****");
    }
}
