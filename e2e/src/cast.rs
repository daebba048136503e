//! The companies and persons that the outside world knows, and the forms that they fill in.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use shared::field::IdType;
use shared::form::{Field, OperatorWay, UnitDraft, UnitWay};

/// A registered company.
#[derive(Clone, Debug, Deserialize)]
pub struct Company {
    /// 单位名称.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// The legal representative's ID number.
    pub legal_id: String,
}

/// A person with a phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// ID number.
    pub id_number: String,
    /// The phone registered to the person.
    pub phone: Option<String>,
    /// Another phone of the same person.
    #[serde(default)]
    pub second_phone: Option<String>,
    /// 法定代表人, 经办人 …
    pub role: String,
}

impl Person {
    /// The person's phone; empty for one without.
    pub fn phone(&self) -> &str {
        self.phone.as_deref().unwrap_or_default()
    }

    /// The person's other phone.
    pub fn other_phone(&self) -> Result<&str> {
        self.second_phone.as_deref().context("one phone only")
    }
}

/// Everybody.
#[derive(Clone, Debug, Deserialize)]
pub struct Cast {
    /// Every company.
    pub companies: Vec<Company>,
    /// Every person.
    pub persons: Vec<Person>,
}

/// Who applies: a company, its legal representative, its operator.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The company.
    pub company: Company,
    /// Its number in the outside world, which names its sample licence.
    pub number: usize,
    /// Its legal representative.
    pub legal: Person,
    /// Its operator.
    pub operator: Person,
    /// The operator's number, which names the sample ID cards.
    pub operator_number: usize,
}

impl Cast {
    /// The company with this number, with the operator of the same number.
    pub fn unit(&self, number: usize) -> Result<Unit> {
        let company = self.companies.get(number).context("no such company")?.clone();
        let legal = self.persons.iter().find(|person| person.id_number == company.legal_id);
        let mut operators = self.persons.iter().enumerate().filter(|(_, person)| person.role == "经办人");
        let (operator_number, operator) = operators.nth(number % 5).context("no operator")?;
        Ok(Unit {
            legal: legal.context("nobody represents the company")?.clone(),
            operator: operator.clone(),
            company,
            number,
            operator_number,
        })
    }
}

impl Unit {
    /// What the operator types into each input, by the page's order; the invoice is the company's own.
    pub fn typed(&self) -> Vec<(Field, String)> {
        let own = str::to_owned;
        vec![
            (Field::UnitName, self.company.name.clone()),
            (Field::Department, own("财务部")),
            (Field::CreditCode, self.company.credit_code.clone()),
            (Field::UnitPhone, own("0771-5851234")),
            (Field::LegalRepName, self.legal.name.clone()),
            (Field::LegalRepMobile, own(self.legal.phone())),
            (Field::LegalRepId, self.legal.id_number.clone()),
            (Field::InvoiceTitle, self.company.name.clone()),
            (Field::TaxpayerNumber, self.company.credit_code.clone()),
            (Field::OperatorName, self.operator.name.clone()),
            (Field::OperatorMobile, own(self.operator.phone())),
            (Field::OperatorId, self.operator.id_number.clone()),
            (Field::OperatorEmail, own("caiwu@example.com")),
            (Field::MailProvince, own("广西壮族自治区")),
            (Field::MailCity, own("南宁市")),
            (Field::MailAddress, own("青秀区民族大道900号12层")),
        ]
    }

    /// The whole form.
    pub fn draft(&self) -> UnitDraft {
        let chosen = [
            (Field::UnitWay, UnitWay::LegalRepPhone.name()),
            (Field::LegalRepIdType, IdType::ResidentId.name()),
            (Field::OperatorWay, OperatorWay::Phone.name()),
            (Field::OperatorIdType, IdType::ResidentId.name()),
            (Field::Agreements, "true"),
        ];
        let chosen = chosen.into_iter().map(|(field, value)| (field, value.to_owned()));
        self.typed().into_iter().chain(chosen).collect()
    }

    /// The form with one input filled in otherwise.
    pub fn draft_with(&self, field: Field, value: &str) -> UnitDraft {
        let mut draft = self.draft();
        draft.set(field, value.to_owned());
        draft
    }
}
