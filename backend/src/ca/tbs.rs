//! Builds to-be-signed certificates and signs them.

use super::names::{Rdns, distinguished_name};
use super::profile::Policy;
use super::{CaConfig, CaError, Profile, Signer, Subject};
use crate::clock::SECOND;
use crate::entropy::Entropy;
use der::asn1::{BitString, GeneralizedTime, Ia5String, ObjectIdentifier, OctetString, UtcTime};
use der::{AnyRef, DateTime, Decode, Encode, Sequence};
use sha1::{Digest, Sha1};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use std::time::Duration;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Criticality, Extension};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// Bytes of a serial number: 127 random bits, twice what RFC 5280's users ask for.
pub(super) const SERIAL_BYTES: usize = 16;

/// RFC 5280, 4.1: every field in its place. Its own struct, because x509-cert's can be filled by a builder only that
/// wants the private key at hand.
#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: Version,
    serial: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Rdns,
    validity: Validity,
    subject: Rdns,
    spki: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Validity {
    not_before: Time,
    not_after: Time,
}

#[derive(Sequence)]
struct Signed<'a> {
    tbs: AnyRef<'a>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// The issuer as its children name it.
pub(super) struct Issuer {
    pub subject: Subject,
    /// Its subjectKeyIdentifier: what children's authorityKeyIdentifier must say.
    pub key_id: Vec<u8>,
}

/// What goes into a certificate. `issuer: None` is self-signed.
pub(super) struct Content<'a> {
    pub profile: &'a Profile,
    pub subject: &'a Subject,
    pub spki: &'a SubjectPublicKeyInfoOwned,
    pub serial: &'a [u8; SERIAL_BYTES],
    pub not_before: i64,
    pub not_after: i64,
    pub issuer: Option<&'a Issuer>,
    pub config: &'a CaConfig,
}

/// A random positive serial number: the highest bit is clear (else DER adds a byte), the next is set (so that it is
/// never shorter).
pub(super) fn fresh_serial(entropy: &dyn Entropy) -> [u8; SERIAL_BYTES] {
    let mut serial = [0u8; SERIAL_BYTES];
    entropy.fill(&mut serial);
    serial[0] = (serial[0] & 0x7f) | 0x40;
    serial
}

/// subjectKeyIdentifier: SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1); an identifier, no protection.
pub(super) fn key_id(spki: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    Sha1::digest(spki.subject_public_key.raw_bytes()).to_vec()
}

pub(super) fn build(content: &Content<'_>, signer: &dyn Signer) -> Result<Vec<u8>, CaError> {
    let issuer = content.issuer.map_or(content.subject, |issuer| &issuer.subject);
    let tbs = Tbs {
        version: Version::V3,
        serial: SerialNumber::new(content.serial)?,
        signature: signer.algorithm(),
        issuer: distinguished_name(issuer)?,
        validity: Validity { not_before: x509_time(content.not_before)?, not_after: x509_time(content.not_after)? },
        subject: distinguished_name(content.subject)?,
        spki: content.spki.clone(),
        extensions: extensions(content)?,
    };
    Ok(tbs.to_der()?)
}

pub(super) fn sign(tbs: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, CaError> {
    let signature = signer.sign(tbs)?;
    if !signer.verifies(tbs, &signature) {
        return Err(CaError::Sign);
    }
    let signed = Signed {
        tbs: AnyRef::from_der(tbs)?,
        algorithm: signer.algorithm(),
        signature: BitString::from_bytes(&signature)?,
    };
    Ok(signed.to_der()?)
}

fn extensions(content: &Content<'_>) -> Result<Vec<Extension>, CaError> {
    let profile = content.profile;
    let key_id = key_id(content.spki);
    let issuer_key_id = content.issuer.map_or(&key_id, |issuer| &issuer.key_id).clone();
    let usages = profile.usages.iter().fold(der::flagset::FlagSet::<KeyUsages>::default(), |all, one| all | *one);
    let mut list = vec![
        // Critical in CAs (RFC 5280, 4.2.1.9); in others it says "no CA" for those who look.
        extension(
            &BasicConstraints {
                ca: profile.ca.is_some(),
                path_len_constraint: profile.ca.and_then(|ca| ca.path_length),
            },
            profile.ca.is_some(),
        )?,
        extension(&KeyUsage(usages), true)?,
        extension(&SubjectKeyIdentifier(OctetString::new(key_id)?), false)?,
        authority_key_identifier(&issuer_key_id)?,
    ];
    let policy = match profile.policy {
        Policy::None => None,
        Policy::Any => Some(ANY_POLICY),
        Policy::Configured => Some(content.config.policy),
    };
    if let Some(policy_identifier) = policy {
        list.push(extension(
            &CertificatePolicies(vec![PolicyInformation { policy_identifier, policy_qualifiers: None }]),
            false,
        )?);
    }
    if profile.points_to_issuer {
        pointers(content.config, &mut list)?;
    }
    Ok(list)
}

/// authorityKeyIdentifier by key identifier alone.
pub(super) fn authority_key_identifier(issuer_key_id: &[u8]) -> Result<Extension, CaError> {
    let identifier = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(issuer_key_id)?),
        ..AuthorityKeyIdentifier::default()
    };
    extension(&identifier, false)
}

fn pointers(config: &CaConfig, list: &mut Vec<Extension>) -> Result<(), CaError> {
    if let Some(url) = &config.crl_url {
        list.push(extension(
            &CrlDistributionPoints(vec![DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![address(url)?])),
                reasons: None,
                crl_issuer: None,
            }]),
            false,
        )?);
    }
    let mut access = Vec::new();
    for (access_method, url) in [(OCSP, &config.ocsp_url), (CA_ISSUERS, &config.issuer_url)] {
        if let Some(url) = url {
            access.push(AccessDescription { access_method, access_location: address(url)? });
        }
    }
    if !access.is_empty() {
        list.push(extension(&AuthorityInfoAccessSyntax(access), false)?);
    }
    Ok(())
}

fn address(url: &str) -> Result<GeneralName, CaError> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url)?))
}

pub(super) fn extension<E: Encode + der::oid::AssociatedOid + Criticality>(
    value: &E,
    critical: bool,
) -> Result<Extension, CaError> {
    Ok(Extension { extn_id: E::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

/// UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5).
pub(super) fn x509_time(micros: i64) -> Result<Time, CaError> {
    let seconds = u64::try_from(micros / SECOND).unwrap_or(0);
    let at = DateTime::from_unix_duration(Duration::from_secs(seconds))?;
    Ok(if at.year() <= UtcTime::MAX_YEAR {
        Time::UtcTime(UtcTime::from_date_time(at)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(at))
    })
}
