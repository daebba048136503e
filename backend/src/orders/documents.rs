//! 上传资料: papers are sealed into the object store, their facts into the database.

use super::{access, handover, view::order_view};
use crate::fault;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::outbox::Job;
use crate::store::Order;
use crate::store::{By, Conn};
use crate::store::{DocumentRow, NewDocument};
use crate::vault::Aad;
use object_store::{ObjectStoreExt, PutPayload};
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::api::{ErrorCode, OrderView, RefusalView};
use shared::channel::DocumentKind;
use shared::order::{EventKind, Status};

/// Whose papers are changed: those of an order of the session, or those that a hand-over opens.
#[derive(Clone, Copy)]
pub enum Papers<'a> {
    /// The order with this number, if it is the session's.
    Owned {
        /// The session.
        session: &'a str,
        /// 订单号.
        number: &'a str,
    },
    /// The order that the token opens.
    HandedOver {
        /// The token.
        token: &'a str,
    },
}

impl Papers<'_> {
    async fn order(self, conn: &mut Conn) -> AppResult<Order> {
        match self {
            Self::Owned { session, number } => access::own(conn, session, number).await,
            Self::HandedOver { token } => Ok(handover::open(conn, token).await?.1),
        }
    }
}

/// Takes one uploaded file; it replaces an earlier one of its kind. While the review waits it is staged beside the signed
/// one, which the reviewer goes on seeing.
pub async fn upload(hall: &Hall, papers: Papers<'_>, kind: DocumentKind, file: Vec<u8>) -> AppResult<()> {
    let mut reader = hall.store.read().await?;
    let order = papers.order(&mut reader).await?;
    let key = hall.data_key(&mut reader, &order.data_key_id).await?;
    drop(reader);
    changeable(&order)?;
    let profile = &hall.channel(&order.channel)?.profile;
    if !profile.documents.iter().any(|paper| paper.kind == kind) {
        return Err(AppError::new(ErrorCode::NotFound));
    }
    if u64::try_from(file.len()).is_ok_and(|bytes| bytes > profile.upload.max_bytes) {
        return Err(too_large(profile.upload.max_bytes));
    }
    let paper = hall.darkroom.develop(file, &profile.upload.formats).await.map_err(AppError::new)?;
    let id = hall.new_id();
    let object_key = format!("{}/{id}", order.id);
    let sealed = key.seal(&*hall.entropy, image_aad(&id), &paper.jpeg)?;
    // The object first: a row never names a paper that is not there. One without a row is found by its folder.
    fault::point("object put", "before");
    hall.documents.put(&object_path(&object_key), PutPayload::from(sealed)).await.map_err(AppError::storage)?;
    fault::point("object put", "after");
    let mut tx = hall.store.begin().await?;
    tx.lock_documents(&order.id).await?;
    let order = papers.order(&mut tx).await?;
    let new = NewDocument {
        id,
        order_id: order.id.clone(),
        kind,
        object_key,
        sha256: hex::encode(Sha256::digest(&paper.jpeg)),
        content_type: "image/jpeg".to_owned(),
        bytes: i64::try_from(paper.jpeg.len()).map_err(AppError::fault)?,
        width: i64::from(paper.width),
        height: i64::from(paper.height),
    };
    match changeable(&order)? {
        Change::Direct => tx.insert_document(&new).await?,
        Change::Staged => tx.stage_document(&new).await?,
    }
    let now = tx.now();
    tx.enqueue(&Job::EraseDocuments { order_id: order.id.clone() }, now).await?;
    Ok(tx.commit().await?)
}

/// Deletes a paper before it is submitted; while the review waits, a staged one. One that is not there is no error: it was
/// deleted already.
pub async fn delete(hall: &Hall, papers: Papers<'_>, kind: DocumentKind) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let order = papers.order(&mut tx).await?;
    tx.lock_documents(&order.id).await?;
    let order = papers.order(&mut tx).await?;
    let there = match changeable(&order)? {
        Change::Direct => effective(&mut tx, &order.id).await?,
        Change::Staged => tx.staged_documents(&order.id).await?,
    };
    if let Some(paper) = there.iter().find(|paper| paper.kind == kind) {
        tx.supersede_document(&order.id, &paper.id).await?;
        let now = tx.now();
        tx.enqueue(&Job::EraseDocuments { order_id: order.id.clone() }, now).await?;
    }
    Ok(tx.commit().await?)
}

/// A paper's image in clear, for its owner.
pub async fn image(hall: &Hall, session: &str, number: &str, id: &str) -> AppResult<Vec<u8>> {
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    match reader.staged_document(&order.id, id).await? {
        Some(staged) => open_row(hall, &mut reader, &order, &staged).await,
        None => open_image(hall, &mut reader, &order, id).await,
    }
}

/// A paper's image in clear; staged ones are not among them. The caller has made sure that it may be seen.
pub async fn open_image(hall: &Hall, conn: &mut Conn, order: &Order, id: &str) -> AppResult<Vec<u8>> {
    let row = conn.document(&order.id, id).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
    open_row(hall, conn, order, &row).await
}

async fn open_row(hall: &Hall, conn: &mut Conn, order: &Order, row: &DocumentRow) -> AppResult<Vec<u8>> {
    let key = hall.data_key(conn, &order.data_key_id).await?;
    let object = hall.documents.get(&object_path(&row.object_key)).await.map_err(AppError::fault)?;
    let sealed = object.bytes().await.map_err(AppError::fault)?;
    Ok(key.open(image_aad(&row.id), &sealed)?.to_vec())
}

/// 确认申请: every paper is there. After a refusal, and while the review waits, the status stays until the corrected
/// application is signed. A phone that took photos is done.
pub async fn submit(hall: &Hall, session: &str, number: &str) -> AppResult<OrderView> {
    let mut tx = hall.store.begin().await?;
    let mut order = access::own(&mut tx, session, number).await?;
    if order.status != Status::AwaitingSignature {
        changeable(&order)?;
    }
    let papers = complete(hall, &mut tx, &order).await?;
    tx.end_handovers(&order.id).await?;
    if order.status == Status::AwaitingDocuments {
        let hashes: Vec<_> = papers.iter().map(|paper| &paper.sha256).collect();
        let evidence = json!({ "documents": hashes });
        order = tx.move_order(&order, EventKind::DocumentsSubmitted, By::applicant(session), &evidence).await?;
    }
    let view = order_view(hall, &mut tx, &order).await?;
    tx.commit().await?;
    Ok(view)
}

/// Back to the papers before signing.
pub async fn reopen(hall: &Hall, session: &str, number: &str) -> AppResult<OrderView> {
    let mut tx = hall.store.begin().await?;
    let mut order = access::own(&mut tx, session, number).await?;
    if order.status != Status::AwaitingDocuments {
        order = tx.move_order(&order, EventKind::DocumentsReopened, By::applicant(session), &json!({})).await?;
    }
    let view = order_view(hall, &mut tx, &order).await?;
    tx.commit().await?;
    Ok(view)
}

/// The papers as they are to be signed: staged ones take the place of the current ones of their kinds. Oldest first.
pub async fn effective(conn: &mut Conn, order_id: &str) -> AppResult<Vec<DocumentRow>> {
    let staged = conn.staged_documents(order_id).await?;
    let mut papers = conn.documents_of_order(order_id).await?;
    papers.retain(|paper| staged.iter().all(|new| new.kind != paper.kind));
    papers.extend(staged);
    Ok(papers)
}

/// The papers as they are to be signed, when every one of the profile is there and every refused one was uploaded anew;
/// while the review waits, at least one must be new.
pub async fn complete(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<Vec<DocumentRow>> {
    let papers = effective(conn, &order.id).await?;
    if order.status == Status::AwaitingReview && papers.iter().all(|paper| paper.staged_at.is_none()) {
        return Err(AppError::with(ErrorCode::DocumentsMissing, "请先上传需要修改的资料，再确认申请"));
    }
    let refused = match &order.refusal_sealed {
        Some(sealed) if order.status == Status::ReviewRefused => {
            let key = hall.data_key(conn, &order.data_key_id).await?;
            let refusal: RefusalView = super::sealed::open_json(&key, super::sealed::refusal_aad(&order.id), sealed)?;
            refusal.documents
        }
        Some(_) | None => Vec::new(),
    };
    let missing: Vec<_> = hall
        .channel(&order.channel)?
        .profile
        .documents
        .iter()
        .filter(|wanted| {
            let anew = refused.contains(&wanted.kind);
            !papers.iter().any(|paper| paper.kind == wanted.kind && (!anew || paper.signed_at.is_none()))
        })
        .map(|wanted| wanted.label.as_str())
        .collect();
    if missing.is_empty() {
        Ok(papers)
    } else {
        Err(AppError::with(ErrorCode::DocumentsMissing, format!("请上传：{}", missing.join("、"))))
    }
}

/// A file over the profile's limit.
pub fn too_large(max_bytes: u64) -> AppError {
    let tenths = max_bytes * 10 / (1024 * 1024);
    let text = format!("图片超过 {}.{}M 的大小限制，请缩小后重新上传", tenths / 10, tenths % 10);
    AppError::with(ErrorCode::FileTooLarge, text)
}

/// What an upload does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is the order's paper at once: nothing is signed, or the signed papers were refused.
    Direct,
    /// It waits for the correction's signature.
    Staged,
}

/// Whether papers may be changed now, and how.
pub fn changeable(order: &Order) -> AppResult<Change> {
    match order.status {
        Status::AwaitingDocuments | Status::ReviewRefused => Ok(Change::Direct),
        Status::AwaitingReview => Ok(Change::Staged),
        Status::AwaitingSignature
        | Status::AwaitingPayment
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => Err(AppError::new(ErrorCode::Conflict)),
    }
}

fn object_path(key: &str) -> object_store::path::Path {
    object_store::path::Path::from(key)
}

const fn image_aad(id: &str) -> Aad<'_> {
    Aad { table: "documents", column: "image", row: id }
}
