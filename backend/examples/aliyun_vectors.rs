//! Prints what our Aliyun adapters sign, as JSON: `e2e/oracles/run.py` compares it with the official SDK.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use backend::gateways::aliyun::{Acs3Request, AliyunElements, AliyunSms, Signed};
use backend::gateways::config::{AliyunKey, ElementsConfig, SmsConfig, Timeouts};
use backend::gateways::fresh::Fixed;
use backend::gateways::{CompanyFour, PersonThree, SmsQuery, SmsRequest};
use serde_json::{Value, json};

const ENDPOINT: &str = "https://dysmsapi.aliyuncs.com";
const NOON: &str = "2026-11-20T04:00:00Z";

/// A message: phone, signature, template, variables, our id, time.
type Message =
    (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const MESSAGES: [Message; 18] = [
    (
        "13977120001",
        "北京数字认证",
        "SMS_490000001",
        &[("order", "20261120U000001"), ("code", "123456")],
        "0198a1",
        NOON,
    ),
    (
        "13807710001",
        "北京数字认证",
        "SMS_490000007",
        &[("order", "20261120U000001"), ("pin", "84210753")],
        "0198a2",
        NOON,
    ),
    ("13977120001", "证书", "SMS_490000005", &[("order", "20261120U000002")], "0198a3", NOON),
    ("13977120001", "证书", "SMS_1", &[], "0198a4", NOON),
    ("13977120001", "a b", "SMS_2", &[("reason", "营业执照副本未加盖公章")], "0198a5", NOON),
    ("13977120001", "a+b", "SMS_3", &[("reason", "plus + and percent %20")], "0198a6", NOON),
    ("13977120001", "a*b", "SMS_4", &[("reason", "star * tilde ~ dash - dot . underscore _")], "0198a7", NOON),
    ("13977120001", "a&b=c", "SMS_5", &[("reason", "amp & equals = question ? hash #")], "0198a8", NOON),
    ("13977120001", "'()!", "SMS_6", &[("reason", "'single' (round) !bang")], "0198a9", NOON),
    ("13977120001", "x", "SMS_7", &[("reason", "quotes \" and \\ backslash")], "0198aa", NOON),
    ("13977120001", "x", "SMS_8", &[("reason", "slash / colon : semicolon ; comma ,")], "0198ab", NOON),
    ("13977120001", "x", "SMS_9", &[("reason", "tab\tnewline\nreturn\r")], "0198ac", NOON),
    ("13977120001", "x", "SMS_10", &[("reason", "阿依古丽·买买提（样本）")], "0198ad", NOON),
    ("13977120001", "x", "SMS_11", &[("reason", "beyond the first plane 𠮷 😀")], "0198ae", NOON),
    ("13977120001", " spaces ", "SMS_12", &[("reason", " at both ends ")], "0198af", NOON),
    (
        "13977120001",
        "x",
        "SMS_13",
        &[("carrier", "顺丰速运"), ("waybill", "SF1234567890123")],
        "0198b0",
        "2026-12-31T15:59:59Z",
    ),
    ("13977120001", "x", "SMS_14", &[("amount", "250.00")], "0198b1", "2026-12-31T16:00:00Z"),
    ("13977120001", "x", "SMS_15", &[("amount", "0.01")], "0198b2", "2028-02-29T23:59:59Z"),
];

fn main() {
    let key = AliyunKey { id: "LTAI5tSampleKey".to_owned(), secret: "sample secret + / =".to_owned().into() };
    let mut cases: Vec<Value> = Vec::new();
    for (at, (phone, sign_name, template_code, params, out_id, time)) in MESSAGES.into_iter().enumerate() {
        let request = SmsRequest {
            phone: phone.to_owned(),
            sign_name: sign_name.to_owned(),
            template_code: template_code.to_owned(),
            params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            out_id: out_id.to_owned(),
        };
        cases.push(case(sms(&key, time, at).signed_send(&request), time));
    }
    for (at, day) in ["2026-11-20", "2026-01-01"].into_iter().enumerate() {
        let query = SmsQuery { phone: "13977120001".to_owned(), day: day.parse().unwrap(), out_id: String::new() };
        cases.push(case(sms(&key, NOON, 100 + at).signed_query(&query), NOON));
    }
    let elements = ElementsConfig {
        company_url: "https://dytnsapi.aliyuncs.com".to_owned(),
        person_url: "https://cloudauth.aliyuncs.com".to_owned(),
        key: key.clone(),
        auth_code: "auth + code".to_owned().into(),
        timeouts: Timeouts::default(),
    };
    let elements = AliyunElements::new(&elements, fresh(NOON, 200)).unwrap();
    for name in ["南宁市朱槿信息技术有限公司", "样本（集团）A&B Co., Ltd."] {
        let request = CompanyFour {
            name: name.to_owned(),
            credit_code: "914403001922038216".to_owned(),
            legal_name: "韦青山".to_owned(),
            legal_id: "450199197205160175".to_owned(),
        };
        cases.push(case(elements.signed_company(&request), NOON));
    }
    for name in ["李晓梅", "阿依古丽·买买提"] {
        let request = PersonThree {
            name: name.to_owned(),
            id_number: "45019919920318046X".to_owned(),
            phone: "13977120001".to_owned(),
        };
        cases.push(case(elements.signed_person(&request), NOON));
    }
    let all = json!({ "key_id": key.id, "key_secret": "sample secret + / =", "cases": cases });
    println!("{}", serde_json::to_string_pretty(&all).unwrap());
}

fn fresh(time: &str, at: usize) -> Arc<Fixed> {
    Arc::new(Fixed { now: time.parse().unwrap(), nonce: format!("{at:032x}") })
}

fn sms(key: &AliyunKey, time: &str, at: usize) -> AliyunSms {
    let templates = [
        "sign",
        "query",
        "takeover",
        "correct_mailing",
        "correct_phone",
        "refused",
        "approved",
        "dispatched",
        "pin",
        "expired",
        "rejected",
        "refunded",
    ];
    let templates: serde_json::Map<String, Value> =
        templates.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    let config = SmsConfig {
        base_url: ENDPOINT.to_owned(),
        key: key.clone(),
        sign_name: String::new(),
        templates: serde_json::from_value(Value::Object(templates)).unwrap(),
        timeouts: Timeouts::default(),
    };
    AliyunSms::new(&config, fresh(time, at)).unwrap()
}

fn case((request, signed): (Acs3Request<'_>, Signed), time: &str) -> Value {
    let find = |name: &str| {
        request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let query: serde_json::Map<String, Value> =
        request.query.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "action": find("x-acs-action"),
        "version": find("x-acs-version"),
        "host": find("host"),
        "nonce": find("x-acs-signature-nonce"),
        "time": time,
        "query": query,
        "canonical": signed.canonical,
        "signature": signed.signature,
        "authorization": signed.authorization,
    })
}
