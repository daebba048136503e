//! Notices from outside. The body is taken as bytes: its signature is over bytes.

use crate::hall::Hall;
use crate::http::AppResult;
use crate::orders::pay;
use axum::body::Bytes;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/api/notify/…`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(alipay))
}

/// Alipay's notice of a payment.
#[utoipa::path(post, path = "/alipay", request_body(content = String, content_type = "application/x-www-form-urlencoded"), responses((status = 200, content_type = "text/plain", body = String)))]
async fn alipay(State(hall): State<Hall>, body: Bytes) -> AppResult<&'static str> {
    pay::notice(&hall, &body).await
}
