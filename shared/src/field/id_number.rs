//! 居民身份证号.

use super::date::number;
use super::{Date, FieldError, text};

text_newtype! {
    /// 居民身份证号 (GB 11643-1999), 18 characters; also 外国人永久居留证 of the form that begins with 9.
    IdNumber, restore
}

/// As told by the number's 17th digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Odd.
    Male,
    /// Even.
    Female,
}

const WEIGHTS: [u16; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: &[u8; 11] = b"10X98765432";

impl IdNumber {
    /// Reads a number: characters, length, province, date of birth (real, not after `today`, at most 150 years ago),
    /// check character. Numbers of 15 digits are told apart: they ended in 2013.
    pub fn parse(input: &str, today: Date) -> Result<Self, FieldError> {
        let id = Self::restore(input)?;
        let birth = id.birth_date();
        if birth > today {
            return Err(FieldError::FutureBirthDate);
        }
        // Compared as numbers: 29 February plus 150 years need not exist.
        if (birth.year() + 150, birth.month(), birth.day()) < (today.year(), today.month(), today.day()) {
            return Err(FieldError::TooOldBirthDate);
        }
        Ok(id)
    }

    /// All of [`IdNumber::parse`] that does not depend on today: a number that was valid when it was stored stays so.
    pub(crate) fn restore(input: &str) -> Result<Self, FieldError> {
        let id = Self::normalize(input);
        if id.is_empty() {
            return Err(FieldError::Required);
        }
        for (at, ch) in id.chars().enumerate() {
            if !(ch.is_ascii_digit() || (ch == 'X' && at == 17)) {
                return Err(FieldError::BadCharacter { ch });
            }
        }
        if id.len() == 15 {
            return Err(FieldError::FifteenDigits);
        }
        text::length(&id, 18, 18)?;
        let bytes = id.as_bytes();
        if !is_province(number(&bytes[..2]).unwrap_or(0)) {
            return Err(FieldError::Province);
        }
        if birth_date(bytes).is_none() {
            return Err(FieldError::BirthDate);
        }
        let sum: u16 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| u16::from(byte - b'0') * weight).sum();
        if CHECK[usize::from(sum % 11)] != bytes[17] {
            return Err(FieldError::CheckCharacter);
        }
        Ok(Self(id))
    }

    /// Half-width, without spaces and hyphens, `x` (and the multiplication sign some type for it) as `X`.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input).replace('×', "X")
    }

    /// Date of birth.
    pub fn birth_date(&self) -> Date {
        // Proved by `restore`; the fallback is never taken.
        birth_date(self.0.as_bytes()).unwrap_or(Date::from_unix_micros_china(0))
    }

    /// Sex.
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The first three and the last four characters.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 3, 4)
    }
}

fn birth_date(bytes: &[u8]) -> Option<Date> {
    let month = u8::try_from(number(&bytes[10..12])?).ok()?;
    let day = u8::try_from(number(&bytes[12..14])?).ok()?;
    Date::new(number(&bytes[6..10])?, month, day)
}

fn is_province(prefix: u16) -> bool {
    matches!(prefix, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 90..=99)
}
