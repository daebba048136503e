//! dysmsapi: `SendSms` and `QuerySendDetails`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Params, business};
use crate::chance;
use crate::clock;
use crate::keys::SIGN_NAME;
use crate::server::Shared;
use crate::templates;
use crate::world::{Receipt, Sms};

fn is_mobile(phone: &str) -> bool {
    let bytes = phone.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && phone.starts_with('1')
        && bytes.get(1).is_some_and(|digit| *digit >= b'3')
}

/// `SendSms`.
pub fn send(shared: &Shared, params: &Params) -> Value {
    let phone = params.get("PhoneNumbers");
    if !is_mobile(phone) {
        return business("isv.MOBILE_NUMBER_ILLEGAL", "invalid mobile number");
    }
    if params.get("SignName") != SIGN_NAME {
        return business("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名");
    }
    let Ok(variables) = serde_json::from_str::<Map<String, Value>>(params.get("TemplateParam")) else {
        return business("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值");
    };
    let template_code = params.get("TemplateCode");
    let text = match templates::render(template_code, &variables) {
        Ok(text) => format!("【{SIGN_NAME}】{text}"),
        Err(code) => return business(code, "模板不合法或缺少变量"),
    };
    let variables: BTreeMap<String, String> =
        variables.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    let biz_id = shared.memory.change(|world| {
        let sent_at = world.now();
        let biz_id = format!("{}{:06}^0", sent_at.as_millisecond(), world.next_number());
        world.sms.push(Sms {
            phone: phone.to_owned(),
            template_code: template_code.to_owned(),
            text,
            params: variables,
            out_id: params.get("OutId").to_owned(),
            biz_id: biz_id.clone(),
            sent_at,
            receipt: Receipt::Delivered,
        });
        biz_id
    });
    json!({ "RequestId": chance::request_id(), "Code": "OK", "Message": "OK", "BizId": biz_id })
}

/// `QuerySendDetails`: by phone and day, newest first.
pub fn details(shared: &Shared, params: &Params) -> Value {
    let number = |name: &str| params.get(name).parse::<usize>().ok();
    let (Some(page @ 1..), Some(size @ 1..=50)) = (number("CurrentPage"), number("PageSize")) else {
        return business("isv.PAGE_SIZE_ILLEGAL", "分页参数错误");
    };
    let phone = params.get("PhoneNumber");
    let day = params.get("SendDate");
    let biz_id = params.get("BizId");
    let found: Vec<Sms> = shared.memory.change(|world| {
        world
            .sms
            .iter()
            .rev()
            .filter(|sms| sms.phone == phone && (biz_id.is_empty() || sms.biz_id == biz_id))
            .filter(|sms| sms.sent_at.to_zoned(clock::china()).strftime("%Y%m%d").to_string() == day)
            .cloned()
            .collect()
    });
    let list: Vec<Value> = found.iter().skip((page - 1) * size).take(size).map(detail).collect();
    json!({
        "RequestId": chance::request_id(),
        "Code": "OK",
        "Message": "OK",
        "TotalCount": found.len().to_string(),
        "SmsSendDetailDTOs": { "SmsSendDetailDTO": list },
    })
}

fn detail(sms: &Sms) -> Value {
    let (status, code) = match &sms.receipt {
        Receipt::Waiting => (1, ""),
        Receipt::Failed { code } => (2, code.as_str()),
        Receipt::Delivered => (3, "DELIVERED"),
    };
    json!({
        "PhoneNum": sms.phone,
        "OutId": sms.out_id,
        "TemplateCode": sms.template_code,
        "Content": sms.text,
        "SendStatus": status,
        "ErrCode": code,
        "SendDate": clock::local(sms.sent_at),
        "ReceiveDate": if status == 3 { clock::local(sms.sent_at) } else { String::new() },
    })
}
