//! Blind indexes: a row is found by a keyed hash of a value that the database never sees.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What is looked up. Each has a key of its own, so that equal values in two columns can't be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlindColumn {
    /// The certificate holder's ID number (a unit's credit code): orders, codes, active holders.
    Holder,
    /// A phone that SMS codes are sent to.
    Phone,
    /// The address that a request came from.
    Ip,
    /// The unit of an element check (limits a day).
    CheckedUnit,
    /// The person of an element check (limits a day).
    CheckedPerson,
    /// All values of an element check: whether the same question was answered before.
    CheckedElements,
    /// An SMS code within its row; six digits alone would be guessed from a plain hash.
    Code,
    /// An image code within its row; four digits alone would be guessed from a plain hash.
    ImageCode,
    /// The act that an answered challenge was good for.
    Act,
    /// Whatever was typed into a search, for limits on how much is searched.
    Searched,
    /// A log-in name as it was typed.
    LoginName,
}

impl BlindColumn {
    /// Every column.
    pub const ALL: [Self; 11] = [
        Self::Holder,
        Self::Phone,
        Self::Ip,
        Self::CheckedUnit,
        Self::CheckedPerson,
        Self::CheckedElements,
        Self::Code,
        Self::ImageCode,
        Self::Act,
        Self::Searched,
        Self::LoginName,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Phone => "phone",
            Self::Ip => "ip",
            Self::CheckedUnit => "checked_unit",
            Self::CheckedPerson => "checked_person",
            Self::CheckedElements => "checked_elements",
            Self::Code => "code",
            Self::ImageCode => "image_code",
            Self::Act => "act",
            Self::Searched => "searched",
            Self::LoginName => "login_name",
        }
    }
}

pub(super) fn index(lookup: &[u8; 32], column: BlindColumn, value: &str) -> String {
    let mut key = zeroize::Zeroizing::new([0u8; 32]);
    let info = format!("certhall.blind.v1\0{}", column.name());
    // 32 bytes are far below HKDF's bound of 255 blocks, and HMAC takes a key of any length.
    let expanded = Hkdf::<Sha256>::new(None, lookup).expand(info.as_bytes(), &mut *key);
    debug_assert!(expanded.is_ok());
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*key) else { unreachable!("HMAC takes a key of any length") };
    mac.update(value.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
