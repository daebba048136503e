//! The applicant's session: a random token in a cookie, only its hash in the database.
//!
//! In a partner's frame a browser may refuse every cookie. The framed page therefore asks for the token with the header
//! [`SESSION_HEADER`], keeps it for its tab and sends it back in the same header, which no foreign site can set.
//!
//! A session gets a new token every day it is used, and whenever it may do more than before (an order was made, a code
//! opened orders): a token that somebody planted or stole earlier is worthless soon after. The older token stays good until
//! the new one is used (`store/sessions.rs`), so an answer that is lost on the way takes nothing away.

use super::tokens::{Itself, Tokens};
use super::{AppError, AppResult};
use crate::clock::DAY;
use crate::entropy::Entropy;
use crate::hall::Hall;
use crate::store::{ApplicantSession, Tx};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::api::SESSION_HEADER;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

pub(super) const COOKIE: &str = "certhall_applicant";
/// How long a browser keeps its drafts and orders without a visit.
const LIFETIME: i64 = 30 * DAY;
/// How long it keeps them at the longest, however often it comes.
const LONGEST: i64 = 180 * DAY;
/// A session that is used gets a new token so often.
const ROTATE_EVERY: i64 = DAY;
/// Requests after which a session may do more than before. (`POST /orders` gives the token itself: [`NextToken`].)
const GAINS: [&str; 4] = [
    "/query/confirm",
    "/drafts/resume/{id}",
    "/orders/{number}/corrections/mailing",
    "/orders/{number}/corrections/phone",
];

/// The browser that sent the request; it has a session, or gets one now.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// Id of the session.
    pub session: String,
    fresh: Option<String>,
    /// The page asked for the token itself.
    told: bool,
}

/// The browser that sent the request, if it has a session.
#[derive(Clone, Debug)]
pub struct MaybeApplicant(pub Option<String>);

impl Applicant {
    /// For handlers that answer with a cookie: return this beside the body.
    pub fn cookie(&self) -> SetCookie {
        SetCookie { token: self.fresh.clone(), told: self.told }
    }
}

impl FromRequestParts<Hall> for MaybeApplicant {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        let Ok(tokens) = Tokens::from_request_parts(parts, hall).await;
        Ok(Self(tokens.find(hall, &Itself).await?.map(|(session, ())| session)))
    }
}

impl FromRequestParts<Hall> for Applicant {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> AppResult<Self> {
        if let MaybeApplicant(Some(session)) = MaybeApplicant::from_request_parts(parts, hall).await? {
            return Ok(Self { session, fresh: None, told: false });
        }
        let token = new_token(&*hall.entropy);
        let mut tx = hall.store.begin().await?;
        let session = tx.begin_session(&token_hash(&token), hall.now() + LIFETIME).await?;
        tx.commit().await?;
        Ok(Self { session, fresh: Some(token), told: header_of(&parts.headers).is_some() })
    }
}

/// The session that a request turned out to belong to, and the token that it gets.
#[derive(Clone, Default)]
pub(super) struct Visit {
    session: Arc<OnceLock<ApplicantSession>>,
    next: Arc<OnceLock<NextToken>>,
}

impl Visit {
    /// It belongs to this session.
    pub(super) fn met(&self, session: ApplicantSession) {
        let _ = self.session.set(session);
    }
}

/// A new token for a session, to be written in the transaction of what lets the session do more.
#[derive(Clone, Debug)]
pub struct NextToken {
    token: String,
    until: i64,
    written: Arc<AtomicBool>,
}

impl NextToken {
    /// For a session that was begun then.
    pub fn new(hall: &Hall, begun: i64) -> Self {
        let until = (hall.now() + LIFETIME).min(begun + LONGEST);
        Self { token: new_token(&*hall.entropy), until, written: Arc::default() }
    }

    /// Gives it to the session.
    pub async fn write(&self, tx: &mut Tx, session: &str) -> AppResult<()> {
        Ok(tx.rotate_session(session, &token_hash(&self.token), self.until).await?)
    }

    /// The transaction was committed: the browser is told.
    pub fn written(&self) {
        self.written.store(true, Ordering::Relaxed);
    }
}

impl FromRequestParts<Hall> for NextToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> Result<Self, Infallible> {
        let visit = parts.extensions.get::<Visit>();
        let begun = visit.and_then(|visit| visit.session.get()).map_or_else(|| hall.now(), |one| one.created_at);
        let next = Self::new(hall, begun);
        if let Some(visit) = visit {
            let _ = visit.next.set(next.clone());
        }
        Ok(next)
    }
}

/// Gives the session of a request a new token where one is due.
pub async fn rotate(State(hall): State<Hall>, mut request: Request, next: Next) -> Response {
    let visit = Visit::default();
    request.extensions_mut().insert(visit.clone());
    let told = header_of(request.headers()).is_some();
    let gains = *request.method() == Method::POST
        && request.extensions().get::<MatchedPath>().is_some_and(|path| {
            let path = path.as_str().strip_prefix("/api").unwrap_or(path.as_str());
            GAINS.contains(&path)
        });
    let response = next.run(request).await;
    if let Some(next) = visit.next.get()
        && next.written.load(Ordering::Relaxed)
    {
        return (SetCookie { token: Some(next.token.clone()), told }, response).into_response();
    }
    let Some(session) = visit.session.get() else { return response };
    let due = session.newest_token_at + ROTATE_EVERY <= hall.now();
    // The session has just ended, or begun.
    let told_already = response.headers().contains_key(header::SET_COOKIE);
    if told_already || !(due || gains && response.status().is_success()) {
        return response;
    }
    match new_token_of(&hall, session).await {
        Ok(token) => (SetCookie { token: Some(token), told }, response).into_response(),
        Err(error) => {
            // What was asked for is done; the old token goes on.
            tracing::warn!(%error, "a session's token was not rotated");
            response
        }
    }
}

async fn new_token_of(hall: &Hall, session: &ApplicantSession) -> AppResult<String> {
    let next = NextToken::new(hall, session.created_at);
    let mut tx = hall.store.begin().await?;
    next.write(&mut tx, &session.id).await?;
    tx.commit().await?;
    Ok(next.token)
}

/// Sets the applicant's cookie when the session is new. `Partitioned`: it also lives in a partner's frame, apart for each
/// partner. A page that asked for the token gets it in a header too.
pub struct SetCookie {
    token: Option<String>,
    told: bool,
}

impl IntoResponseParts for SetCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let Some(token) = self.token else { return Ok(response) };
        if self.told
            && let Ok(value) = HeaderValue::from_str(&token)
        {
            response.headers_mut().insert(HeaderName::from_static(SESSION_HEADER), value);
        }
        if let Ok(value) = HeaderValue::from_str(&format!(
            "{COOKIE}={token}; Path=/; Max-Age={}; HttpOnly; Secure; SameSite=None; Partitioned",
            LIFETIME / crate::clock::SECOND
        )) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        Ok(response)
    }
}

/// What a browser is told when its session ended: cookie and everything that the page kept are thrown away.
pub fn forgotten() -> [(HeaderName, HeaderValue); 2] {
    const COOKIE_GONE: HeaderValue = HeaderValue::from_static(
        "certhall_applicant=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=None; Partitioned",
    );
    const STORAGE_GONE: HeaderValue = HeaderValue::from_static("\"storage\"");
    [(header::SET_COOKIE, COOKIE_GONE), (HeaderName::from_static("clear-site-data"), STORAGE_GONE)]
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

/// What a page in a frame says about its session: the token, or [`SESSION_WANTED`].
pub(super) fn header_of(headers: &HeaderMap) -> Option<String> {
    headers.get(SESSION_HEADER)?.to_str().ok().map(str::to_owned)
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
