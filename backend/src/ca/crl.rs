//! The certificate revocation list of the issuing CA (RFC 5280, 5), complete, version 2.

use super::names::{Rdns, distinguished_name};
use super::tbs::{Issuer, authority_key_identifier, extension, sign, x509_time};
use super::{CaError, Signer};
use crate::clock::{DAY, SECOND};
use der::asn1::{OctetString, Uint};
use der::{Encode, Enumerated, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlNumber;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

/// How long a list may be relied on; a new one is there long before.
const GOOD_FOR: i64 = 7 * DAY;

/// A certificate that is not to be relied on any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Serial number, hex.
    pub serial: String,
    /// Since when, microseconds UTC.
    pub at: i64,
    /// Why.
    pub reason: Reason,
}

/// CRLReason (RFC 5280, 5.3.1); those that this build gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[repr(u8)]
pub enum Reason {
    /// Another certificate took its place before it reached its holder.
    Superseded = 4,
    /// The key came back; its holder does not use the certificate any more.
    CessationOfOperation = 5,
}

/// INTEGER 1 means version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[asn1(type = "INTEGER")]
#[repr(u8)]
enum Version {
    V2 = 1,
}

#[derive(Sequence)]
struct Tbs {
    version: Version,
    signature: AlgorithmIdentifierOwned,
    issuer: Rdns,
    this_update: Time,
    next_update: Time,
    #[asn1(optional = "true")]
    revoked: Option<Vec<Entry>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Entry {
    serial: SerialNumber,
    at: Time,
    extensions: Vec<Extension>,
}

/// id-ce-cRLReasons.
const REASON_CODE: der::asn1::ObjectIdentifier = der::asn1::ObjectIdentifier::new_unwrap("2.5.29.21");

/// Signs the list as of `now`. Its number is the second it was made in, so later lists have higher numbers whichever
/// backend made them.
pub(super) fn build(issuer: &Issuer, signer: &dyn Signer, now: i64, revoked: &[Revoked]) -> Result<Vec<u8>, CaError> {
    let number = (now / SECOND).max(0).unsigned_abs().to_be_bytes();
    let entries = revoked.iter().map(entry).collect::<Result<Vec<_>, CaError>>()?;
    let tbs = Tbs {
        version: Version::V2,
        signature: signer.algorithm(),
        issuer: distinguished_name(&issuer.subject)?,
        this_update: x509_time(now)?,
        next_update: x509_time(now + GOOD_FOR)?,
        // An empty list is left out (RFC 5280, 5.1.2.6).
        revoked: (!entries.is_empty()).then_some(entries),
        extensions: vec![
            // The issuer's own key identifier, not that of the issuer's issuer: else no verifier finds the list.
            authority_key_identifier(&issuer.key_id)?,
            extension(&CrlNumber(Uint::new(&number)?), false)?,
        ],
    };
    sign(&tbs.to_der()?, signer)
}

fn entry(revoked: &Revoked) -> Result<Entry, CaError> {
    let serial = hex::decode(&revoked.serial).map_err(|_| CaError::Sign)?;
    Ok(Entry {
        serial: SerialNumber::new(&serial)?,
        at: x509_time(revoked.at)?,
        extensions: vec![Extension {
            extn_id: REASON_CODE,
            critical: false,
            extn_value: OctetString::new(revoked.reason.to_der()?)?,
        }],
    })
}
