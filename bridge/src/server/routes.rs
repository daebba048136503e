//! The few things that the bridge answers over HTTP.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use shared::bridge::{HEALTH_PATH, Health, MAX_FRAME, SOCKET_PATH, SUBPROTOCOL, V2, VERSION};

use super::{Bridge, guard};
use crate::window::page;
use crate::{session, window};

type Shared = State<Arc<Bridge>>;

pub fn router(bridge: Arc<Bridge>) -> Router {
    Router::new()
        .route(HEALTH_PATH, get(health))
        .route(SOCKET_PATH, get(portal_socket))
        .route("/window/app.js", get(page::script))
        .route("/window/app.css", get(page::style))
        .route("/window/{token}", get(window_page))
        .route("/window/{token}/socket", get(window_socket))
        .layer(middleware::from_fn_with_state(bridge.clone(), addressed_to_us))
        .with_state(bridge)
}

async fn addressed_to_us(State(bridge): Shared, request: Request, next: Next) -> Response {
    if !guard::host_is_ours(request.headers(), bridge.port) {
        tracing::warn!("refused: Host");
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    page::harden(response.headers_mut());
    response
}

/// Tells a portal that a bridge is here, and nothing else. Without an `Origin` (a person with a
/// browser's address line, a script) the answer is the same; other pages get nothing.
async fn health(State(bridge): Shared, headers: HeaderMap) -> Response {
    let health = Json(Health {
        program: "certhall-bridge".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        versions: vec![VERSION],
        jsonrpc: V2::V2,
    });
    if !headers.contains_key(header::ORIGIN) {
        return health.into_response();
    }
    match guard::portal(&headers, &bridge.config) {
        Some(portal) => (
            [(header::ACCESS_CONTROL_ALLOW_ORIGIN, portal.origin.clone()), (header::VARY, "Origin".to_owned())],
            health,
        )
            .into_response(),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}

async fn portal_socket(
    State(bridge): Shared,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let Some(portal) = guard::portal(&headers, &bridge.config).cloned() else {
        tracing::warn!(origin = ?headers.get(header::ORIGIN), "refused: Origin");
        return StatusCode::FORBIDDEN.into_response();
    };
    let upgrade = match upgrade {
        Ok(upgrade) => bounded(upgrade).protocols([SUBPROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        return (StatusCode::BAD_REQUEST, "subprotocol").into_response();
    }
    let Ok(place) = bridge.places.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade.on_upgrade(async move |socket| {
        session::run(bridge, portal, socket).await;
        drop(place);
    })
}

async fn window_page(State(bridge): Shared, Path(token): Path<String>) -> Response {
    if bridge.windows.serve(&token) {
        page::document(bridge.windows.origin())
    } else {
        (StatusCode::NOT_FOUND, page::GONE).into_response()
    }
}

async fn window_socket(
    State(bridge): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if !guard::is_own_window(&headers, bridge.windows.origin()) {
        tracing::warn!(origin = ?headers.get(header::ORIGIN), "refused: not our window");
        return StatusCode::FORBIDDEN.into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => bounded(upgrade),
        Err(rejection) => return rejection.into_response(),
    };
    match bridge.windows.connect(&token) {
        Some(seat) => upgrade.on_upgrade(async move |socket| window::run(seat, socket).await),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME)
}
