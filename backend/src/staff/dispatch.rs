//! 寄送: the parcel goes to the applicant, the initial PIN to the legal representative.

use super::StaffMember;
use super::desk::order_at;
use super::notice::{Told, tell_operator};
use super::secrets::{KeySecrets, key_aad};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::outbox::Job;
use crate::outbox::jobs::{Message, message_aad};
use crate::store::By;
use serde_json::json;
use shared::api::{Approve, Dispatch, ErrorCode, Role};
use shared::field::WaybillNumber;
use shared::order::EventKind;

/// The longest courier's name, in characters.
const LONGEST_CARRIER: usize = 20;

/// 已发货. The PIN leaves the key's row for the outbox, sealed; the outbox wipes it once it is sent.
pub async fn dispatch(hall: &Hall, staff: &StaffMember, number: &str, parcel: &Dispatch) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let order = order_at(&mut tx, staff, number, Role::Maker, parcel.version).await?;
    let carrier = parcel.carrier.trim();
    if carrier.is_empty() || carrier.chars().count() > LONGEST_CARRIER || carrier.chars().any(char::is_control) {
        return Err(AppError::with(ErrorCode::BadRequest, "请填写快递公司"));
    }
    let waybill = WaybillNumber::parse(&parcel.waybill)
        .map_err(|_| AppError::with(ErrorCode::BadRequest, "运单号不正确，请核对面单上的字母和数字后重新填写"))?;
    let moved = tx
        .move_order(&order, EventKind::Dispatched, By::maker(&staff.id), &json!({ "waybill": waybill.as_str() }))
        .await?;
    tx.set_parcel(&order.id, carrier, waybill.as_str()).await?;
    let serial = moved.key_serial.as_deref().ok_or_else(|| AppError::fault("a dispatched order without a key"))?;
    let secrets = KeySecrets::of_key(hall, &mut tx, &moved, serial).await?;
    let secrets = secrets.ok_or_else(|| AppError::fault("a made key without secrets"))?;
    let pin = secrets.pin.clone().ok_or_else(|| AppError::fault("the initial PIN is gone before dispatch"))?;
    let form = hall.open_form(&mut tx, &order).await?;
    let key = hall.data_key(&mut tx, &order.data_key_id).await?;
    let notice = Message {
        phone: form.legal_rep().mobile.as_str().to_owned(),
        template: hall.config.gateways.sms.templates.pin.clone(),
        params: vec![("order".to_owned(), order.number.clone()), ("pin".to_owned(), pin)],
    };
    let (job_id, now) = (tx.new_id(), hall.now());
    let payload = hall.seal_json(&key, message_aad(&job_id), &notice)?;
    tx.enqueue_sealed(&job_id, &Job::NotifyDispatch { order_id: order.id.clone() }, now, &payload).await?;
    tell_operator(hall, &mut tx, &order, &Told::Dispatched { carrier, waybill: waybill.as_str() }).await?;
    tx.set_key_secrets(serial, &secrets.without_pin().seal(hall, &key, key_aad(serial))?).await?;
    Ok(tx.commit().await?)
}

/// 已签收: the order is finished.
pub async fn delivered(hall: &Hall, staff: &StaffMember, number: &str, seen: &Approve) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let order = order_at(&mut tx, staff, number, Role::Maker, seen.version).await?;
    tx.move_order(&order, EventKind::Delivered, By::maker(&staff.id), &json!({})).await?;
    Ok(tx.commit().await?)
}
