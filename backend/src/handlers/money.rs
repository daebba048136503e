//! Staff's endpoints about money, messages and what ends an order for good.

use super::staff::StaffSession;
use crate::hall::Hall;
use crate::http::AppResult;
use crate::staff;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use shared::api::{
    FailedMessage, Reconciliation, RecordRefund, RefundRow, Reject, ResendPin, ReturnKey, SettleDifference,
};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Below `/api/staff`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .routes(routes!(reject))
        .routes(routes!(return_key))
        .routes(routes!(resend_pin))
        .routes(routes!(refunds))
        .routes(routes!(retry_refund))
        .routes(routes!(record_refund))
        .routes(routes!(failed_messages))
        .routes(routes!(dismiss_message))
        .routes(routes!(reconciliations))
        .routes(routes!(compare_again))
        .routes(routes!(settle_difference))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfChannel {
    /// The channel's slug.
    channel: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Refunds {
    /// The channel's slug.
    channel: String,
    /// `true`: owed; `false`: given back. Default: owed.
    open: Option<bool>,
}

/// 审核不通过: refused for good; the fee goes back.
#[utoipa::path(post, path = "/orders/{number}/reject", request_body = Reject, responses((status = 204)))]
async fn reject(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(body): Json<Reject>,
) -> AppResult<StatusCode> {
    staff::reject(&hall, &who, &number, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 证书退货: the certificate is revoked, the fee goes back.
#[utoipa::path(post, path = "/orders/{number}/return", request_body = ReturnKey, responses((status = 204)))]
async fn return_key(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(body): Json<ReturnKey>,
) -> AppResult<StatusCode> {
    staff::return_key(&hall, &who, &number, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The PIN once more to the legal representative, at most three times an order.
#[utoipa::path(post, path = "/orders/{number}/pin-notice", request_body = ResendPin, responses((status = 204)))]
async fn resend_pin(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(body): Json<ResendPin>,
) -> AppResult<StatusCode> {
    staff::resend_pin(&hall, &who, &number, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sums owed back, oldest first, or given back, newest first.
#[utoipa::path(get, path = "/refunds", params(Refunds), responses((status = 200, body = [RefundRow])))]
async fn refunds(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Query(of): Query<Refunds>,
) -> AppResult<Json<Vec<RefundRow>>> {
    Ok(Json(staff::refunds(&hall, &who, &of.channel, of.open.unwrap_or(true)).await?))
}

/// Asks the provider again for a refund that it refused.
#[utoipa::path(post, path = "/refunds/{id}/retry", responses((status = 204)))]
async fn retry_refund(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(id): Path<String>,
) -> AppResult<StatusCode> {
    staff::retry_refund(&hall, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 已线下退款, by another person than the one whose act made the debt.
#[utoipa::path(post, path = "/refunds/{id}/record", request_body = RecordRefund, responses((status = 204)))]
async fn record_refund(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(id): Path<String>,
    Json(body): Json<RecordRefund>,
) -> AppResult<StatusCode> {
    staff::record_refund(&hall, &who, &id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Text messages and mails that were given up.
#[utoipa::path(get, path = "/messages/failed", params(OfChannel), responses((status = 200, body = [FailedMessage])))]
async fn failed_messages(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Query(of): Query<OfChannel>,
) -> AppResult<Json<Vec<FailedMessage>>> {
    Ok(Json(staff::failed_messages(&hall, &who, &of.channel).await?))
}

/// Takes a failed message off the list.
#[utoipa::path(post, path = "/messages/{id}/dismiss", responses((status = 204)))]
async fn dismiss_message(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(id): Path<String>,
) -> AppResult<StatusCode> {
    staff::dismiss_message(&hall, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The last thirty days' comparisons with the provider's bill.
#[utoipa::path(get, path = "/reconciliations", params(OfChannel), responses((status = 200, body = [Reconciliation])))]
async fn reconciliations(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Query(of): Query<OfChannel>,
) -> AppResult<Json<Vec<Reconciliation>>> {
    Ok(Json(staff::reconciliations(&hall, &who, &of.channel).await?))
}

/// Compares a day again.
#[utoipa::path(post, path = "/reconciliations/{day}", params(OfChannel), responses((status = 204)))]
async fn compare_again(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(day): Path<String>,
    Query(of): Query<OfChannel>,
) -> AppResult<StatusCode> {
    staff::compare_again(&hall, &who, &of.channel, &day).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was found out about one difference.
#[utoipa::path(
    post,
    path = "/reconciliations/{day}/notes",
    params(OfChannel),
    request_body = SettleDifference,
    responses((status = 204))
)]
async fn settle_difference(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(day): Path<String>,
    Query(of): Query<OfChannel>,
    Json(body): Json<SettleDifference>,
) -> AppResult<StatusCode> {
    staff::settle_difference(&hall, &who, &of.channel, &day, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
