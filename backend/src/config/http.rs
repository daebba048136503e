//! `[http]`: how patient the listener is.

use serde::Deserialize;
use std::time::Duration;

/// `[http]`: limits of the listener. Times are milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Connections at once; further ones wait.
    pub connections: usize,
    /// Until a request's head has come; also how long a connection may idle between two requests.
    pub header_ms: u64,
    /// Until a request's body has come, besides the time that `body_bytes_per_s` gives for every byte.
    pub body_ms: u64,
    /// The slowest upload that is waited for.
    pub body_bytes_per_s: u32,
    /// Until a request is answered: longer than every outside call's own time-out.
    pub request_ms: u64,
    /// On SIGTERM: running requests and jobs get this long to end.
    pub stop_ms: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_ms: 30_000,
            body_ms: 20_000,
            body_bytes_per_s: 4096,
            // As long as the page waits for an upload (frontend/src/api/transport.rs).
            request_ms: 180_000,
            stop_ms: 25_000,
        }
    }
}

impl HttpConfig {
    pub(crate) fn header(self) -> Duration {
        Duration::from_millis(self.header_ms)
    }

    pub(crate) fn body(self) -> Duration {
        Duration::from_millis(self.body_ms)
    }

    /// The time that each byte adds.
    pub(crate) fn byte(self) -> Duration {
        Duration::from_secs(1) / self.body_bytes_per_s.max(1)
    }

    pub(crate) fn request(self) -> Duration {
        Duration::from_millis(self.request_ms)
    }

    pub(crate) fn stop(self) -> Duration {
        Duration::from_millis(self.stop_ms)
    }
}
