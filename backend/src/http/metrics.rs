//! What Prometheus reads: `GET /metrics` on a listener of its own ([`crate::config::Config::metrics_listen`]), so that no
//! proxy can show it to the world by mistake. Labels hold routes, kinds and states, never a path or a value.

use crate::gateways::outcome::CALLS;
use crate::hall::Hall;
use crate::store::{Level, StoreError};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use shared::order::Status;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

const REQUESTS: &str = "certhall_http_requests_total";
const LATENCY: &str = "certhall_http_request_duration_seconds";
const ORDERS: &str = "certhall_orders";
const JOBS: &str = "certhall_outbox_jobs";
const OLDEST_JOB: &str = "certhall_outbox_oldest_due_seconds";
const PAYMENTS: &str = "certhall_payments";
const CONNECTIONS: &str = "certhall_database_connections";
const SEAL_LAG: &str = "certhall_audit_seal_lag_seconds";
const MEMORY: &str = "process_resident_memory_bytes";
const UP_TO_DATE: &str = "certhall_database_up";

/// Upper bounds of the latency's buckets, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// One recorder a process: the library's own rule.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to record; what happened before was not counted. Does nothing the second time.
pub fn record() -> anyhow::Result<()> {
    if RECORDER.get().is_some() {
        return Ok(());
    }
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(LATENCY.to_owned()), &BUCKETS)?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
        let _ = RECORDER.set(handle);
    }
    Ok(())
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by method, route and status.");
    describe_histogram!(LATENCY, Unit::Seconds, "From a request's head to its answer, by method and route.");
    describe_counter!(CALLS, "Calls to outside services, by service, call and how they ended.");
    describe_gauge!(ORDERS, "Orders by status.");
    describe_gauge!(JOBS, "Jobs that are not done, by kind and state.");
    describe_gauge!(OLDEST_JOB, Unit::Seconds, "How long the oldest job that is due has waited.");
    describe_gauge!(PAYMENTS, "Payments by way and state.");
    describe_gauge!(CONNECTIONS, "Connections to the database, by pool and whether they are in use.");
    describe_gauge!(SEAL_LAG, Unit::Seconds, "How long the oldest link of the audit has waited for its seal.");
    describe_gauge!(MEMORY, Unit::Bytes, "Memory that the process holds.");
    describe_gauge!(UP_TO_DATE, "1 when the database answered the questions for this page.");
}

/// A request was answered.
pub fn answered(method: &'static str, route: &str, status: u16, time: Duration) {
    let route = route.to_owned();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
    histogram!(LATENCY, "method" => method, "route" => route).record(time.as_secs_f64());
}

/// What one scrape has shown and the next one must set to zero when it is gone.
type Seen = Arc<Mutex<BTreeSet<Level>>>;

/// `/metrics`.
pub fn routes(hall: Hall) -> Router {
    let seen = Seen::default();
    Router::new().route("/metrics", get(show)).with_state((hall, seen))
}

async fn show(State((hall, seen)): State<(Hall, Seen)>) -> Response {
    let Some(handle) = RECORDER.get() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "nothing is recorded\n").into_response();
    };
    // What the process knows by itself is shown also while the database is gone.
    let up = look(&hall, &seen).await.map_err(|error| tracing::warn!(%error, "metrics: the database does not answer"));
    gauge!(UP_TO_DATE).set(if up.is_ok() { 1.0 } else { 0.0 });
    for (pool, connections) in hall.store.connections() {
        gauge!(CONNECTIONS, "pool" => pool, "state" => "idle").set(number(connections.idle));
        gauge!(CONNECTIONS, "pool" => pool, "state" => "used").set(number(connections.used));
    }
    if let Some(bytes) = resident_bytes() {
        gauge!(MEMORY).set(number(bytes));
    }
    handle.run_upkeep();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], handle.render()).into_response()
}

/// Reads how much of what there is.
async fn look(hall: &Hall, seen: &Seen) -> Result<(), StoreError> {
    let now = hall.now();
    let mut reader = hall.store.read().await?;
    let mut levels = reader.levels().await?;
    let waited = reader.oldest_due_job().await?.map_or(0, |since| (now - since).max(0));
    drop(reader);
    gauge!(OLDEST_JOB).set(number(waited) / 1e6);
    gauge!(SEAL_LAG).set(number(crate::audit::seal_lag(hall).await?) / 1e6);
    for status in Status::ALL {
        gauge!(ORDERS, "status" => status.name()).set(0.0);
    }
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for level in &levels {
        show_level(level);
    }
    let here: BTreeSet<_> = levels.drain(..).map(|level| Level { count: 0, ..level }).collect();
    for gone in seen.difference(&here) {
        show_level(gone);
    }
    seen.extend(here);
    Ok(())
}

fn show_level(level: &Level) {
    let count = number(level.count);
    let (name, state) = (level.name.clone(), level.state.clone());
    match level.part.as_str() {
        "orders" => gauge!(ORDERS, "status" => state).set(count),
        "payments" => gauge!(PAYMENTS, "way" => name, "state" => state).set(count),
        _ => gauge!(JOBS, "kind" => name, "state" => state).set(count),
    }
}

/// A count as Prometheus takes it; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "no count comes near 2^53")]
fn number(count: i64) -> f64 {
    count as f64
}

/// Resident memory as Linux tells it; elsewhere it is not shown.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
