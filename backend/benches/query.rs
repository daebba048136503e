//! `cargo bench -p certhall-backend --bench query`: how long `POST /api/query` takes for a credit code that has an order
//! and for one that nobody has. Prints both distributions; judges nothing (what must hold is tested by counting statements:
//! `tests/hall/gate.rs`). SQLite, over real HTTP, the provider of messages answers at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss, clippy::disallowed_methods)]
#![allow(dead_code, unused_macros, unused_imports)]

#[macro_use]
#[path = "../tests/support/databases.rs"]
mod databases;
#[path = "../tests/hall/applicant.rs"]
mod applicant;
#[path = "../tests/hall/outside.rs"]
mod outside;
#[path = "../tests/hall/papers.rs"]
mod papers;
#[path = "../tests/hall/world.rs"]
mod world;

use backend::clock::DAY;
use shared::api::CodeSent;
use std::time::Instant;
use world::World;

const ROUNDS: usize = 400;
const KNOWN: &str = "914403001922038216";
const UNKNOWN: &str = "91350100M000100Y43";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(World::in_sqlite(measure));
}

async fn measure(world: World) {
    world.browser().signed_order().await;
    let browser = world.browser();
    let mut taken = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS + 20 {
        // Turn about, so that whatever else the machine does hits both alike.
        for which in [round % 2, 1 - round % 2] {
            let subject = [KNOWN, UNKNOWN][which];
            let body = serde_json::json!({ "channel": "nanning", "subject": subject });
            let proof = browser.proof().await.unwrap();
            let begun = Instant::now();
            browser.presses::<CodeSent>("/api/query", &body, &proof).await.unwrap();
            let took = begun.elapsed();
            world.hall.errands_done().await;
            if round >= 20 {
                taken[which].push(took.as_secs_f64() * 1e3);
            }
        }
        // Tomorrow the limits begin anew.
        world.later(DAY);
    }
    println!("POST /api/query, milliseconds, {ROUNDS} times each");
    println!("{:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}", "", "mean", "p5", "p25", "p50", "p75", "p95");
    let [known, unknown] = taken.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times
    });
    for (name, times) in [("known", &known), ("unknown", &unknown)] {
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let mean = mean(times);
        println!("{name:8} {mean:8.3} {:8.3} {:8.3} {:8.3} {:8.3} {:8.3}", at(5), at(25), at(50), at(75), at(95));
    }
    let spread = (variance(&known) / known.len() as f64 + variance(&unknown) / unknown.len() as f64).sqrt();
    let apart = mean(&known) - mean(&unknown);
    println!("the means differ by {apart:.3} ms, {:.1} standard errors", apart / spread);
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

fn variance(times: &[f64]) -> f64 {
    let mean = mean(times);
    times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (times.len() - 1) as f64
}
