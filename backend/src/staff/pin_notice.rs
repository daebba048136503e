//! The PIN once more, for a holder who never got or lost the first message.

use super::StaffMember;
use super::desk::order_at;
use super::review::reason_of;
use super::secrets::{KeptPin, pin_aad};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::notices::Topic;
use crate::orders::open_json;
use crate::outbox::Job;
use crate::outbox::jobs::{Message, message_aad};
use crate::store::By;
use serde_json::json;
use shared::api::{ErrorCode, ResendPin, Role};
use shared::order::EventKind;

/// Times an order.
const MOST: i64 = 3;

/// Enqueues the message to the legal representative's phone, once a press: the order's version moves on with it. A
/// message whose fate is unknown is asked about by the outbox; while it is, nothing is sent again.
pub async fn resend_pin(hall: &Hall, staff: &StaffMember, number: &str, press: &ResendPin) -> AppResult<()> {
    reason_of(&press.reason)?;
    let said = |words: &str| AppError::with(ErrorCode::Conflict, words);
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Maker, press.version).await?;
                let times = tx.times_happened(&order.id, EventKind::PinNoticeResent.name()).await?;
                if times >= MOST {
                    return Err(said("证书密码最多重新发送 3 次，请为用户办理证书解锁"));
                }
                if tx.pin_message_pends(&order.id).await? {
                    return Err(said("上一条密码短信还在发送，请几分钟后刷新再看"));
                }
                let kept = match &order.key_serial {
                    Some(serial) => tx.key(serial).await?.filter(|key| key.order_id == order.id),
                    None => None,
                };
                let Some((serial, sealed)) = kept.and_then(|key| Some((key.serial, key.pin_sealed?))) else {
                    return Err(said("证书密码已过保管期或已由用户修改，不能重新发送，请为用户办理证书解锁"));
                };
                let key = hall.data_key(tx, &order.data_key_id).await?;
                let kept: KeptPin = open_json(&key, pin_aad(&serial), &sealed)?;
                let message = Message {
                    phone: hall.open_form(tx, &order).await?.legal_rep().mobile.as_str().to_owned(),
                    template: hall.config.gateways.sms.templates.pin.clone(),
                    params: vec![("order".to_owned(), order.number.clone()), ("pin".to_owned(), kept.pin.clone())],
                };
                let (id, now) = (tx.new_id(), tx.now());
                let payload = hall.seal_json(&key, message_aad(&id), &message)?;
                let job = Job::ResendPin { message_id: id.clone(), order_id: order.id.clone() };
                tx.enqueue_sealed(&id, &job, now, &payload).await?;
                tx.set_job_topic(&id, Topic::Pin.name()).await?;
                let data = json!({ "job": id, "time": times + 1 });
                tx.move_order(&order, EventKind::PinNoticeResent, By::maker(&staff.id), &data).await?;
                Ok(())
            })
        })
        .await
}
