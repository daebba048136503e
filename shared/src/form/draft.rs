//! What was typed.

use super::{Field, FormRules};
use crate::field::{
    AddressDetail, CreditCode, Department, Email, IdNumber, IdType, InvoiceText, Mobile, PersonName, Phone,
    TaxpayerNumber, UnitName, text,
};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Every input as it was typed, right or wrong; saved as a draft. In JSON an object of strings by [`Field::id`]; empty
/// inputs are left out, unknown keys are ignored (a draft may come from an older page).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnitDraft {
    values: [String; Field::COUNT],
}

impl UnitDraft {
    /// A new form: the first way on offer and 身份证 are chosen.
    pub fn fresh(rules: &FormRules) -> Self {
        let mut draft = Self::default();
        if let Some(way) = rules.unit_ways.iter().find(|way| rules.offers_unit_way(**way)) {
            draft.set(Field::UnitWay, way.name().to_owned());
        }
        if let Some(way) = rules.operator_ways.iter().find(|way| rules.offers_operator_way(**way)) {
            draft.set(Field::OperatorWay, way.name().to_owned());
        }
        for field in [Field::LegalRepIdType, Field::OperatorIdType] {
            draft.set(field, IdType::ResidentId.name().to_owned());
        }
        draft
    }

    /// What stands in an input.
    pub fn get(&self, field: Field) -> &str {
        &self.values[field as usize]
    }

    /// Puts a text into an input.
    pub fn set(&mut self, field: Field, value: String) {
        self.values[field as usize] = value;
    }

    /// Nothing was typed at all.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(String::is_empty)
    }

    /// Bytes of text, for a limit on what is saved.
    pub fn len(&self) -> usize {
        self.values.iter().map(String::len).sum()
    }
}

impl Field {
    /// The input's text in its normal form, to be shown on leaving the input. Idempotent; never refuses.
    pub fn normalize(self, text: &str) -> String {
        match self {
            Self::UnitName | Self::InvoiceTitle => UnitName::normalize(text),
            Self::Department => Department::normalize(text),
            Self::CreditCode => CreditCode::normalize(text),
            Self::UnitPhone => Phone::normalize(text),
            Self::LegalRepName | Self::OperatorName | Self::Recipient => PersonName::normalize(text),
            Self::LegalRepMobile | Self::OperatorMobile | Self::RecipientMobile => Mobile::normalize(text),
            Self::LegalRepId | Self::OperatorId => IdNumber::normalize(text),
            Self::TaxpayerNumber => TaxpayerNumber::normalize(text),
            Self::InvoiceAddressPhone | Self::InvoiceBankAccount => InvoiceText::normalize(text),
            Self::OperatorEmail => Email::normalize(text),
            Self::MailAddress => AddressDetail::normalize(text),
            Self::UnitWay
            | Self::LegalRepIdType
            | Self::OperatorWay
            | Self::OperatorIdType
            | Self::MailProvince
            | Self::MailCity
            | Self::Agreements => text.to_owned(),
        }
    }

    /// What to show while it is being typed: codes become half-width upper case, character by character, so that the caret
    /// stays where it is. `None` when nothing changes. Not to be used while an input method composes.
    pub fn raised(self, text: &str) -> Option<String> {
        match self {
            Self::CreditCode | Self::LegalRepId | Self::OperatorId | Self::TaxpayerNumber => {
                Some(text::raise(text)).filter(|raised| raised != text)
            }
            Self::UnitWay
            | Self::UnitName
            | Self::Department
            | Self::UnitPhone
            | Self::LegalRepName
            | Self::LegalRepMobile
            | Self::LegalRepIdType
            | Self::InvoiceTitle
            | Self::InvoiceAddressPhone
            | Self::InvoiceBankAccount
            | Self::OperatorWay
            | Self::OperatorName
            | Self::OperatorMobile
            | Self::OperatorIdType
            | Self::OperatorEmail
            | Self::MailProvince
            | Self::MailCity
            | Self::MailAddress
            | Self::Recipient
            | Self::RecipientMobile
            | Self::Agreements => None,
        }
    }
}

impl FromIterator<(Field, String)> for UnitDraft {
    fn from_iter<I: IntoIterator<Item = (Field, String)>>(values: I) -> Self {
        let mut draft = Self::default();
        for (field, value) in values {
            draft.set(field, value);
        }
        draft
    }
}

/// Names the inputs that were filled in, never what is in them.
impl core::fmt::Debug for UnitDraft {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("UnitDraft(")?;
        for field in Field::ALL {
            if !self.get(field).is_empty() {
                f.write_str(field.id())?;
                f.write_str(" ")?;
            }
        }
        f.write_str("[hidden])")
    }
}

impl Serialize for UnitDraft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in Field::ALL {
            let value = self.get(field);
            if !value.is_empty() {
                map.serialize_entry(field.id(), value)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for UnitDraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor)
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = UnitDraft;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an object of strings by field")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UnitDraft, A::Error> {
        let mut draft = UnitDraft::default();
        while let Some(key) = map.next_key::<String>()? {
            match Field::from_id(&key) {
                Some(field) => draft.set(field, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(draft)
    }
}
