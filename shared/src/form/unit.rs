//! What was meant: a form whose every value has been checked.

use super::{Field, FormErrors, FormRules, OperatorWay, UnitDraft, UnitWay};
use crate::field::{
    Address, AddressDetail, CreditCode, Date, Department, Email, FieldError, IdNumber, IdType, InvoiceText, Mobile,
    PersonName, Phone, TaxpayerNumber, UnitName, text,
};
use serde::{Deserialize, Serialize};

/// The unit application form of 证书新办, parsed. Stored encrypted; reading it back checks each value again, except for what
/// depends on the day.
///
/// Both ways that this build supports verify by phone, and a phone's register knows resident IDs only: so both ID numbers
/// are [`IdNumber`]s. Other kinds of ID are refused with [`FieldError::ResidentIdNeeded`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitForm {
    unit_way: UnitWay,
    unit: Unit,
    legal_rep: LegalRep,
    invoice: Invoice,
    operator_way: OperatorWay,
    operator: Operator,
    mailing: Mailing,
}

/// 单位基本信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    /// 单位名称.
    pub name: UnitName,
    /// 部门.
    pub department: Option<Department>,
    /// 统一社会信用代码.
    pub credit_code: CreditCode,
    /// 单位电话.
    pub phone: Option<Phone>,
}

/// 法定代表人信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegalRep {
    /// 法定代表人姓名.
    pub name: PersonName,
    /// 法人手机号; the certificate's PIN is sent there.
    pub mobile: Mobile,
    /// 法人证件号.
    pub id: IdNumber,
}

/// 发票信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// 发票抬头.
    pub title: UnitName,
    /// 纳税人识别号.
    pub taxpayer_number: TaxpayerNumber,
    /// 地址及电话.
    pub address_phone: Option<InvoiceText>,
    /// 开户行及账号.
    pub bank_account: Option<InvoiceText>,
}

/// 联系人信息: the operator (经办人).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    /// 经办人姓名.
    pub name: PersonName,
    /// 经办人手机号; codes are sent there.
    pub mobile: Mobile,
    /// 经办人身份证号.
    pub id: IdNumber,
    /// 经办人电子邮箱; the e-invoice is sent there.
    pub email: Email,
}

/// 邮寄信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mailing {
    /// 邮寄省份, 邮寄城市, 邮寄地址.
    pub address: Address,
    /// 收件人.
    pub recipient: PersonName,
    /// 收件人手机号.
    pub mobile: Mobile,
}

/// What is wrong with one field of a draft, for the page when the input is left. The same code as [`UnitForm::parse`].
pub fn check_field(field: Field, draft: &UnitDraft, rules: &FormRules) -> Option<FieldError> {
    UnitForm::parse(draft, rules).err().and_then(|errors| errors.of(field))
}

impl UnitForm {
    /// Reads every input; all errors at once, in page order.
    pub fn parse(draft: &UnitDraft, rules: &FormRules) -> Result<Self, FormErrors> {
        let mut read = Reader { draft, errors: FormErrors::default() };
        let unit_way = read.required(Field::UnitWay, |name| {
            let way = UnitWay::from_name(name).ok_or(FieldError::UnknownChoice)?;
            if rules.offers_unit_way(way) { Ok(way) } else { Err(FieldError::WayNotOffered) }
        });
        let unit = read.unit();
        let legal_rep = read.legal_rep(rules.today);
        let invoice = read.invoice();
        let operator_way = read.required(Field::OperatorWay, |name| {
            let way = OperatorWay::from_name(name).ok_or(FieldError::UnknownChoice)?;
            if rules.offers_operator_way(way) { Ok(way) } else { Err(FieldError::WayNotOffered) }
        });
        let operator = read.operator(rules.today);
        let mailing = read.mailing(operator.as_ref());
        if draft.get(Field::Agreements) != "true" {
            read.errors.add(Field::Agreements, FieldError::NotAgreed);
        }
        match (unit_way, unit, legal_rep, invoice, operator_way, operator, mailing) {
            (
                Some(unit_way),
                Some(unit),
                Some(legal_rep),
                Some(invoice),
                Some(operator_way),
                Some(operator),
                Some(mailing),
            ) if read.errors.is_empty() => {
                Ok(Self { unit_way, unit, legal_rep, invoice, operator_way, operator, mailing })
            }
            _ => Err(read.errors),
        }
    }

    /// How the unit is verified.
    pub fn unit_way(&self) -> UnitWay {
        self.unit_way
    }

    /// 单位基本信息.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// 法定代表人信息.
    pub fn legal_rep(&self) -> &LegalRep {
        &self.legal_rep
    }

    /// 发票信息.
    pub fn invoice(&self) -> &Invoice {
        &self.invoice
    }

    /// How the operator is verified.
    pub fn operator_way(&self) -> OperatorWay {
        self.operator_way
    }

    /// 联系人信息.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// 邮寄信息.
    pub fn mailing(&self) -> &Mailing {
        &self.mailing
    }

    /// The same application with another 邮寄信息: reads the mailing section's inputs, others are ignored.
    pub fn with_mailing(&self, draft: &UnitDraft) -> Result<Self, FormErrors> {
        let mut read = Reader { draft, errors: FormErrors::default() };
        match read.mailing(Some(&self.operator)) {
            Some(mailing) if read.errors.is_empty() => Ok(Self { mailing, ..self.clone() }),
            Some(_) | None => Err(read.errors),
        }
    }

    /// The same application with another 经办人手机号. A parcel for the operator's own phone follows it.
    #[must_use]
    pub fn with_operator_mobile(&self, mobile: &Mobile) -> Self {
        let mut form = self.clone();
        if form.mailing.mobile == form.operator.mobile {
            form.mailing.mobile = mobile.clone();
        }
        form.operator.mobile = mobile.clone();
        form
    }

    /// A field's value in its normal form; empty where an optional one was left out.
    pub fn value(&self, field: Field) -> &str {
        match field {
            Field::UnitWay => self.unit_way.name(),
            Field::UnitName => self.unit.name.as_str(),
            Field::Department => self.unit.department.as_ref().map_or("", Department::as_str),
            Field::CreditCode => self.unit.credit_code.as_str(),
            Field::UnitPhone => self.unit.phone.as_ref().map_or("", Phone::as_str),
            Field::LegalRepName => self.legal_rep.name.as_str(),
            Field::LegalRepMobile => self.legal_rep.mobile.as_str(),
            Field::LegalRepIdType | Field::OperatorIdType => IdType::ResidentId.name(),
            Field::LegalRepId => self.legal_rep.id.as_str(),
            Field::InvoiceTitle => self.invoice.title.as_str(),
            Field::TaxpayerNumber => self.invoice.taxpayer_number.as_str(),
            Field::InvoiceAddressPhone => self.invoice.address_phone.as_ref().map_or("", InvoiceText::as_str),
            Field::InvoiceBankAccount => self.invoice.bank_account.as_ref().map_or("", InvoiceText::as_str),
            Field::OperatorWay => self.operator_way.name(),
            Field::OperatorName => self.operator.name.as_str(),
            Field::OperatorMobile => self.operator.mobile.as_str(),
            Field::OperatorId => self.operator.id.as_str(),
            Field::OperatorEmail => self.operator.email.as_str(),
            Field::MailProvince => self.mailing.address.province(),
            Field::MailCity => self.mailing.address.city(),
            Field::MailAddress => self.mailing.address.detail().as_str(),
            Field::Recipient => self.mailing.recipient.as_str(),
            Field::RecipientMobile => self.mailing.mobile.as_str(),
            Field::Agreements => "true",
        }
    }

    /// The form as it was understood; parsing it gives the same form.
    pub fn to_draft(&self) -> UnitDraft {
        Field::ALL.into_iter().map(|field| (field, self.value(field).to_owned())).collect()
    }

    /// The bytes that the content hash is made over, the same for the same content for ever:
    ///
    /// ```text
    /// certhall.unit-form.1\n
    /// {id}={length of the value in UTF-8 bytes}:{value}\n      (every field in page order, empty ones too)
    /// ```
    ///
    /// The lengths make it unambiguous whatever a value holds. A field that is added later needs a new version.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut text = String::from("certhall.unit-form.1\n");
        for field in Field::ALL {
            let value = self.value(field);
            for part in [field.id(), "=", &value.len().to_string(), ":", value, "\n"] {
                text.push_str(part);
            }
        }
        text.into_bytes()
    }
}

/// Reads a draft's inputs and gathers what is wrong.
struct Reader<'a> {
    draft: &'a UnitDraft,
    errors: FormErrors,
}

impl Reader<'_> {
    fn required<T>(&mut self, field: Field, parse: impl FnOnce(&str) -> Result<T, FieldError>) -> Option<T> {
        let typed = self.draft.get(field);
        let result = if is_blank(typed) { Err(FieldError::Required) } else { parse(typed) };
        result.map_err(|error| self.errors.add(field, error)).ok()
    }

    /// What comes to nothing once normalised (a lone `-`) was left out.
    fn optional<T>(&mut self, field: Field, parse: impl FnOnce(&str) -> Result<T, FieldError>) -> Option<T> {
        let typed = self.draft.get(field);
        let result = if is_blank(typed) { Err(FieldError::Required) } else { parse(typed) };
        match result {
            Ok(value) => Some(value),
            Err(FieldError::Required) => None,
            Err(error) => {
                self.errors.add(field, error);
                None
            }
        }
    }

    /// An ID number beside its type. A wrong type is told at the type; the number is not looked at then.
    fn resident_id(&mut self, id_type: Field, number: Field, today: Date) -> Option<IdNumber> {
        let known = self.optional(id_type, |name| match IdType::from_name(name) {
            Some(IdType::ResidentId) => Ok(()),
            Some(IdType::Passport | IdType::OfficerCard | IdType::TaiwanPass | IdType::HkMacauPass) => {
                Err(FieldError::ResidentIdNeeded)
            }
            None => Err(FieldError::UnknownChoice),
        });
        if known.is_none() && self.errors.of(id_type).is_some() {
            // Still asked for, so that nothing comes up only at the second try.
            if is_blank(self.draft.get(number)) {
                self.errors.add(number, FieldError::Required);
            }
            return None;
        }
        self.required(number, |typed| IdNumber::parse(typed, today))
    }

    fn unit(&mut self) -> Option<Unit> {
        let name = self.required(Field::UnitName, UnitName::parse);
        let department = self.optional(Field::Department, Department::parse);
        let credit_code = self.required(Field::CreditCode, CreditCode::parse);
        let phone = self.optional(Field::UnitPhone, Phone::parse);
        Some(Unit { name: name?, department, credit_code: credit_code?, phone })
    }

    fn legal_rep(&mut self, today: Date) -> Option<LegalRep> {
        let name = self.required(Field::LegalRepName, PersonName::parse);
        let mobile = self.required(Field::LegalRepMobile, Mobile::parse);
        let id = self.resident_id(Field::LegalRepIdType, Field::LegalRepId, today);
        Some(LegalRep { name: name?, mobile: mobile?, id: id? })
    }

    fn invoice(&mut self) -> Option<Invoice> {
        let title = self.required(Field::InvoiceTitle, UnitName::parse);
        let taxpayer_number = self.required(Field::TaxpayerNumber, TaxpayerNumber::parse);
        let address_phone = self.optional(Field::InvoiceAddressPhone, InvoiceText::parse);
        let bank_account = self.optional(Field::InvoiceBankAccount, InvoiceText::parse);
        Some(Invoice { title: title?, taxpayer_number: taxpayer_number?, address_phone, bank_account })
    }

    fn operator(&mut self, today: Date) -> Option<Operator> {
        let name = self.required(Field::OperatorName, PersonName::parse);
        let mobile = self.required(Field::OperatorMobile, Mobile::parse);
        let id = self.resident_id(Field::OperatorIdType, Field::OperatorId, today);
        let email = self.required(Field::OperatorEmail, Email::parse);
        Some(Operator { name: name?, mobile: mobile?, id: id?, email: email? })
    }

    /// The parcel goes to the operator unless somebody else is named.
    fn mailing(&mut self, operator: Option<&Operator>) -> Option<Mailing> {
        let province = self.required(Field::MailProvince, Address::parse_province);
        let city = self.required(Field::MailCity, |typed| match province {
            Some(province) => Address::parse_city(province, typed),
            // Told at the province already.
            None => Ok(""),
        });
        let detail = self.required(Field::MailAddress, AddressDetail::parse);
        let recipient = self.optional(Field::Recipient, PersonName::parse);
        let mobile = self.optional(Field::RecipientMobile, Mobile::parse);
        let operator = operator?;
        Some(Mailing {
            address: Address::parse(province?, city?, detail?.as_str()).ok()?,
            recipient: recipient.unwrap_or_else(|| operator.name.clone()),
            mobile: mobile.unwrap_or_else(|| operator.mobile.clone()),
        })
    }
}

fn is_blank(typed: &str) -> bool {
    text::compact(typed).is_empty()
}
