//! Lists and searches in a hall with very many orders, over HTTP, as staff and applicants ask for them.

use crate::Places;
use crate::engine::{Engine, Pool};
use crate::fill::CHANNEL;
use crate::history::{self, History};
use crate::load::{Asked, Rate, http};
use crate::stand::{Stand, gateways};
use anyhow::{Context, Result};
use backend::hall::Hall;
use backend::http::{new_token, token_hash};
use http_body_util::Full;
use hyper::Request;
use shared::api::Role;
use shared::order::Status;
use sqlx::Executor;
use std::net::SocketAddr;
use std::sync::Arc;

/// Clients at once, and how many requests of a kind they send together.
const LOADS: [(usize, usize); 2] = [(1, 400), (8, 1600)];
const EIGHT_HOURS: i64 = 8 * 3600 * 1_000_000;

/// What is asked for; each request asks for another order than the one before.
#[derive(Clone, Copy)]
enum Kind {
    Newest,
    Deep,
    InStatus,
    Queue,
    Number,
    Day,
    CreditCode,
    OperatorPhone,
    LegalRepPhone,
    Key,
    Waybill,
    Own,
}

const KINDS: [(&str, Kind); 12] = [
    ("staff: newest orders", Kind::Newest),
    ("staff: a page far down", Kind::Deep),
    ("staff: one status, far down", Kind::InStatus),
    ("staff: queue of the reviewers", Kind::Queue),
    ("staff: search by order number", Kind::Number),
    ("staff: search by a day", Kind::Day),
    ("staff: search by credit code", Kind::CreditCode),
    ("staff: search by the operator's phone", Kind::OperatorPhone),
    ("staff: search by the legal representative's phone", Kind::LegalRepPhone),
    ("staff: search by 介质号", Kind::Key),
    ("staff: search by waybill", Kind::Waybill),
    ("applicant: own orders", Kind::Own),
];

/// Somebody who is logged in.
#[derive(Clone)]
struct Tokens {
    staff: String,
    applicants: Vec<String>,
}

/// Fills a database for each engine, asks, and prints a table for each.
pub async fn measure(places: &Places, orders: u32) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("certhall-bench-").tempdir()?;
    let gateways = gateways(places, &folder.path().join("sandbox")).await?;
    for engine in Engine::available(places) {
        let database = engine.fresh(places, folder.path(), "million").await?;
        let stand =
            Stand::new(places, &folder.path().join(format!("million-{}", engine.name())), &database, &gateways)?;
        eprintln!("{}: {orders} orders are written", engine.name());
        let hall = stand.open().await?;
        let (history, tokens) = (Arc::new(History::new(orders)), log_in(&hall).await?);
        history::write(&hall, &Pool::open(&database, 1).await?, &history, &tokens_of(&hall, &tokens).await?).await?;
        hall.store.close().await;
        drop(hall);
        settle(&Pool::open(&database, 1).await?).await?;

        let process = stand.serve().await?;
        eprintln!("{}: lists and searches", engine.name());
        println!("\n**Lists and searches among {orders} orders, {}**\n", engine.name());
        println!("| what | clients | a second | p50 ms | p99 ms |\n|---|---|---|---|---|");
        for (what, kind) in KINDS {
            for (clients, count) in LOADS {
                let count = (count / places.less).max(1);
                let rate = ask(stand.address, clients, count, kind, history.clone(), tokens.clone()).await?;
                let [p50, p99] = [rate.p50, rate.p99].map(|time| time.as_secs_f64() * 1000.0);
                println!("| {what} | {clients} | {:.0} | {p50:.1} | {p99:.1} |", rate.per_second);
            }
        }
        let resident = crate::memory::of(process.id())?;
        println!("\nMemory after it: {:.0} MB resident, {:.0} MB at its highest.", resident.now, resident.peak);
    }
    Ok(())
}

/// A member of staff and a hundred applicants, with sessions that last.
async fn log_in(hall: &Hall) -> Result<Tokens> {
    backend::staff::add(hall, "anna", "measured-beside-nothing", CHANNEL, &Role::ALL).await?;
    let mut tx = hall.store.begin().await?;
    let anna = tx.staff_by_name("anna").await?.context("anna is gone")?;
    let staff = new_token(&*hall.entropy);
    tx.begin_staff_session(&anna.id, &token_hash(&staff), hall.now() + EIGHT_HOURS).await?;
    let mut applicants = Vec::new();
    for _ in 0..=100 {
        let token = new_token(&*hall.entropy);
        tx.begin_session(&token_hash(&token), hall.now() + EIGHT_HOURS).await?;
        applicants.push(token);
    }
    tx.commit().await?;
    Ok(Tokens { staff, applicants })
}

/// The sessions' ids.
async fn tokens_of(hall: &Hall, tokens: &Tokens) -> Result<Vec<String>> {
    let mut reader = hall.store.read().await?;
    let mut ids = Vec::new();
    for token in &tokens.applicants {
        ids.push(reader.session_of_token(&token_hash(token)).await?.context("a session is gone")?.id);
    }
    Ok(ids)
}

/// What the engine does by itself after a while.
async fn settle(pool: &Pool) -> Result<()> {
    match pool {
        Pool::Sqlite(pool) => pool.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop)?,
        Pool::Postgres(pool) => pool.execute("VACUUM ANALYZE").await.map(drop)?,
    }
    Ok(())
}

async fn ask(
    address: SocketAddr,
    clients: usize,
    count: usize,
    kind: Kind,
    history: Arc<History>,
    tokens: Tokens,
) -> Result<Rate> {
    http(address, clients, count, move |number| {
        // Far apart, so that no page of the database is warm because of the request before.
        let number = u32::try_from(number)?.wrapping_mul(2_654_435_761) % history.orders();
        let order = history.order(number);
        let search = |text: &str| format!("/api/staff/orders?channel={CHANNEL}&q={text}");
        let path = match kind {
            Kind::Newest => format!("/api/staff/orders?channel={CHANNEL}"),
            Kind::Deep => format!("/api/staff/orders?channel={CHANNEL}&before={}", order.number),
            Kind::InStatus => {
                let status = Status::Completed.name();
                format!("/api/staff/orders?channel={CHANNEL}&status={status}&before={}", order.number)
            }
            Kind::Queue => format!("/api/staff/queue/review?channel={CHANNEL}"),
            Kind::Number => search(&order.number),
            Kind::Day => search(&order.number[..8]),
            Kind::CreditCode => search(history.credit_code(number)),
            Kind::OperatorPhone => search(&order.operator),
            Kind::LegalRepPhone => search(&order.legal_rep),
            Kind::Key => search(&order.key),
            Kind::Waybill => search(&order.waybill),
            Kind::Own => format!("/api/orders?channel={CHANNEL}"),
        };
        let cookie = if matches!(kind, Kind::Own) {
            // The first one stands for everybody of long ago: nobody has so many orders.
            let own = &tokens.applicants[1..];
            format!("certhall_applicant={}", own[number as usize % own.len()])
        } else {
            format!("certhall_staff={}", tokens.staff)
        };
        let request = Request::get(path).header("host", address.to_string()).header("cookie", cookie);
        Ok::<Asked, anyhow::Error>(request.body(Full::default())?)
    })
    .await
}
