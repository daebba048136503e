//! What can be wrong with a value, as a code with data.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is wrong with one value. Words: [`FieldError::message`].
///
/// On the wire it is one short string, `code` or `code:data` or `code:data:data`, e.g. `required`, `too_long:50`,
/// `length:18:17`, `bad_character:O`: a derived enum would add kilobytes to the page for the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldError {
    /// Nothing was given.
    Required,
    /// More than `max` characters.
    TooLong {
        /// The most characters allowed.
        max: u16,
    },
    /// Fewer than `min` characters.
    TooShort {
        /// The fewest characters allowed.
        min: u16,
    },
    /// A number or code that must have exactly `expected` characters.
    Length {
        /// Characters required.
        expected: u16,
        /// Characters given.
        actual: u16,
    },
    /// A number that must have between `min` and `max` characters.
    LengthRange {
        /// The fewest characters allowed.
        min: u16,
        /// The most characters allowed.
        max: u16,
        /// Characters given.
        actual: u16,
    },
    /// A character that can't occur there.
    BadCharacter {
        /// The first such character.
        ch: char,
    },
    /// The value as a whole has no known form (phone with odd groups, e-mail without `@`, passport without digits).
    Format,
    /// The check character over the whole number is wrong: a typing mistake somewhere.
    CheckCharacter,
    /// The check character of the organisation code inside the credit code is wrong (GB 11714).
    OrganizationCheckCharacter,
    /// The first two digits of an ID number are no province.
    Province,
    /// The date of birth in an ID number does not exist.
    BirthDate,
    /// The date of birth in an ID number is after today.
    FutureBirthDate,
    /// The date of birth in an ID number is more than 150 years ago.
    TooOldBirthDate,
    /// An ID number of the first generation; those are not valid any more.
    FifteenDigits,
    /// A mobile number that does not begin with 13 to 19.
    MobilePrefix,
    /// A fixed phone without its area code.
    AreaCode,
    /// A taxpayer number that has none of the lengths 15, 17, 18, 20.
    TaxpayerLength {
        /// Characters given.
        actual: u16,
    },
    /// A middle dot at an end of a name or twice in a row.
    MiddleDot,
    /// A choice that is not among those offered.
    UnknownChoice,
    /// A way of verification that this hall does not offer.
    WayNotOffered,
    /// The chosen way of verification needs a resident ID card.
    ResidentIdNeeded,
    /// A city that is not in the chosen province.
    CityNotInProvince,
    /// The agreements were not ticked.
    NotAgreed,
    /// An outside register has other data than what was typed (element checks).
    NotVerified,
}

impl FieldError {
    /// The code with its data, as on the wire.
    pub fn code(self) -> String {
        let (code, data): (&str, &[u16]) = match self {
            Self::BadCharacter { ch } => {
                let mut text = String::from("bad_character:");
                text.push(ch);
                return text;
            }
            Self::Required => ("required", &[]),
            Self::TooLong { max } => ("too_long", &[max]),
            Self::TooShort { min } => ("too_short", &[min]),
            Self::Length { expected, actual } => ("length", &[expected, actual]),
            Self::LengthRange { min, max, actual } => ("length_range", &[min, max, actual]),
            Self::Format => ("format", &[]),
            Self::CheckCharacter => ("check_character", &[]),
            Self::OrganizationCheckCharacter => ("organization_check_character", &[]),
            Self::Province => ("province", &[]),
            Self::BirthDate => ("birth_date", &[]),
            Self::FutureBirthDate => ("future_birth_date", &[]),
            Self::TooOldBirthDate => ("too_old_birth_date", &[]),
            Self::FifteenDigits => ("fifteen_digits", &[]),
            Self::MobilePrefix => ("mobile_prefix", &[]),
            Self::AreaCode => ("area_code", &[]),
            Self::TaxpayerLength { actual } => ("taxpayer_length", &[actual]),
            Self::MiddleDot => ("middle_dot", &[]),
            Self::UnknownChoice => ("unknown_choice", &[]),
            Self::WayNotOffered => ("way_not_offered", &[]),
            Self::ResidentIdNeeded => ("resident_id_needed", &[]),
            Self::CityNotInProvince => ("city_not_in_province", &[]),
            Self::NotAgreed => ("not_agreed", &[]),
            Self::NotVerified => ("not_verified", &[]),
        };
        let mut text = String::from(code);
        for number in data {
            text.push(':');
            text.push_str(&number.to_string());
        }
        text
    }

    /// Reads [`FieldError::code`] back.
    pub fn from_code(text: &str) -> Option<Self> {
        let (code, data) = text.split_once(':').unwrap_or((text, ""));
        let mut numbers = data.split(':').map_while(|number| number.parse::<u16>().ok());
        let mut number = || numbers.next();
        Some(match code {
            "required" => Self::Required,
            "too_long" => Self::TooLong { max: number()? },
            "too_short" => Self::TooShort { min: number()? },
            "length" => Self::Length { expected: number()?, actual: number()? },
            "length_range" => Self::LengthRange { min: number()?, max: number()?, actual: number()? },
            "bad_character" => Self::BadCharacter { ch: data.chars().next()? },
            "format" => Self::Format,
            "check_character" => Self::CheckCharacter,
            "organization_check_character" => Self::OrganizationCheckCharacter,
            "province" => Self::Province,
            "birth_date" => Self::BirthDate,
            "future_birth_date" => Self::FutureBirthDate,
            "too_old_birth_date" => Self::TooOldBirthDate,
            "fifteen_digits" => Self::FifteenDigits,
            "mobile_prefix" => Self::MobilePrefix,
            "area_code" => Self::AreaCode,
            "taxpayer_length" => Self::TaxpayerLength { actual: number()? },
            "middle_dot" => Self::MiddleDot,
            "unknown_choice" => Self::UnknownChoice,
            "way_not_offered" => Self::WayNotOffered,
            "resident_id_needed" => Self::ResidentIdNeeded,
            "city_not_in_province" => Self::CityNotInProvince,
            "not_agreed" => Self::NotAgreed,
            "not_verified" => Self::NotVerified,
            _ => return None,
        })
    }
}

impl core::fmt::Display for FieldError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.code())
    }
}

impl core::error::Error for FieldError {}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.code())
    }
}

impl<'de> Deserialize<'de> for FieldError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_code(&text).ok_or_else(|| D::Error::custom("unknown field error"))
    }
}
