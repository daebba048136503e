//! Shells, the built page's files, and the old portal's addresses.

use super::embed;
use crate::hall::Hall;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Names hold a hash of the content: they never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Everything that is not the API.
pub fn routes(hall: &Hall) -> Router<Hall> {
    let files = ServeDir::new(&hall.config.page_dir).precompressed_br().precompressed_gzip();
    Router::new()
        .route("/", get(halls))
        .route("/favicon.svg", get(favicon))
        .route("/embed.js", get(embed::snippet))
        // The old portal's links keep their meaning in the fragment, which the page reads.
        .route("/v2/", get(halls))
        .route("/staff", get(staff))
        .route("/staff/", get(staff))
        .route("/staff/{*page}", get(staff))
        .route("/{slug}", get(with_slash))
        .route("/{slug}/", get(hall_page))
        .route("/{slug}/kiosk", get(kiosk))
        .route("/{slug}/kiosk/", get(kiosk))
        .route("/{slug}/kiosk/{*page}", get(kiosk))
        .route("/{slug}/embed", get(embed::page))
        .route("/{slug}/embed/", get(embed::page))
        .route("/{slug}/embed/{*page}", get(embed::page))
        .route("/{slug}/{*page}", get(hall_page))
        .nest_service(
            "/page",
            tower::ServiceBuilder::new()
                .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, FOR_EVER))
                .layer(SetResponseHeaderLayer::overriding(
                    header::X_CONTENT_TYPE_OPTIONS,
                    HeaderValue::from_static("nosniff"),
                ))
                .service(files),
        )
}

async fn favicon() -> Response {
    let kind = HeaderValue::from_static("image/svg+xml");
    let day = HeaderValue::from_static("public, max-age=86400");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, day)], include_str!("favicon.svg")).into_response()
}

async fn halls(State(hall): State<Hall>, headers: HeaderMap) -> Response {
    hall.shells.halls(&headers)
}

async fn staff(State(hall): State<Hall>, headers: HeaderMap) -> Response {
    hall.shells.staff(&headers)
}

async fn with_slash(State(hall): State<Hall>, Path(slug): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    if hall.channels.get(&slug).is_some() {
        Redirect::permanent(&format!("/{slug}/")).into_response()
    } else {
        unknown(&hall, &uri, &headers)
    }
}

/// Every address of a terminal is answered by its program, which leads unknown ones back to the start.
async fn kiosk(State(hall): State<Hall>, uri: Uri, headers: HeaderMap) -> Response {
    let slug = uri.path().split('/').nth(1).unwrap_or_default();
    hall.shells.kiosk(slug, &headers).unwrap_or_else(|| unknown(&hall, &uri, &headers))
}

async fn hall_page(State(hall): State<Hall>, uri: Uri, headers: HeaderMap) -> Response {
    hall.shells.channel(uri.path(), &headers).unwrap_or_else(|| unknown(&hall, &uri, &headers))
}

/// An old entrance leads to its hall; anything else shows the list of halls, with the status that says so.
pub fn unknown(hall: &Hall, uri: &Uri, headers: &HeaderMap) -> Response {
    match hall.channels.at_legacy_path(uri.path()) {
        Some(channel) => Redirect::permanent(&format!("/{}/", channel.profile.slug)).into_response(),
        None => (StatusCode::NOT_FOUND, hall.shells.halls(headers)).into_response(),
    }
}
