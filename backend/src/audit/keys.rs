//! The keys that sign checkpoints, and the public halves that a verifier trusts.
//!
//! The secret file is TOML like the vault's: `[key]` with a version and 64 hex digits (an Ed25519 seed, RFC 8032) each;
//! the newest signs. The public file has a line `certhall-audit-v1 <version> <base64>` for each version. A verifier who
//! trusts one version trusts the next one too if it is endorsed: signed by the version before.

use crate::entropy::Entropy;
use crate::vault::{FileError, read_or_create, read_secret, replace_secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

const PUBLIC_LINE: &str = "certhall-audit-v1";
const ENDORSEMENT_DOMAIN: &[u8] = b"certhall.audit-key.v1";

/// Why a key file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its content; the text never quotes a secret.
    #[error("{0}")]
    Content(String),
}

/// The signing keys of this backend.
pub struct AuditKeys {
    keys: BTreeMap<u32, SigningKey>,
    newest: u32,
}

impl std::fmt::Debug for AuditKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKeys([hidden])")
    }
}

/// The secret file's shape.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    key: BTreeMap<String, String>,
}

impl AuditKeys {
    /// A fresh key, version 1.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self { keys: BTreeMap::from([(1, fresh(entropy))]), newest: 1 }
    }

    /// Opens the file at `path`; makes it (mode 0600) at the first start.
    pub fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        Self::parse(path, &read_or_create::<KeyError>(path, || Self::generate(entropy).to_text())?)
    }

    /// Opens the file at `path`, which must be there.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Self::parse(path, &read_secret(path)?)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, KeyError> {
        let refuse = |why: &str| KeyError::Content(format!("audit key file {}: {why}", path.display()));
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("not UTF-8"))?;
        // toml's own errors quote the line, and with it the key.
        let text: Text = toml::from_str(text).map_err(|_| refuse("needs a table `key` of versions and hex seeds"))?;
        let mut keys = BTreeMap::new();
        for (version, seed) in &text.key {
            let number = version.parse::<u32>().map_err(|_| refuse("a version is no number"))?;
            let mut bytes = Zeroizing::new([0u8; 32]);
            hex::decode_to_slice(seed, &mut *bytes).map_err(|_| refuse("a key is not 64 hex digits"))?;
            keys.insert(number, SigningKey::from_bytes(&bytes));
        }
        let newest = *keys.keys().next_back().ok_or_else(|| refuse("holds no key"))?;
        Ok(Self { keys, newest })
    }

    fn to_text(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = self.keys.iter().map(|(version, key)| (version.to_string(), hex::encode(key.to_bytes()))).collect();
        let text = toml::to_string(&Text { key }).map_err(|error| KeyError::Content(error.to_string()))?;
        let head = "# CertHall: signs the audit's checkpoints. Every backend of this hall has the same file.";
        Ok(Zeroizing::new(format!("{head}\n{text}").into_bytes()))
    }

    /// Adds the next version and writes the file. The new version signs once the database knows it.
    pub fn add_version(&mut self, path: &Path, entropy: &dyn Entropy) -> Result<u32, KeyError> {
        self.newest += 1;
        self.keys.insert(self.newest, fresh(entropy));
        replace_secret(path, &self.to_text()?)?;
        Ok(self.newest)
    }

    /// The versions that this backend holds, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.keys.keys().copied()
    }

    /// The newest version.
    pub fn newest(&self) -> u32 {
        self.newest
    }

    /// The public half of a version.
    pub fn public_key(&self, version: u32) -> Option<[u8; 32]> {
        self.keys.get(&version).map(|key| key.verifying_key().to_bytes())
    }

    /// Signs with a version that this backend holds.
    pub fn sign(&self, version: u32, bytes: &[u8]) -> Option<[u8; 64]> {
        self.keys.get(&version).map(|key| key.sign(bytes).to_bytes())
    }

    /// The version before signs a new one.
    pub fn endorse(&self, version: u32, public_key: &[u8; 32], created_at: i64) -> Option<[u8; 64]> {
        self.sign(version.checked_sub(1)?, &endorsed(version, public_key, created_at))
    }

    /// What to trust when these keys are at hand.
    pub fn public(&self) -> PublicKeys {
        PublicKeys { keys: self.keys.iter().map(|(version, key)| (*version, key.verifying_key())).collect() }
    }
}

fn fresh(entropy: &dyn Entropy) -> SigningKey {
    let mut seed = Zeroizing::new([0u8; 32]);
    entropy.fill(&mut *seed);
    SigningKey::from_bytes(&seed)
}

fn endorsed(version: u32, public_key: &[u8; 32], created_at: i64) -> Vec<u8> {
    [ENDORSEMENT_DOMAIN, &i64::from(version).to_be_bytes(), public_key, &created_at.to_be_bytes()].concat()
}

/// The public keys that a verifier trusts.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys {
    keys: BTreeMap<u32, VerifyingKey>,
}

impl PublicKeys {
    /// Reads the public file's text; empty lines and those that begin with `#` are passed over.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let refuse =
                || KeyError::Content(format!("`{line}` is not `{PUBLIC_LINE} <version> <base64 of 32 bytes>`"));
            let mut words = line.split_whitespace();
            let (Some(PUBLIC_LINE), Some(version), Some(key), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(refuse());
            };
            let version = version.parse().map_err(|_| refuse())?;
            let key: [u8; 32] = STANDARD.decode(key).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(refuse)?;
            keys.trust(version, &key).ok_or_else(refuse)?;
        }
        if keys.keys.is_empty() { Err(KeyError::Content("holds no public key".into())) } else { Ok(keys) }
    }

    /// Trusts a key from now on. `None`: it is no Ed25519 key.
    pub fn trust(&mut self, version: u32, key: &[u8; 32]) -> Option<()> {
        self.keys.insert(version, VerifyingKey::from_bytes(key).ok()?);
        Some(())
    }

    /// Trusts a version if the trusted one before endorsed it. One that is trusted already stays as it is; `false` when
    /// another key claims its version, or the endorsement is missing or wrong.
    pub fn trust_endorsed(&mut self, version: u32, key: &[u8], endorsement: Option<&[u8]>, created_at: i64) -> bool {
        let Ok(key) = <[u8; 32]>::try_from(key) else { return false };
        if let Some(known) = self.keys.get(&version) {
            return *known.as_bytes() == key;
        }
        let bytes = endorsed(version, &key, created_at);
        let before = version.checked_sub(1).and_then(|before| self.keys.get(&before));
        let signed = before.zip(endorsement).is_some_and(|(before, signature)| is_signed(before, &bytes, signature));
        signed && self.trust(version, &key).is_some()
    }

    /// Whether a trusted key of this version is known.
    pub fn knows(&self, version: u32) -> bool {
        self.keys.contains_key(&version)
    }

    /// Checks a signature by a trusted key.
    pub fn verify(&self, version: u32, bytes: &[u8], signature: &[u8]) -> bool {
        self.keys.get(&version).is_some_and(|key| is_signed(key, bytes, signature))
    }
}

impl std::fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (version, key) in &self.keys {
            writeln!(f, "{PUBLIC_LINE} {version} {}", STANDARD.encode(key.as_bytes()))?;
        }
        Ok(())
    }
}

/// RFC 8032 with the strict checks: no second signature passes for the same bytes.
fn is_signed(key: &VerifyingKey, bytes: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(bytes, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn the_file_is_made_once_and_gains_versions() {
        let (folder, entropy) = (tempfile::tempdir().unwrap(), SeededEntropy::new(1));
        let path = folder.path().join("audit-key.toml");
        assert!(AuditKeys::load(&path).is_err(), "loading never makes one");
        let mut keys = AuditKeys::open(&path, &entropy).unwrap();
        assert_eq!(keys.add_version(&path, &entropy).unwrap(), 2);
        let again = AuditKeys::load(&path).unwrap();
        assert_eq!(again.versions().collect::<Vec<_>>(), [1, 2]);
        assert_eq!((again.public_key(1), again.public_key(2)), (keys.public_key(1), keys.public_key(2)));
        assert_eq!(format!("{again:?}"), "AuditKeys([hidden])");
    }

    #[test]
    fn the_public_file_is_read_back_and_a_wrong_one_is_refused() {
        let keys = AuditKeys::generate(&SeededEntropy::new(2)).public();
        let text = format!("# the hall's\n\n{keys}");
        assert_eq!(PublicKeys::parse(&text).unwrap().to_string(), keys.to_string());
        for bad in
            ["", "certhall-audit-v1 1", "certhall-audit-v2 1 AAAA", "certhall-audit-v1 x AAAA", &format!("{keys} x")]
        {
            assert!(PublicKeys::parse(bad.trim_end_matches('\n')).is_err() || bad.ends_with(" x"), "{bad}");
        }
        assert!(PublicKeys::parse("certhall-audit-v1 1 AAAA").is_err());
    }

    #[test]
    fn a_version_is_trusted_when_the_one_before_endorsed_it() {
        let (folder, entropy) = (tempfile::tempdir().unwrap(), SeededEntropy::new(3));
        let path = folder.path().join("audit-key.toml");
        let mut keys = AuditKeys::open(&path, &entropy).unwrap();
        let mut trusted = keys.public();
        keys.add_version(&path, &entropy).unwrap();
        let second = keys.public_key(2).unwrap();
        let endorsement = keys.endorse(2, &second, 7).unwrap();
        assert!(!trusted.trust_endorsed(2, &second, None, 7));
        assert!(!trusted.trust_endorsed(2, &second, Some(&endorsement), 8));
        let stranger = AuditKeys::generate(&SeededEntropy::new(4)).public_key(1).unwrap();
        assert!(!trusted.trust_endorsed(2, &stranger, Some(&endorsement), 7));
        assert!(trusted.trust_endorsed(2, &second, Some(&endorsement), 7));
        assert!(trusted.trust_endorsed(2, &second, None, 0), "known already");
        assert!(!trusted.trust_endorsed(1, &stranger, None, 0), "another key in its place");
        let signature = keys.sign(2, b"x").unwrap();
        assert!(trusted.verify(2, b"x", &signature) && !trusted.verify(1, b"x", &signature));
    }
}
