//! What is told of every request: its route, never its path, because paths hold order numbers and ids.

use crate::hall::Hall;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Names the request in the logs; also given back, so that a person can be asked for it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The route of a request that fits none.
const NO_ROUTE: &str = "none";

/// Measures a duration. Nothing is decided by it, so it needs no clock that a test can move.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "a duration is measured and shown; nothing is decided by it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Gives the request an id, logs how it ended, counts it.
pub async fn observe(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let method = method(request.method());
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.as_deref().map_or(NO_ROUTE, template).to_owned();
    let id = hall.new_id();
    let span = tracing::info_span!("request", %id, method, %route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status().as_u16(), watch.elapsed());
    super::metrics::answered(method, &route, status, elapsed);
    let duration_ms = elapsed.as_secs_f64() * 1000.0;
    // Probes ask every few seconds: they would bury the rest.
    if ["/health", "/ready"].contains(&route.as_str()) && status < 400 {
        span.in_scope(|| tracing::debug!(status, duration_ms, "answered"));
    } else {
        span.in_scope(|| tracing::info!(status, duration_ms, "answered"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The template of a route; the files of the page have one together.
fn template(matched: &str) -> &str {
    if matched.starts_with("/page") { "/page/{*file}" } else { matched }
}

/// A method as a label: a client may invent methods, and each label costs memory for ever.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_few_whatever_a_client_sends() {
        assert_eq!(method(&Method::from_bytes(b"13977120001").unwrap()), "other");
        assert_eq!(template("/page/{*__private__axum_nest_tail_param}"), "/page/{*file}");
        assert_eq!(template("/api/orders/{number}"), "/api/orders/{number}");
    }
}
