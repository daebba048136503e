//! The HTTP surface: routes, what every request passes through, and how a refusal is told.

mod again;
mod csrf;
mod embed;
mod error;
mod headers;
mod listener;
pub mod metrics;
mod observe;
mod openapi;
mod pace;
mod pages;
mod ready;
mod refusal;
mod security;
mod session;
mod shell;
mod tokens;

pub use error::{AppError, AppResult};
pub use headers::ClientAddress;
pub use listener::listen;
pub use session::{Applicant, MaybeApplicant, NextToken, cookie_of, forgotten, new_token, token_hash};
pub use shell::Shells;
pub use tokens::{OrdersIn, StandingOf, Tokens};

use crate::gate;
use crate::hall::Hall;
use crate::handlers;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use shared::api::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

/// JSON bodies are small; uploads have their own limit.
const JSON_BYTES: usize = 64 * 1024;

/// Requests of pages, below `/api`: what changes something carries our header.
fn of_pages() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .merge(handlers::applicant::routes())
        .merge(handlers::corrections::routes())
        .merge(handlers::handover::routes())
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
        .merge(ready::routes())
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
        .layer(middleware::from_fn(again::again))
        .layer(middleware::from_fn_with_state(hall.clone(), session::rotate))
        .layer(middleware::from_fn_with_state(hall.clone(), gate::guard))
        .layer(middleware::from_fn_with_state(hall.clone(), csrf::guard))
        .layer(middleware::from_fn(refusal::in_our_words));
    let limits = hall.config.http;
    Router::new()
        .nest("/api", api)
        .merge(of_programs.layer(middleware::from_fn(refusal::in_our_words)))
        .merge(pages::routes(&hall))
        .layer(DefaultBodyLimit::max(JSON_BYTES))
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(AppError::new(ErrorCode::Internal))
        }))
        .layer(middleware::from_fn(move |request, next| pace::keep(limits, request, next)))
        .layer(middleware::from_fn_with_state(hall.clone(), observe::observe))
        .layer(middleware::from_fn_with_state(hall.clone(), security::headers))
        .layer(axum::Extension(ready::Looks::of(&hall)))
        .with_state(hall)
}

/// For the fuzz targets: what requests say in headers.
#[cfg(fuzzing)]
pub fn fuzz(line: &[u8]) {
    let mut headers = axum::http::HeaderMap::new();
    if let Ok(value) = axum::http::HeaderValue::from_bytes(line) {
        headers.insert(axum::http::header::COOKIE, value);
    }
    for name in ["certhall_applicant", "certhall_staff", ""] {
        if let Some(token) = cookie_of(&headers, name) {
            assert_eq!(token_hash(&token).len(), 32);
        }
    }
    if let Ok(text) = std::str::from_utf8(line)
        && let Some(origin) = origin_of(text)
    {
        assert_eq!(origin_of(&origin).as_deref(), Some(origin.as_str()), "{text:?}");
    }
}

/// Scheme, host and port of an address, as a browser writes them in `Origin`.
pub fn origin_of(address: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).ok()?;
    ["http", "https"].contains(&url.scheme()).then(|| url.origin().ascii_serialization())
}
