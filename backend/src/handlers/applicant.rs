//! The applicant's endpoints, as `shared::api` describes them.

use crate::gate::ProofHeader;
use crate::hall::Hall;
use crate::http::{AppError, AppResult, Applicant, ClientAddress, MaybeApplicant, NextToken, Tokens};
use crate::orders::documents::Papers;
use crate::orders::drafts::Place;
use crate::orders::{access, cancel, check, confirm, documents, drafts, pay, query, sign};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::api::{
    Cashier, Checked, CodeSent, ErrorCode, NewOrder, OrderList, OrderView, PayWith, PaymentState, QueryCode, QueryFor,
    SavedDraft, Signature, Text,
};
use shared::channel::{ChannelLink, DocumentKind, PublicChannel};
use shared::form::UnitDraft;
use shared::order::Business;
use utoipa::IntoParams;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Larger than any profile's limit: the profile's own is told in words.
pub const UPLOAD_BYTES: usize = 11 * 1024 * 1024;

/// `/api/…` of applicants.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .routes(routes!(channels))
        .routes(routes!(channel))
        .routes(routes!(guide))
        .routes(routes!(agreement))
        .routes(routes!(load_draft, save_draft))
        .routes(routes!(check_draft))
        .routes(routes!(resume_draft))
        .routes(routes!(list, confirm_order))
        .routes(routes!(view))
        .routes(routes!(cancel_order))
        .routes(routes!(submit))
        .routes(routes!(reopen))
        // An image is fetched by its id; uploaded and deleted by its kind.
        .routes(routes!(upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .routes(routes!(image, delete_document))
        .routes(routes!(send_sign_code))
        .routes(routes!(sign_order))
        .routes(routes!(payment_state, open_payment))
        .routes(routes!(ask_query))
        .routes(routes!(confirm_query))
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

/// What most handlers answer.
pub type Answer<T> = AppResult<Json<T>>;

/// Every hall.
#[utoipa::path(get, path = "/channels", responses((status = 200, body = [ChannelLink])))]
async fn channels(State(hall): State<Hall>) -> Json<Vec<ChannelLink>> {
    Json(hall.channels.links())
}

/// What a hall offers.
#[utoipa::path(get, path = "/channels/{slug}", responses((status = 200, body = PublicChannel)))]
async fn channel(State(hall): State<Hall>, Path(slug): Path<String>) -> Answer<PublicChannel> {
    Ok(Json(hall.channel(&slug)?.public.clone()))
}

/// A hall's guide.
#[utoipa::path(get, path = "/channels/{slug}/guide", responses((status = 200, body = Text)))]
async fn guide(State(hall): State<Hall>, Path(slug): Path<String>) -> Answer<Text> {
    Ok(Json(hall.channel(&slug)?.guide.clone()))
}

/// An agreement in full.
#[utoipa::path(get, path = "/channels/{slug}/agreements/{id}", responses((status = 200, body = Text)))]
async fn agreement(State(hall): State<Hall>, Path((slug, id)): Path<(String, String)>) -> Answer<Text> {
    let text = hall.channel(&slug)?.agreements.get(&id).cloned();
    Ok(Json(text.ok_or_else(|| AppError::new(ErrorCode::NotFound))?))
}

type DraftPath = Path<(String, Business)>;

/// What was typed so far in this browser.
#[utoipa::path(get, path = "/drafts/{channel}/{business}", responses((status = 200, body = Option<SavedDraft>)))]
async fn load_draft(
    State(hall): State<Hall>,
    MaybeApplicant(session): MaybeApplicant,
    Path((channel, business)): DraftPath,
) -> Answer<Option<SavedDraft>> {
    let Some(session) = session else { return Ok(Json(None)) };
    let place = Place { session: &session, channel: &channel, business };
    Ok(Json(drafts::load(&hall, place).await?))
}

/// Keeps what was typed.
#[utoipa::path(put, path = "/drafts/{channel}/{business}", request_body = UnitDraft, responses((status = 204)))]
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

/// 下一步: parses and verifies. A refusal is answered with the cookie too: what was typed is saved under it.
#[utoipa::path(post, path = "/drafts/{channel}/{business}/check", request_body = UnitDraft, responses((status = 200, body = Checked)))]
async fn check_draft(
    State(hall): State<Hall>,
    applicant: Applicant,
    ClientAddress(address): ClientAddress,
    proof: ProofHeader,
    Path((channel, business)): DraftPath,
    Body(draft): Body<UnitDraft>,
) -> Response {
    let place = Place { session: &applicant.session, channel: &channel, business };
    let answer: Answer<Checked> = check::check(&hall, place, &draft, (address, &proof)).await.map(Json);
    (applicant.cookie(), answer).into_response()
}

/// Makes a draft that was found by a code this browser's own.
#[utoipa::path(post, path = "/drafts/resume/{id}", responses((status = 204)))]
async fn resume_draft(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(id): Path<String>,
) -> AppResult<StatusCode> {
    drafts::resume(&hall, &session, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 确认订单: makes the order, once for a draft.
#[utoipa::path(post, path = "/orders", request_body = NewOrder, responses((status = 200, body = OrderView)))]
async fn confirm_order(
    State(hall): State<Hall>,
    MaybeApplicant(session): MaybeApplicant,
    next: NextToken,
    Body(request): Body<NewOrder>,
) -> Answer<OrderView> {
    let session = session.ok_or_else(|| AppError::new(ErrorCode::NotChecked))?;
    Ok(Json(confirm::confirm(&hall, &session, &request, &next).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InChannel {
    /// The channel's slug.
    channel: String,
}

/// This browser's orders, newest first.
#[utoipa::path(get, path = "/orders", params(InChannel), responses((status = 200, body = OrderList)))]
async fn list(
    State(hall): State<Hall>,
    tokens: Tokens,
    Query(InChannel { channel }): Query<InChannel>,
) -> Answer<OrderList> {
    Ok(Json(access::list(&hall, tokens, &channel).await?))
}

/// An applicant endpoint about one order: the session must own it.
pub struct Owner(pub String);

impl axum::extract::FromRequestParts<Hall> for Owner {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, hall: &Hall) -> AppResult<Self> {
        let MaybeApplicant(session) = MaybeApplicant::from_request_parts(parts, hall).await?;
        session.map(Self).ok_or_else(|| AppError::new(ErrorCode::NotFound))
    }
}

/// One order.
#[utoipa::path(get, path = "/orders/{number}", responses((status = 200, body = OrderView)))]
async fn view(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(access::view(&hall, &session, &number).await?))
}

/// 取消订单.
#[utoipa::path(post, path = "/orders/{number}/cancel", responses((status = 200, body = OrderView)))]
async fn cancel_order(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
) -> Answer<OrderView> {
    Ok(Json(cancel::cancel(&hall, &session, &number).await?))
}

/// A paper: the file itself is the body.
#[utoipa::path(put, path = "/orders/{number}/documents/{paper}", request_body = Vec<u8>, responses((status = 200, body = OrderView)))]
async fn upload(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path((number, kind)): Path<(String, String)>,
    Uploaded(file): Uploaded,
) -> Answer<OrderView> {
    let papers = Papers::Owned { session: &session, number: &number };
    documents::upload(&hall, papers, document_kind(&kind)?, file?).await?;
    Ok(Json(access::view(&hall, &session, &number).await?))
}

/// The body of an upload: the file itself, or why it can't be taken. Asked about only after everything else.
pub struct Uploaded(pub AppResult<Vec<u8>>);

impl FromRequest<Hall> for Uploaded {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, hall: &Hall) -> Result<Self, Self::Rejection> {
        let body = Bytes::from_request(request, hall).await;
        Ok(Self(body.map(|bytes| bytes.to_vec()).map_err(|rejection| {
            let large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
            AppError::new(if large { ErrorCode::FileTooLarge } else { ErrorCode::BadRequest })
        })))
    }
}

/// Takes a paper away.
#[utoipa::path(delete, path = "/orders/{number}/documents/{paper}", responses((status = 200, body = OrderView)))]
async fn delete_document(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path((number, kind)): Path<(String, String)>,
) -> Answer<OrderView> {
    let papers = Papers::Owned { session: &session, number: &number };
    documents::delete(&hall, papers, document_kind(&kind)?).await?;
    Ok(Json(access::view(&hall, &session, &number).await?))
}

/// A kind of paper by its name in the path.
pub fn document_kind(name: &str) -> AppResult<DocumentKind> {
    DocumentKind::from_name(name).ok_or_else(|| AppError::new(ErrorCode::NotFound))
}

/// A paper as JPEG.
#[utoipa::path(get, path = "/orders/{number}/documents/{paper}", responses((status = 200, content_type = "image/jpeg", body = Vec<u8>)))]
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
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        image,
    )
        .into_response()
}

/// 确认申请: all papers are there.
#[utoipa::path(post, path = "/orders/{number}/documents/submit", responses((status = 200, body = OrderView)))]
async fn submit(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(documents::submit(&hall, &session, &number).await?))
}

/// Back to the papers before signing.
#[utoipa::path(post, path = "/orders/{number}/documents/reopen", responses((status = 200, body = OrderView)))]
async fn reopen(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<OrderView> {
    Ok(Json(documents::reopen(&hall, &session, &number).await?))
}

/// An SMS code to sign with, to the operator's phone.
#[utoipa::path(post, path = "/orders/{number}/signature/code", responses((status = 200, body = CodeSent)))]
async fn send_sign_code(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    proof: ProofHeader,
    Path(number): Path<String>,
) -> Answer<CodeSent> {
    Ok(Json(sign::send_code(&hall, &session, address, &number, &proof).await?))
}

/// 签名确认 with the code.
#[utoipa::path(post, path = "/orders/{number}/signature", request_body = Signature, responses((status = 200, body = OrderView)))]
async fn sign_order(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    Path(number): Path<String>,
    Body(signature): Body<Signature>,
) -> Answer<OrderView> {
    Ok(Json(sign::sign(&hall, &session, address, &number, &signature).await?))
}

/// Opens a payment, or finds the open one again.
#[utoipa::path(post, path = "/orders/{number}/payment", request_body = PayWith, responses((status = 200, body = Cashier)))]
async fn open_payment(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
    Body(PayWith { way }): Body<PayWith>,
) -> Answer<Cashier> {
    Ok(Json(pay::open(&hall, &session, &number, way).await?))
}

/// Whether it is paid; polled by the pay page.
#[utoipa::path(get, path = "/orders/{number}/payment", responses((status = 200, body = PaymentState)))]
async fn payment_state(State(hall): State<Hall>, tokens: Tokens, Path(number): Path<String>) -> Answer<PaymentState> {
    Ok(Json(pay::state(&hall, tokens, &number).await?))
}

/// 订单查询, first half: a code to the operator on record.
#[utoipa::path(post, path = "/query", request_body = QueryFor, responses((status = 200, body = CodeSent)))]
async fn ask_query(
    State(hall): State<Hall>,
    applicant: Applicant,
    ClientAddress(address): ClientAddress,
    proof: ProofHeader,
    Body(request): Body<QueryFor>,
) -> Response {
    let answer: Answer<CodeSent> = query::ask(&hall, &applicant.session, address, &request, &proof).await.map(Json);
    (applicant.cookie(), answer).into_response()
}

/// 订单查询, second half: the code opens that operator's orders.
#[utoipa::path(post, path = "/query/confirm", request_body = QueryCode, responses((status = 200, body = OrderList)))]
async fn confirm_query(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Body(request): Body<QueryCode>,
) -> Answer<OrderList> {
    Ok(Json(query::confirm(&hall, &session, &request).await?))
}
