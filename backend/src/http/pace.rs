//! How long a request may take: a body that drips, and the request as a whole.

use super::AppError;
use crate::config::HttpConfig;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use shared::api::ErrorCode;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::time::Sleep;

/// Cuts bodies that come too slowly, and ends requests that take too long.
pub async fn keep(limits: HttpConfig, request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| Body::new(Paced::new(body, limits, late.clone())));
    let answer = tokio::time::timeout(limits.request(), next.run(request)).await;
    if late.load(Ordering::Relaxed) {
        return slow(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadRequest, "网络太慢，内容没有传完，请检查网络后重试");
    }
    answer.unwrap_or_else(|_| {
        slow(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, "系统繁忙，请求没有完成，请稍后重试")
    })
}

/// The rest of such a request is not waited for.
fn slow(status: StatusCode, code: ErrorCode, words: &str) -> Response {
    let mut response = AppError::with(code, words).into_response();
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body with a deadline that every byte puts off a little: a time-out between two parts alone would let somebody send
/// one byte a second for ever.
struct Paced {
    inner: Body,
    limits: HttpConfig,
    /// Runs from the first look at the body: before it the request may have waited for the database.
    deadline: Option<Pin<Box<Sleep>>>,
    late: Arc<AtomicBool>,
}

impl Paced {
    fn new(inner: Body, limits: HttpConfig, late: Arc<AtomicBool>) -> Self {
        Self { inner, limits, deadline: None, late }
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        let deadline = this.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.limits.body())));
        if deadline.as_mut().poll(context).is_ready() {
            this.late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err("the body comes too slowly".into())));
        }
        let frame = std::task::ready!(Pin::new(&mut this.inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let bytes = u32::try_from(data.len()).unwrap_or(u32::MAX);
            let later = deadline.deadline() + this.limits.byte().saturating_mul(bytes);
            deadline.as_mut().reset(later);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
