//! Headers that every answer carries, whichever handler, file or refusal it comes from. What an answer says of itself (a
//! shell's own policy, an image's) stays.

use crate::hall::Hall;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// An answer that is no page loads nothing, runs nothing and is shown in no frame.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What pages of ours may use. Only the key's bridge on this computer: a partner's frame must delegate it too
/// (`allow="loopback-network"`). Photos come through a file input, which needs no camera permission.
const PAGE_MAY: HeaderValue = HeaderValue::from_static(
    "loopback-network=(self), local-network=(), camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), \
     bluetooth=(), payment=(), display-capture=(), publickey-credentials-get=(), browsing-topics=()",
);
/// What everything else may use: nothing.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "loopback-network=(), local-network=(), camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), \
     bluetooth=(), payment=(), display-capture=(), publickey-credentials-get=(), browsing-topics=()",
);
/// Two years (the owner's other hosts are not ours to decide about, so no `includeSubDomains`).
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds what is missing.
pub async fn headers(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let data = path.starts_with("/api/") || path == "/health";
    let file = path.starts_with("/page/") || path == "/embed.js";
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    missing(headers, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    missing(headers, header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    missing(headers, PERMISSIONS, if page { PAGE_MAY } else { NOTHING });
    missing(headers, RESOURCE, HeaderValue::from_static("same-origin"));
    if page {
        // Not `same-origin`: the page and the bridge's window must be able to speak to each other (design/bridge.md).
        missing(headers, OPENER, HeaderValue::from_static("same-origin-allow-popups"));
    }
    if !file {
        // A script's or a style's policy would be the policy of a worker or nobody's.
        missing(headers, header::CONTENT_SECURITY_POLICY, NO_PAGE);
    }
    if data {
        missing(headers, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if hall.config.public_url.starts_with("https:") {
        missing(headers, header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    response
}

fn missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}
