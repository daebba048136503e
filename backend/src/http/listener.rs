//! The listener: connections that dawdle over a request's head are cut, and a stop lets running requests end.
//! (`axum::serve` sets no time-out for the head.)

use crate::config::HttpConfig;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// After an accept that failed (no file descriptors left, …).
const BREATH: Duration = Duration::from_millis(200);

/// Serves until `stop`; then takes no new connection, lets running requests end within [`HttpConfig::stop_ms`], and breaks
/// off the rest. Answers how many were broken off.
pub async fn listen(listener: TcpListener, app: Router, limits: HttpConfig, stop: CancellationToken) -> usize {
    let places = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let connections = TaskTracker::new();
    let over = CancellationToken::new();
    let _ends_all = over.clone().drop_guard();
    while let Some((stream, peer, place)) = next(&listener, &places, &stop).await {
        let connection = Connection { app: app.clone(), peer, limits, stop: stop.clone() };
        let over = over.clone();
        connections.spawn(async move {
            tokio::select! {
                () = connection.serve(stream) => {}
                () = over.cancelled() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    let ended = tokio::time::timeout(limits.stop(), connections.wait()).await;
    if ended.is_ok() { 0 } else { connections.len() }
}

/// The next connection once there is a place for it, or nothing when it is time to stop.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let accepted = async {
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        accepted = accepted => accepted,
    }
}

struct Connection {
    app: Router,
    peer: SocketAddr,
    limits: HttpConfig,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // Answers are written whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let (app, peer) = (self.app, self.peer);
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().oneshot(request.map(Body::new))
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header())
            .serve_connection(TokioIo::new(stream), service);
        let mut served = std::pin::pin!(served);
        let ended = tokio::select! {
            ended = served.as_mut() => ended,
            () = self.stop.cancelled() => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = ended {
            // A client that went away or dawdled; its address would say who.
            tracing::debug!(%error, "connection ended");
        }
    }
}
