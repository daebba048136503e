//! `/health` says that the program runs; `/ready` says whether it can do its work, and names what is missing.

use crate::audit::{LONGEST_SEAL_LAG, seal_lag};
use crate::clock::{HOUR, MINUTE, SECOND};
use crate::hall::Hall;
use crate::store::{StoreError, newest_migration};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use serde::Serialize;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// An answer is good for so long: anybody may ask, and each look writes.
const GOOD_FOR: i64 = 2 * SECOND;
/// A part that has not answered by then is missing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Jobs that are due wait seconds; so late, no worker works on them.
const LATEST_JOB: i64 = 15 * MINUTE;
/// A backend that was not heard of for so long is gone.
const GONE: i64 = 24 * HOUR;

/// What `/ready` answers, with status 503 when anything is missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Nothing is missing.
    pub ready: bool,
    /// Every part that was looked at.
    pub checks: Vec<Check>,
}

/// One part of what a backend needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// `database`, `migrations`, `documents`, `outbox`, `audit`.
    pub name: &'static str,
    /// It can be worked with.
    pub ok: bool,
    /// A figure, or what is wrong.
    pub detail: String,
}

/// This backend's name and its last answer.
pub struct Looks {
    backend: String,
    last: Mutex<Option<(i64, Readiness)>>,
}

impl Looks {
    /// Nothing was looked at yet.
    pub fn of(hall: &Hall) -> Arc<Self> {
        Arc::new(Self { backend: hall.new_id(), last: Mutex::new(None) })
    }
}

/// `/health` and `/ready`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(health)).routes(routes!(ready))
}

/// The program runs. Asks nothing of the database: a restart would not bring that back.
#[utoipa::path(get, path = "/health", responses((status = 200, content_type = "text/plain", body = String)))]
async fn health() -> &'static str {
    "ok"
}

/// Whether everything is there that this backend needs to do its work.
#[utoipa::path(
    get,
    path = "/ready",
    responses((status = 200, body = Readiness), (status = 503, description = "Something is missing.", body = Readiness))
)]
async fn ready(State(hall): State<Hall>, Extension(looks): Extension<Arc<Looks>>) -> (StatusCode, Json<Readiness>) {
    // Whoever asks meanwhile waits for the same answer.
    let mut last = looks.last.lock().await;
    let readiness = match &*last {
        Some((at, readiness)) if (0..GOOD_FOR).contains(&(hall.now() - at)) => readiness.clone(),
        _ => {
            let fresh = Box::pin(look(&hall, &looks.backend)).await;
            *last = Some((hall.now(), fresh.clone()));
            fresh
        }
    };
    drop(last);
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

async fn look(hall: &Hall, backend: &str) -> Readiness {
    let (database, migrations, documents, outbox, audit) = tokio::join!(
        check("database", database(hall, backend)),
        check("migrations", migrations(hall)),
        check("documents", documents(hall, backend)),
        check("outbox", outbox(hall)),
        check("audit", audit(hall)),
    );
    let checks = vec![database, migrations, documents, outbox, audit];
    Readiness { ready: checks.iter().all(|check| check.ok), checks }
}

/// Waits for a part, and puts what it said into words.
async fn check(name: &'static str, look: impl Future<Output = Result<String, String>>) -> Check {
    let ended = tokio::time::timeout(PATIENCE, look).await;
    let said = ended.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
    if let Err(missing) = &said {
        tracing::warn!(name, %missing, "not ready");
    }
    let ok = said.is_ok();
    Check { name, ok, detail: said.unwrap_or_else(|missing| missing) }
}

/// For people who run the hall: an error of ours holds no personal values.
fn words(error: impl Display) -> String {
    error.to_string()
}

async fn database(hall: &Hall, backend: &str) -> Result<String, String> {
    let written = async {
        let mut tx = hall.store.begin().await?;
        tx.beat(backend).await?;
        tx.forget_heartbeats(hall.now() - GONE).await?;
        tx.commit().await
    };
    written.await.map_err(|error: StoreError| words(error))?;
    Ok("takes what is written".to_owned())
}

async fn migrations(hall: &Hall) -> Result<String, String> {
    let read = async { hall.store.read().await?.schema_version().await };
    let (theirs, ours) = (read.await.map_err(|error: StoreError| words(error))?, newest_migration());
    if theirs == ours {
        Ok(format!("version {ours}"))
    } else {
        Err(format!("the database is at version {theirs}, this program knows version {ours}"))
    }
}

async fn documents(hall: &Hall, backend: &str) -> Result<String, String> {
    let trial = Path::from(format!("ready/{backend}"));
    hall.documents.put(&trial, PutPayload::from_static(b"ready")).await.map_err(words)?;
    hall.documents.delete(&trial).await.map_err(words)?;
    Ok("takes what is written".to_owned())
}

async fn outbox(hall: &Hall) -> Result<String, String> {
    let read = async { hall.store.read().await?.oldest_due_job().await };
    let oldest = read.await.map_err(|error: StoreError| words(error))?;
    let late = oldest.map_or(0, |since| (hall.now() - since).max(0));
    let said = format!("the oldest job that is due has waited {} s", late / SECOND);
    if late > LATEST_JOB { Err(said) } else { Ok(said) }
}

async fn audit(hall: &Hall) -> Result<String, String> {
    let lag = seal_lag(hall).await.map_err(words)?;
    let said = format!("the oldest link without a seal is {} s old", lag / SECOND);
    if lag > LONGEST_SEAL_LAG { Err(said) } else { Ok(said) }
}
