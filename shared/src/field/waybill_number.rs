//! 运单号.

use super::{FieldError, text};

text_newtype! {
    /// A courier's waybill number: 8 to 32 letters, digits and inner hyphens, upper case. Every courier has its own form,
    /// so no more is asked. Not personal, so it is not masked.
    WaybillNumber
}

impl WaybillNumber {
    /// Reads a number; lower case and spaces are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        if number.is_empty() {
            return Err(FieldError::Required);
        }
        if let Some(ch) = number.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(FieldError::BadCharacter { ch });
        }
        text::length(&number, 8, 32)?;
        if number.bytes().any(|b| b.is_ascii_digit()) { Ok(Self(number)) } else { Err(FieldError::Format) }
    }

    /// Half-width, upper case, without spaces.
    pub fn normalize(input: &str) -> String {
        text::compact(input).to_ascii_uppercase()
    }

    /// The number itself.
    pub fn masked(&self) -> String {
        self.0.clone()
    }
}
