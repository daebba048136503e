//! The embedded certification authority: a root that signed the issuing CA and sleeps encrypted on disk, and the
//! issuing CA that signs holders' certificates.
//!
//! What is signed is stored first: [`Ca::prepare`] gives the to-be-signed bytes, the caller commits them, and
//! [`Ca::sign`] signs exactly these bytes. So a crash between the two leaves a record, and signing again gives the same
//! certificate but for the signature's random part.
//!
//! Seams for what comes later: [`Signer`] (another algorithm, an HSM) and [`Profile`] (data, not code).

mod crl;
mod error;
mod keyfile;
mod names;
mod profile;
mod request;
mod setup;
mod signer;
mod tbs;

pub use crl::{Reason, Revoked};
pub use error::{CaError, CsrRefusal};
pub use profile::{CaConstraint, Policy, Profile, Subject, UNIT, validity};
pub use request::VerifiedRequest;
pub use setup::CaConfig;
pub use signer::{P256Signer, Signer};

use crate::entropy::Entropy;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The issuing CA, ready to sign. Cheap to clone.
#[derive(Clone)]
pub struct Ca {
    inner: Arc<Inner>,
}

struct Inner {
    root: Vec<u8>,
    issuing: Vec<u8>,
    issuer: tbs::Issuer,
    not_after: i64,
    signer: Box<dyn Signer>,
    config: CaConfig,
}

impl std::fmt::Debug for Ca {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ca([hidden])")
    }
}

/// What is stored before signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The serial number: 32 hex digits, positive, random but for its highest bit.
    pub serial: String,
    /// The to-be-signed bytes (DER `TBSCertificate`).
    pub tbs: Vec<u8>,
    /// SHA-256 of the holder's public key (DER `SubjectPublicKeyInfo`), hex.
    pub spki_hash: String,
    /// First valid second, microseconds UTC.
    pub not_before: i64,
    /// Last valid second, microseconds UTC.
    pub not_after: i64,
}

impl Ca {
    /// What the profile, the verified subject and the verified request give, to be stored before [`Ca::sign`].
    /// Refused when it would outlive the issuing CA.
    pub fn prepare(
        &self,
        profile: &Profile,
        subject: &Subject,
        request: &VerifiedRequest,
        validity: (i64, i64),
        entropy: &dyn Entropy,
    ) -> Result<Prepared, CaError> {
        let (not_before, not_after) = validity;
        if not_after > self.inner.not_after {
            return Err(CaError::OutlivesIssuer);
        }
        let serial = tbs::fresh_serial(entropy);
        let tbs = tbs::build(
            &tbs::Content {
                profile,
                subject,
                spki: request.spki(),
                serial: &serial,
                not_before,
                not_after,
                issuer: Some(&self.inner.issuer),
                config: &self.inner.config,
            },
            self.inner.signer.as_ref(),
        )?;
        Ok(Prepared { serial: hex::encode(serial), tbs, spki_hash: request.spki_hash(), not_before, not_after })
    }

    /// Signs stored to-be-signed bytes: the certificate, DER. The signature is checked before it is given out, so that
    /// a faulty signer never lets a broken certificate reach a key.
    pub fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CaError> {
        tbs::sign(tbs, self.inner.signer.as_ref())
    }

    /// The list of certificates of the issuing CA that are not to be relied on, signed as of `now`, DER.
    pub fn revocation_list(&self, now: i64, revoked: &[Revoked]) -> Result<Vec<u8>, CaError> {
        crl::build(&self.inner.issuer, self.inner.signer.as_ref(), now, revoked)
    }

    /// The issuing CA's certificate, DER.
    pub fn issuing_certificate(&self) -> &[u8] {
        &self.inner.issuing
    }

    /// The root's certificate, DER.
    pub fn root_certificate(&self) -> &[u8] {
        &self.inner.root
    }
}

/// SHA-256 as hex: how requests, public keys and certificates are recognised again.
pub fn fingerprint(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
