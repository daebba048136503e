//! A data key seals columns of rows. XChaCha20-Poly1305 with a random 24-byte nonce in front of the text.

use super::VaultError;
use crate::entropy::Entropy;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

pub(super) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The version of data keys that seals now; part of what each sealed text is bound to, and its first byte.
const KEY_VERSION: u8 = 1;

/// Where a sealed text belongs. It opens nowhere else: a row can't be given another row's phone.
#[derive(Clone, Copy, Debug)]
pub struct Aad<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id.
    pub row: &'a str,
}

impl Aad<'_> {
    /// `table|column|row|version`; `|` is in no table, column or id, so two places never give the same bytes.
    pub(super) fn bytes(&self, version: u32) -> Vec<u8> {
        debug_assert!(![self.table, self.column, self.row].iter().any(|part| part.contains('|')));
        format!("{}|{}|{}|{version}", self.table, self.column, self.row).into_bytes()
    }
}

/// A data key as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// Column `wrapped`.
    pub bytes: Vec<u8>,
    /// Column `root_version`: the root key that wraps it.
    pub root_version: u32,
}

/// The key of one order's personal data.
#[derive(Clone)]
pub struct DataKey {
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey([hidden])")
    }
}

impl DataKey {
    pub(super) fn new(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self { key }
    }

    pub(super) fn key(&self) -> &[u8; KEY_BYTES] {
        &self.key
    }

    /// Seals a column of a row.
    pub fn seal(&self, entropy: &dyn Entropy, aad: Aad<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut out = vec![KEY_VERSION];
        out.extend(seal_raw(&self.key, entropy, &aad.bytes(u32::from(KEY_VERSION)), plain)?);
        Ok(out)
    }

    /// Opens a column of a row.
    pub fn open(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match sealed.split_first() {
            Some((&KEY_VERSION, rest)) => open_raw(&self.key, &aad.bytes(u32::from(KEY_VERSION)), rest),
            Some(_) | None => Err(VaultError::Sealed),
        }
    }

    /// Opens a column that holds text.
    pub fn open_text(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<String>, VaultError> {
        let plain = self.open(aad, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Sealed)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

pub(crate) fn seal_raw(
    key: &[u8; KEY_BYTES],
    entropy: &dyn Entropy,
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0u8; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let text = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| VaultError::Sealed)?;
    let mut out = nonce.to_vec();
    out.extend(text);
    Ok(out)
}

pub(crate) fn open_raw(key: &[u8; KEY_BYTES], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Sealed)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad })
        .map(Zeroizing::new)
        .map_err(|_| VaultError::Sealed)
}
