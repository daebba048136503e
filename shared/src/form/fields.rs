//! Every input of the form, in page order.

use super::{OperatorWay, UnitWay};
use crate::field::IdType;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An input of the form. The order is the page's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// 认证方式 of the unit: a [`super::UnitWay`] by name.
    UnitWay,
    /// 单位名称.
    UnitName,
    /// 部门, optional.
    Department,
    /// 统一社会信用代码.
    CreditCode,
    /// 单位电话, optional.
    UnitPhone,
    /// 法定代表人姓名.
    LegalRepName,
    /// 法人手机号.
    LegalRepMobile,
    /// 法人证件类型: a [`crate::field::IdType`] by name; empty means 身份证.
    LegalRepIdType,
    /// 法人证件号.
    LegalRepId,
    /// 发票抬头.
    InvoiceTitle,
    /// 纳税人识别号.
    TaxpayerNumber,
    /// 地址及电话, optional.
    InvoiceAddressPhone,
    /// 开户行及账号, optional.
    InvoiceBankAccount,
    /// 认证方式 of the operator: an [`super::OperatorWay`] by name.
    OperatorWay,
    /// 经办人姓名.
    OperatorName,
    /// 经办人手机号.
    OperatorMobile,
    /// 经办人证件类型, as [`Field::LegalRepIdType`].
    OperatorIdType,
    /// 经办人身份证号.
    OperatorId,
    /// 经办人电子邮箱.
    OperatorEmail,
    /// 邮寄省份.
    MailProvince,
    /// 邮寄城市.
    MailCity,
    /// 邮寄地址.
    MailAddress,
    /// 收件人, optional: the operator.
    Recipient,
    /// 收件人手机号, optional: the operator's.
    RecipientMobile,
    /// 我已阅读并同意…: `true` when ticked.
    Agreements,
}

/// A part of the form with a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// 选择认证方式.
    UnitWay,
    /// 单位基本信息.
    Unit,
    /// 法定代表人信息.
    LegalRep,
    /// 发票信息.
    Invoice,
    /// 选择经办人认证方式.
    OperatorWay,
    /// 联系人信息.
    Operator,
    /// 邮寄信息.
    Mailing,
    /// 协议.
    Agreement,
}

/// How a field is filled in, for the page's choice of input and keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chosen from a list.
    Choice,
    /// Ticked.
    Tick,
    /// A name: spaces inside it may matter while typing.
    Name,
    /// Letters and digits, raised to upper case while typing.
    Code,
    /// Digits (phones): a number pad will do.
    Number,
    /// A free line.
    Line,
}

impl Section {
    /// Every section, in page order.
    pub const ALL: [Self; 8] = [
        Self::UnitWay,
        Self::Unit,
        Self::LegalRep,
        Self::Invoice,
        Self::OperatorWay,
        Self::Operator,
        Self::Mailing,
        Self::Agreement,
    ];

    /// The heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnitWay => "选择认证方式",
            Self::Unit => "单位基本信息",
            Self::LegalRep => "法定代表人信息",
            Self::Invoice => "发票信息",
            Self::OperatorWay => "选择经办人认证方式",
            Self::Operator => "联系人信息",
            Self::Mailing => "邮寄信息",
            Self::Agreement => "协议",
        }
    }

    /// Its fields, in page order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| field.section() == self)
    }
}

impl Field {
    /// What stands in the input, for reading: a choice in its words, anything else as typed.
    pub fn words(self, value: &str) -> &str {
        let label = match self {
            Self::UnitWay => UnitWay::from_name(value).map(UnitWay::label),
            Self::OperatorWay => OperatorWay::from_name(value).map(OperatorWay::label),
            Self::LegalRepIdType | Self::OperatorIdType => IdType::from_name(value).map(IdType::label),
            Self::UnitName
            | Self::Department
            | Self::CreditCode
            | Self::UnitPhone
            | Self::LegalRepName
            | Self::LegalRepMobile
            | Self::LegalRepId
            | Self::InvoiceTitle
            | Self::TaxpayerNumber
            | Self::InvoiceAddressPhone
            | Self::InvoiceBankAccount
            | Self::OperatorName
            | Self::OperatorMobile
            | Self::OperatorId
            | Self::OperatorEmail
            | Self::MailProvince
            | Self::MailCity
            | Self::MailAddress
            | Self::Recipient
            | Self::RecipientMobile
            | Self::Agreements => None,
        };
        label.unwrap_or(value)
    }

    /// How many there are.
    pub const COUNT: usize = 25;

    /// Every field, in page order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::UnitWay,
        Self::UnitName,
        Self::Department,
        Self::CreditCode,
        Self::UnitPhone,
        Self::LegalRepName,
        Self::LegalRepMobile,
        Self::LegalRepIdType,
        Self::LegalRepId,
        Self::InvoiceTitle,
        Self::TaxpayerNumber,
        Self::InvoiceAddressPhone,
        Self::InvoiceBankAccount,
        Self::OperatorWay,
        Self::OperatorName,
        Self::OperatorMobile,
        Self::OperatorIdType,
        Self::OperatorId,
        Self::OperatorEmail,
        Self::MailProvince,
        Self::MailCity,
        Self::MailAddress,
        Self::Recipient,
        Self::RecipientMobile,
        Self::Agreements,
    ];

    /// The stable name: id in HTML and key in JSON.
    pub const fn id(self) -> &'static str {
        self.entry().0
    }

    /// Reads [`Field::id`] back.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.id() == id)
    }

    /// The manual's word.
    pub const fn label(self) -> &'static str {
        self.entry().1
    }

    /// Where it stands.
    pub const fn section(self) -> Section {
        self.entry().2
    }

    /// How it is filled in.
    pub const fn kind(self) -> Kind {
        self.entry().3
    }

    /// Whether it carries the asterisk of 必填项.
    pub const fn required(self) -> bool {
        match self {
            Self::Department
            | Self::UnitPhone
            | Self::LegalRepIdType
            | Self::InvoiceAddressPhone
            | Self::InvoiceBankAccount
            | Self::OperatorIdType
            | Self::Recipient
            | Self::RecipientMobile => false,
            Self::UnitWay
            | Self::UnitName
            | Self::CreditCode
            | Self::LegalRepName
            | Self::LegalRepMobile
            | Self::LegalRepId
            | Self::InvoiceTitle
            | Self::TaxpayerNumber
            | Self::OperatorWay
            | Self::OperatorName
            | Self::OperatorMobile
            | Self::OperatorId
            | Self::OperatorEmail
            | Self::MailProvince
            | Self::MailCity
            | Self::MailAddress
            | Self::Agreements => true,
        }
    }

    pub(crate) fn is_id_number(self) -> bool {
        matches!(self, Self::LegalRepId | Self::OperatorId)
    }

    // One row a field, so that nothing about a field is said in two places.
    const fn entry(self) -> (&'static str, &'static str, Section, Kind) {
        match self {
            Self::UnitWay => ("unitWay", "认证方式", Section::UnitWay, Kind::Choice),
            Self::UnitName => ("unitName", "单位名称", Section::Unit, Kind::Name),
            Self::Department => ("department", "部门", Section::Unit, Kind::Line),
            Self::CreditCode => ("creditCode", "统一社会信用代码", Section::Unit, Kind::Code),
            Self::UnitPhone => ("unitPhone", "单位电话", Section::Unit, Kind::Number),
            Self::LegalRepName => ("legalRepName", "法定代表人姓名", Section::LegalRep, Kind::Name),
            Self::LegalRepMobile => ("legalRepMobile", "法人手机号", Section::LegalRep, Kind::Number),
            Self::LegalRepIdType => ("legalRepIdType", "法人证件类型", Section::LegalRep, Kind::Choice),
            Self::LegalRepId => ("legalRepId", "法人证件号", Section::LegalRep, Kind::Code),
            Self::InvoiceTitle => ("invoiceTitle", "发票抬头", Section::Invoice, Kind::Name),
            Self::TaxpayerNumber => ("taxpayerNumber", "纳税人识别号", Section::Invoice, Kind::Code),
            Self::InvoiceAddressPhone => ("invoiceAddressPhone", "地址及电话", Section::Invoice, Kind::Line),
            Self::InvoiceBankAccount => ("invoiceBankAccount", "开户行及账号", Section::Invoice, Kind::Line),
            Self::OperatorWay => ("operatorWay", "经办人认证方式", Section::OperatorWay, Kind::Choice),
            Self::OperatorName => ("operatorName", "经办人姓名", Section::Operator, Kind::Name),
            Self::OperatorMobile => ("operatorMobile", "经办人手机号", Section::Operator, Kind::Number),
            Self::OperatorIdType => ("operatorIdType", "经办人证件类型", Section::Operator, Kind::Choice),
            Self::OperatorId => ("operatorId", "经办人身份证号", Section::Operator, Kind::Code),
            Self::OperatorEmail => ("operatorEmail", "经办人电子邮箱", Section::Operator, Kind::Line),
            Self::MailProvince => ("mailProvince", "邮寄省份", Section::Mailing, Kind::Choice),
            Self::MailCity => ("mailCity", "邮寄城市", Section::Mailing, Kind::Choice),
            Self::MailAddress => ("mailAddress", "邮寄地址", Section::Mailing, Kind::Line),
            Self::Recipient => ("recipient", "收件人", Section::Mailing, Kind::Name),
            Self::RecipientMobile => ("recipientMobile", "收件人手机号", Section::Mailing, Kind::Number),
            Self::Agreements => ("agreements", "协议", Section::Agreement, Kind::Tick),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| D::Error::custom("unknown field"))
    }
}
