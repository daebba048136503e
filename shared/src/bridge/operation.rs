//! Operations: work that changes a key, under a ticket and the person's consent.

use serde::{Deserialize, Serialize};

use super::{Algorithm, KeyDetail, Method, RpcError, SealedSecrets, Slot};

/// Result of `window.prepare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prepared {
    /// Name of the window, given back in [`Begin::window`].
    pub window: String,
    /// What the page opens, as a pop-up, inside the click. Works once.
    pub url: String,
}

/// Result of `operation.challenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationChallenge {
    /// 32 random bytes, base64url; good once, and for `ticket_seconds` by the bridge's clock.
    pub nonce: String,
}

/// Parameters of `operation.begin`. Its result [`Begun`] comes when the person has consented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begin {
    /// The signed [`super::OperationTicket`].
    pub operation_ticket: String,
    /// The window that shows it, from [`Prepared`].
    pub window: String,
}

/// The immediate answer to a call that takes its time: notices with this id follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The operation.
    pub operation_id: String,
}

/// Result of `operation.begin`: the key is held for this operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// The key as it was found.
    pub key: KeyDetail,
}

/// Parameters of `operation.cancel`; the operation's result is then `user_cancelled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancel {
    /// The operation.
    pub operation_id: String,
}

/// `operation.progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The operation.
    pub operation_id: String,
    /// The call that is being worked on.
    pub method: Method,
    /// What happens now.
    pub stage: Stage,
}

/// What happens inside a call. From [`Stage::UnlockingKey`] on the key must not be pulled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The bridge's window has not connected yet.
    AwaitingWindow,
    /// The person is reading the window.
    AwaitingConsent,
    /// The key is being looked for and reserved.
    ReservingKey,
    /// The management key is being proved to the key.
    UnlockingKey,
    /// The management key is being replaced.
    SettingManagementKey,
    /// PIN and PUK are being replaced.
    SettingPin,
    /// The key pair is being made on the key.
    GeneratingKeyPair,
    /// The certificate request is being signed on the key.
    SigningRequest,
    /// The certificate is being written.
    WritingCertificate,
    /// What was written is being read back and compared.
    Checking,
    /// The PIN is being verified.
    VerifyingPin,
    /// Something is being signed.
    Signing,
    /// A key pair is being tried.
    Testing,
}

/// `operation.result`: the end of a call, `result` or `error`, never both. The type of `result`
/// follows from `method`: [`Begun`], [`Initialized`], [`Generated`], [`Imported`]. An error ends the
/// whole operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome<R> {
    /// The operation.
    pub operation_id: String,
    /// The call that ended. When the operation ends between calls (time-out, key removed) it is
    /// `operation.begin`.
    pub method: Method,
    /// What it gives.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub result: Option<R>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

fn none<R>() -> Option<R> {
    None
}

/// Parameters of `key.initialize`: new PIN, PUK and management key; whatever certificate and key
/// pair is in the three slots stays until it is overwritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialize {
    /// The operation.
    pub operation_id: String,
    /// Sealed by the backend to this session's `hpkeKey`.
    pub secrets: SealedSecrets,
}

/// Result of `key.initialize`: PIN, PUK and management key are the new ones. The backend may now
/// count them as confirmed for this serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialized {
    /// The key's serial from now on.
    pub serial: String,
}

/// Parameters of `keypair.generate`. Must follow `key.initialize` in the same operation: the sealed
/// PIN signs the request and is wiped then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generate {
    /// The operation.
    pub operation_id: String,
    /// Where to.
    #[serde(default)]
    pub slot: Slot,
    /// Which kind.
    pub algorithm: Algorithm,
}

/// Result of `keypair.generate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// PKCS#10 request, DER in standard base64, signed by the new key on the key itself. Its subject
    /// is CN = the ticket's order: the CA takes the name from the order, never from here.
    pub csr: String,
    /// The key that made it.
    pub serial: String,
}

/// Parameters of `certificate.import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The operation.
    pub operation_id: String,
    /// Where to; the certificate's public key must be that of the pair in there.
    #[serde(default)]
    pub slot: Slot,
    /// DER, standard base64.
    pub certificate: String,
}

/// Result of `certificate.import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The certificate as read back from the key: DER, standard base64.
    pub certificate: String,
    /// The key that holds it.
    pub serial: String,
}
