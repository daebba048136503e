//! Staff's endpoints, as `shared::api` describes them.

use crate::hall::Hall;
use axum::Router;

/// `/api/staff/…`.
pub fn routes() -> Router<Hall> {
    Router::new()
}
