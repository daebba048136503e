//! The peer of the reading pages: axum, one select, its rows as JSON. No session, no vault, no rules.

use crate::engine::Pool;
use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::net::SocketAddr;

#[derive(Serialize, sqlx::FromRow)]
#[serde(rename_all = "camelCase")]
struct Row {
    number: String,
    channel: String,
    business: String,
    status: String,
    version: i64,
    product: String,
    price_fen: i64,
    created_at: i64,
    pay_until: Option<i64>,
    reviewed_at: Option<i64>,
    key_serial: Option<String>,
    certificate_serial: Option<String>,
    carrier: Option<String>,
    waybill: Option<String>,
    form_sealed: Vec<u8>,
    summary_sealed: Vec<u8>,
}

const LIST: &str =
    "SELECT number, channel, business, status, version, product, price_fen, created_at, pay_until, reviewed_at,
    key_serial, certificate_serial, carrier, waybill, form_sealed, summary_sealed
    FROM orders WHERE session_id = $1 ORDER BY created_at DESC";
const POLL: &str = "SELECT status, version FROM orders WHERE number = $1 AND session_id = $2";

async fn list(State(pool): State<Pool>, Path(session): Path<String>) -> Result<Json<Vec<Row>>, StatusCode> {
    let rows = match &pool {
        Pool::Sqlite(pool) => sqlx::query_as(LIST).bind(session).fetch_all(pool).await,
        Pool::Postgres(pool) => sqlx::query_as(LIST).bind(session).fetch_all(pool).await,
    };
    rows.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn poll(
    State(pool): State<Pool>,
    Path((session, number)): Path<(String, String)>,
) -> Result<Json<(String, i64)>, StatusCode> {
    let row = match &pool {
        Pool::Sqlite(pool) => sqlx::query_as(POLL).bind(number).bind(session).fetch_one(pool).await,
        Pool::Postgres(pool) => sqlx::query_as(POLL).bind(number).bind(session).fetch_one(pool).await,
    };
    row.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Serves until it is killed.
pub async fn serve(database: &str, listen: SocketAddr) -> Result<()> {
    // As many readers as the product has.
    let pool = Pool::open(database, 4).await?;
    let app = Router::new()
        .route("/orders/{session}", get(list))
        .route("/orders/{session}/{number}", get(poll))
        .with_state(pool);
    Ok(axum::serve(tokio::net::TcpListener::bind(listen).await?, app).await?)
}
