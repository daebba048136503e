//! Years of a hall's orders, written straight into its tables: the product's own way takes the time of years.
//!
//! Everything that lists and searches touch is as the product writes it: the summaries are sealed by the vault, the phones
//! and codes are its blind indexes. What they don't touch (drafts, papers, events) is left out.

use crate::engine::Pool;
use crate::fill::CHANNEL;
use anyhow::Result;
use backend::hall::Hall;
use backend::orders::{Summary, summary_aad};
use backend::vault::BlindColumn;
use shared::field::CreditCode;
use shared::form::UnitWay;
use shared::order::Status;
use sqlx::{Executor, QueryBuilder};

/// Orders of a transaction, and of a statement.
const BATCH: u32 = 20_000;
const STATEMENT: u32 = 200;
/// Orders of a day.
const A_DAY: u32 = 2_000;
/// Orders that still wait, the newest ones.
const WAITING: u32 = 2_000;
/// Orders of an applicant whose session lasts.
const OWN: u32 = 3;
/// Bytes of a sealed form: what the manuals' form comes to.
const FORM: usize = 1_400;
/// 2022-01-01, microseconds.
const FIRST: i64 = 1_640_966_400_000_000;

/// What an order is found by.
pub struct Order {
    /// 订单号.
    pub number: String,
    /// The operator's phone.
    pub operator: String,
    /// The legal representative's phone.
    pub legal_rep: String,
    /// 介质号.
    pub key: String,
    /// 运单号.
    pub waybill: String,
}

/// So many orders: each is made from its place.
pub struct History {
    orders: u32,
    credit_codes: Vec<String>,
}

impl History {
    /// Orders of holders who come back about three times.
    pub fn new(orders: u32) -> Self {
        Self { orders, credit_codes: credit_codes((orders / 3).clamp(1, 2_000)) }
    }

    /// How many there are.
    pub fn orders(&self) -> u32 {
        self.orders
    }

    /// A holder's code. The first thousands of holders have codes that pass; the others can't be told from them.
    pub fn credit_code(&self, number: u32) -> &str {
        &self.credit_codes[number as usize % self.credit_codes.len()]
    }

    /// The order at this place.
    pub fn order(&self, number: u32) -> Order {
        let (day, turn) = (number / A_DAY, number % A_DAY + 1);
        let (year, month, date) = (2022 + day / 336, day % 336 / 28 + 1, day % 28 + 1);
        Order {
            number: format!("{year:04}{month:02}{date:02}U{turn:06}"),
            operator: format!("139{:08}", number % (self.orders / 3).max(1)),
            legal_rep: format!("138{:08}", number % (self.orders / 4).max(1)),
            key: format!("AB{number:010}"),
            waybill: format!("SF{:010}", 1_000_000_000 + u64::from(number)),
        }
    }

    fn holder(&self, number: u32) -> String {
        let holder = number % (self.orders / 3).max(1);
        self.credit_codes.get(holder as usize).cloned().unwrap_or_else(|| format!("holder {holder}"))
    }

    fn status(&self, number: u32) -> Status {
        match (self.orders - number > WAITING, number % 4) {
            (true, _) => Status::Completed,
            (false, 0) => Status::AwaitingDocuments,
            (false, 1) => Status::AwaitingReview,
            (false, 2) => Status::AwaitingMaking,
            (false, _) => Status::Dispatched,
        }
    }
}

/// So many codes that pass.
fn credit_codes(count: u32) -> Vec<String> {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let fits = |text: &String| CreditCode::parse(text).is_ok();
    let of = |number: u32| {
        let body = format!("91450100M{number:07}");
        let all = b"0123456789X".iter().flat_map(|one| LETTERS.iter().map(move |two| (*one, *two)));
        all.map(|(one, two)| format!("{body}{}{}", char::from(one), char::from(two))).find(fits)
    };
    (0..count).filter_map(of).collect()
}

/// A row of `orders` with its key.
struct Row {
    id: String,
    key_id: String,
    wrapped: Vec<u8>,
    root_version: i64,
    summary: Vec<u8>,
    order: Order,
    holder_index: String,
    operator_index: String,
    legal_rep_index: String,
    status: Status,
    session: String,
    at: i64,
}

fn row(hall: &Hall, history: &History, sessions: &[String], number: u32) -> Result<Row> {
    let order = history.order(number);
    let id = format!("01800000-{:04x}-7000-8000-{number:012x}", number >> 16);
    let key_id = format!("{id}-key");
    let (key, wrapped) = hall.vault.new_data_key(&*hall.entropy, &key_id)?;
    let summary = Summary {
        unit_way: UnitWay::LegalRepPhone,
        unit_name: format!("南宁市第{number}测试有限公司"),
        department: "财务部".into(),
        credit_code: "9145**********8216".into(),
        operator_name: "李*".into(),
        operator_phone: format!("139****{:04}", number % 10_000),
    };
    // A few orders to each session; those of the newest ones last, the others are over and forgotten.
    let own = (history.orders - 1 - number) / OWN;
    let session = sessions.get(own as usize).cloned().unwrap_or_else(|| format!("01700000-0000-7000-8000-{own:012x}"));
    Ok(Row {
        summary: key.seal(&*hall.entropy, summary_aad(&id), &serde_json::to_vec(&summary)?)?,
        wrapped: wrapped.bytes,
        root_version: i64::from(wrapped.root_version),
        holder_index: hall.vault.blind(BlindColumn::Holder, &history.holder(number)),
        operator_index: hall.vault.blind(BlindColumn::Phone, &order.operator),
        legal_rep_index: hall.vault.blind(BlindColumn::Phone, &order.legal_rep),
        status: history.status(number),
        session,
        at: FIRST + i64::from(number) * 40_000_000,
        id,
        key_id,
        order,
    })
}

/// The two statements. A macro, because the two engines' types have nothing in common.
macro_rules! insert {
    ($engine:ty, $on:expr, $rows:expr) => {{
        let rows: &[Row] = $rows;
        let mut keys = QueryBuilder::<$engine>::new("INSERT INTO data_keys (id, wrapped, root_version, created_at) ");
        keys.push_values(rows, |mut to, row| {
            to.push_bind(&row.key_id).push_bind(&row.wrapped).push_bind(row.root_version).push_bind(row.at);
        });
        keys.build().execute(&mut *$on).await?;
        let mut orders = QueryBuilder::<$engine>::new(
            "INSERT INTO orders (id, number, channel, profile_version, business, status, version, holder_index,
                operator_index, legal_rep_index, session_id, draft_id, data_key_id, form_sealed, summary_sealed,
                content_hash, product, price_fen, consent_version, created_at, status_since, key_serial, waybill) ",
        );
        orders.push_values(rows, |mut to, row| {
            to.push_bind(&row.id).push_bind(&row.order.number).push_bind(CHANNEL).push_bind("1").push_bind("new");
            to.push_bind(row.status.name()).push_bind(9_i64).push_bind(&row.holder_index);
            to.push_bind(&row.operator_index).push_bind(&row.legal_rep_index).push_bind(&row.session);
            to.push_bind(&row.id).push_bind(&row.key_id).push_bind(&[7_u8; FORM][..]).push_bind(&row.summary);
            to.push_bind(&row.holder_index).push_bind("unit_new").push_bind(25_000_i64).push_bind("1");
            let made = matches!(row.status, Status::Completed | Status::Dispatched);
            to.push_bind(row.at).push_bind(row.at).push_bind(made.then_some(&row.order.key));
            to.push_bind(made.then_some(&row.order.waybill));
        });
        orders.build().execute(&mut *$on).await?;
    }};
}

/// Writes them all; the newest ones belong to `sessions`.
pub async fn write(hall: &Hall, pool: &Pool, history: &History, sessions: &[String]) -> Result<()> {
    // Orders without drafts: nothing here looks for them. The settings hold for these connections alone.
    match pool {
        Pool::Sqlite(pool) => {
            let mut on = pool.acquire().await?;
            on.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -800000").await?;
            for batch in batches(history) {
                on.execute("BEGIN IMMEDIATE").await?;
                for rows in made(hall, history, sessions, batch) {
                    insert!(sqlx::Sqlite, on, &rows?);
                }
                on.execute("COMMIT").await?;
            }
            // A pool's connection is used again.
            on.close().await?;
        }
        Pool::Postgres(pool) => {
            let mut on = pool.acquire().await?;
            on.execute("SET session_replication_role = replica").await?;
            on.execute("SET synchronous_commit = off").await?;
            for batch in batches(history) {
                on.execute("BEGIN").await?;
                for rows in made(hall, history, sessions, batch) {
                    insert!(sqlx::Postgres, on, &rows?);
                }
                on.execute("COMMIT").await?;
            }
            on.close().await?;
        }
    }
    Ok(())
}

fn batches(history: &History) -> impl Iterator<Item = std::ops::Range<u32>> {
    let orders = history.orders;
    (0..orders).step_by(BATCH as usize).map(move |from| from..orders.min(from + BATCH))
}

fn made<'a>(
    hall: &'a Hall,
    history: &'a History,
    sessions: &'a [String],
    batch: std::ops::Range<u32>,
) -> impl Iterator<Item = Result<Vec<Row>>> + 'a {
    let end = batch.end;
    batch
        .step_by(STATEMENT as usize)
        .map(move |from| (from..end.min(from + STATEMENT)).map(|number| row(hall, history, sessions, number)).collect())
}
