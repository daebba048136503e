//! The wire protocol between a portal's page and `certhall-bridge`, the program on the user's
//! computer that gives the page the key (UKey).
//!
//! JSON-RPC 2.0 over a WebSocket with the subprotocol [`SUBPROTOCOL`], on 127.0.0.1, on one of
//! [`PORTS`]. Both sides use these types, so they cannot drift apart. Member names are camelCase;
//! DER (CSR, certificate) is standard base64 with padding, everything else binary (nonces, keys,
//! tickets, sealed secrets) is base64url without padding. A frame is at most [`MAX_FRAME`] bytes.
//!
//! # Who proves what
//! - The bridge speaks first: [`Challenge`] (nonce and a fresh X25519 key of this connection).
//! - The portal's backend signs a [`SessionTicket`] over them; the page sends it in [`Hello`]. That
//!   opens `key.list`, `key.info`, `certificate.read` and the events: nothing that changes a key.
//! - To change a key: `operation.challenge` gives a nonce, the backend signs an [`OperationTicket`]
//!   over it, and `operation.begin` asks the person at the bridge's own window for consent.
//! - Secrets of the key (PIN, PUK, management key) travel from backend to bridge as
//!   [`SealedSecrets`]; the page carries ciphertext only. The protocol has no PIN field.
//!
//! # One batch (making a certificate), step by step
//! ```text
//! page                                  bridge                               backend
//!  open WebSocket (PORTS in parallel) →
//!                                     ← session.challenge {nonce, hpkeKey}
//!  nonce, hpkeKey ─────────────────────────────────────────────────────────→ signs SessionTicket
//!  session.hello {sessionTicket}      →
//!                                     ← {version, capabilities, limits}
//!  key.list                           → ← {keys}
//!  window.prepare                     → ← {window, url}       (ahead of the click; good 5 minutes)
//!  — the click: window.open(url, "certhall-bridge", "popup,width=480,height=680") at once, no await —
//!  operation.challenge                → ← {nonce}
//!  nonce, order, key (serial | blank) ─────────────────────────────────────→ OperationTicket + SealedSecrets
//!  operation.begin {operationTicket, window}   → ← {operationId}
//!     ← operation.progress awaiting_window, awaiting_consent     (the person reads and clicks 同意)
//!     ← operation.result {method: operation.begin, result: Begun {key}}
//!  key.initialize {operationId, secrets}       → ← {operationId}
//!     ← operation.progress … ← operation.result {result: Initialized {serial}}
//!  keypair.generate {operationId, slot}        → … ← operation.result {result: Generated {csr}}
//!  csr ────────────────────────────────────────────────────────────────────→ certificate
//!  certificate.import {operationId, slot, certificate} → … ← operation.result {result: Imported}
//! ```
//! When the last operation named in the ticket has its result, or one fails, or the page cancels or
//! its socket closes, the operation is over: the key is reset and let go, secrets are wiped. A
//! failed batch is started again from `operation.challenge`.
//!
//! # What a holder does (修改密码, 加解密测试, logging in)
//! The same, with a ticket that names the key and only methods of [`Method::HOLDERS`], with or without an order. The window
//! asks for the PIN together with the consent, the key verifies it once before `operation.begin` has its result, and a wrong
//! one is asked for again there: the page learns the end alone. One PIN is enough for all methods that the ticket names.
//!
//! # The window
//! The bridge's pop-up lives at the bridge's own origin with `Cross-Origin-Opener-Policy:
//! same-origin`: the page can neither read, navigate nor close it, and the handle that
//! `window.open` returns reports `closed` at once, so never judge by it. What happens there comes
//! over the socket. The bridge answers `popup_blocked` when the window was not there in 15 seconds.
//! A prepared url serves one window for one operation; prepare the next one after each use.

mod holder;
mod message;
mod method;
mod operation;
mod secrets;
mod session;
mod ticket;

pub mod vectors;

#[cfg(test)]
mod tests;

pub use holder::{
    CHALLENGE_DOMAIN, InOperation, PinAccepted, SHORTEST_CHALLENGE, SignChallenge, SignedChallenge, Skill, Tested,
    Trial, challenge_message,
};
pub use message::{Answer, Call, ErrorCode, ErrorData, Head, Notification, RpcError, V2};
pub use method::Method;
pub use operation::{
    Begin, Begun, Cancel, Generate, Generated, Import, Imported, Initialize, Initialized, OperationChallenge, Outcome,
    Prepared, Progress, Stage, Started,
};
pub use secrets::{CurrentSecrets, InitialSecrets, SECRETS_INFO, SealedSecrets, secrets_aad};
pub use session::{
    Algorithm, CertificateSummary, Challenge, DeviceEvent, DeviceNotice, Health, Hello, KeyDetail, KeyList, KeyRef,
    Limits, PinPolicy, ReadCertificate, ReadCertificateResult, Slot, Welcome,
};
pub use ticket::{KeyTarget, OPERATION_DOMAIN, OperationTicket, SESSION_DOMAIN, SessionTicket};

/// The ports that a bridge may listen on; a page tries all of them in parallel.
pub const PORTS: [u16; 3] = [21451, 21452, 21453];

/// The WebSocket subprotocol; a bridge refuses a socket that does not offer it.
pub const SUBPROTOCOL: &str = "certhall.key.v1";

/// Path of the portal's WebSocket: `ws://127.0.0.1:<port>/socket`.
pub const SOCKET_PATH: &str = "/socket";

/// Path of the plain HTTP probe that answers [`Health`]; readable by configured portals only.
pub const HEALTH_PATH: &str = "/health";

/// The protocol version that this code speaks (see [`Hello::versions`]).
pub const VERSION: u32 = 1;

/// Longest WebSocket message in bytes, either way; a longer one closes the socket (code 1009).
pub const MAX_FRAME: usize = 64 * 1024;
