//! 邮寄地址.

use super::{FieldError, region, text};
use serde::{Deserialize, Deserializer, Serialize};

text_newtype! {
    /// 详细地址, 5 to 100 characters: what a courier needs below the city.
    AddressDetail
}

impl AddressDetail {
    /// Reads a line.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        text::words(Self::normalize(input), 5, 100).map(Self)
    }

    /// Trimmed, white space as one space, half-width letters and digits.
    pub fn normalize(input: &str) -> String {
        text::tidy(input)
    }

    /// The first three characters.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 3, 0)
    }
}

/// Where a parcel goes: province, a city in it, the rest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Address {
    province: &'static str,
    city: &'static str,
    detail: AddressDetail,
}

impl Address {
    /// A province's full name, from the full name or its unambiguous beginning (`广西`).
    pub fn parse_province(input: &str) -> Result<&'static str, FieldError> {
        let name = text::compact(input);
        if name.is_empty() {
            return Err(FieldError::Required);
        }
        region::find(region::provinces(), &name).ok_or(FieldError::UnknownChoice)
    }

    /// A city of `province` (full name), likewise.
    pub fn parse_city(province: &str, input: &str) -> Result<&'static str, FieldError> {
        let name = text::compact(input);
        if name.is_empty() {
            return Err(FieldError::Required);
        }
        region::find(region::cities(province), &name).ok_or(FieldError::CityNotInProvince)
    }

    /// Reads all three; the first error counts. A form that wants every error calls the parts.
    pub fn parse(province: &str, city: &str, detail: &str) -> Result<Self, FieldError> {
        let province = Self::parse_province(province)?;
        Ok(Self { province, city: Self::parse_city(province, city)?, detail: AddressDetail::parse(detail)? })
    }

    /// 省份, full name.
    pub fn province(&self) -> &'static str {
        self.province
    }

    /// 城市, full name.
    pub fn city(&self) -> &'static str {
        self.city
    }

    /// 详细地址.
    pub fn detail(&self) -> &AddressDetail {
        &self.detail
    }

    /// On one line, as on an envelope; a municipality is written once.
    pub fn line(&self) -> String {
        let province = if self.province == self.city { "" } else { self.province };
        [province, self.city, self.detail.as_str()].concat()
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            province: String,
            city: String,
            detail: String,
        }
        let raw = Raw::deserialize(deserializer)?;
        Self::parse(&raw.province, &raw.city, &raw.detail).map_err(|error| serde::de::Error::custom(error.code()))
    }
}
