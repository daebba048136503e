//! 短信验证码.

use super::{FieldError, text};

text_newtype! {
    /// The six digits of an SMS. Never printed.
    SmsCode
}

impl SmsCode {
    /// Reads a code; spaces and full-width digits are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let code = Self::normalize(input);
        text::digits(&code, 6, 6)?;
        Ok(Self(code))
    }

    /// Half-width digits without spaces and hyphens.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input)
    }

    /// Stars only.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 0, 0)
    }
}
