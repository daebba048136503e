//! One newtype a file, and the only place where a rule about a single value is written. The page and the server both call
//! `X::parse`: what holds an `X` has been checked. Source of the rules: spec/rules.md, part 1.
//!
//! Three things are common to every type:
//! - `parse` normalises rather than rejects (full-width → half-width, spaces and hyphens inside numbers, lower case) and
//!   gives a [`FieldError`]: a code with data, no words. The words are in [`words`], nowhere else.
//! - `normalize` is that first half of `parse`, for the page to show on leaving the input. It is idempotent.
//! - `Debug` prints the masked value, so that a log line can't leak personal data; `as_str` is the full value.

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        text_newtype!($(#[$doc])* $name, parse);
    };
    // `$restore` reads the value back from storage.
    ($(#[$doc:meta])* $name:ident, $restore:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The full value in its normal form; `parse` gives the same value again.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                f.write_str(&self.masked())?;
                f.write_str(")")
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        // Reading parses again: a value from storage or from a peer is no proof by itself.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::$restore(&text).map_err(|error| serde::de::Error::custom(error.code()))
            }
        }
    };
}

pub mod region;
pub mod text;
pub mod words;

mod address;
mod bank_card;
mod corporate_account;
mod credit_code;
mod date;
mod department;
mod email;
mod error;
mod id_number;
mod invoice_text;
mod mobile;
mod other_id;
mod person_name;
mod phone;
mod sms_code;
mod taxpayer_number;
mod unit_name;
mod waybill_number;

pub use address::{Address, AddressDetail};
pub use bank_card::BankCard;
pub use corporate_account::CorporateAccount;
pub use credit_code::CreditCode;
pub use date::Date;
pub use department::Department;
pub use email::Email;
pub use error::FieldError;
pub use id_number::{IdNumber, Sex};
pub use invoice_text::InvoiceText;
pub use mobile::Mobile;
pub use other_id::{IdType, OtherId};
pub use person_name::PersonName;
pub use phone::Phone;
pub use sms_code::SmsCode;
pub use taxpayer_number::TaxpayerNumber;
pub use unit_name::UnitName;
pub use waybill_number::WaybillNumber;

#[cfg(test)]
mod tests;
