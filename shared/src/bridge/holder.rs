//! What a key's holder does with it: under a ticket, the person's consent, and the PIN, which is typed in the bridge's own
//! window and never crosses this protocol.

use serde::{Deserialize, Serialize};

use super::Slot;

/// Comes before what `challenge.sign` signs, so that its signature can be nothing else.
pub const CHALLENGE_DOMAIN: &str = "certhall.challenge.v1\n";

/// Fewest bytes of a server's challenge.
pub const SHORTEST_CHALLENGE: usize = 32;

/// What `challenge.sign` signs: `domain ‖ origin ‖ line feed ‖ challenge`. Hashed with SHA-256 for a key on P-256, SHA-384 on
/// P-384; the signature is ECDSA.
pub fn challenge_message(origin: &str, challenge: &[u8]) -> Vec<u8> {
    [CHALLENGE_DOMAIN.as_bytes(), origin.as_bytes(), b"\n", challenge].concat()
}

/// Parameters of a call that needs nothing but its operation: `pin.verify`, `pin.change`, `selftest.run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InOperation {
    /// The operation.
    pub operation_id: String,
}

/// Result of `pin.verify` and `pin.change`: the PIN was right; after `pin.change` the new one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinAccepted {
    /// The key.
    pub serial: String,
}

/// Parameters of `challenge.sign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignChallenge {
    /// The operation.
    pub operation_id: String,
    /// Which key pair; it must have a certificate.
    #[serde(default)]
    pub slot: Slot,
    /// The server's challenge, base64url: at least [`SHORTEST_CHALLENGE`] bytes, at most 512.
    pub challenge: String,
}

/// Result of `challenge.sign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedChallenge {
    /// ECDSA over [`challenge_message`]: DER, standard base64.
    pub signature: String,
    /// Whose key it was: DER, standard base64.
    pub certificate: String,
    /// The key.
    pub serial: String,
}

/// Result of `selftest.run` (加解密测试): each key pair that has a certificate was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    /// The key.
    pub serial: String,
    /// What was tried, in the order of the slots.
    pub trials: Vec<Trial>,
}

/// One key pair's test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// Which key pair.
    pub slot: Slot,
    /// What was tried.
    pub skill: Skill,
    /// The certificate's public key confirmed it.
    pub passed: bool,
}

/// What a key pair does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skill {
    /// Signs: 签名.
    Sign,
    /// Agrees on a secret, which decryption rests on: 解密.
    Decrypt,
}
