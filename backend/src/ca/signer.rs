//! Who signs: a seam for other algorithms and for HSMs.

use super::CaError;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use der::asn1::{Any, BitString, ObjectIdentifier};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// ecdsa-with-SHA256 (RFC 5758).
pub(super) const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// id-ecPublicKey (RFC 5480).
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1, NIST P-256 (RFC 5480).
pub(super) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// A CA's private key, wherever it lives.
pub trait Signer: Send + Sync {
    /// The `AlgorithmIdentifier` that goes into what it signs (RFC 5280, 4.1.1.2).
    fn algorithm(&self) -> AlgorithmIdentifierOwned;

    /// Its public key.
    fn public_key(&self) -> &SubjectPublicKeyInfoOwned;

    /// Signs bytes: the content of the certificate's `BIT STRING` (for ECDSA a DER `ECDSA-Sig-Value`).
    fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, CaError>;

    /// Whether a signature is its own.
    fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool;
}

/// P-256 with SHA-256 by aws-lc-rs.
pub struct P256Signer {
    pair: EcdsaKeyPair,
    public: SubjectPublicKeyInfoOwned,
}

impl P256Signer {
    /// From a PKCS#8 private key in DER. `None` when it is no P-256 key.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).ok()?;
        let public = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifier { oid: EC_PUBLIC_KEY, parameters: Some(Any::from(P256)) },
            subject_public_key: BitString::from_bytes(pair.public_key().as_ref()).ok()?,
        };
        Some(Self { pair, public })
    }
}

impl Signer for P256Signer {
    fn algorithm(&self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifier { oid: ECDSA_SHA256, parameters: None }
    }

    fn public_key(&self) -> &SubjectPublicKeyInfoOwned {
        &self.public
    }

    fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, CaError> {
        // aws-lc draws the signature's nonce itself and does not look at the generator handed in.
        self.pair
            .sign(&SystemRandom::new(), bytes)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| CaError::Sign)
    }

    fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        verify_p256(self.public.subject_public_key.raw_bytes(), bytes, signature)
    }
}

/// ECDSA with SHA-256 on P-256; `point` as SEC 1 bytes, `signature` in DER.
pub(super) fn verify_p256(point: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(bytes, signature).is_ok()
}
