//! Messages that were given up.

use super::StaffMember;
use super::troubles::told;
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::notices::Topic;
use serde_json::json;
use shared::api::{ErrorCode, FailedMessage, Role};

/// The most rows that are shown at once.
const LONGEST: i64 = 200;
/// Who looks after messages.
const ROLES: [Role; 2] = [Role::Maker, Role::Admin];

/// Text messages and mails of a channel that never arrived, oldest first.
pub async fn failed_messages(hall: &Hall, staff: &StaffMember, channel: &str) -> AppResult<Vec<FailedMessage>> {
    staff.must(channel, &ROLES)?;
    let mut reader = hall.store.read().await?;
    let rows = reader.failed_messages(channel, LONGEST).await?;
    Ok(rows
        .into_iter()
        .map(|row| FailedMessage {
            what: topic_label(&row.kind, row.topic.as_deref()).to_owned(),
            way: if row.kind == "send_mail" { "mail" } else { "sms" }.to_owned(),
            id: row.id,
            number: row.number,
            since: row.done_at,
            error: row.last_error.as_deref().map(told).unwrap_or_default(),
        })
        .collect())
}

/// Takes one off the list and wipes what it said.
pub async fn dismiss_message(hall: &Hall, staff: &StaffMember, id: &str) -> AppResult<()> {
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let message = tx.failed_message(id).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
                staff.must(&message.channel, &ROLES)?;
                if !tx.dismiss_message(id).await? {
                    return Err(AppError::new(ErrorCode::Conflict));
                }
                let data = json!({ "job": id });
                Ok(tx.note(Chain::Order(&message.order_id), "message_dismissed", "staff", &staff.id, &data).await?)
            })
        })
        .await
}

/// Messages of an earlier version have no topic.
fn topic_label(kind: &str, topic: Option<&str>) -> &'static str {
    let topic = topic.and_then(|name| Topic::ALL.iter().find(|topic| topic.name() == name));
    match topic {
        Some(topic) => topic.label(),
        None if kind == "notify_dispatch" => Topic::Pin.label(),
        None => "办理进度",
    }
}
