//! Text messages from the hall's adapter to a phone, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use std::sync::atomic::Ordering;

use backend::gateways::{Doubt, Outcome, SmsDelivery, SmsQuery, SmsRequest};
use sandbox::clock;
use serde_json::json;
use world::World;

const PHONE: &str = "13977120001";

fn code_message(world: &World, out_id: &str) -> SmsRequest {
    SmsRequest {
        phone: PHONE.into(),
        sign_name: world.config.sms.sign_name.clone(),
        template_code: world.config.sms.templates.sign.clone(),
        params: vec![("order".into(), "20261120A000001".into()), ("code".into(), "620415".into())],
        out_id: out_id.into(),
    }
}

fn question(out_id: &str) -> SmsQuery {
    SmsQuery { phone: PHONE.into(), day: clock::now(0).to_zoned(clock::china()).date(), out_id: out_id.into() }
}

#[tokio::test]
async fn a_code_reaches_the_phone() {
    let world = World::start().await;
    assert!(matches!(world.gateways.sms.send(&code_message(&world, "m1")).await, Outcome::Ok(_)));
    let inbox = world.page(&format!("/phones/{PHONE}")).await;
    assert!(inbox.contains("620415") && inbox.contains("20261120A000001"));
    assert_eq!(world.gateways.sms.query(&question("m1")).await, Outcome::Ok(SmsDelivery::Delivered));
    assert_eq!(world.gateways.sms.query(&question("m2")).await, Outcome::Ok(SmsDelivery::NotFound));
}

#[tokio::test]
async fn every_template_of_the_configuration_is_registered() {
    let world = World::start().await;
    let templates = world.config.sms.templates.clone();
    let cases = [
        (templates.query, vec!["code"]),
        (templates.takeover, vec!["order", "code"]),
        (templates.correct_mailing, vec!["order", "code"]),
        (templates.correct_phone, vec!["order", "phone", "code"]),
        (templates.refused, vec!["order", "reason"]),
        (templates.approved, vec!["order"]),
        (templates.rejected, vec!["order", "reason"]),
        (templates.refunded, vec!["order", "amount"]),
        (templates.dispatched, vec!["order", "carrier", "waybill"]),
        (templates.pin, vec!["order", "pin"]),
        (templates.expired, vec!["order"]),
    ];
    for (template_code, names) in cases {
        let request = SmsRequest {
            template_code: template_code.clone(),
            params: names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect(),
            ..code_message(&world, &template_code)
        };
        assert!(matches!(world.gateways.sms.send(&request).await, Outcome::Ok(_)), "{template_code}");
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_by_its_code() {
    let world = World::start().await;
    let refused = |outcome| match outcome {
        Outcome::Refused { code, .. } => code,
        Outcome::Ok(_) | Outcome::Unknown { .. } => panic!("not refused"),
    };
    let wrong_sign = SmsRequest { sign_name: "别人".into(), ..code_message(&world, "r1") };
    assert_eq!(refused(world.gateways.sms.send(&wrong_sign).await), "isv.SMS_SIGNATURE_ILLEGAL");
    let wrong_phone = SmsRequest { phone: "12345".into(), ..code_message(&world, "r2") };
    assert_eq!(refused(world.gateways.sms.send(&wrong_phone).await), "isv.MOBILE_NUMBER_ILLEGAL");
    world.fault("sms.send", json!({"kind": "refuse", "code": "isv.BUSINESS_LIMIT_CONTROL"})).await;
    let limited = world.gateways.sms.send(&code_message(&world, "r3")).await;
    assert_eq!(refused(limited), "isv.BUSINESS_LIMIT_CONTROL");
}

#[tokio::test]
async fn after_silence_the_provider_is_asked() {
    let world = World::start().await;
    world.fault("sms.send", json!({"kind": "lost"})).await;
    let sent = world.gateways.sms.send(&code_message(&world, "s1")).await;
    assert_eq!(sent, Outcome::Unknown { reason: Doubt::Timeout });
    assert_eq!(world.gateways.sms.query(&question("s1")).await, Outcome::Ok(SmsDelivery::Delivered));

    world.fault("sms.send", json!({"kind": "hang"})).await;
    let sent = world.gateways.sms.send(&code_message(&world, "s2")).await;
    assert_eq!(sent, Outcome::Unknown { reason: Doubt::Timeout });
    assert_eq!(world.gateways.sms.query(&question("s2")).await, Outcome::Ok(SmsDelivery::NotFound));
}

#[tokio::test]
async fn a_broken_answer_is_no_answer() {
    let world = World::start().await;
    world.fault("sms.send", json!({"kind": "status", "status": 503})).await;
    let sent = world.gateways.sms.send(&code_message(&world, "b1")).await;
    assert_eq!(sent, Outcome::Unknown { reason: Doubt::Http(503) });
    world.fault("sms.send", json!({"kind": "garbage"})).await;
    let sent = world.gateways.sms.send(&code_message(&world, "b2")).await;
    assert!(matches!(sent, Outcome::Unknown { reason: Doubt::Unreadable(_) }));
}

#[tokio::test]
async fn a_nonce_works_once_and_a_wrong_clock_never() {
    let world = World::start().await;
    *world.fresh.nonce.lock().unwrap() = Some("the-same-nonce-twice".into());
    assert!(matches!(world.gateways.sms.send(&code_message(&world, "n1")).await, Outcome::Ok(_)));
    let Outcome::Refused { code, .. } = world.gateways.sms.send(&code_message(&world, "n2")).await else {
        panic!("a nonce was taken twice");
    };
    assert_eq!(code, "SignatureNonceUsed");

    *world.fresh.nonce.lock().unwrap() = None;
    world.fresh.offset_seconds.store(1_000, Ordering::SeqCst);
    let Outcome::Refused { code, .. } = world.gateways.sms.send(&code_message(&world, "n3")).await else {
        panic!("a wrong clock was taken");
    };
    assert_eq!(code, "InvalidTimeStamp.Expired");
    world.control("clock", json!({"offset_seconds": 1_000})).await;
    assert!(matches!(world.gateways.sms.send(&code_message(&world, "n4")).await, Outcome::Ok(_)));
}

#[tokio::test]
async fn another_secret_is_refused() {
    let world = World::start().await;
    let mut config = world.config.clone();
    config.sms.key.secret = "not the secret".to_owned().into();
    let stranger = backend::gateways::aliyun::AliyunSms::new(&config.sms, world.fresh.clone()).unwrap();
    let request = code_message(&world, "x1");
    let sent = backend::gateways::SmsGateway::send(&stranger, &request).await;
    let Outcome::Refused { code, .. } = sent else {
        panic!("a stranger was taken");
    };
    assert_eq!(code, "SignatureDoesNotMatch");
}
