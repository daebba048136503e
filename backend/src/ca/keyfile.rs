//! The CA's private keys on disk: PKCS#8 encrypted with a passphrase (scrypt, AES-256), so that any tool can open them
//! who knows it. `openssl pkey -in root.key` does.

use super::{CaError, P256Signer};
use crate::entropy::Entropy;
use crate::vault::{EntropyRng, read_or_create};
use p256::pkcs8::EncodePrivateKey;
use pkcs8::der::pem::LineEnding;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};
use std::path::Path;
use zeroize::Zeroizing;

const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Opens the key at `path`; makes one when the file does not exist.
pub(super) fn open_or_create(path: &Path, passphrase: &str, entropy: &dyn Entropy) -> Result<P256Signer, CaError> {
    let pem = read_or_create(path, || create(path, passphrase, entropy))?;
    let damaged = |why| CaError::Damaged { path: path.to_owned(), why };
    let pem = std::str::from_utf8(&pem).map_err(|_| damaged("is not PEM"))?;
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| damaged("is not a PEM private key"))?;
    if label != LABEL {
        return Err(damaged("is not an encrypted private key"));
    }
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| damaged("is not PKCS#8"))?;
    let opened = encrypted
        .decrypt(passphrase)
        .map_err(|_| damaged("does not open: the passphrase is wrong or the file is damaged"))?;
    P256Signer::from_pkcs8(opened.as_bytes()).ok_or_else(|| damaged("is not a P-256 key"))
}

fn create(path: &Path, passphrase: &str, entropy: &dyn Entropy) -> Result<Zeroizing<Vec<u8>>, CaError> {
    let failed = |_| CaError::Damaged { path: path.to_owned(), why: "could not be made" };
    let mut scalar = Zeroizing::new([0u8; 32]);
    let key = loop {
        entropy.fill(&mut *scalar);
        // Not every 32 bytes are a scalar below the order; about one in 2^32 tries again.
        if let Ok(key) = p256::SecretKey::from_slice(&*scalar) {
            break key;
        }
    };
    let plain = key.to_pkcs8_der().map_err(failed)?;
    let sealed = PrivateKeyInfoRef::try_from(plain.as_bytes())
        .map_err(failed)?
        .encrypt_with_rng(&mut EntropyRng(entropy), passphrase)
        .map_err(failed)?;
    let pem = sealed.to_pem(LABEL, LineEnding::LF).map_err(|error| failed(error.into()))?;
    Ok(Zeroizing::new(pem.as_bytes().to_vec()))
}
