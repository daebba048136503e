//! What the operator is told by SMS of the order's way: written with its cause, sent by the outbox, at most once.

use crate::hall::Hall;
use crate::http::AppResult;
use crate::outbox::Job;
use crate::outbox::jobs::{Message, message_aad};
use crate::store::{Order, Tx};

/// What happened, as the registered templates tell it.
pub enum Told<'a> {
    /// 审核通过.
    Approved,
    /// 鉴证未通过.
    Refused {
        /// The reviewer's words.
        reason: &'a str,
    },
    /// 已发货.
    Dispatched {
        /// Courier.
        carrier: &'a str,
        /// 运单号.
        waybill: &'a str,
    },
}

/// Enqueues the message to the operator's phone.
pub async fn tell_operator(hall: &Hall, tx: &mut Tx, order: &Order, told: &Told<'_>) -> AppResult<()> {
    let templates = &hall.config.gateways.sms.templates;
    let (template, more): (&str, Vec<(&str, &str)>) = match told {
        Told::Approved => (&templates.approved, Vec::new()),
        Told::Refused { reason } => (&templates.refused, vec![("reason", reason)]),
        Told::Dispatched { carrier, waybill } => {
            (&templates.dispatched, vec![("carrier", carrier), ("waybill", waybill)])
        }
    };
    let params = std::iter::once(("order", order.number.as_str())).chain(more);
    let message = Message {
        phone: hall.open_form(tx, order).await?.operator().mobile.as_str().to_owned(),
        template: template.to_owned(),
        params: params.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    let (message_id, now) = (tx.new_id(), hall.now());
    let key = hall.data_key(tx, &order.data_key_id).await?;
    let payload = hall.seal_json(&key, message_aad(&message_id), &message)?;
    let job = Job::SendMessage { message_id: message_id.clone(), order_id: order.id.clone() };
    Ok(tx.enqueue_sealed(&message_id, &job, now, &payload).await?)
}
