//! 部门.

use super::{FieldError, text};

text_newtype! {
    /// A department of the unit, up to 50 characters. Not personal, so it is not masked.
    Department
}

impl Department {
    /// Reads a name.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        text::words(Self::normalize(input), 1, 50).map(Self)
    }

    /// Trimmed, white space as one space, half-width letters and digits.
    pub fn normalize(input: &str) -> String {
        text::tidy(input)
    }

    /// The name itself.
    pub fn masked(&self) -> String {
        self.0.clone()
    }
}
