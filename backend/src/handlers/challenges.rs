//! `/api/challenges`: the image code and the proof of work.

use crate::gate::{self, Whence};
use crate::hall::Hall;
use crate::http::{AppResult, Applicant, ClientAddress};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use shared::api::Challenge;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/api/challenges`.
pub fn routes() -> OpenApiRouter<Hall> {
    OpenApiRouter::default().routes(routes!(new_challenge))
}

/// A new challenge of this session.
#[utoipa::path(post, path = "/challenges", responses((status = 200, body = Challenge)))]
async fn new_challenge(
    State(hall): State<Hall>,
    applicant: Applicant,
    ClientAddress(address): ClientAddress,
) -> Response {
    let whence = Whence::of(&hall.vault, address);
    let answer: AppResult<Json<Challenge>> = gate::issue(&hall, &applicant.session, &whence).await.map(Json);
    (applicant.cookie(), answer).into_response()
}
