//! 取消订单 by its applicant, before payment.

use super::{access, view::order_view};
use crate::hall::Hall;
use crate::http::AppResult;
use crate::store::By;
use serde_json::json;
use shared::api::OrderView;
use shared::order::{EventKind, Status};

/// Cancels. Again is no error: the order is cancelled. Open trades are closed by the outbox; money that came meanwhile is
/// recorded there as owed back.
pub async fn cancel(hall: &Hall, session: &str, number: &str) -> AppResult<OrderView> {
    let mut tx = hall.store.begin().await?;
    let mut order = access::own(&mut tx, session, number).await?;
    if order.status != Status::Cancelled {
        order = tx.move_order(&order, EventKind::Cancelled, By::applicant(session), &json!({})).await?;
    }
    let view = order_view(hall, &mut tx, &order).await?;
    tx.commit().await?;
    Ok(view)
}
