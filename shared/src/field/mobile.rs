//! 手机号.

use super::{FieldError, text};

text_newtype! {
    /// A mobile number of mainland China: `1[3-9]` and nine digits, without the country's prefix.
    Mobile
}

impl Mobile {
    /// Reads a number; `+86`, spaces and hyphens are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        text::digits(&number, 11, 11)?;
        if !is_mobile(&number) {
            return Err(FieldError::MobilePrefix);
        }
        Ok(Self(number))
    }

    /// Half-width digits without spaces, hyphens and country prefix.
    pub fn normalize(input: &str) -> String {
        let number = text::compact_code(input);
        for prefix in ["+86", "0086", "86"] {
            if let Some(rest) = number.strip_prefix(prefix)
                && rest.len() == 11
                && rest.starts_with('1')
            {
                return rest.to_owned();
            }
        }
        number
    }

    /// `138****1234`.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 3, 4)
    }
}

/// Eleven digits that begin with 13 to 19.
pub(super) fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && bytes[1] >= b'3' && bytes.iter().all(u8::is_ascii_digit)
}
