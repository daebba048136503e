//! What waits to be done, longest waiting first.

use super::StaffMember;
use super::desk::order_summary;
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
    let mut reader = hall.store.read().await?;
    let mut found = Vec::new();
    match queue.rows() {
        Rows::Orders(status) => {
            for order in reader.queue(channel, status, LONGEST).await? {
                found.push((order.status_since, None, order));
            }
        }
        Rows::Refunds => {
            for owed in reader.refunds_owed(channel, true, LONGEST).await? {
                if let Some(order) = reader.order(&owed.order_id).await? {
                    found.push((owed.created_at, Some(owed.amount_fen), order));
                }
            }
        }
    }
    let mut rows = Vec::with_capacity(found.len());
    for (since, owed_fen, order) in found {
        let summary = order_summary(hall, &mut reader, &order).await?;
        rows.push(QueueRow {
            number: order.number,
            channel: order.channel,
            status: order.status,
            unit_name: summary.unit_name,
            since,
            owed_fen,
        });
    }
    Ok(rows)
}
