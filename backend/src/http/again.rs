//! A request that lost against another one in the database is run again, from its beginning.
//!
//! PostgreSQL ends one of two transactions that stand in each other's way and asks for a repetition. As long as nothing of
//! the request was committed nothing happened, inside or outside (a use case commits before it calls anybody), so the
//! whole request can run again. After a commit it can't; then the refusal says to try again.

use crate::store::watching_commits;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;

/// Marks an answer to a request whose transaction the database asked to repeat.
#[derive(Clone, Copy, Debug)]
pub struct AskedToRepeat;

/// Runs of one request at most.
const RUNS: u32 = 5;

/// Runs requests with small bodies again where that is safe and asked for. Larger ones (papers) run once.
pub async fn again(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.map_or(Some(0), |length| length.to_str().ok()?.parse().ok());
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    if chunked || length.is_none_or(|length: usize| length > super::JSON_BYTES) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, super::JSON_BYTES).await {
        Ok(bytes) => bytes,
        // It broke off: the handler's own reading says so in its words.
        Err(error) => return next.run(Request::from_parts(parts, broken(error))).await,
    };
    let mut runs = 1;
    loop {
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let (response, committed) = watching_commits(next.clone().run(request)).await;
        if committed || runs == RUNS || response.extensions().get::<AskedToRepeat>().is_none() {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(5 << runs)).await;
        runs += 1;
    }
}

fn broken(error: axum::Error) -> Body {
    Body::from_stream(futures_util::stream::once(std::future::ready(Err::<axum::body::Bytes, _>(error))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::clock::TestClock;
    use crate::entropy::SeededEntropy;
    use crate::http::AppError;
    use crate::store::{Store, StoreError};
    use axum::Router;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use axum::routing::post;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tower::ServiceExt;

    fn repeat() -> Response {
        AppError::from(StoreError::Repeat(sqlx::Error::RowNotFound)).into_response()
    }

    async fn send(app: &Router) -> Response {
        let request = Request::post("/").header("content-length", "2").body(Body::from("{}")).unwrap();
        app.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_request_runs_again_with_its_body_until_it_is_done() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let handler = move |body: String| async move {
            assert_eq!(body, "{}");
            if counted.fetch_add(1, Ordering::SeqCst) < 2 { repeat() } else { StatusCode::OK.into_response() }
        };
        let app = Router::new().route("/", post(handler)).layer(axum::middleware::from_fn(again));
        assert_eq!(send(&app).await.status(), StatusCode::OK);
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn one_that_committed_something_runs_once_and_says_try_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hall.db").display());
        let store = Store::open(&url, Arc::new(TestClock::default()), Arc::new(SeededEntropy::new(1))).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let handler = move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            store.begin().await.unwrap().commit().await.unwrap();
            repeat()
        };
        let app = Router::new().route("/", post(handler)).layer(axum::middleware::from_fn(again));
        let response = send(&app).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn it_does_not_run_for_ever() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let handler = move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            repeat()
        };
        let app = Router::new().route("/", post(handler)).layer(axum::middleware::from_fn(again));
        assert_eq!(send(&app).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(runs.load(Ordering::SeqCst), RUNS);
    }
}
