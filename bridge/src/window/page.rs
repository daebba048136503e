//! The window's document. Everything is in this program: nothing is loaded from elsewhere.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

const DOCUMENT: &str = include_str!("window.html");
const SCRIPT: &str = include_str!("window.js");
const STYLE: &str = include_str!("window.css");

/// Answer to a token that is used, late or unknown.
pub const GONE: &str = "此窗口已失效，请关闭后回到网页重新操作。";

/// The document; `origin` is the bridge's.
pub fn document(origin: &str) -> Response {
    let socket = origin.replacen("http://", "ws://", 1);
    let policy = format!(
        "default-src 'none'; script-src {origin}/window/app.js; style-src {origin}/window/app.css; \
         connect-src {socket}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'"
    );
    let mut response = Html(DOCUMENT).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The document's script.
pub async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

/// The document's style sheet.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Headers of every answer. COOP cuts the window off from its opener, which then can neither close
/// nor navigate it; nothing may be framed, cached, sniffed or read from another origin.
pub fn harden(headers: &mut HeaderMap) {
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
}
