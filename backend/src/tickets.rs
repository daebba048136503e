//! Tickets for the bridge and secrets sealed to it, exactly as `shared::bridge` documents them.

use crate::entropy::Entropy;
use crate::vault::{EntropyRng, FileError, read_or_create};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer, SigningKey};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable, Kem, OpModeS, Serializable, single_shot_seal_with_rng};
use serde::Serialize;
use shared::bridge::{
    InitialSecrets, OPERATION_DOMAIN, OperationTicket, SECRETS_INFO, SESSION_DOMAIN, SealedSecrets, SessionTicket,
    secrets_aad,
};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes of a bridge's nonce and of its public key.
const FIELD_BYTES: usize = 32;

/// Why a ticket can't be made.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// The signing key's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The signing key's file is no Ed25519 key.
    #[error("the bridge's signing key file is not an Ed25519 private key in PEM (PKCS#8)")]
    Key,
    /// The bridge's nonce or key is not 32 bytes of base64url.
    #[error("the bridge's nonce or key is malformed")]
    Challenge,
    /// JSON or sealing failed.
    #[error("the ticket could not be made")]
    Make,
}

/// Signs tickets. Bridges know its public key beside the portal's origin. Cheap to clone.
#[derive(Clone)]
pub struct Tickets {
    key: Arc<SigningKey>,
}

impl std::fmt::Debug for Tickets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tickets([hidden])")
    }
}

impl Tickets {
    /// Opens the signing key at `path`; makes it (PKCS#8 PEM, mode 0600) at the first start.
    pub fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, TicketError> {
        let pem = read_or_create(path, || {
            let mut seed = Zeroizing::new([0u8; 32]);
            entropy.fill(&mut *seed);
            let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF).map_err(|_| TicketError::Key)?;
            Ok::<_, TicketError>(Zeroizing::new(pem.as_bytes().to_vec()))
        })?;
        let pem = std::str::from_utf8(&pem).map_err(|_| TicketError::Key)?;
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| TicketError::Key)?;
        Ok(Self { key: Arc::new(key) })
    }

    /// The public key as a bridge's configuration holds it: standard base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.key.verifying_key().as_bytes())
    }

    /// Signs a session ticket. The nonce and key came from the page: only their form can be checked here.
    pub fn session(&self, ticket: &SessionTicket) -> Result<String, TicketError> {
        check(&ticket.nonce)?;
        check(&ticket.hpke_key)?;
        self.sign(SESSION_DOMAIN, ticket)
    }

    /// Signs an operation ticket.
    pub fn operation(&self, ticket: &OperationTicket) -> Result<String, TicketError> {
        check(&ticket.nonce)?;
        self.sign(OPERATION_DOMAIN, ticket)
    }

    fn sign(&self, domain: &str, ticket: &impl Serialize) -> Result<String, TicketError> {
        let payload = serde_json::to_vec(ticket).map_err(|_| TicketError::Make)?;
        let signature = self.key.sign(&[domain.as_bytes(), &payload].concat());
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }
}

/// Seals a key's new secrets to the bridge's public key, for one operation of one order.
pub fn seal_secrets(
    entropy: &dyn Entropy,
    hpke_key: &str,
    nonce: &str,
    order: &str,
    secrets: &InitialSecrets,
) -> Result<SealedSecrets, TicketError> {
    let key = check(hpke_key)?;
    check(nonce)?;
    let plain = Zeroizing::new(serde_json::to_vec(secrets).map_err(|_| TicketError::Make)?);
    seal(&mut EntropyRng(entropy), &key, &secrets_aad(nonce, order), &plain)
}

fn seal(
    rng: &mut impl CryptoRng,
    key: &[u8; FIELD_BYTES],
    aad: &str,
    plain: &[u8],
) -> Result<SealedSecrets, TicketError> {
    let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(key).map_err(|_| TicketError::Challenge)?;
    let (enc, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &key,
        SECRETS_INFO.as_bytes(),
        plain,
        aad.as_bytes(),
        rng,
    )
    .map_err(|_| TicketError::Make)?;
    Ok(SealedSecrets { enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: URL_SAFE_NO_PAD.encode(ciphertext) })
}

fn check(field: &str) -> Result<[u8; FIELD_BYTES], TicketError> {
    URL_SAFE_NO_PAD.decode(field).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(TicketError::Challenge)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::entropy::SeededEntropy;
    use hpke::{OpModeR, single_shot_open};
    use shared::bridge::vectors;

    fn tickets() -> Tickets {
        let seed: [u8; 32] = hex::decode(vectors::BACKEND_SEED).unwrap().try_into().unwrap();
        Tickets { key: Arc::new(SigningKey::from_bytes(&seed)) }
    }

    fn open(sealed: &SealedSecrets, aad: &str) -> Option<Vec<u8>> {
        let secret =
            <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&hex::decode(vectors::BRIDGE_SECRET).unwrap()).unwrap();
        let enc =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&URL_SAFE_NO_PAD.decode(&sealed.enc).unwrap()).unwrap();
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &enc,
            SECRETS_INFO.as_bytes(),
            &URL_SAFE_NO_PAD.decode(&sealed.ciphertext).unwrap(),
            aad.as_bytes(),
        )
        .ok()
    }

    #[test]
    fn tickets_equal_the_vectors_of_another_implementation() {
        let tickets = tickets();
        assert_eq!(tickets.public_key(), vectors::BACKEND_KEY);
        let session: SessionTicket = serde_json::from_str(vectors::SESSION_PAYLOAD).unwrap();
        assert_eq!(tickets.session(&session).unwrap(), vectors::SESSION_TICKET);
        let operation: OperationTicket = serde_json::from_str(vectors::OPERATION_PAYLOAD).unwrap();
        assert_eq!(tickets.operation(&operation).unwrap(), vectors::OPERATION_TICKET);
    }

    #[test]
    fn secrets_of_another_implementation_open_and_ours_do_too() {
        let theirs = SealedSecrets { enc: vectors::SECRETS_ENC.into(), ciphertext: vectors::SECRETS_CIPHERTEXT.into() };
        assert_eq!(open(&theirs, vectors::SECRETS_AAD).unwrap(), vectors::SECRETS.as_bytes());
        let secrets: InitialSecrets = serde_json::from_str(vectors::SECRETS).unwrap();
        let (nonce, order) = vectors::SECRETS_AAD.split_once('\n').unwrap();
        let ours = seal_secrets(&SeededEntropy::new(1), vectors::BRIDGE_KEY, nonce, order, &secrets).unwrap();
        assert_eq!(open(&ours, vectors::SECRETS_AAD).unwrap(), vectors::SECRETS.as_bytes());
        assert!(open(&ours, &secrets_aad(nonce, "another order")).is_none());
    }

    #[test]
    fn a_malformed_challenge_is_refused() {
        let mut session: SessionTicket = serde_json::from_str(vectors::SESSION_PAYLOAD).unwrap();
        for bad in ["", "AQEB", "!", &format!("{}=", session.nonce)] {
            bad.clone_into(&mut session.nonce);
            assert!(matches!(tickets().session(&session), Err(TicketError::Challenge)));
        }
    }

    #[test]
    fn the_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bridge.key");
        let entropy = SeededEntropy::new(1);
        let first = Tickets::open(&path, &entropy).unwrap();
        let second = Tickets::open(&path, &entropy).unwrap();
        assert_eq!(first.public_key(), second.public_key());
    }
}
