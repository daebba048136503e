//! What goes wrong in the CA.

use crate::vault::FileError;
use std::path::PathBuf;

/// Why the CA can't start or sign.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the CA can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file of the CA holds something else than it should.
    #[error("{path}: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: &'static str,
    },
    /// The issuing CA ends before the certificate would: a new issuing CA is due.
    #[error("the certificate would outlive the issuing CA: a new issuing CA is due")]
    OutlivesIssuer,
    /// `authority.policy` of the configuration.
    #[error("authority.policy: {0} is no object identifier")]
    Policy(String),
    /// The subject does not fit into a certificate (X.520: at most 64 characters a name, none empty).
    #[error("subject attribute {0} is empty or longer than 64 characters")]
    Subject(&'static str),
    /// ASN.1 encoding failed.
    #[error("DER: {0}")]
    Der(#[from] der::Error),
    /// The signer failed, or its signature does not verify.
    #[error("signing failed")]
    Sign,
}

/// Why a certificate request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrRefusal {
    /// Not a PKCS#10 request in DER, or not in its one canonical encoding.
    #[error("not a canonical DER PKCS#10 request")]
    Encoding,
    /// The key is not on P-256, or not a point on it.
    #[error("the key is not an uncompressed P-256 point")]
    Key,
    /// The signature is not ECDSA with SHA-256.
    #[error("the signature algorithm is not ecdsa-with-SHA256")]
    Algorithm,
    /// The signature does not verify: no proof that the private key is on the medium.
    #[error("the signature does not verify")]
    Signature,
    /// It names somebody else than the order.
    #[error("the subject is not the order's number")]
    Subject,
}
