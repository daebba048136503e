//! 寄送: the parcel goes to the applicant, the initial PIN to the legal representative.

use super::StaffMember;
use super::desk::order_at;
use super::secrets::{KeptPin, KeySecrets, key_aad, pin_aad};
use crate::clock::DAY;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::notices::{Notices, Told, Topic};
use crate::outbox::Job;
use crate::outbox::jobs::{Message, message_aad};
use crate::store::{By, Order, Tx};
use serde_json::json;
use shared::api::{Approve, Dispatch, ErrorCode, Role};
use shared::field::WaybillNumber;
use shared::order::EventKind;

/// The longest courier's name, in characters.
const LONGEST_CARRIER: usize = 20;

/// The first PIN is kept for another message for so long after dispatch, in case nobody ever records the delivery …
const KEPT_AFTER_DISPATCH: i64 = 90 * DAY;
/// … and for so long after delivery (docs/decisions/0004).
const KEPT_AFTER_DELIVERY: i64 = 30 * DAY;

/// 已发货. The PIN goes sealed into the outbox, which wipes it once it is sent, and into a column of its own, so that it can
/// be told again for a while.
pub async fn dispatch(hall: &Hall, staff: &StaffMember, number: &str, parcel: &Dispatch) -> AppResult<()> {
    let carrier = parcel.carrier.trim();
    if carrier.is_empty() || carrier.chars().count() > LONGEST_CARRIER || carrier.chars().any(char::is_control) {
        // Whose order it is comes first: a stranger learns nothing from what is wrong.
        order_at(&mut *hall.store.read().await?, staff, number, Role::Maker, parcel.version).await?;
        return Err(AppError::with(ErrorCode::BadRequest, "请填写快递公司"));
    }
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Maker, parcel.version).await?;
                let waybill = WaybillNumber::parse(&parcel.waybill).map_err(|_| {
                    AppError::with(ErrorCode::BadRequest, "运单号不正确，请核对面单上的字母和数字后重新填写")
                })?;
                let data = json!({ "waybill": waybill.as_str() });
                let moved = tx.move_order(&order, EventKind::Dispatched, By::maker(&staff.id), &data).await?;
                tx.set_parcel(&order.id, carrier, waybill.as_str()).await?;
                tell_pin(hall, tx, &moved).await?;
                Ok(Notices::of(hall).tell(tx, &moved, Told::Dispatched { carrier, waybill: waybill.as_str() }).await?)
            })
        })
        .await
}

async fn tell_pin(hall: &Hall, tx: &mut Tx, order: &Order) -> AppResult<()> {
    let serial = order.key_serial.as_deref().ok_or_else(|| AppError::fault("a dispatched order without a key"))?;
    let secrets = KeySecrets::of_key(hall, tx, order, serial).await?;
    let secrets = secrets.ok_or_else(|| AppError::fault("a made key without secrets"))?;
    let pin = secrets.pin.clone().ok_or_else(|| AppError::fault("the initial PIN is gone before dispatch"))?;
    let kept = KeptPin { pin: pin.clone() };
    let key = hall.data_key(tx, &order.data_key_id).await?;
    let notice = Message {
        phone: hall.open_form(tx, order).await?.legal_rep().mobile.as_str().to_owned(),
        template: hall.config.gateways.sms.templates.pin.clone(),
        params: vec![("order".to_owned(), order.number.clone()), ("pin".to_owned(), pin)],
    };
    let (id, now) = (tx.new_id(), tx.now());
    let payload = hall.seal_json(&key, message_aad(&id), &notice)?;
    tx.enqueue_sealed(&id, &Job::NotifyDispatch { order_id: order.id.clone() }, now, &payload).await?;
    tx.set_job_topic(&id, Topic::Pin.name()).await?;
    tx.set_key_secrets(serial, &secrets.without_pin().seal(hall, &key, key_aad(serial))?).await?;
    tx.set_key_pin(serial, &hall.seal_json(&key, pin_aad(serial), &kept)?).await?;
    Ok(tx.enqueue(&Job::WipePin { order_id: order.id.clone() }, now + KEPT_AFTER_DISPATCH).await?)
}

/// 已签收: the order is finished.
pub async fn delivered(hall: &Hall, staff: &StaffMember, number: &str, seen: &Approve) -> AppResult<()> {
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Maker, seen.version).await?;
                tx.move_order(&order, EventKind::Delivered, By::maker(&staff.id), &json!({})).await?;
                let at = tx.now() + KEPT_AFTER_DELIVERY;
                Ok(tx.enqueue(&Job::WipePin { order_id: order.id }, at).await?)
            })
        })
        .await
}
