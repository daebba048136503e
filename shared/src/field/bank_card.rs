//! 银行卡号.

use super::{FieldError, text};

text_newtype! {
    /// A bank card number: 13 to 19 digits with a Luhn check digit (ISO/IEC 7812-1).
    BankCard
}

impl BankCard {
    /// Reads a number; spaces and hyphens are forgiven.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        text::digits(&number, 13, 19)?;
        let sum: u16 = number
            .bytes()
            .rev()
            .enumerate()
            .map(|(at, byte)| {
                let digit = u16::from(byte - b'0');
                let weighed = if at % 2 == 1 { digit * 2 } else { digit };
                if weighed > 9 { weighed - 9 } else { weighed }
            })
            .sum();
        if sum.is_multiple_of(10) { Ok(Self(number)) } else { Err(FieldError::CheckCharacter) }
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
