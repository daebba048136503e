//! Staff's endpoints, as `shared::api` describes them.

use crate::hall::Hall;
use crate::http::{AppError, AppResult, cookie_of};
use crate::staff::{self, Queue, StaffMember};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use shared::api::{
    Approve, BridgeChallenge, BridgeTicket, CertificateRequest, Dispatch, ErrorCode, IssuedCertificate, KeyMade,
    MakingTicket, QueueRow, Refuse, StaffLogin, StaffMe, StaffOrder, StartMaking,
};

const COOKIE: &str = "certhall_staff";
/// Strict: no other site ever makes a staff request. The path keeps it away from applicants' pages.
const ATTRIBUTES: &str = "Path=/api/staff; HttpOnly; Secure; SameSite=Strict";

/// `/api/staff/…`.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/me", get(me))
        .route("/queue/{queue}", get(queue))
        .route("/bridge/session", post(bridge_session))
        .route("/orders/{number}", get(order))
        .route("/orders/{number}/documents/{id}", get(document))
        .route("/orders/{number}/approve", post(approve))
        .route("/orders/{number}/refuse", post(refuse))
        .route("/orders/{number}/making", post(start_making))
        .route("/orders/{number}/certificate", post(certificate))
        .route("/orders/{number}/made", post(made))
        .route("/orders/{number}/dispatch", post(dispatch))
        .route("/orders/{number}/delivered", post(delivered))
}

/// A logged-in member of staff, or 401.
pub struct StaffSession(pub StaffMember);

impl FromRequestParts<Hall> for StaffSession {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        let token = cookie_of(&parts.headers, COOKIE).ok_or_else(|| AppError::new(ErrorCode::LoginRequired))?;
        staff::member_of_token(hall, &token).await.map(Self)
    }
}

async fn log_in(State(hall): State<Hall>, Json(login): Json<StaffLogin>) -> AppResult<impl IntoResponse> {
    let token = staff::log_in(&hall, &login).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, format!("{COOKIE}={token}; {ATTRIBUTES}"))])))
}

async fn log_out(State(hall): State<Hall>, StaffSession(who): StaffSession) -> AppResult<impl IntoResponse> {
    staff::log_out(&hall, &who).await?;
    let gone = format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}");
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

async fn me(State(hall): State<Hall>, StaffSession(who): StaffSession) -> Json<StaffMe> {
    Json(staff::me(&hall, &who))
}

#[derive(Deserialize)]
struct OfChannel {
    channel: String,
}

async fn queue(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(queue): Path<Queue>,
    Query(of): Query<OfChannel>,
) -> AppResult<Json<Vec<QueueRow>>> {
    Ok(Json(staff::queue(&hall, &who, queue, &of.channel).await?))
}

async fn bridge_session(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Json(challenge): Json<BridgeChallenge>,
) -> AppResult<Json<BridgeTicket>> {
    Ok(Json(staff::bridge_session(&hall, &who, &challenge)?))
}

async fn order(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
) -> AppResult<Json<StaffOrder>> {
    Ok(Json(staff::order(&hall, &who, &number).await?))
}

async fn document(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path((number, id)): Path<(String, String)>,
) -> AppResult<impl IntoResponse> {
    let image = staff::document(&hall, &who, &number, &id).await?;
    // Every look is audited: none may come from a cache.
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, image))
}

async fn approve(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(seen): Json<Approve>,
) -> AppResult<StatusCode> {
    staff::approve(&hall, &who, &number, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refuse(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(refusal): Json<Refuse>,
) -> AppResult<StatusCode> {
    staff::refuse(&hall, &who, &number, &refusal).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start_making(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(start): Json<StartMaking>,
) -> AppResult<Json<MakingTicket>> {
    Ok(Json(staff::start_making(&hall, &who, &number, &start).await?))
}

async fn certificate(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(request): Json<CertificateRequest>,
) -> AppResult<Json<IssuedCertificate>> {
    Ok(Json(staff::issue(&hall, &who, &number, &request).await?))
}

async fn made(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(key): Json<KeyMade>,
) -> AppResult<StatusCode> {
    staff::made(&hall, &who, &number, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dispatch(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(parcel): Json<Dispatch>,
) -> AppResult<StatusCode> {
    staff::dispatch(&hall, &who, &number, &parcel).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delivered(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(seen): Json<Approve>,
) -> AppResult<StatusCode> {
    staff::delivered(&hall, &who, &number, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
