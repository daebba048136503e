//! The HTML shells: one per channel and program, made once at start and served as they are.
//!
//! A shell holds the brand, the inline CSS, the channel's facts as a JSON data block (so the page needs no request before
//! its first paint), preload hints, and nothing executable of its own.

use crate::channels::Channels;
use anyhow::Context;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::channel::{ChannelLink, PublicChannel};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Every shell of this backend.
#[derive(Clone)]
pub struct Shells(Arc<Inner>);

struct Inner {
    halls: Page,
    staff: Page,
    by_channel: BTreeMap<String, Hall>,
}

/// A channel's programs: home, the form, the orders, and all in one for a terminal and for a partner's frame.
struct Hall {
    start: Page,
    application: Page,
    orders: Page,
    /// Only where the profile has terminals.
    kiosk: Option<Page>,
    /// Only where the profile names partners.
    framed: Option<Page>,
}

struct Page {
    html: Bytes,
    brotli: Bytes,
    policy: HeaderValue,
    /// What the browser may fetch before it has read the page's first line.
    preload: HeaderValue,
}

#[derive(Deserialize)]
struct Manifest {
    js: Asset,
    wasm: Asset,
    css: Asset,
}

#[derive(Deserialize)]
struct Asset {
    file: String,
    integrity: String,
}

struct Program {
    name: &'static str,
    manifest: Manifest,
    css: String,
}

/// One sign in each size and weight that the screens have: the browser gets its fonts ready while the program is on its way.
const TYPE: &str = "<div class=\"shell-type\" aria-hidden=\"true\">\
    <b>证</b><b>证</b><b>证</b><b>证</b><i>证</i><i>证</i><s>证</s><s>证</s></div>";

/// What is said of a shell besides its program.
struct Words<'a> {
    title: &'a str,
    color: &'a str,
    data: Vec<(&'static str, String)>,
    /// Where scripts may connect to, besides the backend.
    connect: &'a str,
    /// Pictures from memory (previews).
    images: &'a str,
    /// Who may show it in a frame: a source list of the content security policy.
    ancestors: &'a str,
    /// What is most probably opened after it: fetched when this one has started.
    next: Option<&'a Program>,
}

/// Nobody may show it in a frame.
const NOBODY: &str = "'none'";

/// The bridge's ports, where the staff desk finds the key (design: fixed ports on loopback).
const BRIDGE: &str = "ws://127.0.0.1:21451 ws://127.0.0.1:21452 ws://127.0.0.1:21453 http://127.0.0.1:21451 http://127.0.0.1:21452 http://127.0.0.1:21453";

impl Shells {
    /// Reads every program's manifest and renders every shell.
    pub fn render(page_dir: &Path, channels: &Channels) -> anyhow::Result<Self> {
        let hall = Program::read(page_dir, "hall")?;
        let application = Program::read(page_dir, "application")?;
        let orders = Program::read(page_dir, "orders")?;
        let staff = Program::read(page_dir, "staff")?;
        let kiosk = Program::read(page_dir, "kiosk")?;
        let embed = Program::read(page_dir, "embed")?;
        let links = channels.links();
        let by_channel = channels
            .iter()
            .map(|channel| {
                let page = |program, next| hall_page(program, &channel.public, &links, Vec::new(), NOBODY, next);
                let kiosk = channel.profile.kiosk.map(|times| {
                    let times = serde_json::to_string(&times)?;
                    hall_page(&kiosk, &channel.public, &links, vec![("kiosk", times)], NOBODY, None)
                });
                let parents = &channel.profile.embed.parents;
                let framed = (!parents.is_empty()).then(|| {
                    let told = serde_json::to_string(parents)?;
                    hall_page(&embed, &channel.public, &links, vec![("parents", told)], &parents.join(" "), None)
                });
                let hall = Hall {
                    start: page(&hall, Some(&application))?,
                    application: page(&application, None)?,
                    orders: page(&orders, None)?,
                    kiosk: kiosk.transpose()?,
                    framed: framed.transpose()?,
                };
                Ok((channel.profile.slug.clone(), hall))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self(Arc::new(Inner {
            halls: Page::render(
                &hall,
                &Words {
                    title: "数字证书服务大厅",
                    color: "#0a5ca8",
                    data: vec![("halls", serde_json::to_string(&links)?)],
                    connect: "",
                    images: "blob: data:",
                    ancestors: NOBODY,
                    next: None,
                },
            )?,
            staff: Page::render(
                &staff,
                &Words {
                    title: "受理点工作台",
                    color: "#21405f",
                    data: vec![("halls", serde_json::to_string(&links)?)],
                    connect: BRIDGE,
                    images: "blob:",
                    ancestors: NOBODY,
                    next: None,
                },
            )?,
            by_channel,
        })))
    }

    /// The list of halls. The request's headers say whether it may come compressed.
    pub fn halls(&self, request: &HeaderMap) -> Response {
        self.0.halls.response(request)
    }

    /// The staff desk.
    pub fn staff(&self, request: &HeaderMap) -> Response {
        self.0.staff.response(request)
    }

    /// A channel's hall, if there is such a channel. `path` is the whole path, `/{slug}/…`: the form and the orders have
    /// programs of their own (docs/decisions/0002-page-weight.md).
    pub fn channel(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let hall = self.0.by_channel.get(parts.next().unwrap_or_default())?;
        let page = match parts.next() {
            Some("orders" | "photos") => &hall.orders,
            Some("new" | "mailing") => &hall.application,
            _ => &hall.start,
        };
        Some(page.response(request))
    }

    /// A channel's terminal, if it has any.
    pub fn kiosk(&self, slug: &str, request: &HeaderMap) -> Option<Response> {
        self.0.by_channel.get(slug)?.kiosk.as_ref().map(|page| page.response(request))
    }

    /// A channel's hall for the frames of its partners, if it has any.
    pub fn framed(&self, slug: &str, request: &HeaderMap) -> Option<Response> {
        self.0.by_channel.get(slug)?.framed.as_ref().map(|page| page.response(request))
    }
}

/// A shell with a channel's facts; `more` is what the program needs besides them.
fn hall_page(
    program: &Program,
    channel: &PublicChannel,
    links: &[ChannelLink],
    more: Vec<(&'static str, String)>,
    ancestors: &str,
    next: Option<&Program>,
) -> anyhow::Result<Page> {
    let mut data = vec![("channel", serde_json::to_string(channel)?), ("halls", serde_json::to_string(links)?)];
    data.extend(more);
    Page::render(
        program,
        &Words {
            title: &channel.brand,
            color: &channel.color,
            data,
            connect: "",
            images: "blob: data:",
            ancestors,
            next,
        },
    )
}

impl Program {
    fn read(page_dir: &Path, name: &'static str) -> anyhow::Result<Self> {
        let folder = page_dir.join(name);
        let file = folder.join("manifest.json");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{}: the page is not built; run `cargo xtask build-page`", file.display()))?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        let css = std::fs::read_to_string(folder.join(&manifest.css.file))?;
        Ok(Self { name, manifest, css })
    }
}

impl Page {
    fn render(program: &Program, words: &Words) -> anyhow::Result<Self> {
        let Manifest { js, wasm, css: _ } = &program.manifest;
        let (name, title) = (program.name, escape(words.title));
        let style = format!(":root{{--brand:{}}}{}", words.color, program.css);
        let mut data = String::new();
        for (id, json) in &words.data {
            // `<` would end the block early; in JSON it may always be written as an escape.
            data.push_str(&format!(
                r#"<script type="application/json" id="{id}">{}</script>"#,
                json.replace('<', "\\u003c")
            ));
        }
        let next = words.next.map_or_else(String::new, |Program { name, manifest, .. }| {
            let file = |asset: &Asset| format!(r#"<link data-next href="/page/{name}/{}">"#, asset.file);
            file(&manifest.js) + &file(&manifest.wasm)
        });
        let html = format!(
            r#"<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><meta name="theme-color" content="{color}"><link rel="icon" type="image/svg+xml" href="/favicon.svg">
<link rel="modulepreload" href="/page/{name}/{js}" integrity="{js_hash}">
{next}<style>{style}</style></head>
<body>{data}<div id="app"><div class="shell"><p class="shell-brand">{title}</p><p class="shell-wait" role="status">正在打开…</p>{TYPE}</div></div>
<noscript>本系统需要启用 JavaScript，请在浏览器设置中启用后刷新页面。</noscript>
<script type="module" src="/page/{name}/{js}" integrity="{js_hash}"></script></body></html>"#,
            color = words.color,
            js = js.file,
            js_hash = js.integrity,
        );
        let preload =
            format!("</page/{name}/{}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin", wasm.file);
        let style_hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'sha256-{style_hash}'; \
             img-src 'self' {images}; connect-src 'self' {connect}; form-action 'self'; base-uri 'none'; \
             frame-ancestors {ancestors}",
            ancestors = words.ancestors,
            images = words.images,
            connect = words.connect,
        );
        let brotli = compress(html.as_bytes())?.into();
        let (policy, preload) = (HeaderValue::from_str(&policy)?, HeaderValue::from_str(&preload)?);
        Ok(Self { html: Bytes::from(html), brotli, policy, preload })
    }

    fn response(&self, request: &HeaderMap) -> Response {
        let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let brotli = accepted.split(',').any(|one| one.split(';').next().is_some_and(|name| name.trim() == "br"));
        let (body, encoding) = if brotli { (&self.brotli, "br") } else { (&self.html, "identity") };
        (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
                (header::LINK, self.preload.clone()),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
                (header::CONTENT_ENCODING, HeaderValue::from_static(encoding)),
                (header::VARY, HeaderValue::from_static("accept-encoding")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            ],
            body.clone(),
        )
            .into_response()
    }
}

/// Brotli at its best: a shell is compressed once and sent often.
fn compress(mut html: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut html, &mut out, &parameters)?;
    Ok(out)
}

/// A text within HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
