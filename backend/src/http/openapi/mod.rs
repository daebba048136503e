//! The OpenAPI document: made from the routes themselves. A handler says method, path, body and answer in one
//! `#[utoipa::path(…)]`; what all requests have in common is added here.

mod page;

use crate::hall::Hall;
use crate::staff::Queue;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use shared::api::{ApiError, CSRF_HEADER};
use shared::order::Business;
use std::sync::LazyLock;
use utoipa::openapi::{ComponentsBuilder, OpenApi};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The document and the page to read it, made at the first request: routes don't change while a program runs.
static MADE: LazyLock<Made> = LazyLock::new(|| {
    let document = document();
    let page = page::Page::of(&document);
    Made { json: Bytes::from(document.to_string()), page }
});

struct Made {
    json: Bytes,
    page: page::Page,
}

/// `/openapi.json` and `/docs`, below `/api`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(openapi)).routes(routes!(docs))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, content_type = "application/json", body = Value)))]
async fn openapi() -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (kind, MADE.json.clone()).into_response()
}

/// This document as a page to read.
#[utoipa::path(get, path = "/docs", responses((status = 200, content_type = "text/html", body = String)))]
async fn docs() -> Response {
    MADE.page.response()
}

/// The document of every route.
pub fn document() -> Value {
    let routes = super::described().into_openapi();
    let mut document = serde_json::to_value(with_errors(routes)).unwrap_or_default();
    set(&mut document, "info", info());
    set(&mut document, "tags", tags());
    if let Some(components) = document.get_mut("components") {
        set(components, "securitySchemes", security_schemes());
        set(components, "responses", json!({ "Refusal": refusal() }));
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, methods) in paths.into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            complete(path, method, operation);
        }
    }
    document
}

/// The schemas that no route names itself: those of refusals.
fn with_errors(mut document: OpenApi) -> OpenApi {
    let mut schemas = vec![(ApiError::name().into_owned(), ApiError::schema())];
    ApiError::schemas(&mut schemas);
    let components = document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
    components.schemas.extend(schemas);
    document
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn info() -> Value {
    json!({
        "title": "CertHall 证书大厅",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Requests and answers of the hall. JSON with camelCase names; money in fen, times in \
            microseconds since 1970 UTC. An applicant's order is opened by the cookie of the browser that made it, or of \
            one that passed 订单查询; to anybody else it does not exist (404).",
        "license": { "name": "MIT OR Apache-2.0" },
    })
}

/// Groups of routes: a path belongs to the first one whose beginning it has.
const TAGS: [(&str, &str, &str); 8] = [
    ("/api/staff", "staff", "受理点工作台: review, making, dispatch. The cookie comes from `/api/staff/login`."),
    ("/api/notify", "notify", "Notices of outside services. Their signature is their proof; no header of ours."),
    ("/api/channels", "channels", "What a hall offers, and its texts."),
    ("/api/drafts", "drafts", "What was typed so far."),
    ("/api/orders", "orders", "An applicant's orders."),
    ("/api/query", "query", "订单查询 with an SMS code."),
    ("/ca", "authority", "Certificates of the authority, and what was revoked."),
    ("/", "service", "The service itself."),
];

fn tag(path: &str) -> &'static str {
    TAGS.iter().find(|(beginning, ..)| path.starts_with(beginning)).map_or("service", |(_, name, _)| name)
}

fn tags() -> Value {
    TAGS.iter().map(|(_, name, description)| json!({ "name": name, "description": description })).collect()
}

fn security_schemes() -> Value {
    let cookie = |name: &str, description: &str| json!({ "type": "apiKey", "in": "cookie", "name": name, "description": description });
    json!({
        "applicant": cookie("certhall_applicant", "A browser's session; given with the first draft that is saved."),
        "staff": cookie("certhall_staff", "A member of staff, logged in with password and one-time code."),
    })
}

fn refusal() -> Value {
    json!({
        "description": "Refused: what happened and what to do next.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ApiError" } } },
    })
}

/// Adds what all routes of a kind have in common.
fn complete(path: &str, method: &str, operation: &mut Value) {
    set(operation, "operationId", Value::String(operation_id(path, method)));
    set(operation, "tags", json!([tag(path)]));
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        if !parameters.iter().any(|known| known["in"] == "path" && known["name"] == name) {
            parameters.push(path_parameter(name));
        }
    }
    let ours = path.starts_with("/api") && !path.starts_with("/api/notify");
    if ours && method != "get" {
        parameters.push(json!({
            "name": CSRF_HEADER, "in": "header", "required": true, "schema": { "type": "string", "minLength": 1 },
            "description": "Any value: a foreign site can't set this header.",
        }));
    }
    if !parameters.is_empty() {
        set(operation, "parameters", Value::Array(parameters));
    }
    match (tag(path), path) {
        (_, "/api/staff/login") => {}
        ("staff", _) => set(operation, "security", json!([{ "staff": [] }])),
        // Without a session a request gets one, or is told that there is nothing.
        ("orders" | "drafts" | "query", _) => set(operation, "security", json!([{ "applicant": [] }, {}])),
        _ => {}
    }
    if let Some(body) = operation.get_mut("requestBody") {
        bytes_as_binary(body);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for response in responses.values_mut() {
            bytes_as_binary(response);
            if response.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
                set(response, "description", Value::String("Done.".to_owned()));
            }
        }
        responses.entry("default").or_insert_with(|| json!({ "$ref": "#/components/responses/Refusal" }));
    }
}

/// `Vec<u8>` is a list of numbers in JSON only.
fn bytes_as_binary(body: &mut Value) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for (kind, content) in contents.into_iter().flatten() {
        if kind != "application/json" && content["schema"]["type"] == "array" {
            set(content, "schema", json!({ "type": "string", "format": "binary" }));
        }
    }
}

/// Method and path as one word: unique without anybody choosing it.
fn operation_id(path: &str, method: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| format!("{id}_{word}"))
}

/// What stands in a path, by its name; a handler may describe its own with `params(…)`.
fn path_parameter(name: &str) -> Value {
    let text = || json!({ "type": "string" });
    let (description, schema, example) = match name {
        "number" => ("订单号", text(), "20261120U000001"),
        "slug" | "channel" => ("The channel's slug.", text(), "hall"),
        "business" => ("The business.", json!(Business::schema()), Business::New.name()),
        "paper" => ("To fetch: the paper's id. To upload or delete: its kind.", text(), "business_licence"),
        "queue" => ("The queue.", json!(Queue::schema()), "review"),
        _ => ("Its id.", text(), "0193d0c8-0000-7000-8000-000000000000"),
    };
    json!({
        "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example,
    })
}

/// The operations of a document: path, method, operation.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.filter_map(move |(method, operation)| Some((path, method, operation.as_object()?)))
    })
}
