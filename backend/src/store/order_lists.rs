//! Whose orders: lists of a session, access by query code.

use super::orders::Order;
use super::sessions::{ApplicantSession, Beside, session_of_token};
use super::{Conn, Result, Tx, Word, all, one, run};
use shared::order::{Business, Status};

/// An order in its applicant's list, with the key that opens its summary.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OrderLineRow {
    /// The order's id.
    pub id: String,
    /// 订单号.
    pub number: String,
    /// The business.
    #[sqlx(try_from = "Word")]
    pub business: Business,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub status: Status,
    /// 申请时间.
    pub created_at: i64,
    /// Courier's name.
    pub carrier: Option<String>,
    /// 运单号.
    pub waybill: Option<String>,
    /// 介质号.
    pub key_serial: Option<String>,
    /// What lists show.
    pub summary_sealed: Vec<u8>,
    /// Its data key's id.
    pub data_key_id: String,
    /// The data key as it is kept; `None`: it is missing.
    pub wrapped: Option<Vec<u8>>,
    /// Which root key wraps it.
    pub root_version: Option<i64>,
}

/// What a token's session sees in a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Newest first.
    pub orders: Vec<OrderLineRow>,
    /// [`Conn::drafts_to_resume`] may find something.
    pub may_have_drafts: bool,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    beside: Beside<OrderLineRow>,
    has_drafts: bool,
}

/// A common table expression `mine`: a session's orders in a channel, made in it or let in by a query code. It begins with the
/// session's few, not with the channel's many: no index has `channel || ''`.
macro_rules! mine {
    ($session:literal, $channel:literal) => {
        concat!(
            "mine AS (",
            order_lines!(),
            " FROM orders WHERE orders.session_id = ",
            $session,
            " AND orders.channel || '' = ",
            $channel,
            " AND orders.erased_at IS NULL UNION ALL ",
            order_lines!(),
            " FROM order_access JOIN orders ON orders.id = order_access.order_id
              WHERE order_access.session_id = ",
            $session,
            " AND orders.session_id <> order_access.session_id AND orders.channel || '' = ",
            $channel,
            " AND orders.erased_at IS NULL)"
        )
    };
}

/// The columns of an [`OrderLineRow`] that stand in `orders`.
macro_rules! order_lines {
    () => {
        "SELECT orders.id, orders.number, orders.business, orders.status, orders.created_at, orders.carrier,
            orders.waybill, orders.key_serial, orders.summary_sealed, orders.data_key_id"
    };
}

impl Conn {
    /// The order with this number, if this session made it or was let in by a query code. `None` for everybody else:
    /// whether the number exists is not told.
    pub async fn order_of_session(&mut self, number: &str, session_id: &str) -> Result<Option<Order>> {
        one!(
            Order,
            self,
            "SELECT * FROM orders WHERE number = $1 AND erased_at IS NULL AND (session_id = $2 OR EXISTS (
                SELECT 1 FROM order_access
                WHERE order_access.order_id = orders.id AND order_access.session_id = $2))",
            number,
            session_id
        )
    }

    /// The session's newest orders in a channel, newest first: made in it, or let in by a query code. At most 200.
    pub async fn orders_of_session(&mut self, session_id: &str, channel: &str) -> Result<Vec<OrderLineRow>> {
        all!(
            OrderLineRow,
            self,
            concat!(
                "WITH ",
                mine!("$1", "$2"),
                " SELECT mine.*, data_keys.wrapped, data_keys.root_version
                  FROM mine LEFT JOIN data_keys ON data_keys.id = mine.data_key_id
                  ORDER BY mine.created_at DESC, mine.id DESC LIMIT 200"
            ),
            session_id,
            channel
        )
    }

    /// The session of a token with its orders (as [`Conn::orders_of_session`]) in one statement.
    pub async fn session_with_orders(
        &mut self,
        token_hash: &[u8],
        channel: &str,
    ) -> Result<Option<(ApplicantSession, Listed)>> {
        let now = self.now();
        let rows = all!(
            ListedRow,
            self,
            concat!(
                "WITH me AS (",
                session_of_token!("s.drafts_found > 0 AS has_drafts", ""),
                "), ",
                mine!("(SELECT session_id FROM me)", "$3"),
                " SELECT me.*, mine.*, data_keys.wrapped, data_keys.root_version
                  FROM me LEFT JOIN mine ON TRUE LEFT JOIN data_keys ON data_keys.id = mine.data_key_id
                  ORDER BY mine.created_at DESC, mine.id DESC LIMIT 200"
            ),
            token_hash,
            now,
            channel
        )?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (session, may_have_drafts) = (first.beside.session.clone(), first.has_drafts);
        let orders = rows.into_iter().filter_map(|row| row.beside.found).collect();
        Ok(Some((session, Listed { orders, may_have_drafts })))
    }

    /// All orders of a holder in a channel, newest first.
    pub async fn orders_of_holder(&mut self, channel: &str, holder_index: &str) -> Result<Vec<Order>> {
        all!(
            Order,
            self,
            "SELECT * FROM orders WHERE channel = $1 AND holder_index = $2 ORDER BY created_at DESC, id DESC",
            channel,
            holder_index
        )
    }

    /// The holder's signed, unfinished order for a business in a channel.
    pub async fn active_order(
        &mut self,
        channel: &str,
        business: Business,
        holder_index: &str,
    ) -> Result<Option<Order>> {
        one!(
            Order,
            self,
            "SELECT orders.* FROM orders JOIN active_holders ON active_holders.order_id = orders.id
             WHERE active_holders.channel = $1 AND active_holders.business = $2 AND active_holders.holder_index = $3",
            channel,
            business.name(),
            holder_index
        )
    }
}

impl Tx {
    /// Lets a session see an order.
    pub async fn grant_order(&mut self, order_id: &str, session_id: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO order_access (order_id, session_id, granted_at) VALUES ($1, $2, $3)
             ON CONFLICT (order_id, session_id) DO UPDATE SET granted_at = excluded.granted_at",
            order_id,
            session_id,
            now
        )?;
        Ok(())
    }

    /// Lets a session see the orders of a holder in a channel whose operator has this phone; answers how many.
    pub async fn grant_operator(
        &mut self,
        (channel, holder_index, operator_index): (&str, &str, &str),
        session_id: &str,
    ) -> Result<u64> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO order_access (order_id, session_id, granted_at)
             SELECT id, $4, $5 FROM orders WHERE channel = $1 AND holder_index = $2 AND operator_index = $3
             ON CONFLICT (order_id, session_id) DO UPDATE SET granted_at = excluded.granted_at",
            channel,
            holder_index,
            operator_index,
            session_id,
            now
        )
    }

    /// Ends every access to an order that a query code gave.
    pub async fn end_access(&mut self, order_id: &str) -> Result<()> {
        run!(self, "DELETE FROM order_access WHERE order_id = $1", order_id)?;
        Ok(())
    }
}
