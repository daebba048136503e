//! The whole run, and its tables.

use crate::engine::{Engine, Pool};
use crate::fill::{self, Waiting};
use crate::load::{Rate, http};
use crate::stand::{self, Stand, start};
use crate::{Places, memory, submit, uploads};
use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::Request;
use sqlx::Executor;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Clients at once, and how many orders are submitted by them in a round.
const SUBMITS: [(usize, usize); 3] = [(1, 200), (8, 1000), (64, 2000)];
/// Clients at once, and how many pages are read by them in a round.
const READS: [(usize, usize); 3] = [(1, 1000), (8, 5000), (64, 5000)];
/// Orders that one applicant sees.
const OWN_ORDERS: usize = 3;
/// Orders that a hall has before it is measured: on empty tables PostgreSQL's plans are others.
const KNOWN: usize = 2000;
/// Applicants that read.
const READERS: usize = 100;

/// Measures everything and prints it.
pub async fn whole_run(places: &Places) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("certhall-bench-").tempdir()?;
    let gateways = stand::gateways(places, &folder.path().join("sandbox")).await?;
    for engine in Engine::available(places) {
        eprintln!("{}: orders submitted", engine.name());
        submits(places, folder.path(), &gateways, engine).await?;
        eprintln!("{}: pages read", engine.name());
        reads(places, folder.path(), &gateways, engine).await?;
    }
    Ok(())
}

fn millis(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn row(what: &str, clients: usize, ours: Rate, peer: Rate) {
    println!(
        "| {what} | {clients} | {:.0} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} | {:.0} % |",
        ours.per_second,
        millis(ours.p50),
        millis(ours.p99),
        peer.per_second,
        millis(peer.p50),
        millis(peer.p99),
        100.0 * ours.per_second / peer.per_second
    );
}

fn head(title: &str) {
    println!("\n**{title}**\n\n| what | clients | ours/s | p50 ms | p99 ms | peer/s | p50 ms | p99 ms | share |");
    println!("|---|---|---|---|---|---|---|---|---|");
}

async fn submits(places: &Places, folder: &Path, gateways: &str, engine: Engine) -> Result<()> {
    let database = engine.fresh(places, folder, "submit").await?;
    let hall = Stand::new(places, &folder.join(format!("submit-{}", engine.name())), &database, gateways)?;
    let filler = hall.open().await?;
    let (mut mine, mut bare): (Vec<Vec<Waiting>>, Vec<Vec<Waiting>>) = (Vec::new(), Vec::new());
    for _ in 0..places.rounds {
        for (_, count) in SUBMITS {
            mine.push(fill::waiting(&filler, (count / places.less).max(1)).await?);
        }
    }
    for (_, count) in SUBMITS {
        bare.push(fill::waiting(&filler, (count / places.less).max(1)).await?);
    }
    let known = fill::waiting(&filler, KNOWN).await?;
    fill::ordered(&filler, &known).await?;
    filler.store.close().await;
    drop(filler);
    Pool::open(&hall.database, 1).await?.settle().await?;

    let process = hall.serve().await?;
    let (mut ours, mut peers) = (vec![Vec::new(); SUBMITS.len()], vec![Vec::new(); SUBMITS.len()]);
    let mut mine = mine.into_iter();
    for _ in 0..places.rounds {
        for (at, (clients, _)) in SUBMITS.into_iter().enumerate() {
            let applicants = mine.next().context("not enough applicants")?;
            ours[at].push(submit::ours(hall.address, clients, applicants).await?);
            // One writer, as the product has: more would only wait for each other.
            let pool = Pool::open(&hall.database, 1).await?;
            let template = submit::Template::of(&pool).await?;
            peers[at].push(submit::bare(&pool, clients, bare[at].clone(), &template).await?);
            submit::forget(&pool).await?;
        }
    }
    let resident = memory::of(process.id())?;
    head(&format!("确认订单 over HTTP beside a bare sqlx transaction of the same rows, {}", engine.name()));
    for (at, (clients, _)) in SUBMITS.into_iter().enumerate() {
        row("order submitted", clients, Rate::median(ours[at].clone())?, Rate::median(peers[at].clone())?);
    }
    println!("\nMemory after it: {:.0} MB resident, {:.0} MB at its highest.", resident.now, resident.peak);
    Ok(())
}

async fn reads(places: &Places, folder: &Path, gateways: &str, engine: Engine) -> Result<()> {
    let database = engine.fresh(places, folder, "read").await?;
    let hall = Stand::new(places, &folder.join(format!("read-{}", engine.name())), &database, gateways)?;
    let filler = hall.open().await?;
    let applicants = fill::waiting(&filler, READERS * OWN_ORDERS).await?;
    let numbers = fill::ordered(&filler, &applicants).await?;
    filler.store.close().await;
    drop(filler);
    let pool = Pool::open(&database, 1).await?;
    let readers: Vec<(Waiting, String)> = applicants
        .chunks(OWN_ORDERS)
        .zip(numbers.chunks(OWN_ORDERS))
        .filter_map(|(own, numbers)| Some((own.first()?.clone(), numbers.first()?.clone())))
        .collect();
    for own in applicants.chunks(OWN_ORDERS) {
        let ids: Vec<String> = own.iter().map(|one| format!("'{}'", one.session)).collect();
        let text = format!(
            "UPDATE orders SET session_id = {}, status = 'awaiting_payment' WHERE session_id IN ({})",
            ids[0],
            ids.join(", ")
        );
        match &pool {
            Pool::Sqlite(pool) => pool.execute(sqlx::AssertSqlSafe(text)).await.map(drop)?,
            Pool::Postgres(pool) => pool.execute(sqlx::AssertSqlSafe(text)).await.map(drop)?,
        }
    }
    pool.settle().await?;
    drop(pool);

    let process = hall.serve().await?;
    let peer_address = stand::free()?;
    let mut peer = Command::new(std::env::current_exe()?);
    peer.args(["bare-server", "--database", &database, "--listen", &peer_address.to_string()]);
    let peer = start(&mut peer, peer_address).await?;
    head(&format!("Reading beside a bare axum + sqlx select, {}", engine.name()));
    for (what, kind) in [("query page (3 orders)", Page::List), ("status poll", Page::Poll)] {
        for (clients, count) in READS {
            let count = (count / places.less).max(1);
            let (mut ours, mut peers) = (Vec::new(), Vec::new());
            for _ in 0..places.rounds {
                ours.push(read(hall.address, clients, count, readers.clone(), kind, true).await?);
                peers.push(read(peer_address, clients, count, readers.clone(), kind, false).await?);
            }
            row(what, clients, Rate::median(ours)?, Rate::median(peers)?);
        }
    }
    let resident = memory::of(process.id())?;
    println!("\nMemory after it: {:.0} MB resident, {:.0} MB at its highest.", resident.now, resident.peak);
    drop(peer);
    drop(process);
    uploads::measure(places, &hall, &applicants).await
}

#[derive(Clone, Copy)]
enum Page {
    List,
    Poll,
}

async fn read(
    address: SocketAddr,
    clients: usize,
    count: usize,
    readers: Vec<(Waiting, String)>,
    page: Page,
    ours: bool,
) -> Result<Rate> {
    http(address, clients, count, move |number| {
        let (reader, order) = readers.get(number % readers.len()).context("no readers")?;
        match (page, ours) {
            (Page::List, true) => reader.reads(address, &format!("/api/orders?channel={}", fill::CHANNEL)),
            (Page::Poll, true) => reader.reads(address, &format!("/api/orders/{order}/payment")),
            (Page::List, false) => Ok(Request::get(format!("/orders/{}", reader.session)).body(Full::default())?),
            (Page::Poll, false) => {
                Ok(Request::get(format!("/orders/{}/{order}", reader.session)).body(Full::default())?)
            }
        }
    })
    .await
}
