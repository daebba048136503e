//! What waits to be done, longest waiting first.

use super::StaffMember;
use super::desk::{found_summary, order_summary};
use crate::hall::Hall;
use crate::http::AppResult;
use shared::api::{QueueRow, Role};
use shared::order::Status;

/// The most rows that are shown at once.
const LONGEST: i64 = 200;

/// A queue of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// 待审核.
    Review,
    /// 待制证.
    Making,
    /// 待寄送.
    Dispatch,
    /// On the way.
    Dispatched,
    /// Money owed back.
    Refunds,
}

/// What an entry of a queue is about.
enum Rows {
    Orders(Status),
    Refunds,
}

impl Queue {
    const fn role(self) -> Role {
        match self {
            Self::Review => Role::Reviewer,
            Self::Making | Self::Dispatch | Self::Dispatched => Role::Maker,
            Self::Refunds => Role::Admin,
        }
    }

    const fn rows(self) -> Rows {
        match self {
            Self::Review => Rows::Orders(Status::AwaitingReview),
            Self::Making => Rows::Orders(Status::AwaitingMaking),
            Self::Dispatch => Rows::Orders(Status::AwaitingDispatch),
            Self::Dispatched => Rows::Orders(Status::Dispatched),
            Self::Refunds => Rows::Refunds,
        }
    }
}

/// The rows of a channel's queue.
pub async fn queue(hall: &Hall, staff: &StaffMember, queue: Queue, channel: &str) -> AppResult<Vec<QueueRow>> {
    staff.must(channel, &[queue.role()])?;
    match queue.rows() {
        Rows::Orders(status) => orders(hall, channel, status).await,
        Rows::Refunds => refunds(hall, channel).await,
    }
}

async fn orders(hall: &Hall, channel: &str, status: Status) -> AppResult<Vec<QueueRow>> {
    let found = hall.store.glance().await?.queue(channel, status, LONGEST).await?;
    found
        .into_iter()
        .map(|row| {
            let unit_name = found_summary(hall, &row)?.unit_name;
            Ok(QueueRow {
                number: row.number,
                channel: channel.to_owned(),
                status: row.status,
                unit_name,
                since: row.status_since,
                owed_fen: None,
            })
        })
        .collect()
}

async fn refunds(hall: &Hall, channel: &str) -> AppResult<Vec<QueueRow>> {
    let mut reader = hall.store.read().await?;
    let mut rows = Vec::new();
    for owed in reader.refunds_owed(channel, true, LONGEST).await? {
        let Some(order) = reader.order(&owed.order_id).await? else { continue };
        rows.push(QueueRow {
            unit_name: order_summary(hall, &mut reader, &order).await?.unit_name,
            number: order.number,
            channel: order.channel,
            status: order.status,
            since: owed.created_at,
            owed_fen: Some(owed.amount_fen),
        });
    }
    Ok(rows)
}
