//! HTTP as the page speaks it: JSON, our header against foreign sites, cookies by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{ApiError, CSRF_HEADER, Challenge, ErrorCode, PROOF_HEADER};

use crate::proof;

/// A browser window without a page: one set of cookies.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    portal: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A request that was not answered with success.
#[derive(Debug)]
pub struct Refused {
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// What the backend says of it.
    pub error: Option<Box<ApiError>>,
    /// The body as it came, or why there is none.
    pub body: String,
}

/// What a request gives.
pub type Answer<T> = Result<T, Refused>;

impl Refused {
    /// The stable code; `Internal` when the answer has none.
    pub fn code(&self) -> ErrorCode {
        self.error.as_ref().map_or(ErrorCode::Internal, |error| error.code)
    }

    /// What a person is told.
    pub fn message(&self) -> &str {
        self.error.as_ref().map_or(self.body.as_str(), |error| error.message.as_str())
    }

    fn unanswered(error: &dyn fmt::Display) -> Self {
        Self { status: 0, error: None, body: error.to_string() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

impl std::error::Error for Refused {}

impl Client {
    /// A window on a portal, without cookies.
    pub fn new(portal: &str) -> Result<Self> {
        Ok(Self { http: plain()?, portal: portal.to_owned(), cookies: Mutex::default() })
    }

    /// As [`Client::new`], over a connection of the caller's.
    pub fn with(http: reqwest::Client, portal: &str) -> Self {
        Self { http, portal: portal.to_owned(), cookies: Mutex::default() }
    }

    /// The portal's address.
    pub fn portal(&self) -> &str {
        &self.portal
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(name).cloned()
    }

    /// Takes over a cookie of another browser.
    pub fn put_cookie(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), value.to_owned());
    }

    /// Reads.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        read(&self.bytes(Method::GET, path, None).await?)
    }

    /// Changes something, and reads the answer.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        read(&self.bytes(Method::POST, path, Some(json(body)?)).await?)
    }

    /// Changes something; the answer's body does not matter.
    pub async fn act(&self, path: &str, body: &impl Serialize) -> Answer<()> {
        self.bytes(Method::POST, path, Some(json(body)?)).await.map(drop)
    }

    /// A step that needs no body.
    pub async fn step<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        read(&self.bytes(Method::POST, path, None).await?)
    }

    /// What asks for the gate's proof: a challenge is fetched and solved first.
    pub async fn proven<T: DeserializeOwned>(&self, path: &str, body: Option<&(impl Serialize + Sync)>) -> Answer<T> {
        let proof = self.proof().await?;
        let body = body.map(json).transpose()?;
        read(&self.send(Method::POST, path, body, Some(proof)).await?)
    }

    /// The same with a proof that is there already: a repeated request carries the same one.
    pub async fn proven_by<T: DeserializeOwned>(&self, path: &str, proof: &str) -> Answer<T> {
        read(&self.send(Method::POST, path, None, Some(proof.to_owned())).await?)
    }

    /// The answer of a fresh challenge, for the header.
    pub async fn proof(&self) -> Answer<String> {
        let challenge: Challenge = self.step("/api/challenges").await?;
        let solved = tokio::task::spawn_blocking(move || proof::solve(&challenge)).await;
        Ok(solved.map_err(|error| Refused::unanswered(&error))?.header())
    }

    /// Any request; the answer's bytes. `body`: content type and content.
    pub async fn bytes(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer<Vec<u8>> {
        self.send(method, path, body, None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        proof: Option<String>,
    ) -> Answer<Vec<u8>> {
        let reads = method == Method::GET;
        let mut request = self.http.request(method, format!("{}{path}", self.portal));
        if let Some(proof) = proof {
            request = request.header(PROOF_HEADER, proof);
        }
        if !reads {
            request = request.header(CSRF_HEADER, "1").header(ORIGIN, &self.portal);
        }
        let cookies: Vec<String> = self.jar().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some((kind, content)) = body {
            request = request.header(CONTENT_TYPE, kind).body(content);
        }
        let response = request.send().await.map_err(|error| Refused::unanswered(&error))?;
        for line in response.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            if let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.jar().insert(name.trim().to_owned(), value.to_owned());
            }
        }
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| Refused::unanswered(&error))?.to_vec();
        if status.is_success() {
            return Ok(bytes);
        }
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Err(Refused { status: status.as_u16(), error: serde_json::from_slice(&bytes).ok(), body })
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client of this machine's own servers, whose certificates nobody has signed.
pub fn plain() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(90))
        .build()?)
}

fn json(body: &impl Serialize) -> Answer<(&'static str, Vec<u8>)> {
    let bytes = serde_json::to_vec(body).map_err(|error| Refused::unanswered(&error))?;
    Ok(("application/json", bytes))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    // 204 has no body: fit for `()` and `Option`.
    let bytes = if bytes.is_empty() { b"null" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| Refused {
        status: 200,
        error: None,
        body: format!("{error} in {}", String::from_utf8_lossy(bytes)),
    })
}
