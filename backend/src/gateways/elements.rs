//! Checks against the registers of companies, persons and phones.

use std::fmt;

use super::outcome::Answer;

/// A provider that compares data with the official registers. Each answered call is billed: parse the fields first.
pub trait ElementCheck: Send + Sync {
    /// 企业四要素: do unit name, code, legal representative's name and ID number belong together?
    fn company_four<'a>(&'a self, request: &'a CompanyFour) -> Answer<'a, CompanyVerdict>;

    /// 手机三要素: is the phone registered to this name and ID number?
    fn person_three<'a>(&'a self, request: &'a PersonThree) -> Answer<'a, PersonVerdict>;
}

/// A unit and its legal representative.
#[derive(Clone, PartialEq, Eq)]
pub struct CompanyFour {
    /// 单位名称.
    pub name: String,
    /// 统一社会信用代码, 18 characters.
    pub credit_code: String,
    /// Legal representative's name.
    pub legal_name: String,
    /// Legal representative's 居民身份证 number.
    pub legal_id: String,
}

impl fmt::Debug for CompanyFour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompanyFour([hidden])")
    }
}

/// A person and a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonThree {
    /// Name.
    pub name: String,
    /// 居民身份证 number.
    pub id_number: String,
    /// Mainland mobile number, 11 digits.
    pub phone: String,
}

impl fmt::Debug for PersonThree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonThree([hidden])")
    }
}

/// What the register says about a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanyVerdict {
    /// All four belong together and the unit is in business.
    Matches,
    /// All four belong together; the unit is listed for abnormal operation. The applicant passes, the reviewer sees it.
    MatchesAbnormal,
    /// The person is not this unit's legal representative.
    LegalPersonDiffers,
    /// They don't belong together, and the register doesn't say why.
    Differs,
    /// No such unit.
    CompanyNotFound,
    /// No such person.
    PersonNotFound,
}

impl CompanyVerdict {
    /// May the applicant go on?
    pub fn passes(self) -> bool {
        match self {
            Self::Matches | Self::MatchesAbnormal => true,
            Self::LegalPersonDiffers | Self::Differs | Self::CompanyNotFound | Self::PersonNotFound => false,
        }
    }
}

/// What the networks say about a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonVerdict {
    /// The phone is registered to this person.
    Matches,
    /// It is not.
    Differs,
    /// The networks have no record of this number or person.
    NoRecord,
}

impl PersonVerdict {
    /// May the applicant go on?
    pub fn passes(self) -> bool {
        match self {
            Self::Matches => true,
            Self::Differs | Self::NoRecord => false,
        }
    }
}
