//! The line between an operation and its window.

use axum::extract::ws::{Message, WebSocket};
use serde::{Deserialize, Deserializer, Serialize};
use shared::bridge::{ErrorCode, Method, PinPolicy};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// What the window is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWindow {
    /// Ask the person.
    Consent(Box<Consent>),
    /// Consent was given and this is being done.
    Working {
        /// The call.
        method: Method,
    },
    /// All is done.
    Done,
    /// It ended otherwise.
    Failed {
        /// Why.
        code: ErrorCode,
    },
}

/// Everything that the person must know to consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// What only the true window can show.
    pub phrase: String,
    /// The portal's configured name.
    pub site: String,
    /// Its origin.
    pub origin: String,
    /// The channel's name.
    pub channel: String,
    /// The order.
    pub order: String,
    /// Whom it is for.
    pub holder: String,
    /// All that the consent covers.
    pub operations: Vec<Method>,
    /// The reader that the key is in.
    pub reader: String,
    /// The key's serial.
    pub serial: Option<String>,
    /// Certificates that are on it, by subject.
    pub certificates: Vec<String>,
    /// The PIN is asked for with the consent.
    pub pin: Option<PinQuestion>,
}

/// Asking for the PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PinQuestion {
    /// What a PIN may be.
    pub policy: PinPolicy,
    /// A new one is wanted too.
    pub change: bool,
    /// Tries that are left, if the key tells.
    pub tries_left: Option<u8>,
    /// Why it is asked again.
    pub problem: Option<PinProblem>,
}

/// What was wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PinProblem {
    /// The key says so: a try is gone.
    Wrong,
    /// It can't be a PIN of this key; no try is gone.
    Policy,
    /// The new one can't be a PIN of this key.
    NewPolicy,
    /// The new one is the old one.
    Same,
    /// One try is left, and the person has not said that they know.
    LastTry,
}

/// What the window says. Flat, because a tagged enum would copy the PIN on the way.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FromWindow {
    r#type: Said,
    #[serde(default, deserialize_with = "secret")]
    pin: Zeroizing<String>,
    #[serde(default, deserialize_with = "secret")]
    new_pin: Zeroizing<String>,
    #[serde(default)]
    last_try: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Agree,
    Cancel,
}

/// The person agrees, with what they typed.
pub struct Agreed {
    /// The PIN; empty where none was asked for.
    pub pin: Zeroizing<String>,
    /// The new PIN; empty where none was asked for.
    pub new_pin: Zeroizing<String>,
    /// They know that it is the last try.
    pub last_try: bool,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// The operation's end.
pub struct WindowLink {
    to: mpsc::Sender<ToWindow>,
    from: mpsc::Receiver<FromWindow>,
}

/// The socket's end.
pub struct Seat {
    to: mpsc::Receiver<ToWindow>,
    from: mpsc::Sender<FromWindow>,
}

/// Both ends of a new line.
pub fn pair() -> (WindowLink, Seat) {
    let (to, to_window) = mpsc::channel(16);
    let (answer, from) = mpsc::channel(4);
    (WindowLink { to, from }, Seat { to: to_window, from: answer })
}

impl WindowLink {
    /// Tells the window something; one that is gone or slow misses it.
    pub fn tell(&self, message: ToWindow) {
        let _ = self.to.try_send(message);
    }

    /// Asks, and waits for the click. None: 取消, or the window was closed.
    pub async fn ask(&mut self, consent: Consent) -> Option<Agreed> {
        while self.from.try_recv().is_ok() {} // a click before the question counts for nothing
        self.tell(ToWindow::Consent(Box::new(consent)));
        let FromWindow { r#type, pin, new_pin, last_try } = self.from.recv().await?;
        (r#type == Said::Agree).then_some(Agreed { pin, new_pin, last_try })
    }
}

/// Serves a window's socket until either side is done.
pub async fn run(mut seat: Seat, mut socket: WebSocket) {
    loop {
        tokio::select! {
            message = seat.to.recv() => {
                let Some(message) = message else { break };
                let Ok(text) = serde_json::to_string(&message) else { break };
                if socket.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let Ok(said) = serde_json::from_str(&text) else { break };
                    if seat.from.try_send(said).is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return,
            }
        }
    }
    let _ = socket.send(Message::Close(None)).await;
}
