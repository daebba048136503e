//! A payment from the QR code to the notification, and what goes wrong on the way.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use std::sync::atomic::Ordering;

use backend::gateways::{Closing, Doubt, NotifyError, Outcome, Precreate, Precreated, TradeState};
use jiff::SignedDuration;
use sandbox::clock;
use serde_json::json;
use world::World;

const NUMBER: &str = "20261120A000001_1";

fn bill(amount_fen: i64) -> Precreate {
    Precreate {
        out_trade_no: NUMBER.into(),
        amount_fen,
        subject: "新办数字证书服务 + 100% \"套\"".into(),
        expires_at: clock::now(0) + SignedDuration::from_hours(24),
    }
}

async fn code(world: &World) -> String {
    let Outcome::Ok(Precreated { qr_code }) = world.gateways.payment.precreate(&bill(25_000)).await else {
        panic!("no code");
    };
    qr_code
}

async fn state(world: &World) -> TradeState {
    world.gateways.payment.query(NUMBER).await.ok().expect("no answer")
}

fn path(world: &World, code: &str) -> String {
    code.strip_prefix(&world.url).expect("not the sandbox's address").to_owned()
}

#[tokio::test]
async fn a_phone_scans_and_pays_and_the_hall_hears_of_it() {
    let world = World::start().await;
    let code = code(&world).await;
    assert_eq!(state(&world).await, TradeState::NotScanned);

    let cashier = world.page(&path(&world, &code)).await;
    assert!(cashier.contains("250.00") && cashier.contains("支付</button>"));
    assert_eq!(state(&world).await, TradeState::WaitingForPayer);

    world.http.post(format!("{code}/pay")).send().await.unwrap();
    let TradeState::Paid(paid) = state(&world).await else {
        panic!("not paid");
    };
    assert_eq!(paid.amount_fen, 25_000);
    assert!(paid.paid_at.is_some());

    let arrived = world.inbox.wait(1).await;
    let notify = world.gateways.payment.verify_notify(&arrived[0]).unwrap();
    assert_eq!((notify.out_trade_no.as_str(), notify.amount_fen), (NUMBER, 25_000));
    assert_eq!((notify.trade_status.as_str(), notify.trade_no), ("TRADE_SUCCESS", paid.trade_no));
}

#[tokio::test]
async fn a_notification_is_repeated_until_acknowledged() {
    let world = World::start().await;
    world.inbox.answers.lock().unwrap().push_back("fail");
    code(&world).await;
    world.control("pay", json!({"out_trade_no": NUMBER})).await;
    let arrived = world.inbox.wait(2).await;
    let ids = arrived.iter().map(|body| world.gateways.payment.verify_notify(body).unwrap().notify_id);
    let ids: Vec<String> = ids.collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn false_notifications_are_not_believed() {
    let world = World::start().await;
    code(&world).await;
    let cases = [
        ("forged", Err(NotifyError::Signature)),
        ("tampered", Err(NotifyError::Signature)),
        ("unsigned", Err(NotifyError::Missing("sign"))),
        ("other_app", Err(NotifyError::OtherApp)),
        ("other_seller", Err(NotifyError::OtherSeller)),
        ("other_amount", Ok(1)),
        ("genuine", Ok(25_000)),
    ];
    for (at, (kind, expected)) in cases.into_iter().enumerate() {
        let order = json!({"out_trade_no": NUMBER, "kind": kind, "claim_paid": true});
        world.control("notify", order).await;
        let arrived = world.inbox.wait(at + 1).await;
        let seen = world.gateways.payment.verify_notify(&arrived[at]);
        assert_eq!(seen.map(|notify| notify.amount_fen), expected, "{kind}");
    }
    // A lie with a true signature still does not make it paid.
    assert_eq!(state(&world).await, TradeState::NotScanned);
}

#[tokio::test]
async fn every_flipped_byte_of_a_notification_is_noticed() {
    let world = World::start().await;
    code(&world).await;
    world.control("pay", json!({"out_trade_no": NUMBER})).await;
    let whole = world.inbox.wait(1).await[0].clone();
    let genuine = world.gateways.payment.verify_notify(&whole).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        // `%2a` for `%2A` and the like mean the same: then it must read the same too.
        if let Ok(seen) = world.gateways.payment.verify_notify(&flipped) {
            assert_eq!(seen, genuine, "byte {at}");
        }
    }
}

#[tokio::test]
async fn closing_tells_the_three_ways_apart() {
    let world = World::start().await;
    let close = async || world.gateways.payment.close(NUMBER).await;
    code(&world).await;
    assert_eq!(close().await, Outcome::Ok(Closing::NeverScanned));
    world.control("scan", json!({"out_trade_no": NUMBER})).await;
    assert_eq!(close().await, Outcome::Ok(Closing::Closed));
    assert_eq!(close().await, Outcome::Ok(Closing::Closed));
    assert_eq!(state(&world).await, TradeState::Closed);
    world.control("pay", json!({"out_trade_no": NUMBER, "force": true})).await;
    assert_eq!(close().await, Outcome::Ok(Closing::AlreadyPaid));
}

#[tokio::test]
async fn a_code_dies_at_its_time() {
    let world = World::start().await;
    let code = code(&world).await;
    let day = 24 * 3_600 + 60;
    world.control("clock", json!({"offset_seconds": day})).await;
    world.fresh.offset_seconds.store(day, Ordering::SeqCst);
    let cashier = world.page(&path(&world, &code)).await;
    assert!(!cashier.contains("支付</button>"));
    assert_eq!(state(&world).await, TradeState::NotScanned);
}

#[tokio::test]
async fn another_sum_for_the_same_number_is_refused() {
    let world = World::start().await;
    let first = code(&world).await;
    assert_eq!(code(&world).await, first);
    let other = world.gateways.payment.precreate(&bill(1)).await;
    assert!(matches!(other, Outcome::Refused { code, .. } if code == "ACQ.CONTEXT_INCONSISTENT"));
}

#[tokio::test]
async fn doubtful_answers_are_unknown() {
    let world = World::start().await;
    code(&world).await;
    let cases = [
        (json!({"kind": "bad_signature"}), Doubt::Signature),
        (json!({"kind": "lost"}), Doubt::Timeout),
        (json!({"kind": "status", "status": 502}), Doubt::Http(502)),
        (json!({"kind": "garbage"}), Doubt::Unreadable("not a JSON object")),
        (json!({"kind": "refuse", "code": "ACQ.SYSTEM_ERROR"}), Doubt::Provider("ACQ.SYSTEM_ERROR".into())),
    ];
    for (fault, reason) in cases {
        world.fault("alipay.query", fault.clone()).await;
        let seen = world.gateways.payment.query(NUMBER).await;
        assert_eq!(seen, Outcome::Unknown { reason }, "{fault}");
    }
}
