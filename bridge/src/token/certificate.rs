//! What a certificate from a key says. Its bytes are not trusted.

use der::{Decode, Encode};
use shared::bridge::{CertificateSummary, Slot};
use x509_cert::Certificate;

/// Subject, issuer, serial and validity of a certificate; none when the bytes are not one.
pub fn summarize(slot: Slot, der: &[u8]) -> Option<CertificateSummary> {
    let certificate = Certificate::from_der(der).ok()?;
    let tbs = certificate.tbs_certificate();
    let validity = tbs.validity();
    Some(CertificateSummary {
        slot,
        subject: tbs.subject().to_string(),
        issuer: tbs.issuer().to_string(),
        serial_number: hex::encode_upper(tbs.serial_number().as_bytes()),
        not_before: micros(validity.not_before)?,
        not_after: micros(validity.not_after)?,
    })
}

/// The certificate's `SubjectPublicKeyInfo` as DER.
pub fn public_key_of(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

fn micros(time: x509_cert::time::Time) -> Option<i64> {
    i64::try_from(time.to_unix_duration().as_micros()).ok()
}
