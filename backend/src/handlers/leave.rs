//! Leaving a computer that others use: the session ends on the server, and the browser is told to forget.

use crate::hall::Hall;
use crate::http::{AppResult, MaybeApplicant, forgotten};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/api/session`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(end))
}

/// Whoever comes next to this browser finds nothing. Drafts and orders stay with the hall: their operator reaches them by
/// an SMS code.
#[utoipa::path(delete, path = "/session", responses((status = 204)))]
async fn end(State(hall): State<Hall>, MaybeApplicant(session): MaybeApplicant) -> AppResult<Response> {
    if let Some(session) = session {
        let mut tx = hall.store.begin().await?;
        tx.end_session(&session).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, forgotten()).into_response())
}
