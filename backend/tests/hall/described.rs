//! The OpenAPI document describes what this backend answers: every route, and nothing else.

use backend::http::router;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

/// The paths that a router knows, read from what it says of itself.
fn paths(router: &axum::Router) -> BTreeSet<String> {
    let said = format!("{router:?}");
    let (_, node) = said.split_once("node: Node { paths: {").expect("axum's routers tell their paths");
    let (paths, _) = node.split_once("} }").unwrap();
    paths.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether it is for programs; the rest are pages for people.
fn is_described(path: &str) -> bool {
    ["/api/", "/ca/"].iter().any(|beginning| path.starts_with(beginning)) || ["/health", "/ready"].contains(&path)
}

both! {
    async fn every_route_is_described_and_nothing_else(world: World) {
        let browser = world.browser();
        let document: Value = browser.get("/api/openapi.json").await.unwrap();
        let described = document["paths"].as_object().unwrap();
        let known = paths(&router(world.hall.clone()));
        let known: BTreeSet<_> = known.iter().filter(|path| is_described(path)).collect();
        assert!(known.len() > 30, "{known:?}");
        assert_eq!(known, described.keys().collect(), "see docs/OPERATIONS.md, \"Describing a route\"");
        for path in known {
            let place: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
            for method in METHODS {
                let says = described[path].get(method.as_str().to_lowercase()).is_some();
                let response = browser.send(browser.request(method.clone(), &place.join("/"))).await;
                let does = response.status() != reqwest::StatusCode::METHOD_NOT_ALLOWED;
                assert_eq!(says, does, "{method} {path}: described {says}, answered {does}");
            }
        }
    }
}

both! {
    async fn the_document_names_refusals_the_header_and_the_cookies(world: World) {
        let document: Value = world.browser().get("/api/openapi.json").await.unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut ids = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let what = format!("{method} {path}");
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{what}: the id is taken");
                assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 3), "{what}: say what it does");
                assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Refusal", "{what}");
                let header = operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "x-certhall");
                let changes = method != "get" && path.starts_with("/api/") && !path.starts_with("/api/notify/");
                assert_eq!(header, changes, "{what}");
                let staff = path.starts_with("/api/staff/") && path != "/api/staff/login";
                assert_eq!(operation["security"][0].get("staff").is_some(), staff, "{what}");
            }
        }
        // Whatever is named is there.
        let text = document.to_string();
        for name in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(name), "{name} is named but not described");
        }
    }
}

both! {
    async fn the_page_to_read_needs_nothing_from_outside(world: World) {
        let browser = world.browser();
        let response = browser.send(browser.request(Method::GET, "/api/docs")).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let html = response.text().await.unwrap();
        for outside in ["<script", "=\"http", "=\"//", "url(", "@import"] {
            assert!(!html.contains(outside), "{outside}: {html}");
        }
        assert!(html.contains("orders/<wbr>{number}/<wbr>documents"), "{html}");
        assert!(!html.contains(" style="), "the policy forbids style attributes");
        for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(html.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
        }
    }
}
