//! 对公账号.

use super::{FieldError, text};

text_newtype! {
    /// A unit's account at a bank: 6 to 32 digits. Banks have no common check digit.
    CorporateAccount
}

impl CorporateAccount {
    /// Reads an account number; spaces and hyphens are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        text::digits(&number, 6, 32)?;
        Ok(Self(number))
    }

    /// Half-width digits without spaces and hyphens.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input)
    }

    /// The last four digits.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 0, 4)
    }
}
