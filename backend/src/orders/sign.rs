//! 签名确认: an SMS code to the operator's phone signs the application, its papers and the consent text.
//!
//! The text that is agreed to is the channel's as it is now, and its version and hash stand in the signature. An order made
//! (or paid) under an older text goes on: whoever was shown that one is shown the new one, and agrees to it.

use super::codes::{self, Ask};
use super::repeated::{self, Came};
use super::{access, documents, view::order_view};
use crate::gate::{Act, ProofHeader, prove};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::CodePurpose;
use crate::store::Order;
use crate::store::SignatureRow;
use crate::store::{By, Conn, StoreError};
use crate::vault::Aad;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::api::{CodeSent, ErrorCode, OrderView, Signature};
use shared::channel::Consent;
use shared::order::{EventKind, Status};
use std::net::IpAddr;

/// Told when the code was sent for other papers or another text.
const CHANGED_MEANWHILE: &str = "获取验证码之后，资料或确认内容有变动，原验证码已失效，请重新获取";

/// 获取验证码.
pub async fn send_code(
    hall: &Hall,
    session: &str,
    address: IpAddr,
    number: &str,
    proof: &ProofHeader,
) -> AppResult<CodeSent> {
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    signable(&order)?;
    let content = signed_content(hall, &mut reader, &order).await?;
    let form = hall.open_form(&mut reader, &order).await?;
    drop(reader);
    let proven = prove(hall, session, proof, Act::Sign { number }).await?;
    let phone = &form.operator().mobile;
    let ask = Ask {
        purpose: CodePurpose::Sign,
        channel: &order.channel,
        session,
        address,
        order_id: Some(&order.id),
        holder_index: None,
        content_hash: Some(content),
        phone: Some(phone),
        template: &hall.config.gateways.sms.templates.sign,
        params: vec![("order".to_owned(), order.number.clone())],
    };
    codes::send_proven(hall, ask, phone.masked(), &proven).await
}

/// 确定: the code is used, the evidence kept and the order moved, together or not at all. Told twice, nothing happens the
/// second time.
pub async fn sign(
    hall: &Hall,
    session: &str,
    address: IpAddr,
    number: &str,
    request: &Signature,
) -> AppResult<OrderView> {
    match sign_once(hall, session, address, number, request).await {
        Ok(view) => Ok(view),
        Err(refusal) => {
            let came = Came { purpose: CodePurpose::Sign, ticket: &request.ticket, typed: &request.code };
            match repeated::done_before(hall, &refusal, session, Some(number), &[came]).await? {
                Some(_) => access::view(hall, session, number).await,
                None => Err(refusal),
            }
        }
    }
}

async fn sign_once(
    hall: &Hall,
    session: &str,
    address: IpAddr,
    number: &str,
    request: &Signature,
) -> AppResult<OrderView> {
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    let purpose = (CodePurpose::Sign, Some(order.id.as_str()));
    signable(&order)?;
    let consent = &hall.channel(&order.channel)?.profile.consent;
    if !request.agreed {
        return Err(AppError::new(ErrorCode::ConsentMissing));
    }
    if request.consent_version != consent.version {
        // Before the code is looked at: one that was sent for the new text already serves once it was read.
        return Err(AppError::new(ErrorCode::ConsentChanged).consent(consent.clone()));
    }
    drop(reader);
    let right = codes::try_code(hall, purpose, session, &request.ticket, &request.code).await?;
    let mut tx = hall.store.begin().await?;
    // What is signed can't change while it is signed.
    tx.lock_documents(&order.id).await?;
    let order = access::own(&mut tx, session, number).await?;
    signable(&order)?;
    let content = signed_content(hall, &mut tx, &order).await?;
    if right.row().content_hash.as_ref() != Some(&content) {
        // Papers or text were changed after the code was sent: it agreed to something else.
        return Err(AppError::with(ErrorCode::SmsCodeUsedUp, CHANGED_MEANWHILE));
    }
    tx.use_code(&right).await?;
    let id = tx.new_id();
    let key = hall.data_key(&mut tx, &order.data_key_id).await?;
    let form = hall.open_form(&mut tx, &order).await?;
    let seal =
        |column, text: &str| key.seal(&*hall.entropy, Aad { table: "signatures", column, row: &id }, text.as_bytes());
    let row = SignatureRow {
        order_id: order.id.clone(),
        code_id: right.row().id.clone(),
        at: hall.now(),
        phone_sealed: seal("phone_sealed", form.operator().mobile.as_str())?,
        ip_sealed: seal("ip_sealed", &address.to_string())?,
        consent_version: consent.version.clone(),
        consent_hash: consent_hash(consent),
        content_hash: content.clone(),
        id: id.clone(),
    };
    tx.insert_signature(&row).await?;
    let evidence = json!({ "signature": id, "content": content, "consent": row.consent_hash });
    tx.sign_documents(&order.id).await?;
    let event = if order.status == Status::AwaitingSignature { EventKind::Signed } else { EventKind::Corrected };
    let moved = match tx.move_order(&order, event, By::applicant(session), &evidence).await {
        Err(StoreError::HolderActive { order_id }) => {
            let other = tx.order(&order_id).await?;
            let refusal = AppError::new(ErrorCode::OrderExists);
            let own = match other {
                Some(other) => tx.order_of_session(&other.number, session).await?,
                None => None,
            };
            return Err(match own {
                Some(own) => refusal.order(own.number),
                None => refusal,
            });
        }
        moved => moved?,
    };
    if event == EventKind::Corrected {
        tx.end_refusal(&order.id).await?;
    }
    let moved = match (moved.status, moved.price_fen) {
        (Status::AwaitingPayment, 0) => tx.move_order(&moved, EventKind::PaymentWaived, By::SYSTEM, &json!({})).await?,
        _ => moved,
    };
    let view = order_view(hall, &mut tx, &moved).await?;
    tx.commit().await?;
    Ok(view)
}

/// What a signature agrees to: the form's content, every paper, the consent text. Hex.
async fn signed_content(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<String> {
    let mut hash = Sha256::new();
    hash.update(b"certhall.application.1\n");
    hash.update(order.content_hash.as_bytes());
    for paper in documents::complete(hall, conn, order).await? {
        hash.update(format!("\n{}={}", paper.kind.name(), paper.sha256));
    }
    hash.update(format!("\nconsent={}", consent_hash(&hall.channel(&order.channel)?.profile.consent)));
    Ok(hex::encode(hash.finalize()))
}

/// Hash of a consent text.
fn consent_hash(consent: &Consent) -> String {
    hex::encode(Sha256::digest(consent.text.as_bytes()))
}

fn signable(order: &Order) -> AppResult<()> {
    match order.status {
        Status::AwaitingSignature | Status::ReviewRefused | Status::AwaitingReview => Ok(()),
        Status::AwaitingDocuments
        | Status::AwaitingPayment
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => Err(AppError::new(ErrorCode::Conflict)),
    }
}
