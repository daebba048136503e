//! 纳税人识别号.

use super::{FieldError, text};

text_newtype! {
    /// 纳税人识别号: 15, 17, 18 or 20 letters and digits in upper case. Most are credit codes, but not all are, so no check
    /// character is verified.
    TaxpayerNumber
}

impl TaxpayerNumber {
    /// Reads a number; lower case, spaces and hyphens are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        if number.is_empty() {
            return Err(FieldError::Required);
        }
        if let Some(ch) = number.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(FieldError::BadCharacter { ch });
        }
        if !matches!(number.len(), 15 | 17 | 18 | 20) {
            return Err(FieldError::TaxpayerLength { actual: u16::try_from(number.len()).unwrap_or(u16::MAX) });
        }
        Ok(Self(number))
    }

    /// Half-width, upper case, without spaces and hyphens.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input)
    }

    /// The first four and the last four characters.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 4, 4)
    }
}
