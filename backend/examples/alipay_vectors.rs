//! Prints what our Alipay adapter signs, as JSON: `e2e/oracles/run.py` compares it with the official SDK.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use backend::gateways::alipay::{Alipay, bill_content, refund, trade_content};
use backend::gateways::config::{AlipayConfig, Timeouts};
use backend::gateways::fresh::Fixed;
use backend::gateways::payment::{Precreate, Refund};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::SecretString;
use serde_json::{Value, json};

/// One call: method, number, subject, fen, notify_url, seller_id, time.
struct Case(&'static str, &'static str, &'static str, i64, &'static str, &'static str, &'static str);

const URL: &str = "https://hall.example.cn/api/notify/alipay";
const SELLER: &str = "2088102126112000";
const NOON: &str = "2026-11-20T04:00:00Z";

const CASES: [Case; 36] = [
    Case("precreate", "20261120A000001", "数字证书服务", 25_000, URL, SELLER, NOON),
    Case("precreate", "20261120A000002", "新办数字证书服务-广西南宁住房公积金管理中心", 25_000, URL, SELLER, NOON),
    Case("precreate", "1", "a", 1, URL, SELLER, NOON),
    Case("precreate", "A_1", "one hundred million", 10_000_000_000, URL, SELLER, NOON),
    Case("precreate", "A_2", "ten cents", 10, URL, SELLER, NOON),
    Case("precreate", "A_3", "quotes \" and \\ backslash", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_4", "percent %20 plus + hash # question ?", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_5", "amp & equals = slash /", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_6", "tab\tnewline\nreturn\r", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_7", "control \u{1} \u{1f} \u{8} \u{c}", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_8", "delete \u{7f} next-line \u{85} separators \u{2028}\u{2029}", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_9", "beyond the first plane 𠮷 😀", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_10", "阿依古丽·买买提（样本）", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_11", " spaces at both ends ", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_12", "'single' <tags> `ticks` {braces} [brackets] ~*!()", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_13", "", 8_800, URL, SELLER, NOON),
    Case("precreate", "A_14", "no notification", 8_800, "", SELLER, NOON),
    Case("precreate", "A_15", "no seller", 8_800, URL, "", NOON),
    Case("precreate", "A_16", "address with a query", 8_800, "https://h.cn/n?a=1&b=%E5%BC%A0", SELLER, NOON),
    Case("precreate", "A_17", "last second of the year in China", 8_800, URL, SELLER, "2026-12-31T15:59:59Z"),
    Case("precreate", "A_18", "first second of the year in China", 8_800, URL, SELLER, "2026-12-31T16:00:00Z"),
    Case("precreate", "A_19", "leap day", 8_800, URL, SELLER, "2028-02-28T16:00:00Z"),
    Case("query", "20261120A000001", "", 0, "", SELLER, NOON),
    Case("query", "Z_64_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 0, "", SELLER, NOON),
    Case("close", "20261120A000001", "", 0, "", SELLER, NOON),
    Case("close", "20261120A000002", "", 0, "", SELLER, "2026-12-31T16:00:00Z"),
    Case("refund", "20261120A000001_1", "审核不通过", 25_000, "", SELLER, NOON),
    Case("refund", "20261120A000002_1", "证书退货", 1, "", SELLER, NOON),
    Case("refund", "R_1", "quotes \" and \\ backslash & + %20", 10_000_000_000, "", SELLER, NOON),
    Case("refund", "R_2", "", 10, "", SELLER, "2026-12-31T16:00:00Z"),
    Case("fastpay.refund.query", "20261120A000001_1", "", 0, "", SELLER, NOON),
    Case("fastpay.refund.query", "R_1", "", 0, "", SELLER, "2028-02-28T16:00:00Z"),
    Case("bill", "2026-11-19", "", 0, "", SELLER, NOON),
    Case("bill", "2026-01-01", "", 0, "", SELLER, NOON),
    Case("bill", "2028-02-29", "", 0, "", SELLER, "2028-03-01T02:30:00Z"),
    Case("bill", "2025-12-31", "", 0, "", SELLER, "2025-12-31T16:00:00Z"),
];

fn main() {
    // A key of this run only: the comparison needs both halves, nobody else does.
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der = pair.as_der().unwrap();
    let private = BASE64_STANDARD.encode(private.as_ref());
    let public: PublicKeyX509Der = pair.public_key().as_der().unwrap();
    let public = BASE64_STANDARD.encode(public.as_ref());
    let cases: Vec<Value> = CASES.iter().map(|case| vector(case, &private, &public)).collect();
    let all = json!({
        "private_key_pkcs8": private,
        "public_key_spki": public,
        "cases": cases,
    });
    println!("{}", serde_json::to_string_pretty(&all).unwrap());
}

fn vector(case: &Case, private: &str, public: &str) -> Value {
    let Case(call, number, subject, fen, notify_url, seller, time) = *case;
    let now: jiff::Timestamp = time.parse().unwrap();
    let expires_at = now + jiff::SignedDuration::from_hours(24);
    let config = AlipayConfig {
        gateway_url: "http://127.0.0.1:1/gateway.do".to_owned(),
        app_id: "2021004126112000".to_owned(),
        seller_id: seller.to_owned(),
        product_code: "FACE_TO_FACE_PAYMENT".to_owned(),
        notify_url: notify_url.to_owned(),
        app_private_key: SecretString::from(private),
        alipay_public_key: public.to_owned(),
        timeouts: Timeouts::default(),
    };
    let nonce = String::new();
    let alipay = Alipay::new(&config, Arc::new(Fixed { now, nonce })).unwrap();
    let content = match call {
        "precreate" => alipay.precreate_content(&Precreate {
            out_trade_no: number.to_owned(),
            amount_fen: fen,
            subject: subject.to_owned(),
            expires_at,
        }),
        "refund" => refund::content(&refund_of(number, subject, fen)),
        "fastpay.refund.query" => refund::query_content(&refund_of(number, subject, fen)),
        "bill" => bill_content(number.parse().unwrap()),
        _ => trade_content(number),
    };
    let method = match call {
        "bill" => "alipay.data.dataservice.bill.downloadurl.query".to_owned(),
        call => format!("alipay.trade.{call}"),
    };
    let (_, canonical) = alipay.unsigned(&method, &content, call == "precreate");
    json!({
        "method": method,
        "app_id": config.app_id,
        "out_trade_no": number,
        "out_request_no": format!("{number}R"),
        "subject": subject,
        "total_fen": fen,
        "notify_url": notify_url,
        "seller_id": seller,
        "product_code": config.product_code,
        "now_unix": now.as_second(),
        "expires_unix": expires_at.as_second(),
        "signature": alipay.signature(&canonical).unwrap(),
        "canonical": canonical,
    })
}

fn refund_of(number: &str, reason: &str, amount_fen: i64) -> Refund {
    Refund {
        out_trade_no: number.to_owned(),
        out_request_no: format!("{number}R"),
        amount_fen,
        reason: reason.to_owned(),
    }
}
