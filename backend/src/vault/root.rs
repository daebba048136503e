//! Root keys: the only secrets that the database can't be read without.

use super::{VaultError, read_or_create, read_secret, replace_secret};
use crate::entropy::Entropy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

/// Root key versions, the lookup key and the keys key.
pub struct RootKeys {
    versions: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    newest: u32,
    lookup: Zeroizing<[u8; 32]>,
    keys: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for RootKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKeys([hidden])")
    }
}

/// The file's shape: TOML, keys as 64 hex digits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    lookup: String,
    keys: String,
    root: BTreeMap<String, String>,
}

impl RootKeys {
    /// Fresh keys, version 1.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let key = || {
            let mut key = Zeroizing::new([0u8; 32]);
            entropy.fill(&mut *key);
            key
        };
        Self { versions: BTreeMap::from([(1, key())]), newest: 1, lookup: key(), keys: key() }
    }

    /// Reads the file at `path`; makes it (mode 0600) at the first start.
    pub fn load(path: &Path, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Self::of_bytes(path, &read_or_create::<VaultError>(path, || Self::generate(entropy).to_text())?)
    }

    /// Reads the file at `path`, which must be there.
    pub fn reload(path: &Path) -> Result<Self, VaultError> {
        Self::of_bytes(path, &read_secret(path)?)
    }

    fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Self, VaultError> {
        let text =
            std::str::from_utf8(bytes).map_err(|_| VaultError::RootKeys(format!("{}: not UTF-8", path.display())))?;
        Self::parse(text).map_err(|error| match error {
            VaultError::RootKeys(why) => VaultError::RootKeys(format!("root key file {}: {why}", path.display())),
            other => other,
        })
    }

    /// Reads the same text from elsewhere (an environment variable).
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let refuse = |why: &str| VaultError::RootKeys(why.to_owned());
        // toml's own errors quote the line, and with it the key.
        let text: Text =
            toml::from_str(text).map_err(|_| refuse("needs the hex keys `lookup` and `keys` and a table `root`"))?;
        let mut versions = BTreeMap::new();
        for (version, hex) in &text.root {
            let number = version
                .parse::<u32>()
                .map_err(|_| VaultError::RootKeys(format!("root.{version}: no version number")))?;
            versions.insert(number, key(hex, &format!("root.{version}"))?);
        }
        let newest = *versions.keys().next_back().ok_or_else(|| refuse("has no root key"))?;
        Ok(Self { versions, newest, lookup: key(&text.lookup, "lookup")?, keys: key(&text.keys, "keys")? })
    }

    fn to_text(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let text = toml::to_string(&Text {
            lookup: hex::encode(*self.lookup),
            keys: hex::encode(*self.keys),
            root: self.versions.iter().map(|(version, key)| (version.to_string(), hex::encode(**key))).collect(),
        })
        .map_err(|error| VaultError::RootKeys(error.to_string()))?;
        Ok(Zeroizing::new(
            format!(
                "# CertHall root keys. Without this file no personal data can be read again: back it up, apart from the database.\n{text}"
            )
            .into_bytes(),
        ))
    }

    /// Adds a fresh version, which seals from now on, and writes the file.
    pub fn add_version(&mut self, path: &Path, entropy: &dyn Entropy) -> Result<u32, VaultError> {
        let mut key = Zeroizing::new([0u8; 32]);
        entropy.fill(&mut *key);
        self.newest += 1;
        self.versions.insert(self.newest, key);
        replace_secret(path, &self.to_text()?)?;
        Ok(self.newest)
    }

    /// Takes a version out and writes the file. What it sealed can never be opened again: only when nothing is left.
    pub fn remove_version(&mut self, path: &Path, version: u32) -> Result<(), VaultError> {
        if version == self.newest || self.versions.remove(&version).is_none() {
            return Err(VaultError::UnknownRoot(version));
        }
        Ok(replace_secret(path, &self.to_text()?)?)
    }

    pub(super) fn same_lookup(&self, other: &Self) -> bool {
        *self.lookup == *other.lookup && *self.keys == *other.keys
    }

    pub(super) fn versions(&self) -> Vec<u32> {
        self.versions.keys().copied().collect()
    }

    pub(super) fn newest(&self) -> u32 {
        self.newest
    }

    pub(super) fn version(&self, version: u32) -> Option<&[u8; 32]> {
        self.versions.get(&version).map(|key| &**key)
    }

    pub(super) fn lookup(&self) -> &[u8; 32] {
        &self.lookup
    }

    pub(super) fn keys(&self) -> &[u8; 32] {
        &self.keys
    }
}

fn key(hex: &str, name: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut key = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(hex, &mut *key).map_err(|_| VaultError::RootKeys(format!("{name} is not 64 hex digits")))?;
    Ok(key)
}
