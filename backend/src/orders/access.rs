//! An order of the asking session, or 404: whether a number exists is nobody else's business.

use super::view::{order_line, order_view};
use crate::hall::Hall;
use crate::http::{AppError, AppResult, OrdersIn, Tokens};
use crate::store::{Conn, Order, OrderLineRow};
use shared::api::{ErrorCode, OrderList, OrderView};

/// The session's own order.
pub async fn own(conn: &mut Conn, session: &str, number: &str) -> AppResult<Order> {
    conn.order_of_session(number, session).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))
}

/// The session's own order, as the page shows it.
pub async fn view(hall: &Hall, session: &str, number: &str) -> AppResult<OrderView> {
    let mut reader = hall.store.read().await?;
    let order = own(&mut reader, session, number).await?;
    order_view(hall, &mut reader, &order).await
}

/// The orders in a channel of the session that asks, newest first.
pub async fn list(hall: &Hall, tokens: Tokens, channel: &str) -> AppResult<OrderList> {
    match tokens.find(hall, &OrdersIn(channel)).await? {
        None => Ok(OrderList::default()),
        Some((session, listed)) if listed.may_have_drafts => list_of(hall, &session, channel).await,
        Some((_, listed)) => sorted(hall, listed.orders),
    }
}

/// A session's drafts to take up and its orders in a channel, newest first.
pub async fn list_of(hall: &Hall, session: &str, channel: &str) -> AppResult<OrderList> {
    let mut reader = hall.store.glance().await?;
    // A form that becomes an order between the two look-ups is in both, never in neither.
    let drafts = super::drafts::found(hall, &mut reader, session, channel).await?;
    let list = sorted(hall, reader.orders_of_session(session, channel).await?)?;
    Ok(OrderList { drafts, ..list })
}

fn sorted(hall: &Hall, rows: Vec<OrderLineRow>) -> AppResult<OrderList> {
    let mut list = OrderList::default();
    for row in rows {
        let is_final = row.status.is_final();
        let line = order_line(hall, row)?;
        if is_final { list.finished.push(line) } else { list.unfinished.push(line) }
    }
    Ok(list)
}
