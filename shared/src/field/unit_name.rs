//! 单位名称.

use super::{FieldError, text};

text_newtype! {
    /// A unit's name as on its licence, 1 to 50 characters, with full-width brackets. Also an invoice's title and the name
    /// of an account. Public, so it is not masked.
    UnitName
}

impl UnitName {
    /// Reads a name.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let name = text::words(Self::normalize(input), 1, 50)?;
        let allowed =
            |c: char| text::is_han(c) || c.is_ascii_alphanumeric() || " （）·—-&+.,'、，。《》“”/#＋".contains(c);
        match name.chars().find(|c| !allowed(*c)) {
            Some(ch) => Err(FieldError::BadCharacter { ch }),
            // Signs alone are no name.
            None if !name.chars().any(|c| text::is_han(c) || c.is_ascii_alphabetic()) => Err(FieldError::Format),
            None => Ok(Self(name)),
        }
    }

    /// Trimmed, half-width letters and digits, brackets full-width, no spaces beside Chinese characters and brackets.
    pub fn normalize(input: &str) -> String {
        text::close_gaps(&text::tidy(input).replace(['(', '﹙'], "（").replace([')', '﹚'], "）"))
    }

    /// The name itself.
    pub fn masked(&self) -> String {
        self.0.clone()
    }
}
