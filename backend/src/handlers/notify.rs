//! Notices from outside. The body is taken as bytes: its signature is over bytes.

use crate::hall::Hall;
use crate::http::AppResult;
use crate::orders::pay;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;

/// `/api/notify/…`.
pub fn routes() -> Router<Hall> {
    Router::new().route("/alipay", post(alipay))
}

async fn alipay(State(hall): State<Hall>, body: Bytes) -> AppResult<&'static str> {
    pay::notice(&hall, &body).await
}
