//! Public keys: what a certificate on the key can confirm.

use der::Decode;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256, Sha384};
use shared::bridge::Algorithm;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

use crate::random::Random;
use crate::token::public_key_of;

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// A public key on one of the curves that we know.
pub struct PublicKey {
    /// Its curve.
    pub algorithm: Algorithm,
    /// The uncompressed point.
    point: Vec<u8>,
}

/// The digest that goes with a curve.
pub fn digest(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::P256 => Sha256::digest(bytes).to_vec(),
        Algorithm::P384 => Sha384::digest(bytes).to_vec(),
    }
}

impl PublicKey {
    /// Of a `SubjectPublicKeyInfo`.
    pub fn read(info: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        let curve: ObjectIdentifier = info.algorithm.parameters.as_ref()?.decode_as().ok()?;
        let algorithm = match curve {
            P256 => Algorithm::P256,
            P384 => Algorithm::P384,
            _ => return None,
        };
        Some(Self { algorithm, point: info.subject_public_key.as_bytes()?.to_vec() })
    }

    /// Of a certificate.
    pub fn of_certificate(der: &[u8]) -> Option<Self> {
        Self::read(&SubjectPublicKeyInfoOwned::from_der(&public_key_of(der)?).ok()?)
    }

    /// Whether this ECDSA signature (DER) over a digest is its own.
    pub fn verifies(&self, digest: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .ok()
                .zip(p256::ecdsa::Signature::from_der(signature).ok())
                .is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok()),
            Algorithm::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .ok()
                .zip(p384::ecdsa::Signature::from_der(signature).ok())
                .is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok()),
        }
    }

    /// A fresh partner for a key agreement: its uncompressed point, and the secret that both must come to.
    pub fn partner(&self, random: &dyn Random) -> Option<(Vec<u8>, Vec<u8>)> {
        match self.algorithm {
            Algorithm::P256 => {
                let ours = fresh(random, |bytes: [u8; 32]| p256::SecretKey::from_slice(&bytes).ok());
                let theirs = p256::PublicKey::from_sec1_bytes(&self.point).ok()?;
                let secret = p256::ecdh::diffie_hellman(ours.to_nonzero_scalar(), theirs.as_affine());
                Some((ours.public_key().to_sec1_bytes().to_vec(), secret.raw_secret_bytes().to_vec()))
            }
            Algorithm::P384 => {
                let ours = fresh(random, |bytes: [u8; 48]| p384::SecretKey::from_slice(&bytes).ok());
                let theirs = p384::PublicKey::from_sec1_bytes(&self.point).ok()?;
                let secret = p384::ecdh::diffie_hellman(ours.to_nonzero_scalar(), theirs.as_affine());
                Some((ours.public_key().to_sec1_bytes().to_vec(), secret.raw_secret_bytes().to_vec()))
            }
        }
    }
}

/// Draws until it is a scalar of the curve; nearly always at once.
fn fresh<const N: usize, T>(random: &dyn Random, read: impl Fn([u8; N]) -> Option<T>) -> T {
    loop {
        let mut bytes = [0; N];
        random.fill(&mut bytes);
        if let Some(key) = read(bytes) {
            return key;
        }
    }
}
