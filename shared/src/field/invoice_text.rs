//! 发票的地址及电话, 开户行及账号.

use super::{FieldError, text};

text_newtype! {
    /// A free line of the invoice, up to 100 characters, printed as it is.
    InvoiceText
}

impl InvoiceText {
    /// Reads a line.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        text::words(Self::normalize(input), 1, 100).map(Self)
    }

    /// Trimmed, white space as one space, half-width letters and digits.
    pub fn normalize(input: &str) -> String {
        text::tidy(input)
    }

    /// The first four characters: addresses and accounts are personal enough.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 4, 0)
    }
}
