//! Every refused request of a program is answered with an [`shared::api::ApiError`], also where the framework refused it
//! before a handler saw it (a path or query that can't be read, a method that a route doesn't have, a body too large).

use super::AppError;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::api::ErrorCode;

/// Puts our words into refusals that have none; their status and headers stay.
pub async fn in_our_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut old, _) = response.into_parts();
    let (parts, body) = AppError::new(code(status)).into_response().into_parts();
    old.headers.remove(header::CONTENT_LENGTH);
    old.headers.extend(parts.headers);
    Response::from_parts(old, body)
}

fn code(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::FileTooLarge,
        StatusCode::TOO_MANY_REQUESTS => ErrorCode::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::ServiceUnavailable,
        status if status.is_server_error() => ErrorCode::Internal,
        _ => ErrorCode::BadRequest,
    }
}
