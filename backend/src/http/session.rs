//! The applicant's session: a random token in a cookie, only its hash in the database.

use super::{AppError, AppResult};
use crate::clock::DAY;
use crate::entropy::Entropy;
use crate::hall::Hall;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

const COOKIE: &str = "certhall_applicant";
/// How long a browser keeps its drafts and orders without a visit.
const LIFETIME: i64 = 30 * DAY;

/// The browser that sent the request; it has a session, or gets one now.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// Id of the session.
    pub session: String,
    fresh: Option<String>,
}

/// The browser that sent the request, if it has a session.
#[derive(Clone, Debug)]
pub struct MaybeApplicant(pub Option<String>);

impl Applicant {
    /// For handlers that answer with a cookie: return this beside the body.
    pub fn cookie(&self) -> SetCookie {
        SetCookie(self.fresh.clone())
    }
}

impl FromRequestParts<Hall> for MaybeApplicant {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        let Some(token) = cookie_of(&parts.headers, COOKIE) else { return Ok(Self(None)) };
        let mut tx = hall.store.read().await?;
        Ok(Self(tx.session_of_token(&token_hash(&token)).await?.map(|session| session.id)))
    }
}

impl FromRequestParts<Hall> for Applicant {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        if let MaybeApplicant(Some(session)) = MaybeApplicant::from_request_parts(parts, hall).await? {
            return Ok(Self { session, fresh: None });
        }
        let token = new_token(&*hall.entropy);
        let mut tx = hall.store.begin().await?;
        let session = tx.begin_session(&token_hash(&token), hall.now() + LIFETIME).await?.id;
        tx.commit().await?;
        Ok(Self { session, fresh: Some(token) })
    }
}

/// Sets the applicant's cookie when the session is new. `Partitioned`: it also lives in a partner's frame, apart for each
/// partner.
pub struct SetCookie(Option<String>);

impl IntoResponseParts for SetCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        if let Some(token) = self.0
            && let Ok(value) = HeaderValue::from_str(&format!(
                "{COOKIE}={token}; Path=/; Max-Age={}; HttpOnly; Secure; SameSite=None; Partitioned",
                LIFETIME / crate::clock::SECOND
            ))
        {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        Ok(response)
    }
}

/// 256 random bits, fit for a cookie.
pub fn new_token(entropy: &dyn Entropy) -> String {
    let mut token = [0; 32];
    entropy.fill(&mut token);
    URL_SAFE_NO_PAD.encode(token)
}

/// What the database keeps of a token.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The value of a cookie.
pub fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}
