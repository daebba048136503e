//! 修改邮寄信息 of a paid order until the parcel has left, proven by a code to the operator on record.

use super::codes::{self, Ask};
use super::repeated::{self, Came};
use super::{access, corrections};
use crate::gate::{Act, ProofHeader, prove};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::CodePurpose;
use shared::api::{CodeSent, CorrectMailing, ErrorCode, MailingView, OrderView};
use shared::form::{Field, UnitDraft};
use shared::order::EventKind;
use std::net::IpAddr;

const FIELDS: [Field; 5] =
    [Field::MailProvince, Field::MailCity, Field::MailAddress, Field::Recipient, Field::RecipientMobile];

/// Where the parcel goes.
pub async fn view(hall: &Hall, session: &str, number: &str) -> AppResult<MailingView> {
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    let form = hall.open_form(&mut reader, &order).await?;
    let mailing: UnitDraft = FIELDS.into_iter().map(|field| (field, form.value(field).to_owned())).collect();
    Ok(MailingView { mailing })
}

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
    corrections::allowed(&order, EventKind::MailingCorrected)?;
    let form = hall.open_form(&mut reader, &order).await?;
    drop(reader);
    let proven = prove(hall, session, proof, Act::CorrectMailing { number }).await?;
    let phone = &form.operator().mobile;
    let ask = Ask {
        purpose: CodePurpose::CorrectMailing,
        channel: &order.channel,
        session,
        address,
        order_id: Some(&order.id),
        holder_index: None,
        content_hash: Some(order.content_hash.clone()),
        phone: Some(phone),
        template: &hall.config.gateways.sms.templates.correct_mailing,
        params: vec![("order".to_owned(), order.number.clone())],
    };
    codes::send_proven(hall, ask, phone.masked(), &proven).await
}

/// Corrects the address. Told twice, nothing happens the second time.
pub async fn correct(hall: &Hall, session: &str, number: &str, request: &CorrectMailing) -> AppResult<OrderView> {
    if let Err(refusal) = correct_once(hall, session, number, request).await {
        let proof = &request.proof;
        let came = Came { purpose: CodePurpose::CorrectMailing, ticket: &proof.ticket, typed: &proof.code };
        if repeated::done_before(hall, &refusal, session, Some(number), &[came]).await?.is_none() {
            return Err(refusal);
        }
    }
    access::view(hall, session, number).await
}

async fn correct_once(hall: &Hall, session: &str, number: &str, request: &CorrectMailing) -> AppResult<()> {
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    corrections::allowed(&order, EventKind::MailingCorrected)?;
    let form = hall.open_form(&mut reader, &order).await?;
    drop(reader);
    // A slip in the address costs no try of the code.
    form.with_mailing(&request.mailing).map_err(|errors| AppError::new(ErrorCode::Form).fields(errors))?;
    let purpose = (CodePurpose::CorrectMailing, Some(order.id.as_str()));
    let right = codes::try_code(hall, purpose, session, &request.proof.ticket, &request.proof.code).await?;
    let mut tx = hall.store.begin().await?;
    let order = access::own(&mut tx, session, number).await?;
    corrections::allowed(&order, EventKind::MailingCorrected)?;
    if right.row().content_hash.as_ref() != Some(&order.content_hash) {
        // Corrected meanwhile in another window: the code was for what stood there before.
        return Err(AppError::new(ErrorCode::SmsCodeUsedUp));
    }
    tx.use_code(&right).await?;
    let form = hall.open_form(&mut tx, &order).await?;
    let new = form.with_mailing(&request.mailing).map_err(|errors| AppError::new(ErrorCode::Form).fields(errors))?;
    let step = (EventKind::MailingCorrected, session, &[right.row().id.as_str()][..]);
    corrections::write(hall, &mut tx, &order, &new, step).await?;
    Ok(tx.commit().await?)
}
