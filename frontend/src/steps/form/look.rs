//! What an input looks like beyond what `shared` says: its hint and what the browser may fill in.

use shared::form::Field;

/// Looks of one input.
pub struct Look {
    /// Told under the input; empty for none.
    pub hint: &'static str,
    /// The browser's `autocomplete`.
    pub fill: &'static str,
    /// The keyboard of a phone.
    pub keys: &'static str,
    /// It takes a whole row on a wide screen.
    pub wide: bool,
}

/// The looks of every input.
pub const fn look(field: Field) -> Look {
    const fn row(hint: &'static str, fill: &'static str, keys: &'static str) -> Look {
        Look { hint, fill, keys, wide: false }
    }
    match field {
        Field::UnitName => row("与营业执照一致", "organization", "text"),
        Field::CreditCode => row("18 位，见营业执照；字母自动转为大写", "off", "text"),
        Field::UnitPhone => row("如 0771-5851234", "off", "tel"),
        Field::LegalRepMobile => row("须由法定代表人本人实名登记；证书密码将发到该手机", "off", "tel"),
        Field::OperatorName => row("", "name", "text"),
        Field::OperatorMobile => row("须由经办人本人实名登记；用于接收验证码", "tel-national", "tel"),
        Field::LegalRepId | Field::OperatorId => row("18 位居民身份证号", "off", "text"),
        Field::OperatorEmail => row("用于接收电子发票、解锁授权码", "email", "email"),
        Field::TaxpayerNumber => row("一般与统一社会信用代码相同", "off", "text"),
        Field::MailProvince => row("", "address-level1", "text"),
        Field::MailCity => row("", "address-level2", "text"),
        Field::MailAddress => Look {
            hint: "此为收件地址，如有县级市请务必详细填写；请填写可接收快件的地址",
            fill: "street-address",
            keys: "text",
            wide: true,
        },
        Field::Recipient => row("不填则由经办人收件", "off", "text"),
        Field::RecipientMobile => row("不填则用经办人手机号", "off", "tel"),
        Field::UnitWay | Field::OperatorWay | Field::Agreements => {
            Look { hint: "", fill: "off", keys: "text", wide: true }
        }
        Field::Department
        | Field::LegalRepName
        | Field::LegalRepIdType
        | Field::OperatorIdType
        | Field::InvoiceTitle
        | Field::InvoiceAddressPhone
        | Field::InvoiceBankAccount => row("", "off", "text"),
    }
}
