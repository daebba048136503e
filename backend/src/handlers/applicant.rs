//! The applicant's endpoints, as `shared::api` describes them.

use crate::hall::Hall;
use crate::http::{AppError, AppResult, Applicant, ClientAddress, MaybeApplicant};
use crate::orders::drafts::Place;
use crate::orders::{access, cancel, check, confirm, documents, drafts, pay, query, sign};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::api::{
    Cashier, Checked, CodeSent, ErrorCode, NewOrder, OrderList, OrderView, PayWith, PaymentState, QueryCode, QueryFor,
    SavedDraft, Signature, Text,
};
use shared::channel::{ChannelLink, DocumentKind, PublicChannel};
use shared::form::UnitDraft;
use shared::order::Business;

/// Larger than any profile's limit: the profile's own is told in words.
const UPLOAD_BYTES: usize = 11 * 1024 * 1024;

/// `/api/…` of applicants.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/channels", get(channels))
        .route("/channels/{slug}", get(channel))
        .route("/channels/{slug}/guide", get(guide))
        .route("/channels/{slug}/agreements/{id}", get(agreement))
        .route("/drafts/{channel}/{business}", get(load_draft).put(save_draft))
        .route("/drafts/{channel}/{business}/check", post(check_draft))
        .route("/orders", get(list).post(confirm_order))
        .route("/orders/{number}", get(view))
        .route("/orders/{number}/cancel", post(cancel_order))
        .route("/orders/{number}/documents/submit", post(submit))
        .route("/orders/{number}/documents/reopen", post(reopen))
        .route(
            // An image is fetched by its id; uploaded and deleted by its kind.
            "/orders/{number}/documents/{paper}",
            put(upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES)).merge(get(image)).merge(delete(delete_document)),
        )
        .route("/orders/{number}/signature/code", post(send_sign_code))
        .route("/orders/{number}/signature", post(sign_order))
        .route("/orders/{number}/payment", get(payment_state).post(open_payment))
        .route("/query", post(ask_query))
        .route("/query/confirm", post(confirm_query))
}

/// A JSON body, or [`ErrorCode::BadRequest`] in our own words.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Hall> for Body<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, hall: &Hall) -> AppResult<Self> {
        match Json::from_request(request, hall).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(_) => Err(AppError::new(ErrorCode::BadRequest)),
        }
    }
}

type Answer<T> = AppResult<Json<T>>;

async fn channels(State(hall): State<Hall>) -> Json<Vec<ChannelLink>> {
    Json(hall.channels.links())
}

async fn channel(State(hall): State<Hall>, Path(slug): Path<String>) -> Answer<PublicChannel> {
    Ok(Json(hall.channel(&slug)?.public.clone()))
}

async fn guide(State(hall): State<Hall>, Path(slug): Path<String>) -> Answer<Text> {
    Ok(Json(hall.channel(&slug)?.guide.clone()))
}

async fn agreement(State(hall): State<Hall>, Path((slug, id)): Path<(String, String)>) -> Answer<Text> {
    let text = hall.channel(&slug)?.agreements.get(&id).cloned();
    Ok(Json(text.ok_or_else(|| AppError::new(ErrorCode::NotFound))?))
}

type DraftPath = Path<(String, Business)>;

async fn load_draft(
    State(hall): State<Hall>,
    MaybeApplicant(session): MaybeApplicant,
    Path((channel, business)): DraftPath,
) -> Answer<Option<SavedDraft>> {
    let Some(session) = session else { return Ok(Json(None)) };
    let place = Place { session: &session, channel: &channel, business };
    Ok(Json(drafts::load(&hall, place).await?))
}

async fn save_draft(
    State(hall): State<Hall>,
    applicant: Applicant,
    Path((channel, business)): DraftPath,
    Body(draft): Body<UnitDraft>,
) -> AppResult<Response> {
    let place = Place { session: &applicant.session, channel: &channel, business };
    drafts::save(&hall, place, &draft).await?;
    Ok((applicant.cookie(), StatusCode::NO_CONTENT).into_response())
}

/// A refusal is answered with the cookie too: what was typed is saved under it.
async fn check_draft(
    State(hall): State<Hall>,
    applicant: Applicant,
    Path((channel, business)): DraftPath,
    Body(draft): Body<UnitDraft>,
) -> Response {
    let place = Place { session: &applicant.session, channel: &channel, business };
    let answer: Answer<Checked> = check::check(&hall, place, &draft).await.map(Json);
    (applicant.cookie(), answer).into_response()
}

async fn confirm_order(
    State(hall): State<Hall>,
    MaybeApplicant(session): MaybeApplicant,
    Body(request): Body<NewOrder>,
) -> Answer<OrderView> {
    let session = session.ok_or_else(|| AppError::new(ErrorCode::NotChecked))?;
    Ok(Json(confirm::confirm(&hall, &session, &request).await?))
}

#[derive(Deserialize)]
struct InChannel {
    channel: String,
}

async fn list(
    State(hall): State<Hall>,
    MaybeApplicant(session): MaybeApplicant,
    Query(InChannel { channel }): Query<InChannel>,
) -> Answer<OrderList> {
    let Some(session) = session else { return Ok(Json(OrderList::default())) };
    Ok(Json(access::list(&hall, &session, &channel).await?))
}

/// An applicant endpoint about one order: the session must own it.
struct Owner(String);

impl axum::extract::FromRequestParts<Hall> for Owner {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, hall: &Hall) -> AppResult<Self> {
        let MaybeApplicant(session) = MaybeApplicant::from_request_parts(parts, hall).await?;
        session.map(Self).ok_or_else(|| AppError::new(ErrorCode::NotFound))
    }
}

async fn view(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(access::view(&hall, &session, &number).await?))
}

async fn cancel_order(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
) -> Answer<OrderView> {
    Ok(Json(cancel::cancel(&hall, &session, &number).await?))
}

async fn upload(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path((number, kind)): Path<(String, String)>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<OrderView> {
    let kind = document_kind(&kind)?;
    let file = body.map_err(|rejection| {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::FileTooLarge,
            _ => ErrorCode::BadRequest,
        };
        AppError::new(code)
    })?;
    Ok(Json(documents::upload(&hall, &session, &number, kind, file.to_vec()).await?))
}

async fn delete_document(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path((number, kind)): Path<(String, String)>,
) -> Answer<OrderView> {
    Ok(Json(documents::delete(&hall, &session, &number, document_kind(&kind)?).await?))
}

fn document_kind(name: &str) -> AppResult<DocumentKind> {
    DocumentKind::from_name(name).ok_or_else(|| AppError::new(ErrorCode::NotFound))
}

async fn image(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path((number, id)): Path<(String, String)>,
) -> AppResult<Response> {
    Ok(jpeg(documents::image(&hall, &session, &number, &id).await?))
}

/// A paper as an answer: our own JPEG, never taken for anything else, never kept by a cache.
pub fn jpeg(image: Vec<u8>) -> Response {
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"document.jpg\"")),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        ],
        image,
    )
        .into_response()
}

async fn submit(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(documents::submit(&hall, &session, &number).await?))
}

async fn reopen(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(documents::reopen(&hall, &session, &number).await?))
}

async fn send_sign_code(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    Path(number): Path<String>,
) -> Answer<CodeSent> {
    Ok(Json(sign::send_code(&hall, &session, address, &number).await?))
}

async fn sign_order(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    Path(number): Path<String>,
    Body(signature): Body<Signature>,
) -> Answer<OrderView> {
    Ok(Json(sign::sign(&hall, &session, address, &number, &signature).await?))
}

async fn open_payment(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
    Body(PayWith { way }): Body<PayWith>,
) -> Answer<Cashier> {
    Ok(Json(pay::open(&hall, &session, &number, way).await?))
}

async fn payment_state(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
) -> Answer<PaymentState> {
    Ok(Json(pay::state(&hall, &session, &number).await?))
}

async fn ask_query(
    State(hall): State<Hall>,
    applicant: Applicant,
    ClientAddress(address): ClientAddress,
    Body(request): Body<QueryFor>,
) -> Response {
    let answer: Answer<CodeSent> = query::ask(&hall, &applicant.session, address, &request).await.map(Json);
    (applicant.cookie(), answer).into_response()
}

async fn confirm_query(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Body(request): Body<QueryCode>,
) -> Answer<OrderList> {
    Ok(Json(query::confirm(&hall, &session, &request).await?))
}
