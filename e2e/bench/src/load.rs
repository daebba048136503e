//! A closed loop: so many clients, each with its own connection, each asking again as soon as it was answered.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// The real clock.
#[expect(clippy::disallowed_methods, reason = "speed is measured by the real clock; nothing is decided by it")]
pub fn now() -> Instant {
    Instant::now()
}

/// What a measurement gave.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Operations a second.
    pub per_second: f64,
    /// Half of them took no longer.
    pub p50: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
}

impl Rate {
    /// From the time of the whole and of each.
    pub fn of(whole: Duration, mut each: Vec<Duration>) -> Result<Self> {
        ensure!(!each.is_empty(), "nothing was measured");
        each.sort_unstable();
        let at = |hundredths: usize| each[(each.len() * hundredths / 100).min(each.len() - 1)];
        #[expect(clippy::cast_precision_loss)]
        let per_second = each.len() as f64 / whole.as_secs_f64();
        Ok(Self { per_second, p50: at(50), p99: at(99) })
    }

    /// The round in the middle.
    pub fn median(mut rounds: Vec<Self>) -> Result<Self> {
        rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        rounds.get(rounds.len() / 2).copied().context("no round")
    }
}

/// One request of the load.
pub type Asked = Request<Full<Bytes>>;

/// One connection.
pub struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Opens it.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Asks, reads the whole answer, and requires success.
    pub async fn ask(&mut self, request: Asked) -> Result<Bytes> {
        let path = request.uri().path().to_owned();
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status == StatusCode::OK, "{path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// Sends `count` requests from `clients` connections; `make` builds the n-th.
pub async fn http(
    address: SocketAddr,
    clients: usize,
    count: usize,
    make: impl Fn(usize) -> Result<Asked> + Send + Sync + 'static,
) -> Result<Rate> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Connection::open(address).await?);
    }
    let (next, make) = (Arc::new(AtomicUsize::new(0)), Arc::new(make));
    let begun = now();
    let mut running = Vec::new();
    for mut connection in connections {
        let (next, make) = (next.clone(), make.clone());
        running.push(tokio::spawn(async move {
            let mut each = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(each);
                }
                let request = make(number)?;
                let at = now();
                connection.ask(request).await?;
                each.push(at.elapsed());
            }
        }));
    }
    let mut each = Vec::new();
    for client in running {
        each.extend(client.await??);
    }
    Rate::of(begun.elapsed(), each)
}
