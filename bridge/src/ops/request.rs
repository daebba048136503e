//! The certificate request (PKCS#10, RFC 2986), signed on the key itself.

use std::str::FromStr;

use super::public::{PublicKey, digest};
use der::asn1::{BitString, SetOfVec};
use der::{Decode, Encode};
use shared::bridge::Algorithm;
use spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, Version};

/// A request that waits for its signature.
pub struct Unsigned {
    info: CertReqInfo,
    algorithm: Algorithm,
    /// What the key signs.
    pub digest: Vec<u8>,
}

/// ecdsa-with-SHA256 and ecdsa-with-SHA384 (RFC 5758).
const fn signature_algorithm(algorithm: Algorithm) -> ObjectIdentifier {
    match algorithm {
        Algorithm::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
        Algorithm::P384 => ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
    }
}

/// The request for this public key. The subject is CN = the order's number: it only tells requests
/// apart, the CA takes the name from the order. `order` is letters, digits, `-` and `_` (ticket.rs).
pub fn unsigned(order: &str, public_key: &[u8], algorithm: Algorithm) -> der::Result<Unsigned> {
    let info = CertReqInfo {
        version: Version::V1,
        subject: Name::from_str(&format!("CN={order}"))?,
        public_key: SubjectPublicKeyInfoOwned::from_der(public_key)?,
        attributes: SetOfVec::default(),
    };
    let digest = digest(algorithm, &info.to_der()?);
    Ok(Unsigned { info, algorithm, digest })
}

impl Unsigned {
    /// The request as DER. None when the signature is not one by the request's own key: the card
    /// has signed something else or with another key.
    pub fn signed(self, signature: &[u8]) -> Option<Vec<u8>> {
        if !PublicKey::read(&self.info.public_key)?.verifies(&self.digest, signature) {
            return None;
        }
        CertReq {
            info: self.info,
            algorithm: AlgorithmIdentifierOwned { oid: signature_algorithm(self.algorithm), parameters: None },
            signature: BitString::from_bytes(signature).ok()?,
        }
        .to_der()
        .ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use p256::ecdsa::signature::hazmat::PrehashSigner;
    use p256::ecdsa::{Signature, SigningKey};
    use spki::EncodePublicKey;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_slice(&[5; 32]).unwrap()
    }

    #[test]
    fn a_signed_request_is_complete() {
        let public = key().verifying_key().to_public_key_der().unwrap();
        let unsigned = unsigned("202611200001", public.as_bytes(), Algorithm::P256).unwrap();
        let signature: Signature = key().sign_prehash(&unsigned.digest).unwrap();
        let der = unsigned.signed(signature.to_der().as_bytes()).unwrap();
        let request = CertReq::from_der(&der).unwrap();
        assert_eq!(request.info.subject.to_string(), "CN=202611200001");
    }

    #[test]
    fn a_signature_by_another_key_is_noticed() {
        let public = key().verifying_key().to_public_key_der().unwrap();
        let unsigned = unsigned("1", public.as_bytes(), Algorithm::P256).unwrap();
        let other = SigningKey::from_slice(&[6; 32]).unwrap();
        let signature: Signature = other.sign_prehash(&unsigned.digest).unwrap();
        assert_eq!(unsigned.signed(signature.to_der().as_bytes()), None);
    }
}
