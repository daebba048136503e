//! The HTTP surface: routes, what every request passes through, and how a refusal is told.

mod csrf;
mod error;
mod headers;
mod pages;
mod session;
mod shell;

pub use error::{AppError, AppResult};
pub use headers::ClientAddress;
pub use session::{Applicant, MaybeApplicant, cookie_of, new_token, token_hash};
pub use shell::Shells;

use crate::hall::Hall;
use crate::handlers;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use shared::api::ErrorCode;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;

/// JSON bodies are small; uploads have their own limit.
const JSON_BYTES: usize = 64 * 1024;
/// Longer than every outside call's own time-out, and than a photo needs over a slow mobile connection.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(3);
/// Between two parts of a body.
const BODY_IDLE: Duration = Duration::from_secs(20);

/// Everything that this backend answers.
pub fn router(hall: Hall) -> Router {
    let api = Router::new()
        .merge(handlers::applicant::routes())
        .nest("/staff", handlers::staff::routes())
        .fallback(|| async { AppError::new(ErrorCode::NotFound) })
        .layer(middleware::from_fn_with_state(hall.clone(), csrf::guard));
    Router::new()
        .nest("/api", api)
        // The provider's notices carry no header of ours; their signature is their proof.
        .nest("/api/notify", handlers::notify::routes())
        .nest("/ca", handlers::authority::routes())
        .route("/health", get(handlers::health))
        .merge(pages::routes(&hall))
        .layer(DefaultBodyLimit::max(JSON_BYTES))
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(AppError::new(ErrorCode::Internal))
        }))
        .layer(RequestBodyTimeoutLayer::new(BODY_IDLE))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(TraceLayer::new_for_http())
        .with_state(hall)
}

/// Scheme, host and port of an address, as a browser writes them in `Origin`.
pub fn origin_of(address: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).ok()?;
    ["http", "https"].contains(&url.scheme()).then(|| url.origin().ascii_serialization())
}
