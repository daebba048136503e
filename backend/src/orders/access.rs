//! An order of the asking session, or 404: whether a number exists is nobody else's business.

use super::view::{order_line, order_view};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::Conn;
use crate::store::Order;
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

/// The session's orders in a channel, newest first.
pub async fn list(hall: &Hall, reader: &mut Conn, session: &str, channel: &str) -> AppResult<OrderList> {
    // A form that becomes an order between the two look-ups is in both, never in neither.
    let mut list =
        OrderList { drafts: super::drafts::found(hall, reader, session, channel).await?, ..OrderList::default() };
    for row in reader.orders_of_session(session, channel).await? {
        let is_final = row.status.is_final();
        let line = order_line(hall, row)?;
        if is_final { list.finished.push(line) } else { list.unfinished.push(line) }
    }
    Ok(list)
}
