//! Secrets of a key on their way from the backend to the bridge.

use core::fmt;

use serde::{Deserialize, Serialize};

/// HPKE `info` of sealed secrets.
pub const SECRETS_INFO: &str = "certhall.secrets.v1";

/// HPKE `aad` of sealed secrets: the operation's nonce, a line feed, the ticket's order. So a sealed
/// text fits one operation of one order only.
pub fn secrets_aad(nonce: &str, order: &str) -> String {
    let mut aad = String::with_capacity(nonce.len() + order.len() + 1);
    aad.push_str(nonce);
    aad.push('\n');
    aad.push_str(order);
    aad
}

/// Secrets sealed with HPKE (RFC 9180), base mode, one shot: DHKEM(X25519, HKDF-SHA256),
/// HKDF-SHA256, ChaCha20-Poly1305; to the session's `hpkeKey`; `info` [`SECRETS_INFO`], `aad`
/// [`secrets_aad`]. The plain text is the JSON of [`InitialSecrets`]. Opened once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedSecrets {
    /// The encapsulated key, 32 bytes, base64url without padding.
    pub enc: String,
    /// Ciphertext and tag, base64url without padding.
    pub ciphertext: String,
}

/// What `key.initialize` sets on the key. Only the backend makes it, only the bridge reads it.
///
/// Two phases, so that a break at any point leaves a key that can be made again: the backend stores
/// new `puk` and `managementKey` as pending before it seals them, uses the **same** pending pair
/// for every further try with this key (only the PIN is new each time), and counts them as current
/// once `key.initialize` has its result.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InitialSecrets {
    /// The initial PIN, within the key's policy: PIV 6 to 8 digits.
    pub pin: String,
    /// The new PUK: exactly 8 printable ASCII characters.
    pub puk: String,
    /// The new management key: 32 random or diversified bytes, 64 hex digits. The bridge uses as
    /// many as the key's best cipher takes: AES-256 32, AES-192 and 3DES the first 24. Never the
    /// factory's default.
    pub management_key: String,
    /// What may be on the key now, newest first; empty for a key from the factory. The factory's
    /// defaults are always tried as well.
    #[serde(default)]
    pub current: Vec<CurrentSecrets>,
}

/// Secrets that an earlier initialization has set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CurrentSecrets {
    /// 8 characters.
    pub puk: String,
    /// 64 hex digits.
    pub management_key: String,
}

impl fmt::Debug for InitialSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialSecrets([hidden])")
    }
}

impl fmt::Debug for CurrentSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurrentSecrets([hidden])")
    }
}
