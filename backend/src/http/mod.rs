//! The HTTP surface: routes, what every request passes through, and how a refusal is told.

mod csrf;
mod embed;
mod error;
mod headers;
mod openapi;
mod pages;
mod session;
mod shell;

pub use error::{AppError, AppResult};
pub use headers::ClientAddress;
pub use session::{Applicant, MaybeApplicant, cookie_of, forgotten, new_token, token_hash};
pub use shell::Shells;

use crate::hall::Hall;
use crate::handlers;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use shared::api::ErrorCode;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// JSON bodies are small; uploads have their own limit.
const JSON_BYTES: usize = 64 * 1024;
/// Longer than every outside call's own time-out, and than a photo needs over a slow mobile connection.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(3);
/// Between two parts of a body.
const BODY_IDLE: Duration = Duration::from_secs(20);

/// Requests of pages, below `/api`: what changes something carries our header.
fn of_pages() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .merge(handlers::applicant::routes())
        .merge(handlers::challenges::routes())
        .merge(handlers::leave::routes())
        .nest("/staff", handlers::staff::routes())
        .merge(openapi::routes())
}

/// Requests of other programs, which know nothing of our header.
fn of_programs() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        // The provider's notices: their signature is their proof.
        .nest("/api/notify", handlers::notify::routes())
        .nest("/ca", handlers::authority::routes())
        .routes(routes!(handlers::health))
}

/// Every route with its description; pages for people apart.
fn described() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().nest("/api", of_pages()).merge(of_programs())
}

/// Everything that this backend answers.
pub fn router(hall: Hall) -> Router {
    let (of_pages, _) = of_pages().split_for_parts();
    let (of_programs, _) = of_programs().split_for_parts();
    let api = of_pages
        .fallback(|| async { AppError::new(ErrorCode::NotFound) })
        .layer(middleware::from_fn_with_state(hall.clone(), csrf::guard));
    Router::new()
        .nest("/api", api)
        .merge(of_programs)
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
