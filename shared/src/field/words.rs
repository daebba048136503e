//! The one place where a [`FieldError`] becomes Chinese words: it names the field, says what is wrong and how to mend it.
//! Used by the page and by the server's answers.

use super::FieldError;
use crate::form::{Field, Kind};

impl FieldError {
    /// What is wrong with `field` and how to mend it, e.g. `单位名称不能超过 50 个字，请缩短`.
    pub fn message(self, field: Field) -> String {
        match self {
            Self::Required => match field.kind() {
                Kind::Choice => join(&["请选择", field.label()]),
                Kind::Tick => not_agreed(),
                Kind::Name | Kind::Code | Kind::Number | Kind::Line => join(&["请填写", field.label()]),
            },
            Self::BadCharacter { ch: 'X' } if field.is_id_number() => {
                join(&[field.label(), "中的“X”只能是第 18 位，请核对"])
            }
            Self::BadCharacter { ch } if field == Field::CreditCode && "IOSVZ".contains(ch) => join(&[
                field.label(),
                "中没有字母 I、O、S、V、Z，请把“",
                &ch.to_string(),
                "”改正（可能是数字 1、0、5、2）",
            ]),
            Self::CheckCharacter if field == Field::CreditCode => {
                join(&[field.label(), "有误（校验位不符），请对照营业执照逐位核对，字母用大写"])
            }
            _ => self.message_for(field.label()),
        }
    }

    /// The same for an input outside the application form, named by its label.
    pub fn message_for(self, label: &str) -> String {
        match self {
            Self::Required => join(&["请填写", label]),
            Self::TooLong { max } => join(&[label, "不能超过 ", &max.to_string(), " 个字，请缩短"]),
            Self::TooShort { min } => join(&[label, "至少 ", &min.to_string(), " 个字，请填写完整"]),
            Self::Length { expected, actual } => {
                join(&[label, "应为 ", &expected.to_string(), " 位，现在是 ", &actual.to_string(), " 位，请核对"])
            }
            Self::LengthRange { min, max, actual } => join(&[
                label,
                "应为 ",
                &min.to_string(),
                " 至 ",
                &max.to_string(),
                " 位，现在是 ",
                &actual.to_string(),
                " 位，请核对",
            ]),
            Self::BadCharacter { ch } => join(&[label, "中不能有“", &ch.to_string(), "”，请改正"]),
            Self::Format => join(&[label, "格式不正确，请核对后重新填写"]),
            Self::CheckCharacter => join(&[label, "有误（校验位不符），请对照原件逐位核对"]),
            Self::OrganizationCheckCharacter => {
                join(&[label, "中的组织机构代码（第 9 至 17 位）有误，请对照营业执照逐位核对"])
            }
            Self::Province => join(&[label, "的前两位不是有效的地区代码，请对照身份证核对"]),
            Self::BirthDate => join(&[label, "中的出生日期（第 7 至 14 位）不存在，请对照身份证核对"]),
            Self::FutureBirthDate => join(&[label, "中的出生日期（第 7 至 14 位）晚于今天，请对照身份证核对"]),
            Self::TooOldBirthDate => join(&[label, "中的出生日期（第 7 至 14 位）早于 150 年前，请对照身份证核对"]),
            Self::FifteenDigits => join(&[label, "是 15 位的第一代身份证号，已停止使用，请填写 18 位身份证号"]),
            Self::MobilePrefix => join(&[label, "应以 13 至 19 开头，请填写中国大陆的 11 位手机号码"]),
            Self::AreaCode => join(&[label, "缺少区号，请按“0771-5851234”的格式填写"]),
            Self::TaxpayerLength { actual } => {
                join(&[label, "应为 15、17、18 或 20 位，现在是 ", &actual.to_string(), " 位，请核对"])
            }
            Self::MiddleDot => join(&[label, "中的间隔号“·”只能用在两段姓名之间，请改正"]),
            Self::UnknownChoice => join(&[label, "不在可选范围内，请从列表中选择"]),
            Self::WayNotOffered => join(&[label, "暂不支持这种方式，请选择页面列出的认证方式"]),
            Self::ResidentIdNeeded => {
                join(&["手机实名认证只支持居民身份证，", label, "请选择“身份证”；没有身份证的，请拨打受理点电话办理"])
            }
            Self::CityNotInProvince => join(&[label, "不在所选省份内，请从列表中选择"]),
            Self::NotAgreed => not_agreed(),
            Self::NotVerified => join(&[label, "与登记的信息不一致，请核对"]),
        }
    }
}

fn not_agreed() -> String {
    String::from("请阅读并勾选同意协议")
}

/// Plain concatenation: `format!` for each message would weigh more.
fn join(parts: &[&str]) -> String {
    parts.concat()
}
