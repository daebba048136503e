//! 统一社会信用代码.

use super::{FieldError, text};

text_newtype! {
    /// 统一社会信用代码 (GB 32100-2015), 18 characters in upper case, both check characters verified.
    CreditCode
}

/// A character's value is its index here; I, O, S, V and Z don't occur.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^(i-1) mod 31.
const WEIGHTS: [u16; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// GB 11714, for the first eight characters of the organisation code.
const ORGANIZATION_WEIGHTS: [u16; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl CreditCode {
    /// Reads a code: length, characters, check character, then the organisation code's own check character.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let code = Self::normalize(input);
        if code.is_empty() {
            return Err(FieldError::Required);
        }
        if let Some(ch) = code.chars().find(|c| value(*c).is_none()) {
            return Err(FieldError::BadCharacter { ch });
        }
        text::length(&code, 18, 18)?;
        let bytes = code.as_bytes();
        let sum: u16 = code.chars().filter_map(value).zip(WEIGHTS).map(|(v, w)| v * w).sum();
        if ALPHABET[usize::from((31 - sum % 31) % 31)] != bytes[17] {
            return Err(FieldError::CheckCharacter);
        }
        if organization_check(&bytes[8..16]) != bytes[16] {
            return Err(FieldError::OrganizationCheckCharacter);
        }
        Ok(Self(code))
    }

    /// Half-width, upper case, without spaces and hyphens.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input)
    }

    /// The organisation code inside it (GB 11714): nine characters, the last one its check character, without hyphen.
    pub fn organization_code(&self) -> &str {
        self.0.get(8..17).unwrap_or_default()
    }

    /// The first four and the last four characters.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 4, 4)
    }
}

fn value(c: char) -> Option<u16> {
    let at = ALPHABET.iter().position(|a| char::from(*a) == c)?;
    u16::try_from(at).ok()
}

/// Letters count A=10 … Z=35 here, not by their place in [`ALPHABET`].
fn organization_check(body: &[u8]) -> u8 {
    let sum: u16 = body
        .iter()
        .zip(ORGANIZATION_WEIGHTS)
        .map(|(byte, weight)| weight * u16::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 }))
        .sum();
    b"0X987654321"[usize::from(sum % 11)]
}
