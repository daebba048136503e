//! A foreign site can send our cookies, but not our header, and it can't hide its origin. It can't look at our answers as
//! images, scripts or frames either: what does not come from our own pages is refused (Fetch Metadata).

use super::AppError;
use crate::hall::Hall;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::api::{CSRF_HEADER, ErrorCode};

/// Refuses every changing request without the header, or with another site's origin.
pub async fn guard(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let headers = request.headers();
    let foreign =
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != hall.config.public_url.as_bytes());
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    // A person who opens an address of ours from elsewhere is welcome; a foreign page's program is not.
    let opened = reads && headers.get("sec-fetch-mode").is_some_and(|mode| mode.as_bytes() == b"navigate");
    let strange = matches!(site, Some(b"cross-site" | b"same-site")) && !opened;
    if strange || !reads && (foreign || !headers.contains_key(CSRF_HEADER)) {
        return AppError::new(ErrorCode::BadRequest).into_response();
    }
    next.run(request).await
}
