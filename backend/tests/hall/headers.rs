//! What every answer says of itself, and what foreign pages can't have.

use crate::applicant::{Browser, application};
use crate::world::World as W;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{CSRF_HEADER, Role};
use std::collections::BTreeMap;

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// The source lists of a policy.
fn policy(headers: &HeaderMap) -> BTreeMap<String, String> {
    text(headers, "content-security-policy")
        .split(';')
        .filter_map(|part| part.trim().split_once(' ').or(Some((part.trim(), ""))))
        .map(|(name, sources)| (name.to_owned(), sources.trim().to_owned()))
        .collect()
}

/// What holds for every answer.
fn assert_headed(what: &str, headers: &HeaderMap) {
    assert_eq!(text(headers, "x-content-type-options"), "nosniff", "{what}");
    assert!(["same-origin", "no-referrer"].contains(&text(headers, "referrer-policy")), "{what}: {headers:?}");
    let permissions = text(headers, "permissions-policy");
    for off in ["camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"] {
        assert!(permissions.contains(off), "{what}: {permissions}");
    }
    assert!(permissions.contains("loopback-network="), "{what}: {permissions}");
    assert!(!text(headers, "cross-origin-resource-policy").is_empty(), "{what}: {headers:?}");
    assert!(headers.get("server").is_none() && headers.get("x-powered-by").is_none(), "{what}");
}

/// What holds besides for answers to programs.
fn assert_no_page(what: &str, headers: &HeaderMap) {
    assert!(!text(headers, "content-type").starts_with("text/html"), "{what}");
    assert_eq!(policy(headers).get("default-src").map(String::as_str), Some("'none'"), "{what}: {headers:?}");
    assert!(policy(headers).contains_key("sandbox"), "{what}: {headers:?}");
    assert!(text(headers, "cache-control").contains("no-store"), "{what}: {headers:?}");
    assert_eq!(text(headers, "cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(text(headers, "permissions-policy").contains("loopback-network=()"), "{what}");
}

/// What holds besides for pages.
fn assert_page(what: &str, headers: &HeaderMap) {
    let policy = policy(headers);
    assert_eq!(policy.get("default-src").map(String::as_str), Some("'none'"), "{what}: {policy:?}");
    for list in ["script-src", "style-src"] {
        let sources = policy.get(list).map_or("", String::as_str);
        for weak in ["'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:"] {
            assert!(!sources.split(' ').any(|source| source == weak), "{what}: {list} {sources}");
        }
    }
    assert_eq!(policy.get("base-uri").map(String::as_str), Some("'none'"), "{what}: {policy:?}");
    assert!(policy.contains_key("form-action"), "{what}: {policy:?}");
    assert_eq!(text(headers, "cross-origin-opener-policy"), "same-origin-allow-popups", "{what}");
}

/// Every method of every path that the OpenAPI document knows; the document itself is tested against the router.
async fn described(browser: &Browser) -> Vec<(Method, String)> {
    let document: Value = browser.get("/api/openapi.json").await.unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let place: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
            routes.push((method.to_uppercase().parse().unwrap(), place.join("/")));
        }
    }
    assert!(routes.len() > 40, "{routes:?}");
    routes
}

both! {
    async fn every_route_s_answer_is_headed(world: World) {
        let browser = world.browser();
        browser.saves(&application()).await.unwrap();
        for (method, path) in described(&browser).await {
            let response = browser.send(browser.request(method.clone(), &path).json(&json!({}))).await;
            let what = format!("{method} {path}: {}", response.status());
            let headers = response.headers().clone();
            assert_headed(&what, &headers);
            if path == "/api/docs" {
                assert_page(&what, &headers);
            } else if path.starts_with("/api/") {
                assert_no_page(&what, &headers);
            }
            assert!(!response.status().is_server_error() || path == "/ready", "{what}");
        }
    }
}

both! {
    async fn refusals_of_the_framework_are_headed_too(world: World) {
        let browser = world.browser();
        for (method, path, status) in [
            (Method::GET, "/api/nothing/here", StatusCode::NOT_FOUND),
            (Method::DELETE, "/api/query", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/nowhere/", StatusCode::NOT_FOUND),
            (Method::GET, "/page/nothing.js", StatusCode::NOT_FOUND),
        ] {
            let response = browser.send(browser.request(method, path)).await;
            assert_eq!(response.status(), status, "{path}");
            assert_headed(path, response.headers());
        }
        let large = browser.request(Method::POST, "/api/query").header("content-type", "application/json");
        let response = browser.send(large.body(vec![b' '; 70_000])).await;
        assert!(response.status().is_client_error());
        assert_headed("too large", response.headers());
        assert_no_page("too large", response.headers());
    }
}

both! {
    async fn pages_run_only_their_own_program(world: World) {
        let browser = world.browser();
        for path in ["/", "/staff", "/staff/review", "/nanning/", "/nanning/new", "/v2/", "/nanning/kiosk/"] {
            let response = browser.send(browser.request(Method::GET, path)).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_headed(path, response.headers());
            assert_page(path, response.headers());
            assert_eq!(policy(response.headers()).get("frame-ancestors").map(String::as_str), Some("'none'"), "{path}");
            assert!(text(response.headers(), "permissions-policy").contains("loopback-network=(self)"), "{path}");
        }
    }
}

both! {
    async fn over_tls_browsers_are_told_to_stay_there(world: World) {
        let response = world.browser().send(world.browser().request(Method::GET, "/")).await;
        assert!(response.headers().get("strict-transport-security").is_none(), "the tests' own hall speaks http");
        let secure = world.reached_at("https://hall.example").await;
        let response = secure.browser().send(secure.browser().request(Method::GET, "/api/channels")).await;
        assert_eq!(text(response.headers(), "strict-transport-security"), "max-age=63072000");
    }
}

both! {
    async fn a_paper_is_an_image_and_nothing_else_whoever_looks(world: World) {
        let owner = world.browser();
        let order = owner.orders(&application()).await;
        // A page that is also a picture.
        let mut polyglot = crate::papers::jpeg();
        polyglot.extend_from_slice(b"<html><script>alert(document.domain)</script></html>");
        let paper = owner.uploads(&order.number, "business_licence", polyglot).await.unwrap();
        let path = format!("/api/orders/{}/documents/{}", order.number, paper.id);
        let response = owner.send(owner.request(Method::GET, &path)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        assert_headed(&path, &headers);
        assert_eq!(text(&headers, "content-type"), "image/jpeg");
        assert_eq!(text(&headers, "content-security-policy"), "default-src 'none'; sandbox");
        assert!(text(&headers, "content-disposition").contains("filename=\"document.jpg\""));
        assert!(text(&headers, "cache-control").contains("no-store"));
        let bytes = response.bytes().await.unwrap();
        assert!(!bytes.windows(7).any(|part| part == b"<script"), "what was behind the picture is gone");
        let desk = world.hires("li.na", &[Role::Reviewer]).await;
        let response = desk.send(desk.request(Method::GET, &format!("/orders/{}/documents/{}", order.number, paper.id))).await;
        if response.status() == StatusCode::OK {
            assert_eq!(text(response.headers(), "content-security-policy"), "default-src 'none'; sandbox");
        }
        assert_headed("the desk's look", response.headers());
    }
}

async fn fetched(world: &W, headers: &[(&str, &str)]) -> StatusCode {
    let browser = world.browser();
    let mut request = browser.request(Method::GET, "/api/channels");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request).await.status()
}

both! {
    async fn foreign_pages_read_nothing_and_people_may_follow_links(world: World) {
        for site in ["cross-site", "same-site"] {
            let status = fetched(&world, &[("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{site}");
        }
        for headers in [
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")][..],
            &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            &[],
        ] {
            assert_eq!(fetched(&world, headers).await, StatusCode::OK, "{headers:?}");
        }
        // A form of another site that is sent by a person's click is not reading.
        let browser = world.browser();
        let request = browser.request(Method::POST, "/api/challenges");
        let request = request.header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate");
        assert_eq!(browser.send(request).await.status(), StatusCode::BAD_REQUEST);
    }
}

both! {
    async fn every_changing_route_wants_our_header_and_our_origin(world: World) {
        let browser = world.browser();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for (method, path) in described(&browser).await {
            let of_pages = path.starts_with("/api/") && !path.starts_with("/api/notify/");
            if method == Method::GET || !of_pages {
                continue;
            }
            let mut request = browser.request(method.clone(), &path).build().unwrap();
            request.headers_mut().remove(CSRF_HEADER);
            let bare = client.execute(request).await.unwrap();
            assert_eq!(bare.status(), StatusCode::BAD_REQUEST, "{method} {path} without the header");
            for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
                let foreign = browser.send(browser.request(method.clone(), &path).header("origin", origin)).await;
                assert_eq!(foreign.status(), StatusCode::BAD_REQUEST, "{method} {path} from {origin}");
            }
        }
    }
}
