//! What goes to the page. A page that does not read is let go; it never holds anybody else up.

use serde::Serialize;
use shared::bridge::{Method, Notification};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Messages that may wait for a slow page.
const WAITING: usize = 64;

/// One thing to send.
pub enum Frame {
    /// JSON.
    Text(String),
    /// A WebSocket ping.
    Ping,
}

/// The way to one page. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    frames: mpsc::Sender<Frame>,
    full: CancellationToken,
}

impl Outbox {
    /// A way to the page and its other end.
    pub fn new() -> (Self, mpsc::Receiver<Frame>) {
        let (frames, queue) = mpsc::channel(WAITING);
        (Self { frames, full: CancellationToken::new() }, queue)
    }

    /// Sends a message.
    pub fn send<T: Serialize>(&self, message: &T) {
        let Ok(text) = serde_json::to_string(message) else { return };
        self.put(Frame::Text(text));
    }

    /// Asks whether the page is still there.
    pub fn ping(&self) {
        self.put(Frame::Ping);
    }

    fn put(&self, frame: Frame) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.frames.try_send(frame) {
            self.full.cancel();
        }
    }

    /// Sends a notice.
    pub fn notify<P: Serialize>(&self, method: Method, params: P) {
        self.send(&Notification::new(method, params));
    }

    /// Returns when the page has fallen too far behind.
    pub async fn overflows(&self) {
        self.full.cancelled().await;
    }
}
