//! 扫码拍照上传: the address for the applicant's own phone, and what the phone does with it. The phone has no session; the
//! token in the path is all that it shows.

use super::applicant::{Answer, Owner, UPLOAD_BYTES, Uploaded, document_kind};
use crate::hall::Hall;
use crate::orders::documents::{self, Papers};
use crate::orders::handover;
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use shared::api::{Handover, HandoverView};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// `/api/orders/{number}/handover` and `/api/handover/…`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .routes(routes!(begin))
        .routes(routes!(view))
        .routes(routes!(upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .routes(routes!(take_away))
}

/// A new address for the phone; an earlier one is worthless.
#[utoipa::path(post, path = "/orders/{number}/handover", responses((status = 200, body = Handover)))]
async fn begin(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<Handover> {
    Ok(Json(handover::begin(&hall, &session, &number).await?))
}

/// What the phone shows.
#[utoipa::path(get, path = "/handover/{token}", responses((status = 200, body = HandoverView)))]
async fn view(State(hall): State<Hall>, Path(token): Path<String>) -> Answer<HandoverView> {
    Ok(Json(handover::view(&hall, &token).await?))
}

/// A paper from the phone: the file itself is the body.
#[utoipa::path(put, path = "/handover/{token}/documents/{kind}", request_body = Vec<u8>, responses((status = 200, body = HandoverView)))]
async fn upload(
    State(hall): State<Hall>,
    Path((token, kind)): Path<(String, String)>,
    Uploaded(file): Uploaded,
) -> Answer<HandoverView> {
    let papers = Papers::HandedOver { token: &token };
    documents::upload(&hall, papers, document_kind(&kind)?, file?).await?;
    Ok(Json(handover::view(&hall, &token).await?))
}

/// Takes a paper away.
#[utoipa::path(delete, path = "/handover/{token}/documents/{kind}", responses((status = 200, body = HandoverView)))]
async fn take_away(State(hall): State<Hall>, Path((token, kind)): Path<(String, String)>) -> Answer<HandoverView> {
    documents::delete(&hall, Papers::HandedOver { token: &token }, document_kind(&kind)?).await?;
    Ok(Json(handover::view(&hall, &token).await?))
}
