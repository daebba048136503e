//! How long a request may take: a body that drips, and the request as a whole.
//!
//! A refusal that comes before the body was read (a file that is too large) would be lost: closing a connection on which
//! somebody still sends resets it, and a browser then shows a broken connection in place of our words. So the rest is read
//! and thrown away first, up to a limit.

use super::AppError;
use crate::config::HttpConfig;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Body as _, Frame, SizeHint};
use shared::api::ErrorCode;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::time::Sleep;

/// So much of a body that nobody wants is read before the answer: a phone's largest photo several times.
const REST_BYTES: usize = 64 * 1024 * 1024;

/// Cuts bodies that come too slowly, and ends requests that take too long.
pub async fn keep(limits: HttpConfig, request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let rest = Arc::new(Mutex::new(None));
    // Whoever waits for our word before sending hears a refusal well.
    let waits = request.headers().contains_key(header::EXPECT);
    let request = request.map(|body| Body::new(Paced::new(body, limits, late.clone(), rest.clone())));
    let answer = tokio::time::timeout(limits.request(), next.run(request)).await;
    let unread = rest.lock().ok().and_then(|mut rest| rest.take());
    if let Some(unread) = unread.filter(|_| answer.is_ok() && !waits) {
        // Whoever is slow about it hears of a broken connection after all.
        let thrown_away = throw_away(Paced::new(unread, limits, Arc::default(), Arc::default()));
        let _ = tokio::time::timeout(limits.body(), thrown_away).await;
    }
    if late.load(Ordering::Relaxed) {
        return slow(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadRequest, "网络太慢，内容没有传完，请检查网络后重试");
    }
    answer.unwrap_or_else(|_| {
        slow(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable, "系统繁忙，请求没有完成，请稍后重试")
    })
}

/// Reads a body to its end, as far as that is reasonable.
async fn throw_away(mut body: Paced) {
    let mut left = REST_BYTES;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            break;
        }
    }
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
    /// Where what nobody read is left.
    rest: Arc<Mutex<Option<Body>>>,
}

impl Paced {
    fn new(inner: Body, limits: HttpConfig, late: Arc<AtomicBool>, rest: Arc<Mutex<Option<Body>>>) -> Self {
        Self { inner, limits, deadline: None, late, rest }
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        if !self.inner.is_end_stream()
            && !self.late.load(Ordering::Relaxed)
            && let Ok(mut rest) = self.rest.lock()
        {
            *rest = Some(std::mem::take(&mut self.inner));
        }
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
