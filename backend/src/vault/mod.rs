//! The vault: personal data is sealed before it reaches the database, and found again by keyed hashes.
//!
//! ```text
//! root keys (file or environment, never the database; several versions, the newest seals)
//!   └─ wraps a data key per order (table data_keys)
//!        └─ seals the order's columns, each bound to its table, column and row
//! lookup key ─ one HMAC key per column: the blind indexes
//! keys key   ─ diversified into each UKey's PUK and management key
//! ```
//! Erasing a person is destroying the order's wrapped data key. A new root version re-wraps data keys only; lookup and
//! keys key never change, else nothing would be found again.

mod blind;
mod data_key;
mod file;
mod rng;
mod root;
pub mod rotation;
mod sensitive;

pub use blind::BlindColumn;
pub use data_key::{Aad, DataKey, Wrapped};
pub use file::{FileError, read_or_create, read_secret, replace_secret};
pub use rng::EntropyRng;
pub use root::RootKeys;
pub use sensitive::Sensitive;

use crate::entropy::Entropy;
use data_key::KEY_BYTES;
pub(crate) use data_key::{open_raw, seal_raw};
use hkdf::Hkdf;
use sha2::Sha256;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// How often a running backend looks for newer root keys.
const REREAD_EVERY: Duration = Duration::from_secs(20);

/// Why something can't be sealed or opened. Says nothing about the content.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It was changed, cut, moved to another row, or sealed under another key.
    #[error("sealed data does not open: it was changed or does not belong here")]
    Sealed,
    /// The root key that it needs is not among those that were loaded.
    #[error("root key version {0} is not in the root key file")]
    UnknownRoot(u32),
    /// The root key file is unreadable; the text says where and what to do.
    #[error("{0}")]
    RootKeys(String),
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Seals, opens and looks up. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    roots: Arc<Roots>,
}

/// The root keys, and where newer ones appear while this program runs.
struct Roots {
    keys: RwLock<Arc<RootKeys>>,
    file: Option<PathBuf>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([hidden])")
    }
}

impl Vault {
    /// A vault over these root keys; they stay as they are while the program runs.
    pub fn new(roots: RootKeys) -> Self {
        Self { roots: Arc::new(Roots { keys: RwLock::new(Arc::new(roots)), file: None }) }
    }

    /// A vault over the root keys of a file, which is made at the first start and read again when it has changed.
    pub fn of_file(path: &Path, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let keys = RwLock::new(Arc::new(RootKeys::load(path, entropy)?));
        Ok(Self { roots: Arc::new(Roots { keys, file: Some(path.to_owned()) }) })
    }

    /// The version that seals now; the others only open.
    pub fn root_version(&self) -> u32 {
        self.keys().newest()
    }

    /// The versions at hand, oldest first.
    pub fn root_versions(&self) -> Vec<u32> {
        self.keys().versions()
    }

    /// Where the root keys are, if they are in a file.
    pub fn file(&self) -> Option<&Path> {
        self.roots.file.as_deref()
    }

    fn keys(&self) -> Arc<RootKeys> {
        self.roots.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file again: another process may have added or removed a version. A file whose lookup or keys key is
    /// another one is refused, because nothing would be found again.
    pub fn reread(&self) -> Result<(), VaultError> {
        let Some(path) = &self.roots.file else { return Ok(()) };
        let fresh = RootKeys::reload(path)?;
        let mut keys = self.roots.keys.write().unwrap_or_else(PoisonError::into_inner);
        if !fresh.same_lookup(&keys) {
            let why = format!("root key file {}: lookup or keys key differs from the one in use", path.display());
            return Err(VaultError::RootKeys(why));
        }
        *keys = Arc::new(fresh);
        Ok(())
    }

    /// Rereads the file every few seconds, so that new data is sealed under a new version soon after a rotation.
    pub async fn keep_current(&self) {
        loop {
            tokio::time::sleep(REREAD_EVERY).await;
            if let Err(error) = self.reread() {
                tracing::error!(%error, "vault: the root keys stay as they were");
            }
        }
    }

    /// A data key for the row `id` of `data_keys`, and how it is kept there.
    pub fn new_data_key(&self, entropy: &dyn Entropy, id: &str) -> Result<(DataKey, Wrapped), VaultError> {
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        entropy.fill(&mut *key);
        let wrapped = self.wrap(entropy, id, &key)?;
        Ok((DataKey::new(key), wrapped))
    }

    fn wrap(&self, entropy: &dyn Entropy, id: &str, key: &[u8; KEY_BYTES]) -> Result<Wrapped, VaultError> {
        let root_version = self.root_version();
        let wrapping = self.root_subkey(root_version, "wrap")?;
        let aad = wrapped_aad(id, root_version);
        Ok(Wrapped { bytes: seal_raw(&wrapping, entropy, &aad, key)?, root_version })
    }

    /// The same data key, wrapped under the newest root key.
    pub fn rewrap(&self, entropy: &dyn Entropy, id: &str, wrapped: &Wrapped) -> Result<Wrapped, VaultError> {
        self.wrap(entropy, id, self.unwrap(id, wrapped)?.key())
    }

    /// The data key of the row `id` of `data_keys`.
    pub fn unwrap(&self, id: &str, wrapped: &Wrapped) -> Result<DataKey, VaultError> {
        let wrapping = self.root_subkey(wrapped.root_version, "wrap")?;
        let plain = open_raw(&wrapping, &wrapped_aad(id, wrapped.root_version), &wrapped.bytes)?;
        let key = <[u8; KEY_BYTES]>::try_from(plain.as_slice()).map_err(|_| VaultError::Sealed)?;
        Ok(DataKey::new(Zeroizing::new(key)))
    }

    /// Seals what belongs to no order (a staff member's TOTP secret, the CA's keys) under the newest root key.
    pub fn seal(&self, entropy: &dyn Entropy, aad: Aad<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let version = self.root_version();
        let key = self.root_subkey(version, "seal")?;
        let mut out = version.to_be_bytes().to_vec();
        out.extend(seal_raw(&key, entropy, &aad.bytes(version), plain)?);
        Ok(out)
    }

    /// Opens what [`Vault::seal`] sealed, whichever root version it was.
    pub fn open(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (version, rest) = sealed.split_first_chunk::<4>().ok_or(VaultError::Sealed)?;
        let version = u32::from_be_bytes(*version);
        let key = self.root_subkey(version, "seal")?;
        open_raw(&key, &aad.bytes(version), rest)
    }

    /// The blind index of a value: the same value gives the same text in one column and another text in every other.
    /// Callers pass the value as it was parsed (normalised), else it is not found again. Hex, 64 characters.
    pub fn blind(&self, column: BlindColumn, value: &str) -> String {
        blind::index(self.keys().lookup(), column, value)
    }

    /// Bytes for one UKey (its PUK and management key), different for each `label`. HKDF-SHA256 (RFC 5869).
    pub fn diversify(&self, label: &str, out: &mut [u8]) -> Result<(), VaultError> {
        expand(self.keys().keys(), &["key", label], out)
    }

    fn root_subkey(&self, version: u32, purpose: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, VaultError> {
        let mut keys = self.keys();
        if keys.version(version).is_none() {
            // Another process has rotated: its version is in the file by now.
            self.reread()?;
            keys = self.keys();
        }
        let root = keys.version(version).ok_or(VaultError::UnknownRoot(version))?;
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        expand(root, &["root", purpose], &mut *key)?;
        Ok(key)
    }
}

fn wrapped_aad(id: &str, root_version: u32) -> Vec<u8> {
    Aad { table: "data_keys", column: "wrapped", row: id }.bytes(root_version)
}

fn expand(key: &[u8], labels: &[&str], out: &mut [u8]) -> Result<(), VaultError> {
    let mut info = b"certhall.vault.v1".to_vec();
    for label in labels {
        info.push(0);
        info.extend_from_slice(label.as_bytes());
    }
    Hkdf::<Sha256>::new(None, key).expand(&info, out).map_err(|_| VaultError::Sealed)
}

#[cfg(test)]
mod tests;
