//! The hall in a partner's frame: the snippet for the partner's page, and the page in the frame (docs/EMBEDDING.md).
//!
//! The browser itself refuses other parents, by `frame-ancestors`, and tells the visitor nothing useful. So where the
//! request says who the parent is, a stranger gets a page that says what is wrong; it holds no data and nothing to press
//! but a link to the hall.

use super::pages::unknown;
use super::{origin_of, shell};
use crate::channels::Channel;
use crate::hall::Hall;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The answer depends on who asks.
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, sec-fetch-dest, referer");

const STYLE: &str = "body{font:16px/1.7 system-ui,sans-serif;margin:24px auto;padding:0 16px;max-width:640px;color:#17212b}\
                     h1{font-size:20px}a{color:#0a5ca8}";

/// `GET /embed.js`: what a partner's page loads.
pub async fn snippet() -> Response {
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // A partner's page may be isolated (`Cross-Origin-Embedder-Policy`).
            (header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        ],
        include_str!("embed.js"),
    )
        .into_response()
}

/// `GET /{slug}/embed/…`: the page in the frame.
pub async fn page(State(hall): State<Hall>, uri: Uri, headers: HeaderMap) -> Response {
    let mut parts = uri.path().splitn(4, '/').skip(1);
    let (slug, _, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    let Some(channel) = hall.channels.get(slug) else { return unknown(&hall, &uri, &headers) };
    // Opened by itself it is the ordinary hall.
    if headers.get("sec-fetch-dest").is_some_and(|dest| dest == "document") {
        return varied(Redirect::temporary(&format!("/{slug}/{rest}")).into_response());
    }
    let ours = &hall.config.public_url;
    let parent = headers.get(header::REFERER).and_then(|page| page.to_str().ok()).and_then(origin_of);
    let stranger = parent.filter(|parent| parent != ours && !channel.profile.embed.parents.contains(parent));
    match (stranger, hall.shells.framed(slug, &headers)) {
        (None, Some(shell)) => varied(shell),
        (stranger, _) => varied(refused(ours, channel, stranger.as_deref().unwrap_or("当前网站"))),
    }
}

fn varied(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, VARY);
    response
}

fn refused(ours: &str, channel: &Channel, stranger: &str) -> Response {
    let profile = &channel.profile;
    let html = format!(
        r#"<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>不能在此网站中显示</title><style>{STYLE}</style></head>
<body><main><h1>办事大厅不能在这个网站中显示</h1>
<p>{stranger} 没有获准嵌入“{title}”。为保护您的信息，请不要在这个网站中填写证件号码和手机号。</p>
<p>请<a href="{ours}/{slug}/" target="_blank" rel="noopener noreferrer">在新窗口中打开办事大厅</a>办理，或拨打受理点电话：{help}。</p>
</main></body></html>"#,
        stranger = shell::escape(stranger),
        title = shell::escape(&profile.title),
        slug = profile.slug,
        help = shell::escape(&profile.help_line),
    );
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
    let Ok(policy) = HeaderValue::from_str(&policy) else { return StatusCode::FORBIDDEN.into_response() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (StatusCode::FORBIDDEN, headers, html).into_response()
}
