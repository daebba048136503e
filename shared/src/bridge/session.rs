//! Opening a session, and what it may read.

use serde::{Deserialize, Serialize};

use super::{Method, V2};

/// `session.challenge`: what the portal's backend must sign before this socket may read anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// 32 random bytes, base64url, for this socket only.
    pub nonce: String,
    /// The bridge's X25519 public key for this socket, 32 bytes base64url; secrets are sealed to it.
    pub hpke_key: String,
}

/// Parameters of `session.hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The page's name and version, for the bridge's log (`certhall-staff/0.1.0`).
    pub client: String,
    /// Protocol versions that the page speaks.
    pub versions: Vec<u32>,
    /// The signed [`super::SessionTicket`].
    pub session_ticket: String,
}

/// Result of `session.hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The version that both speak from now on.
    pub version: u32,
    /// The bridge program's own version.
    pub bridge_version: String,
    /// The methods that this bridge offers.
    pub capabilities: Vec<Method>,
    /// What it bears.
    pub limits: Limits,
}

/// Bounds of one socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Longest message, bytes.
    pub frame_bytes: u32,
    /// Seconds from `operation.challenge` to `operation.begin`.
    pub ticket_seconds: u32,
    /// Seconds that a prepared window waits to be opened.
    pub window_seconds: u32,
    /// Seconds that the person has to consent.
    pub consent_seconds: u32,
    /// Seconds from one step of an operation to the next.
    pub step_seconds: u32,
}

/// Answer of `GET /health`; holds nothing about keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Always `certhall-bridge`.
    pub program: String,
    /// The program's version.
    pub version: String,
    /// Protocol versions that it speaks.
    pub versions: Vec<u32>,
    /// The JSON-RPC version it speaks.
    pub jsonrpc: V2,
}

/// Result of `key.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyList {
    /// How many card readers (a UKey is its own reader) the computer has.
    pub readers: u32,
    /// The keys that are plugged in and known to a driver.
    pub keys: Vec<KeyDetail>,
    /// Number of the last event that this list includes.
    pub sequence: u64,
}

/// Parameters of `key.info`: one key by its serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRef {
    /// As in [`KeyDetail::serial`].
    pub serial: String,
}

/// A key: what anyone may know without its PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyDetail {
    /// The operating system's name of the reader.
    pub reader: String,
    /// The key's serial (for PIV the GUID of its CHUID: 32 upper-case hex digits); none when the key
    /// never got one. A key keeps its serial when it is initialized again.
    pub serial: Option<String>,
    /// The driver that speaks to it: `piv`.
    pub driver: String,
    /// No certificate is on it. Only such a key is served by a ticket for [`super::KeyTarget::Blank`].
    pub blank: bool,
    /// An operation holds it at the moment; the rest is what was read before.
    pub busy: bool,
    /// PIN tries left, as far as the key tells without spending one.
    pub pin_tries_left: Option<u8>,
    /// The key's rules for a PIN.
    pub pin_policy: PinPolicy,
    /// Key pairs that it can generate, best first.
    pub algorithms: Vec<Algorithm>,
    /// Certificates on it.
    pub certificates: Vec<CertificateSummary>,
}

/// A key's rules for a PIN; read or configured, never assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinPolicy {
    /// Fewest characters (PIV: 6).
    pub min: u8,
    /// Most characters (PIV: 8).
    pub max: u8,
    /// Only the digits 0–9 are allowed.
    pub digits_only: bool,
}

/// Kinds of key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// NIST P-256, ECDSA with SHA-256.
    P256,
    /// NIST P-384, ECDSA with SHA-384.
    P384,
}

/// Places for a key pair and its certificate, named by their use (NIST SP 800-73-4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot {
    /// 9A, PIV Authentication: the portal's certificate. One PIN entry serves the session.
    #[default]
    Authentication,
    /// 9C, Digital Signature: the PIN before every use.
    Signature,
    /// 9D, Key Management: decryption.
    KeyManagement,
}

/// What a certificate on a key says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSummary {
    /// Where it lies.
    pub slot: Slot,
    /// Subject, RFC 4514.
    pub subject: String,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Serial number, upper-case hex.
    pub serial_number: String,
    /// Start of validity, microseconds UTC.
    pub not_before: i64,
    /// End of validity, microseconds UTC.
    pub not_after: i64,
}

/// Parameters of `certificate.read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadCertificate {
    /// The key.
    pub serial: String,
    /// Where on it.
    #[serde(default)]
    pub slot: Slot,
}

/// Result of `certificate.read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadCertificateResult {
    /// DER, standard base64.
    pub certificate: String,
}

/// `device.event`: something was plugged in or pulled out. Numbers rise by one; after a gap (or a
/// new socket) ask `key.list` again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceNotice {
    /// Number of this event.
    pub sequence: u64,
    /// What happened.
    pub event: DeviceEvent,
    /// The reader that it happened to.
    pub reader: String,
}

/// Kinds of device event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceEvent {
    /// A reader came.
    ReaderAdded,
    /// A reader went.
    ReaderRemoved,
    /// A key came; it answers `key.list` from now on.
    KeyInserted,
    /// A key went.
    KeyRemoved,
}
