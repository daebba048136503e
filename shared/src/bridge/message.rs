//! The JSON-RPC 2.0 envelope and its errors.

use serde::{Deserialize, Serialize};

use super::Method;

/// The member `"jsonrpc": "2.0"`, which every message has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum V2 {
    /// The only version.
    #[default]
    #[serde(rename = "2.0")]
    V2,
}

/// A request from the page. `id` is chosen by the page and unique on its socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call<P> {
    /// Always 2.0.
    pub jsonrpc: V2,
    /// Number that the answer repeats.
    pub id: u64,
    /// What to do.
    pub method: Method,
    /// The method's parameters; methods without any take `{}`.
    pub params: P,
}

impl<P> Call<P> {
    /// A request with its number.
    pub fn new(id: u64, method: Method, params: P) -> Self {
        Self { jsonrpc: V2::V2, id, method, params }
    }
}

/// A message of the bridge that answers no request: challenge, progress, result, event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification<P> {
    /// Always 2.0.
    pub jsonrpc: V2,
    /// Which notice it is.
    pub method: Method,
    /// Its content.
    pub params: P,
}

impl<P> Notification<P> {
    /// A notice.
    pub fn new(method: Method, params: P) -> Self {
        Self { jsonrpc: V2::V2, method, params }
    }
}

/// The answer to a [`Call`]: `result` or `error`, never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer<R> {
    /// Always 2.0.
    pub jsonrpc: V2,
    /// The request's number; none when the request could not be read.
    pub id: Option<u64>,
    /// What the method gives back.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub result: Option<R>,
    /// Why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

fn none<R>() -> Option<R> {
    None
}

impl<R> Answer<R> {
    /// A result for request `id`.
    pub fn ok(id: u64, result: R) -> Self {
        Self { jsonrpc: V2::V2, id: Some(id), result: Some(result), error: None }
    }

    /// A failure of request `id`.
    pub fn err(id: Option<u64>, error: RpcError) -> Self {
        Self { jsonrpc: V2::V2, id, result: None, error: Some(error) }
    }
}

/// The first look at a message from the bridge: with `method` it is a [`Notification`] (parse again
/// by its kind), else an [`Answer`] to request `id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    /// The request that this answers.
    #[serde(default)]
    pub id: Option<u64>,
    /// The kind of notice.
    #[serde(default)]
    pub method: Option<Method>,
}

/// A JSON-RPC error. Programs look at `data.code`; `message` is English, for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcError {
    /// The JSON-RPC number: -32700 not JSON, -32600 not a request, -32601 unknown method,
    /// -32602 wrong parameters, -32603 internal, -32000 everything of the bridge.
    pub code: i32,
    /// For a log line, never shown to a user.
    pub message: String,
    /// The stable code with its data.
    pub data: ErrorData,
}

/// What went wrong, with what one needs to act on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    /// The stable code.
    pub code: ErrorCode,
    /// With `pin_wrong`: how many tries the key still grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
}

/// The stable error codes. Each names a layer and has one advice in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not JSON-RPC, or parameters that do not fit the method.
    BadRequest,
    /// No protocol version in common: the bridge or the page must be updated.
    UnsupportedVersion,
    /// The method is not known, or this key cannot do it.
    UnsupportedMethod,
    /// `session.hello` did not come before this call.
    NotReady,
    /// The page's origin is not one that the bridge serves (only in plain HTTP answers).
    OriginDenied,
    /// The ticket's signature, nonce, origin, key or operations do not fit, or it was used or is late.
    TicketInvalid,
    /// The sealed secrets cannot be opened or do not have the right form.
    SecretsInvalid,
    /// The key knows none of the secrets that came: it was initialized elsewhere.
    SecretsRejected,
    /// No card reader, or the computer's smart card service does not answer.
    NoReader,
    /// No key is plugged in, or not the one that the ticket names.
    NoKey,
    /// Several keys fit: take all but one out.
    SeveralKeys,
    /// The ticket is for a blank key, but this one holds a certificate.
    KeyNotBlank,
    /// The key was pulled out: plug it in and start the operation again.
    KeyRemoved,
    /// The key did not do what was asked (a status word that has no meaning of its own here).
    KeyFailed,
    /// Another operation holds the key, or another window is open.
    Busy,
    /// The bridge's window did not appear.
    PopupBlocked,
    /// The person clicked 取消, closed the window, or the page cancelled.
    UserCancelled,
    /// Wrong PIN; see [`ErrorData::tries_left`].
    PinWrong,
    /// No tries left.
    PinBlocked,
    /// The PIN does not fit the key's rules.
    PinPolicy,
    /// The key cannot use the algorithm.
    UnsupportedAlgorithm,
    /// The certificate is not for the key pair in this slot.
    CertificateMismatch,
    /// No such slot, certificate or operation.
    NotFound,
    /// Nobody clicked, or the page did not go on, in time.
    Timeout,
    /// Too many requests or connections.
    RateLimited,
    /// A fault of the bridge itself.
    Internal,
}
