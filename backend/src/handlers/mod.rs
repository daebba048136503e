//! Handlers read, call and answer; rules live in `orders` and `staff`.

pub mod applicant;
pub mod authority;
pub mod challenges;
pub mod leave;
pub mod notify;
pub mod staff;

use crate::hall::Hall;
use crate::http::AppResult;
use axum::extract::State;

/// `GET /health`: the database answers.
#[utoipa::path(get, path = "/health", responses((status = 200, content_type = "text/plain", body = String)))]
pub async fn health(State(hall): State<Hall>) -> AppResult<&'static str> {
    hall.store.read().await?;
    Ok("ok")
}
