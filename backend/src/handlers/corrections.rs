//! Corrections of a paid order: the parcel's address, the operator's phone.

use super::applicant::{Answer, Body, Owner};
use crate::gate::ProofHeader;
use crate::hall::Hall;
use crate::http::ClientAddress;
use crate::orders::{correct_mailing, correct_phone};
use axum::Json;
use axum::extract::{Path, State};
use shared::api::{CodeSent, CorrectMailing, CorrectPhone, MailingView, NewPhone, OrderView, PhoneCodesSent};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/api/orders/{number}/mailing` and `/api/orders/{number}/corrections/…`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default()
        .routes(routes!(mailing))
        .routes(routes!(send_mailing_code))
        .routes(routes!(correct_address))
        .routes(routes!(send_phone_codes))
        .routes(routes!(correct_operator))
}

/// Where the parcel goes.
#[utoipa::path(get, path = "/orders/{number}/mailing", responses((status = 200, body = MailingView)))]
async fn mailing(State(hall): State<Hall>, Owner(session): Owner, Path(number): Path<String>) -> Answer<MailingView> {
    Ok(Json(correct_mailing::view(&hall, &session, &number).await?))
}

/// An SMS code to correct the address with, to the operator's phone.
#[utoipa::path(post, path = "/orders/{number}/corrections/mailing/code", responses((status = 200, body = CodeSent)))]
async fn send_mailing_code(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    proof: ProofHeader,
    Path(number): Path<String>,
) -> Answer<CodeSent> {
    Ok(Json(correct_mailing::send_code(&hall, &session, address, &number, &proof).await?))
}

/// 修改邮寄信息 with the code.
#[utoipa::path(post, path = "/orders/{number}/corrections/mailing", request_body = CorrectMailing, responses((status = 200, body = OrderView)))]
async fn correct_address(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
    Body(request): Body<CorrectMailing>,
) -> Answer<OrderView> {
    Ok(Json(correct_mailing::correct(&hall, &session, &number, &request).await?))
}

/// Two SMS codes to correct the operator's phone with: to the legal representative and to the new phone.
#[utoipa::path(post, path = "/orders/{number}/corrections/phone/code", request_body = NewPhone, responses((status = 200, body = PhoneCodesSent)))]
async fn send_phone_codes(
    State(hall): State<Hall>,
    Owner(session): Owner,
    ClientAddress(address): ClientAddress,
    proof: ProofHeader,
    Path(number): Path<String>,
    Body(new): Body<NewPhone>,
) -> Answer<PhoneCodesSent> {
    Ok(Json(correct_phone::send_codes(&hall, &session, address, &number, (&new, &proof)).await?))
}

/// 修改经办人手机号 with both codes.
#[utoipa::path(post, path = "/orders/{number}/corrections/phone", request_body = CorrectPhone, responses((status = 200, body = OrderView)))]
async fn correct_operator(
    State(hall): State<Hall>,
    Owner(session): Owner,
    Path(number): Path<String>,
    Body(request): Body<CorrectPhone>,
) -> Answer<OrderView> {
    Ok(Json(correct_phone::correct(&hall, &session, &number, &request).await?))
}
