//! A foreign site can send our cookies, but not our header, and it can't hide its origin.

use super::AppError;
use crate::hall::Hall;
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::api::{CSRF_HEADER, ErrorCode};

/// Refuses every changing request without the header, or with another site's origin.
pub async fn guard(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let headers = request.headers();
    let foreign =
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != hall.config.public_url.as_bytes());
    if !reads && (foreign || !headers.contains_key(CSRF_HEADER)) {
        return AppError::new(ErrorCode::BadRequest).into_response();
    }
    next.run(request).await
}
