//! Kinds of ID, and those that are no resident ID card.

use super::{FieldError, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 证件类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdType {
    /// 身份证 (居民身份证, 外国人永久居留证).
    ResidentId,
    /// 护照.
    Passport,
    /// 军官证.
    OfficerCard,
    /// 台胞证 (台湾居民来往大陆通行证).
    TaiwanPass,
    /// 回乡证 (港澳居民来往内地通行证).
    HkMacauPass,
}

impl IdType {
    /// Every kind, in the order of the manual's list.
    pub const ALL: [Self; 5] =
        [Self::ResidentId, Self::Passport, Self::OfficerCard, Self::TaiwanPass, Self::HkMacauPass];

    /// The stable name in drafts and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::Passport => "passport",
            Self::OfficerCard => "officer_card",
            Self::TaiwanPass => "taiwan_pass",
            Self::HkMacauPass => "hk_macau_pass",
        }
    }

    /// Reads [`IdType::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The manual's word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ResidentId => "身份证",
            Self::Passport => "护照",
            Self::OfficerCard => "军官证",
            Self::TaiwanPass => "台胞证",
            Self::HkMacauPass => "回乡证",
        }
    }
}

impl Serialize for IdType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for IdType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("unknown ID type"))
    }
}

/// Number of an ID that is no resident ID card. The patterns are loose: issuers differ, and a person compares it with the
/// paper in the review.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct OtherId {
    #[serde(rename = "type")]
    id_type: IdType,
    number: String,
}

impl OtherId {
    /// Reads a number of the given kind. A resident ID is not one of them: use [`super::IdNumber`]
    /// ([`FieldError::UnknownChoice`]).
    pub fn parse(id_type: IdType, input: &str) -> Result<Self, FieldError> {
        let number = Self::normalize(input);
        if number.is_empty() {
            return Err(FieldError::Required);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || (id_type == IdType::OfficerCard && text::is_han(c));
        if let Some(ch) = number.chars().find(|c| !allowed(*c)) {
            return Err(FieldError::BadCharacter { ch });
        }
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let fits = match id_type {
            IdType::ResidentId => return Err(FieldError::UnknownChoice),
            // ICAO 9303 allows nine characters; some issuers print a few more.
            IdType::Passport => {
                text::length(&number, 5, 15)?;
                digits >= 3
            }
            // 军字第1234567号, 南字第…号, or the digits alone.
            IdType::OfficerCard => {
                text::length(&number, 4, 20)?;
                (4..=10).contains(&digits)
            }
            // Eight digits now; ten with one or two letters before 2015.
            IdType::TaiwanPass => {
                text::length(&number, 8, 12)?;
                digits >= 8
            }
            // H or M with eight digits, and two for the number of exchanges before 2013.
            IdType::HkMacauPass => {
                text::length(&number, 9, 11)?;
                number.starts_with(['H', 'M']) && (digits == 8 || digits == 10) && digits + 1 == number.len()
            }
        };
        if fits { Ok(Self { id_type, number }) } else { Err(FieldError::Format) }
    }

    /// Half-width, upper case, without spaces, hyphens and brackets.
    pub fn normalize(input: &str) -> String {
        text::compact_code(input).chars().filter(|c| !matches!(c, '(' | ')')).collect()
    }

    /// Which kind.
    pub fn id_type(&self) -> IdType {
        self.id_type
    }

    /// The full number.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// The first and the last two characters.
    pub fn masked(&self) -> String {
        text::mask(&self.number, 1, 2)
    }
}

impl core::fmt::Debug for OtherId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OtherId(")?;
        f.write_str(&self.masked())?;
        f.write_str(")")
    }
}

impl<'de> Deserialize<'de> for OtherId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(rename = "type")]
            id_type: IdType,
            number: String,
        }
        let raw = Raw::deserialize(deserializer)?;
        Self::parse(raw.id_type, &raw.number).map_err(|error| serde::de::Error::custom(error.code()))
    }
}
