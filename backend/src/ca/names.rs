//! Distinguished names.

use super::{CaError, Subject};
use der::asn1::{Any, ObjectIdentifier, PrintableString, SetOfVec};
use x509_cert::attr::AttributeTypeAndValue;

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// organizationIdentifier (X.520; its forms are in ETSI EN 319 412-1, 5.1.4).
const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");
pub(super) const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// X.520's upper bound of organizationName and commonName, in characters.
const LONGEST: usize = 64;

/// An RDNSequence with one attribute a step.
pub(super) type Rdns = Vec<SetOfVec<AttributeTypeAndValue>>;

/// C, O, organizationIdentifier, CN, in this order.
pub(super) fn distinguished_name(subject: &Subject) -> Result<Rdns, CaError> {
    let country = Any::encode_from(&PrintableString::new("CN")?)?;
    let mut rdns = vec![rdn(COUNTRY, country)?];
    rdns.push(text(ORGANIZATION, "O", &subject.organization)?);
    if let Some(identifier) = &subject.organization_identifier {
        rdns.push(text(ORGANIZATION_IDENTIFIER, "organizationIdentifier", identifier)?);
    }
    rdns.push(text(COMMON_NAME, "CN", &subject.common_name)?);
    Ok(rdns)
}

fn text(oid: ObjectIdentifier, name: &'static str, value: &str) -> Result<SetOfVec<AttributeTypeAndValue>, CaError> {
    let length = value.chars().count();
    if length == 0 || length > LONGEST || value.chars().any(char::is_control) {
        return Err(CaError::Subject(name));
    }
    rdn(oid, Any::encode_from(&value.to_owned())?)
}

fn rdn(oid: ObjectIdentifier, value: Any) -> Result<SetOfVec<AttributeTypeAndValue>, CaError> {
    let mut set = SetOfVec::new();
    set.insert(AttributeTypeAndValue { oid, value })?;
    Ok(set)
}
