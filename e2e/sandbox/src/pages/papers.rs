//! Sample papers, made when first asked for and kept in the state folder.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::papers;
use crate::server::Shared;

/// `GET /papers/{name}`.
pub async fn show(State(shared): State<Shared>, Path(name): Path<String>) -> Response {
    if papers::Paper::parse(&name).is_none() {
        return (StatusCode::NOT_FOUND, "没有这份材料").into_response();
    }
    let dir = shared.dir.join("papers");
    let asked = name.clone();
    let made = tokio::task::spawn_blocking(move || papers::read_or_make(&dir, &asked)).await;
    match made {
        Ok(Ok(bytes)) => {
            let disposition = format!("inline; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, papers::content_type(&name).to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, bytes).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, name, "a sample paper can't be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
