//! PIV data objects (SP 800-73-4 part 1): CHUID and certificates.

use der::Encode;
use der::asn1::BitString;
use shared::bridge::{Algorithm, Slot};
use spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};

use super::super::{Result, TokenError};
use super::apdu::{Command, Wire, send};
use super::tlv;

const INS_GET_DATA: u8 = 0xCB;
const INS_PUT_DATA: u8 = 0xDB;

/// Tag of an object.
pub type Tag = [u8; 3];

/// Card Holder Unique Identifier.
pub const CHUID: Tag = [0x5F, 0xC1, 0x02];

/// The certificate object of a slot.
pub const fn certificate(slot: Slot) -> Tag {
    match slot {
        Slot::Authentication => [0x5F, 0xC1, 0x05],
        Slot::Signature => [0x5F, 0xC1, 0x0A],
        Slot::KeyManagement => [0x5F, 0xC1, 0x0B],
    }
}

/// Reads an object; none when it is absent or empty.
pub fn read(wire: &mut dyn Wire, tag: Tag) -> Result<Option<Vec<u8>>> {
    let data = tlv::encode(&[0x5C], &tag);
    let command = Command { ins: INS_GET_DATA, p1: 0x3F, p2: 0xFF, data: &data, answers: true };
    let reply = send(wire, &command)?;
    match reply.status {
        0x9000 => {
            let value = tlv::need(&reply.data, 0x53)?;
            Ok((!value.is_empty()).then(|| value.to_vec()))
        }
        0x6A82 => Ok(None),
        status => Err(TokenError::Status(status)),
    }
}

/// Writes an object; the management key must have been proved. Empty removes it.
pub fn write(wire: &mut dyn Wire, tag: Tag, value: &[u8]) -> Result<()> {
    let mut data = tlv::encode(&[0x5C], &tag);
    tlv::put(&mut data, &[0x53], value);
    let command = Command { ins: INS_PUT_DATA, p1: 0x3F, p2: 0xFF, data: &data, answers: false };
    send(wire, &command)?.ok().map(drop)
}

/// The GUID of a CHUID; none when it has none or only zeros.
pub fn guid(chuid: &[u8]) -> Option<[u8; 16]> {
    let guid: [u8; 16] = tlv::find(chuid, 0x34).ok()??.try_into().ok()?;
    (guid != [0; 16]).then_some(guid)
}

/// Random bytes as a version 4 UUID (RFC 9562).
pub fn version_4(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    bytes
}

/// A CHUID for a key outside the American government: a FASC-N of nines, as for
/// non-federal cards, the GUID, and a far expiry date.
pub fn chuid(random: [u8; 16]) -> Vec<u8> {
    const FASC_N: [u8; 25] = [
        0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
        0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
    ];
    let mut out = tlv::encode(&[0x30], &FASC_N);
    tlv::put(&mut out, &[0x34], &version_4(random));
    tlv::put(&mut out, &[0x35], b"20991231");
    tlv::put(&mut out, &[0x3E], &[]);
    tlv::put(&mut out, &[0xFE], &[]);
    out
}

/// The certificate inside its object.
pub fn certificate_in(value: &[u8]) -> Result<Option<Vec<u8>>> {
    if tlv::find(value, 0x71)?.is_some_and(|info| info.first().is_some_and(|bits| bits & 1 == 1)) {
        return Err(TokenError::Malformed("compressed certificate"));
    }
    Ok(tlv::find(value, 0x70)?.filter(|der| !der.is_empty()).map(<[u8]>::to_vec))
}

/// An uncompressed point as `SubjectPublicKeyInfo` DER (RFC 5480).
pub fn public_key(algorithm: Algorithm, point: &[u8]) -> Result<Vec<u8>> {
    const BAD: TokenError = TokenError::Malformed("public key");
    const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
    let (curve, len) = match algorithm {
        Algorithm::P256 => (P256, 65),
        Algorithm::P384 => (P384, 97),
    };
    if point.len() != len || point.first() != Some(&0x04) {
        return Err(BAD);
    }
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid: EC, parameters: Some(curve.into()) },
        subject_public_key: BitString::from_bytes(point).map_err(|_| BAD)?,
    }
    .to_der()
    .map_err(|_| BAD)
}
