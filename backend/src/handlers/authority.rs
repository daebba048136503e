//! What the certificates point to: the CA's own certificates and the revocation list. Public, no session.

use crate::ca::{Reason, Revoked};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::RevokedWhy;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long caches may keep a list: a revocation is seen within minutes (spec/rules.md, "Certificates").
const LIST_FOR: HeaderValue = HeaderValue::from_static("public, max-age=60");
/// A CA's certificate hardly ever changes.
const CERTIFICATE_FOR: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// `/ca/…`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(root)).routes(routes!(issuing)).routes(routes!(revocation_list))
}

/// The root certificate, DER.
#[utoipa::path(get, path = "/root.cer", responses((status = 200, content_type = "application/pkix-cert", body = Vec<u8>)))]
async fn root(State(hall): State<Hall>) -> impl IntoResponse {
    certificate(hall.ca.root_certificate())
}

/// The issuing certificate, DER.
#[utoipa::path(get, path = "/issuing.cer", responses((status = 200, content_type = "application/pkix-cert", body = Vec<u8>)))]
async fn issuing(State(hall): State<Hall>) -> impl IntoResponse {
    certificate(hall.ca.issuing_certificate())
}

/// RFC 5280, 4.2.2.1 and RFC 2585: one certificate in DER.
fn certificate(der: &[u8]) -> impl IntoResponse + use<> {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pkix-cert")),
        (header::CACHE_CONTROL, CERTIFICATE_FOR),
    ];
    (headers, der.to_vec())
}

/// The revocation list, DER.
#[utoipa::path(get, path = "/issuing.crl", responses((status = 200, content_type = "application/pkix-crl", body = Vec<u8>)))]
async fn revocation_list(State(hall): State<Hall>) -> AppResult<impl IntoResponse> {
    let mut reader = hall.store.read().await?;
    let superseded = reader.superseded_certificates().await?;
    let revoked = reader.revoked_certificates().await?;
    drop(reader);
    let superseded = superseded.into_iter().map(|(serial, at)| Revoked { serial, at, reason: Reason::Superseded });
    let revoked = revoked.into_iter().map(|(serial, at, why)| Revoked { serial, at, reason: reason_of(why) });
    let revoked: Vec<_> = superseded.chain(revoked).collect();
    let list = hall.ca.revocation_list(hall.now(), &revoked).map_err(AppError::fault)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/pkix-crl")), (header::CACHE_CONTROL, LIST_FOR)];
    Ok((headers, list))
}

const fn reason_of(why: RevokedWhy) -> Reason {
    match why {
        RevokedWhy::CessationOfOperation => Reason::CessationOfOperation,
    }
}
