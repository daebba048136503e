//! The message templates that the merchant registered.

use serde_json::{Map, Value};

/// One registered template.
pub struct Template {
    /// The hall's name for its purpose.
    pub purpose: &'static str,
    /// The provider's code.
    pub code: &'static str,
    /// The text, with `${name}` for its variables.
    pub text: &'static str,
}

/// Every template.
pub const TEMPLATES: [Template; 12] = [
    Template {
        purpose: "sign",
        code: "SMS_490000001",
        text: "您正在签名提交数字证书申请（订单号${order}），验证码${code}，5分钟内有效。如非本人操作请勿泄露。",
    },
    Template {
        purpose: "query",
        code: "SMS_490000002",
        text: "您正在查询数字证书订单，验证码${code}，5分钟内有效。如非本人操作请忽略。",
    },
    Template {
        purpose: "takeover",
        code: "SMS_490000003",
        text: "您正在继续办理或取消数字证书订单${order}，验证码${code}，5分钟内有效。如非本人操作请勿泄露。",
    },
    Template {
        purpose: "refused",
        code: "SMS_490000004",
        text: "您的数字证书订单${order}鉴证未通过，原因：${reason}。请在订单查询中修改上传资料后重新提交。",
    },
    Template {
        purpose: "approved",
        code: "SMS_490000005",
        text: "您的数字证书订单${order}已审核通过，正在制证，制作完成后将为您邮寄。",
    },
    Template {
        purpose: "dispatched",
        code: "SMS_490000006",
        text: "您的数字证书订单${order}已发货，${carrier}，运单号${waybill}。",
    },
    Template {
        purpose: "pin",
        code: "SMS_490000007",
        text: "贵单位数字证书（订单号${order}）的初始密码为${pin}，收到UKey后请尽快修改。请勿泄露。",
    },
    Template {
        purpose: "expired",
        code: "SMS_490000008",
        text: "您的数字证书订单${order}超过24小时未支付，已自动取消。",
    },
    Template {
        purpose: "rejected",
        code: "SMS_490000009",
        text: "您的数字证书订单${order}审核不通过，原因：${reason}，订单已取消，费用将原路退回，详情请在订单查询中查看。",
    },
    Template {
        purpose: "refunded",
        code: "SMS_490000010",
        text: "您的数字证书订单${order}的费用${amount}元已原路退回，到账时间以支付渠道为准。",
    },
    Template {
        purpose: "correct_mailing",
        code: "SMS_490000011",
        text: "您正在修改数字证书订单${order}的邮寄信息，验证码${code}，5分钟内有效。如非本人操作请勿泄露。",
    },
    Template {
        purpose: "correct_phone",
        code: "SMS_490000012",
        text: "您正在将数字证书订单${order}的经办人手机号修改为${phone}，验证码${code}，5分钟内有效。如非本人操作请勿泄露。",
    },
];

/// Fills a template in.
///
/// # Errors
/// The provider's code for what is wrong.
pub fn render(code: &str, params: &Map<String, Value>) -> Result<String, &'static str> {
    let template = TEMPLATES.iter().find(|template| template.code == code).ok_or("isv.SMS_TEMPLATE_ILLEGAL")?;
    let mut text = String::new();
    let mut rest = template.text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, more) = after.split_once('}').ok_or("isv.SMS_TEMPLATE_ILLEGAL")?;
        let value = params
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
            .ok_or("isv.TEMPLATE_MISSING_PARAMETERS")?;
        text.push_str(before);
        text.push_str(value);
        rest = more;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_filled_in() {
        let params = json!({"order": "20261120A000001", "carrier": "顺丰速运", "waybill": "SF1"});
        let text = render("SMS_490000006", params.as_object().unwrap()).unwrap();
        assert_eq!(text, "您的数字证书订单20261120A000001已发货，顺丰速运，运单号SF1。");
    }

    #[test]
    fn a_missing_variable_and_an_unknown_template_are_refused() {
        let none = Map::new();
        assert_eq!(render("SMS_490000002", &none), Err("isv.TEMPLATE_MISSING_PARAMETERS"));
        assert_eq!(render("SMS_1", &none), Err("isv.SMS_TEMPLATE_ILLEGAL"));
    }
}
