//! Staff's endpoints, as `shared::api` describes them.

use super::applicant::jpeg;
use crate::hall::Hall;
use crate::http::{AppError, AppResult, ClientAddress, cookie_of};
use crate::staff::{self, Queue, Sign, StaffMember};
use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use shared::api::{
    Approve, BridgeChallenge, BridgeTicket, CertificateRequest, Dispatch, ErrorCode, FoundOrders, IssuedCertificate,
    KeyMade, MakingTicket, QueueRow, Refuse, StaffLogin, StaffMe, StaffOrder, StartMaking,
};
use shared::order::Status;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const COOKIE: &str = "certhall_staff";
/// Strict: no other site ever makes a staff request. The path keeps it away from applicants' pages.
const ATTRIBUTES: &str = "Path=/api/staff; HttpOnly; Secure; SameSite=Strict";

/// `/api/staff/…`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(log_out_everywhere))
        .routes(routes!(me))
        .routes(routes!(queue))
        .routes(routes!(search))
        .routes(routes!(bridge_session))
        .routes(routes!(order))
        .routes(routes!(document))
        .routes(routes!(approve))
        .routes(routes!(refuse))
        .routes(routes!(start_making))
        .routes(routes!(certificate))
        .routes(routes!(made))
        .routes(routes!(dispatch))
        .routes(routes!(delivered))
        .merge(super::money::routes())
}

/// A logged-in member of staff, or 401.
pub struct StaffSession(pub StaffMember);

impl FromRequestParts<Hall> for StaffSession {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        member(parts, hall, Sign::OfLife).await.map(Self)
    }
}

/// The same for what the page asks by itself: it does not make the session last longer.
struct StaffGlance(StaffMember);

impl FromRequestParts<Hall> for StaffGlance {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        member(parts, hall, Sign::OfPage).await.map(Self)
    }
}

async fn member(parts: &Parts, hall: &Hall, sign: Sign) -> AppResult<StaffMember> {
    let token = cookie_of(&parts.headers, COOKIE).ok_or_else(|| AppError::new(ErrorCode::LoginRequired))?;
    staff::member_of_token(hall, &token, sign).await
}

/// Logs in; sets the cookie.
#[utoipa::path(post, path = "/login", request_body = StaffLogin, responses((status = 204)))]
async fn log_in(
    State(hall): State<Hall>,
    ClientAddress(address): ClientAddress,
    Json(login): Json<StaffLogin>,
) -> AppResult<impl IntoResponse> {
    let token = staff::log_in(&hall, address, &login).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, format!("{COOKIE}={token}; {ATTRIBUTES}"))])))
}

/// Logs out.
#[utoipa::path(post, path = "/logout", responses((status = 204)))]
async fn log_out(State(hall): State<Hall>, StaffSession(who): StaffSession) -> AppResult<impl IntoResponse> {
    staff::log_out(&hall, &who).await?;
    let gone = format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}");
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

/// Ends every session of this member of staff.
#[utoipa::path(post, path = "/logout/everywhere", responses((status = 204)))]
async fn log_out_everywhere(State(hall): State<Hall>, StaffSession(who): StaffSession) -> AppResult<impl IntoResponse> {
    staff::log_out_everywhere(&hall, &who).await?;
    let gone = format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}");
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

/// Who is logged in.
#[utoipa::path(get, path = "/me", responses((status = 200, body = StaffMe)))]
async fn me(State(hall): State<Hall>, StaffSession(who): StaffSession) -> Json<StaffMe> {
    Json(staff::me(&hall, &who))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfChannel {
    /// The channel's slug.
    channel: String,
}

/// What waits, oldest first.
#[utoipa::path(get, path = "/queue/{queue}", params(OfChannel), responses((status = 200, body = [QueueRow])))]
async fn queue(
    State(hall): State<Hall>,
    StaffGlance(who): StaffGlance,
    Path(queue): Path<Queue>,
    Query(of): Query<OfChannel>,
) -> AppResult<Json<Vec<QueueRow>>> {
    Ok(Json(staff::queue(&hall, &who, queue, &of.channel).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sought {
    /// The channel's slug.
    channel: String,
    /// Order number or its beginning, credit code, phone, 介质号 or waybill number; empty: everything.
    #[serde(default)]
    q: String,
    /// Only in this status.
    #[serde(default)]
    status: Option<Status>,
    /// `next` of the page before.
    #[serde(default)]
    before: Option<String>,
}

/// Orders, newest first, 50 at a time.
#[utoipa::path(get, path = "/orders", params(Sought), responses((status = 200, body = FoundOrders)))]
async fn search(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Query(Sought { channel, q, status, before }): Query<Sought>,
) -> AppResult<Json<FoundOrders>> {
    let search = staff::Search { channel, text: q, status, before };
    Ok(Json(staff::search(&hall, &who, &search).await?))
}

/// Answers the bridge's challenge.
#[utoipa::path(post, path = "/bridge/session", request_body = BridgeChallenge, responses((status = 200, body = BridgeTicket)))]
async fn bridge_session(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Json(challenge): Json<BridgeChallenge>,
) -> AppResult<Json<BridgeTicket>> {
    Ok(Json(staff::bridge_session(&hall, &who, &challenge)?))
}

/// One order with everything a reviewer needs; each look is audited.
#[utoipa::path(get, path = "/orders/{number}", responses((status = 200, body = StaffOrder)))]
async fn order(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
) -> AppResult<Json<StaffOrder>> {
    Ok(Json(staff::order(&hall, &who, &number).await?))
}

/// A paper as JPEG; each look is audited.
#[utoipa::path(get, path = "/orders/{number}/documents/{id}", responses((status = 200, content_type = "image/jpeg", body = Vec<u8>)))]
async fn document(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path((number, id)): Path<(String, String)>,
) -> AppResult<impl IntoResponse> {
    // Every look is audited: none may come from a cache.
    Ok(jpeg(staff::document(&hall, &who, &number, &id).await?))
}

/// 审核通过.
#[utoipa::path(post, path = "/orders/{number}/approve", request_body = Approve, responses((status = 204)))]
async fn approve(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(seen): Json<Approve>,
) -> AppResult<StatusCode> {
    staff::approve(&hall, &who, &number, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 鉴证未通过, with the papers to redo.
#[utoipa::path(post, path = "/orders/{number}/refuse", request_body = Refuse, responses((status = 204)))]
async fn refuse(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(refusal): Json<Refuse>,
) -> AppResult<StatusCode> {
    staff::refuse(&hall, &who, &number, &refusal).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a making, or begins an interrupted one again.
#[utoipa::path(post, path = "/orders/{number}/making", request_body = StartMaking, responses((status = 200, body = MakingTicket)))]
async fn start_making(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(start): Json<StartMaking>,
) -> AppResult<Json<MakingTicket>> {
    Ok(Json(staff::start_making(&hall, &who, &number, &start).await?))
}

/// Issues the certificate for the key's request.
#[utoipa::path(post, path = "/orders/{number}/certificate", request_body = CertificateRequest, responses((status = 200, body = IssuedCertificate)))]
async fn certificate(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(request): Json<CertificateRequest>,
) -> AppResult<Json<IssuedCertificate>> {
    Ok(Json(staff::issue(&hall, &who, &number, &request).await?))
}

/// The key holds the certificate.
#[utoipa::path(post, path = "/orders/{number}/made", request_body = KeyMade, responses((status = 204)))]
async fn made(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(key): Json<KeyMade>,
) -> AppResult<StatusCode> {
    staff::made(&hall, &who, &number, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Given to the courier.
#[utoipa::path(post, path = "/orders/{number}/dispatch", request_body = Dispatch, responses((status = 204)))]
async fn dispatch(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(parcel): Json<Dispatch>,
) -> AppResult<StatusCode> {
    staff::dispatch(&hall, &who, &number, &parcel).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 已签收.
#[utoipa::path(post, path = "/orders/{number}/delivered", request_body = Approve, responses((status = 204)))]
async fn delivered(
    State(hall): State<Hall>,
    StaffSession(who): StaffSession,
    Path(number): Path<String>,
    Json(seen): Json<Approve>,
) -> AppResult<StatusCode> {
    staff::delivered(&hall, &who, &number, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
