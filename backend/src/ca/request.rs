//! Certificate requests (PKCS#10, RFC 2986): read strictly, believed in nothing but the key.

use super::names::COMMON_NAME;
use super::signer::{EC_PUBLIC_KEY, ECDSA_SHA256, P256, verify_p256};
use super::{CsrRefusal, fingerprint};
use der::asn1::{Any, Utf8StringRef};
use der::{Decode, Encode, Tagged};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::request::CertReq;

/// Longest request in bytes; a P-256 one with a short name has about 250.
const LONGEST: usize = 4096;

/// A request whose signature proves that its maker holds the private key.
#[derive(Clone, Debug)]
pub struct VerifiedRequest {
    spki: SubjectPublicKeyInfoOwned,
    spki_hash: String,
    hash: String,
}

impl VerifiedRequest {
    /// Reads and verifies a DER request that was made for `order`: its subject is `CN=<order number>` and nothing else
    /// (`shared::bridge::Generated`), so a request can't be brought to another order.
    pub fn verify(der: &[u8], order: &str) -> Result<Self, CsrRefusal> {
        if der.len() > LONGEST {
            return Err(CsrRefusal::Encoding);
        }
        let request = CertReq::from_der(der).map_err(|_| CsrRefusal::Encoding)?;
        // One canonical form: what was parsed is what was signed, byte for byte.
        if request.to_der().map_err(|_| CsrRefusal::Encoding)? != der {
            return Err(CsrRefusal::Encoding);
        }
        if request.algorithm.oid != ECDSA_SHA256 || request.algorithm.parameters.is_some() {
            return Err(CsrRefusal::Algorithm);
        }
        let point = p256_point(&request.info.public_key)?;
        let signed = request.info.to_der().map_err(|_| CsrRefusal::Encoding)?;
        let signature = request.signature.as_bytes().ok_or(CsrRefusal::Signature)?;
        if !verify_p256(point, &signed, signature) {
            return Err(CsrRefusal::Signature);
        }
        let mut names = request.info.subject.iter();
        let (Some(name), None) = (names.next(), names.next()) else {
            return Err(CsrRefusal::Subject);
        };
        if name.oid != COMMON_NAME || text(&name.value) != Some(order) {
            return Err(CsrRefusal::Subject);
        }
        let spki_der = request.info.public_key.to_der().map_err(|_| CsrRefusal::Encoding)?;
        Ok(Self { spki: request.info.public_key, spki_hash: fingerprint(&spki_der), hash: fingerprint(der) })
    }

    /// The holder's public key.
    pub(super) fn spki(&self) -> &SubjectPublicKeyInfoOwned {
        &self.spki
    }

    /// SHA-256 of the public key (DER `SubjectPublicKeyInfo`), hex: no key gets two certificates.
    pub fn spki_hash(&self) -> String {
        self.spki_hash.clone()
    }

    /// SHA-256 of the whole request, hex: the same request again gets the same certificate.
    pub fn hash(&self) -> String {
        self.hash.clone()
    }
}

/// The uncompressed point, proven to lie on P-256.
fn p256_point(spki: &SubjectPublicKeyInfoOwned) -> Result<&[u8], CsrRefusal> {
    if spki.algorithm.oid != EC_PUBLIC_KEY || spki.algorithm.parameters.as_ref() != Some(&Any::from(P256)) {
        return Err(CsrRefusal::Key);
    }
    let point =
        spki.subject_public_key.as_bytes().filter(|bytes| bytes.len() == 65 && bytes[0] == 4).ok_or(CsrRefusal::Key)?;
    p256::PublicKey::from_sec1_bytes(point).map_err(|_| CsrRefusal::Key)?;
    Ok(point)
}

fn text(value: &Any) -> Option<&str> {
    let text = match value.tag() {
        der::Tag::Utf8String => value.decode_as::<Utf8StringRef<'_>>().ok()?.as_str(),
        der::Tag::PrintableString => value.decode_as::<der::asn1::PrintableStringRef<'_>>().ok()?.as_str(),
        _ => return None,
    };
    Some(text)
}
