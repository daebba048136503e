//! Staff's queues, longest waiting first, and their lists and searches: newest first by number, a page at a time, each look-up
//! by an index of its own.

use super::{Conn, Result, Word, all};
use shared::order::Status;

/// What is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought<'a> {
    /// Every order of the channel.
    All,
    /// Numbers from the first to the last, both included: all that begin alike, or one. Fifteen characters each.
    Numbers(String, String),
    /// Blind index of the holder's ID number.
    Holder(&'a str),
    /// Blind index of the operator's phone.
    Operator(&'a str),
    /// Blind index of the legal representative's phone.
    LegalRep(&'a str),
    /// 介质号.
    Key(&'a str),
    /// 运单号.
    Waybill(&'a str),
}

/// A found order with the key that opens its summary.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundRow {
    /// The order's id.
    pub id: String,
    /// 订单号.
    pub number: String,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub status: Status,
    /// 申请时间.
    pub created_at: i64,
    /// Since when it stands there.
    pub status_since: i64,
    /// What lists show.
    pub summary_sealed: Vec<u8>,
    /// Its data key's id.
    pub data_key_id: String,
    /// The data key as it is kept; `None`: it was destroyed.
    pub wrapped: Option<Vec<u8>>,
    /// Which root key wraps it.
    pub root_version: Option<i64>,
}

/// Later than every number that there can be.
const END: &str = "99999999Z999999";

/// Begins a statement that reads [`FoundRow`]s.
macro_rules! rows {
    () => {
        "SELECT orders.id, orders.number, orders.status, orders.created_at, orders.status_since, orders.summary_sealed,
            orders.data_key_id, data_keys.wrapped, data_keys.root_version
         FROM orders LEFT JOIN data_keys ON data_keys.id = orders.data_key_id
         WHERE orders.channel = $1"
    };
}

/// One look-up: `$1` channel, `$2` the page's end (a number), `$3` rows; more are named by the caller's condition.
macro_rules! page {
    ($condition:expr) => {
        concat!(rows!(), " AND orders.number < $2", $condition, " ORDER BY orders.number DESC LIMIT $3")
    };
}

/// A look-up by one more column, in a status or (empty) in any. The joined text keeps an engine from looking for the status
/// by its index: there are many in a status and few of one phone.
macro_rules! by {
    ($column:literal) => {
        page!(concat!(" AND orders.", $column, " = $4 AND (orders.status || '' = $5 OR $5 = '')"))
    };
}

const ALL: &str = page!("");
const IN_STATUS: &str = page!(" AND orders.status = $4");
const NUMBERS: &str = page!(" AND orders.number >= $4");
const NUMBERS_IN_STATUS: &str = page!(" AND orders.number >= $4 AND orders.status = $5");
const HOLDER: &str = by!("holder_index");
const OPERATOR: &str = by!("operator_index");
const LEGAL_REP: &str = by!("legal_rep_index");
const KEY: &str = by!("key_serial");
const WAYBILL: &str = by!("waybill");

impl Conn {
    /// A channel's orders in a status, the one waiting longest first.
    pub async fn queue(&mut self, channel: &str, status: Status, limit: i64) -> Result<Vec<FoundRow>> {
        all!(
            FoundRow,
            self,
            concat!(rows!(), " AND orders.status = $2 ORDER BY orders.status_since, orders.id LIMIT $3"),
            channel,
            status.name(),
            limit
        )
    }

    /// Orders of a channel, newest first, before the number `before` (`None`: from the newest), at most `limit`.
    pub async fn search_orders(
        &mut self,
        channel: &str,
        sought: &Sought<'_>,
        status: Option<Status>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<FoundRow>> {
        let before = before.unwrap_or(END);
        let in_status = status.map_or("", Status::name);
        let (sql, value) = match (sought, status) {
            (Sought::All, None) => return all!(FoundRow, self, ALL, channel, before, limit),
            (Sought::All, Some(_)) => return all!(FoundRow, self, IN_STATUS, channel, before, limit, in_status),
            (Sought::Numbers(first, last), _) => {
                // One end for both: an index is entered at it.
                let after_last = format!("{last}0");
                let (first, end) = (first.as_str(), before.min(&after_last));
                return match status {
                    None => all!(FoundRow, self, NUMBERS, channel, end, limit, first),
                    Some(_) => all!(FoundRow, self, NUMBERS_IN_STATUS, channel, end, limit, first, in_status),
                };
            }
            (Sought::Holder(index), _) => (HOLDER, index),
            (Sought::Operator(index), _) => (OPERATOR, index),
            (Sought::LegalRep(index), _) => (LEGAL_REP, index),
            (Sought::Key(serial), _) => (KEY, serial),
            (Sought::Waybill(number), _) => (WAYBILL, number),
        };
        all!(FoundRow, self, sql, channel, before, limit, *value, in_status)
    }
}
