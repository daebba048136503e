//! Orders: made once from a draft, found by number. Moving them is in `moves.rs`, lists are in `order_lists.rs`.

use super::events::{By, Happened};
use super::{Conn, Result, StoreError, Tx, Word, one, run};
use crate::audit::Chain;
use crate::clock::china_day;
use serde_json::Value;
use shared::order::{Business, EventKind, Status, apply};

/// An order as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Order {
    /// UUIDv7.
    pub id: String,
    /// 订单号: `YYYYMMDD`, series letter, six digits.
    pub number: String,
    /// The channel's slug.
    pub channel: String,
    /// The profile that price and texts were taken from.
    pub profile_version: String,
    /// The business.
    #[sqlx(try_from = "Word")]
    pub business: Business,
    /// Where it stands; moved by [`Tx::move_order`] only.
    #[sqlx(try_from = "Word")]
    pub status: Status,
    /// Increases with every move and every change of the row that others must notice.
    pub version: i64,
    /// Blind index of the certificate holder's ID number.
    pub holder_index: String,
    /// The applicant session that made it.
    pub session_id: String,
    /// The draft that it was made from.
    pub draft_id: String,
    /// Its data key.
    pub data_key_id: String,
    /// The application.
    pub form_sealed: Vec<u8>,
    /// What lists show (unit name …).
    pub summary_sealed: Vec<u8>,
    /// Hash of the application's content (hex).
    pub content_hash: String,
    /// 商品名称.
    pub product: String,
    /// Price, pinned.
    pub price_fen: i64,
    /// Version of the consent text, pinned.
    pub consent_version: String,
    /// 申请时间.
    pub created_at: i64,
    /// Cancelled by the product then, if not paid.
    pub pay_until: Option<i64>,
    /// In this status since.
    pub status_since: i64,
    /// When it was approved or refused last.
    pub reviewed_at: Option<i64>,
    /// Who did that.
    pub reviewer_id: Option<String>,
    /// Who made the key.
    pub maker_id: Option<String>,
    /// Why it was refused; while it stands.
    pub refusal_sealed: Option<Vec<u8>>,
    /// 介质号.
    pub key_serial: Option<String>,
    /// Certificate serial number, hex.
    pub certificate_serial: Option<String>,
    /// Courier.
    pub carrier: Option<String>,
    /// 运单号.
    pub waybill: Option<String>,
    /// Given to the courier.
    pub dispatched_at: Option<i64>,
    /// Blind index of the operator's phone. `None`: made by an older version and not indexed yet.
    pub operator_index: Option<String>,
    /// Blind index of the legal representative's phone.
    pub legal_rep_index: Option<String>,
}

/// What 确认订单 writes.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// From [`Tx::new_id`]: the sealed columns are bound to it.
    pub id: String,
    /// Series letter of the number, from the profile: one capital letter.
    pub series: char,
    /// The channel's slug.
    pub channel: String,
    /// The profile's version.
    pub profile_version: String,
    /// The business.
    pub business: Business,
    /// Blind index of the holder's ID number.
    pub holder_index: String,
    /// Blind index of the operator's phone.
    pub operator_index: String,
    /// Blind index of the legal representative's phone.
    pub legal_rep_index: String,
    /// The applicant session.
    pub session_id: String,
    /// The draft.
    pub draft_id: String,
    /// The data key, taken over from the draft.
    pub data_key_id: String,
    /// The application.
    pub form_sealed: Vec<u8>,
    /// What lists show.
    pub summary_sealed: Vec<u8>,
    /// Hash of the application's content (hex).
    pub content_hash: String,
    /// 商品名称.
    pub product: String,
    /// Price.
    pub price_fen: i64,
    /// Version of the consent text.
    pub consent_version: String,
    /// Deadline of payment; enqueue [`crate::outbox::Job::ExpireOrder`] for it.
    pub pay_until: Option<i64>,
}

/// The largest number of a day and series.
const LAST_NUMBER: i64 = 999_999;

/// The order number of a day in China (`YYYYMMDD`), a series letter and a counter (rules.md, "Orders").
pub fn order_number(day: &str, series: char, counter: i64) -> Option<String> {
    let known = series.is_ascii_uppercase() && (1..=LAST_NUMBER).contains(&counter);
    known.then(|| format!("{day}{series}{counter:06}"))
}

impl Tx {
    /// Makes the order with its number and its first event. A second call for the same draft (double click) answers the
    /// order that is there, and `false`.
    pub async fn insert_order(&mut self, new: NewOrder, by: By<'_>, data: &Value) -> Result<(Order, bool)> {
        let status = apply(None, EventKind::Confirmed, by.actor).map_err(StoreError::Refused)?;
        let number = self.next_number(new.series).await?;
        let now = self.now();
        let written = one!(
            Order,
            self,
            "INSERT INTO orders (id, number, channel, profile_version, business, status, version, holder_index,
                session_id, draft_id, data_key_id, form_sealed, summary_sealed, content_hash, product, price_fen,
                consent_version, created_at, pay_until, status_since, operator_index, legal_rep_index)
             VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17, $19, $20)
             ON CONFLICT (draft_id) DO NOTHING RETURNING *",
            new.id.as_str(),
            number,
            new.channel,
            new.profile_version,
            new.business.name(),
            status.name(),
            new.holder_index,
            new.session_id,
            new.draft_id.as_str(),
            new.data_key_id,
            new.form_sealed,
            new.summary_sealed,
            new.content_hash,
            new.product,
            new.price_fen,
            new.consent_version,
            now,
            new.pay_until,
            new.operator_index,
            new.legal_rep_index
        )?;
        let Some(order) = written else {
            // Made by somebody else since the caller looked.
            let order = self.order_of_draft(&new.draft_id).await?;
            return Ok((order.ok_or(StoreError::Conflict)?, false));
        };
        run!(self, "UPDATE drafts SET order_id = $2 WHERE id = $1", new.draft_id.as_str(), new.id.as_str())?;
        run!(
            self,
            "UPDATE verifications SET order_id = $2 WHERE draft_id = $1",
            new.draft_id.as_str(),
            new.id.as_str()
        )?;
        let happened = Happened {
            kind: EventKind::Confirmed.name(),
            actor: by.actor.name(),
            actor_id: by.id,
            from: None,
            to: Some(status),
            data,
        };
        self.begin_chain(Chain::Order(&order.id), &happened).await?;
        Ok((order, true))
    }

    /// The order with this id; nobody else moves it until this transaction ends.
    pub async fn lock_order(&mut self, id: &str) -> Result<Option<Order>> {
        one!(Order, self, "UPDATE orders SET version = version WHERE id = $1 RETURNING *", id)
    }

    async fn next_number(&mut self, series: char) -> Result<String> {
        let day = china_day(self.now());
        let counter = one!(
            (i64,),
            self,
            "INSERT INTO order_numbers (day, series, last) VALUES ($1, $2, 1)
             ON CONFLICT (day, series) DO UPDATE SET last = order_numbers.last + 1
             RETURNING last",
            day.as_str(),
            series.to_string()
        )?;
        counter.and_then(|(counter,)| order_number(&day, series, counter)).ok_or(StoreError::NumbersUsedUp)
    }
}

impl Conn {
    /// The order with this number. For applicants use [`Conn::order_of_session`].
    pub async fn order_by_number(&mut self, number: &str) -> Result<Option<Order>> {
        one!(Order, self, "SELECT * FROM orders WHERE number = $1", number)
    }

    /// The order with this id.
    pub async fn order(&mut self, id: &str) -> Result<Option<Order>> {
        one!(Order, self, "SELECT * FROM orders WHERE id = $1", id)
    }

    /// The order that was made from this draft.
    pub async fn order_of_draft(&mut self, draft_id: &str) -> Result<Option<Order>> {
        one!(Order, self, "SELECT * FROM orders WHERE draft_id = $1", draft_id)
    }
}

#[cfg(test)]
mod tests {
    use super::order_number;
    use proptest::prelude::*;

    #[test]
    fn numbers_look_like_the_manuals() {
        assert_eq!(order_number("20201210", 'A', 112).as_deref(), Some("20201210A000112"));
        assert_eq!(order_number("20210831", 'U', 45544).as_deref(), Some("20210831U045544"));
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        assert_eq!(order_number("20261120", 'A', 1_000_000), None);
        assert_eq!(order_number("20261120", 'A', 0), None);
        assert_eq!(order_number("20261120", 'é', 1), None);
    }

    proptest! {
        #[test]
        fn every_counter_gives_fifteen_characters_that_sort_as_it_does(
            at in 0i64..4_000_000_000_000_000,
            series in proptest::char::range('A', 'Z'),
            counter in 1i64..1_000_000,
        ) {
            let day = crate::clock::china_day(at);
            let number = order_number(&day, series, counter).unwrap_or_default();
            prop_assert_eq!(number.len(), 15);
            prop_assert!(number[..8].bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(number.chars().nth(8), Some(series));
            prop_assert_eq!(number[9..].parse::<i64>().ok(), Some(counter));
            if counter < 999_999 {
                prop_assert!(Some(number) < order_number(&day, series, counter + 1));
            }
        }
    }
}
