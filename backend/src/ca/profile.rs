//! Certificate profiles: what a kind of certificate holds, as data.

use crate::clock::SECOND;
use jiff::civil::time;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};
use x509_cert::ext::pkix::KeyUsages;

/// A kind of certificate.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Stored beside each certificate.
    pub name: &'static str,
    /// Set in CAs' certificates.
    pub ca: Option<CaConstraint>,
    /// keyUsage (critical).
    pub usages: &'static [KeyUsages],
    /// Where the certificate policies come from.
    pub policy: Policy,
    /// Says where its CRL and its issuer's certificate are (not in a self-signed one).
    pub points_to_issuer: bool,
}

/// basicConstraints of a CA.
#[derive(Clone, Copy, Debug)]
pub struct CaConstraint {
    /// How many CAs may stand below it.
    pub path_length: Option<u8>,
}

/// certificatePolicies of a profile.
#[derive(Clone, Copy, Debug)]
pub enum Policy {
    /// None: a root names no policy.
    None,
    /// anyPolicy: an issuing CA allows whatever it issues.
    Any,
    /// The policy of the configuration.
    Configured,
}

/// The root: signs issuing CAs and their revocation lists.
pub(super) const ROOT: Profile = Profile {
    name: "root",
    ca: Some(CaConstraint { path_length: None }),
    usages: &[KeyUsages::KeyCertSign, KeyUsages::CRLSign],
    policy: Policy::None,
    points_to_issuer: false,
};

/// The issuing CA: signs holders, no further CA.
pub(super) const ISSUING: Profile = Profile {
    name: "issuing",
    ca: Some(CaConstraint { path_length: Some(0) }),
    usages: &[KeyUsages::KeyCertSign, KeyUsages::CRLSign],
    policy: Policy::Any,
    points_to_issuer: false,
};

/// A unit's certificate on a key (单位证书): signing, proof of what was signed, and key agreement for the
/// encryption that 加解密测试 tries with the same key pair.
pub const UNIT: Profile = Profile {
    name: "unit",
    ca: None,
    usages: &[KeyUsages::DigitalSignature, KeyUsages::NonRepudiation, KeyUsages::KeyAgreement],
    policy: Policy::Configured,
    points_to_issuer: true,
};

/// Whom a certificate names. Made from verified data only, never from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// O.
    pub organization: String,
    /// organizationIdentifier (2.5.4.97).
    pub organization_identifier: Option<String>,
    /// CN.
    pub common_name: String,
}

impl Subject {
    /// A unit: its name twice, and its 统一社会信用代码 as `NTRCN-…` (ETSI EN 319 412-1, 5.1.4: NTR is an identifier
    /// from a national trade register, then the country).
    pub fn unit(name: &str, credit_code: &str) -> Self {
        Self {
            organization: name.to_owned(),
            organization_identifier: Some(format!("NTRCN-{credit_code}")),
            common_name: name.to_owned(),
        }
    }
}

/// From `now` to 23:59:59 in China on the same day `years` later (spec/rules.md, "Certificates"), microseconds UTC in
/// whole seconds. 29 February leads to the 28th. `None` beyond the calendar.
pub fn validity(now: i64, years: u32) -> Option<(i64, i64)> {
    let not_before = now - now.rem_euclid(SECOND);
    let china = TimeZone::fixed(Offset::constant(8));
    let day = Timestamp::from_microsecond(not_before)
        .ok()?
        .to_zoned(china.clone())
        .date()
        .checked_add(Span::new().try_years(years).ok()?)
        .ok()?;
    let end = day.to_datetime(time(23, 59, 59, 0)).to_zoned(china).ok()?.timestamp();
    Some((not_before, end.as_microsecond()))
}
