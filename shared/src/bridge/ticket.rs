//! Tickets: what the portal's backend allows a page to ask of the bridge.
//!
//! A ticket is text: `base64url(payload) "." base64url(signature)`, both without padding.
//! `payload` is the JSON of the struct, as UTF-8 bytes. `signature` is Ed25519 (RFC 8032) over the
//! bytes `domain ‖ payload`, where `domain` is [`SESSION_DOMAIN`] or [`OPERATION_DOMAIN`], each
//! ending in one line feed. The signature is verified over the bytes before they are parsed, so no
//! canonical JSON is needed. A ticket is at most 4096 characters. Examples: [`super::vectors`].

use serde::{Deserialize, Serialize};

use super::Method;

/// Comes before the payload of a [`SessionTicket`] when it is signed.
pub const SESSION_DOMAIN: &str = "certhall.session.v1\n";

/// Comes before the payload of an [`OperationTicket`] when it is signed.
pub const OPERATION_DOMAIN: &str = "certhall.operation.v1\n";

/// The backend says: this socket belongs to a page of mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionTicket {
    /// [`super::Challenge::nonce`] as it came.
    pub nonce: String,
    /// [`super::Challenge::hpke_key`] as it came.
    pub hpke_key: String,
    /// The portal's origin (`https://hall.example`), which the browser tells the bridge too.
    pub origin: String,
    /// The channel's slug.
    pub channel: String,
    /// The channel's name as the window shows it.
    pub channel_name: String,
}

/// The backend says: these operations, for this order, on this key, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperationTicket {
    /// [`super::OperationChallenge::nonce`] as it came; the bridge counts 60 seconds from giving it.
    pub nonce: String,
    /// As in the session's ticket.
    pub origin: String,
    /// As in the session's ticket.
    pub channel: String,
    /// The order's number; the window shows it and the certificate request carries it. 1 to 64
    /// printable ASCII characters; empty where no order is concerned ([`Method::HOLDERS`]).
    pub order: String,
    /// Whom the certificate is for, as the window shows it (a unit's name); may be empty.
    pub holder: String,
    /// The key it is for.
    pub key: KeyTarget,
    /// The methods allowed, each once, in this order: the batch that one consent covers. Either all of them make a key,
    /// or all are its holder's ([`Method::HOLDERS`]).
    pub operations: Vec<Method>,
}

/// Which key an operation is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum KeyTarget {
    /// The one key plugged in that holds no certificate; `"blank"` on the wire.
    Blank,
    /// The key with this serial ([`super::KeyDetail::serial`]).
    Serial(String),
}

impl From<String> for KeyTarget {
    fn from(text: String) -> Self {
        if text == "blank" { Self::Blank } else { Self::Serial(text) }
    }
}

impl From<KeyTarget> for String {
    fn from(target: KeyTarget) -> Self {
        match target {
            KeyTarget::Blank => Self::from("blank"),
            KeyTarget::Serial(serial) => serial,
        }
    }
}
