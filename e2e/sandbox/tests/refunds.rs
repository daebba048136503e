//! Money back and the daily bill, over the wire.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use backend::gateways::{Bill, BillKind, Doubt, Outcome, Precreate, Refund, Refunded, Refunding, TradeState};
use jiff::SignedDuration;
use sandbox::clock;
use serde_json::json;
use world::World;

const NUMBER: &str = "20261120A000001_1";
const DAY: i64 = 24 * 3_600;

fn back(amount_fen: i64) -> Refund {
    Refund {
        out_trade_no: NUMBER.into(),
        out_request_no: "0198a1".into(),
        amount_fen,
        reason: "审核不通过 + 100%".into(),
    }
}

/// A world in which a trade was paid.
async fn paid() -> World {
    let world = World::start().await;
    let bill = Precreate {
        out_trade_no: NUMBER.into(),
        amount_fen: 25_000,
        subject: "新办数字证书服务, \"套\"".into(),
        expires_at: clock::now(0) + SignedDuration::from_hours(24),
    };
    assert!(world.gateways.payment.precreate(&bill).await.ok().is_some());
    world.control("pay", json!({"out_trade_no": NUMBER})).await;
    world
}

fn done(answer: Outcome<Refunding>) -> i64 {
    match answer {
        Outcome::Ok(Refunding::Done(Refunded { amount_fen, at: Some(_) })) => amount_fen,
        other => panic!("{other:?}"),
    }
}

async fn state(world: &World) -> Outcome<Refunding> {
    world.gateways.payment.refund_state(&back(25_000)).await
}

async fn given_back(world: &World) -> usize {
    world.look("state").await["trades"][0]["refunds"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_fee_is_given_back_and_the_trade_is_closed() {
    let world = paid().await;
    assert_eq!(state(&world).await, Outcome::Ok(Refunding::NotDone));
    assert_eq!(done(world.gateways.payment.refund(&back(25_000)).await), 25_000);
    assert_eq!(done(state(&world).await), 25_000);
    let trade = world.gateways.payment.query(NUMBER).await.ok().unwrap();
    assert_eq!(trade, TradeState::Closed);
    let arrived = world.inbox.wait(2).await;
    let told: Vec<_> = arrived.iter().map(|body| world.gateways.payment.verify_notify(body).unwrap()).collect();
    assert_ne!(told[0].dedupe_key, told[1].dedupe_key);
    assert_eq!((told[1].trade_status.as_str(), told[1].amount_fen), ("TRADE_CLOSED", 25_000));
}

#[tokio::test]
async fn the_same_number_gives_nothing_twice() {
    let world = paid().await;
    assert_eq!(done(world.gateways.payment.refund(&back(25_000)).await), 25_000);
    // fund_change N: the adapter asks, and hears that it was made.
    assert_eq!(done(world.gateways.payment.refund(&back(25_000)).await), 25_000);
    assert_eq!(given_back(&world).await, 1);
    let other = world.gateways.payment.refund(&back(1)).await;
    assert!(matches!(other, Outcome::Refused { code, .. } if code == "ACQ.DISCORDANT_REPEAT_REQUEST"));
    let second = Refund { out_request_no: "0198a2".into(), ..back(25_000) };
    let second = world.gateways.payment.refund(&second).await;
    assert!(matches!(second, Outcome::Refused { code, .. } if code == "ACQ.TRADE_HAS_CLOSE"));
    assert_eq!(given_back(&world).await, 1);
}

#[tokio::test]
async fn what_was_never_paid_is_not_given_back() {
    let world = World::start().await;
    let unknown = world.gateways.payment.refund(&back(25_000)).await;
    assert!(matches!(unknown, Outcome::Refused { code, .. } if code == "ACQ.TRADE_NOT_EXIST"));
}

#[tokio::test]
async fn doubtful_answers_are_unknown_and_money_moves_once() {
    let cases = [
        (json!({"kind": "lost"}), Doubt::Timeout, true),
        (json!({"kind": "hang"}), Doubt::Timeout, false),
        (json!({"kind": "bad_signature"}), Doubt::Signature, true),
        (json!({"kind": "status", "status": 502}), Doubt::Http(502), false),
        (json!({"kind": "garbage"}), Doubt::Unreadable("not a JSON object"), false),
        (json!({"kind": "refuse", "code": "ACQ.SYSTEM_ERROR"}), Doubt::Provider("ACQ.SYSTEM_ERROR".into()), false),
    ];
    for (fault, reason, moved) in cases {
        let world = paid().await;
        world.fault("alipay.refund", fault.clone()).await;
        let seen = world.gateways.payment.refund(&back(25_000)).await;
        assert_eq!(seen, Outcome::Unknown { reason: reason.clone() }, "{fault}");
        assert_eq!(matches!(state(&world).await, Outcome::Ok(Refunding::Done(_))), moved, "{fault}");
        world.fault("alipay.refund_query", fault.clone()).await;
        assert_eq!(state(&world).await, Outcome::Unknown { reason }, "{fault}");
        assert_eq!(done(world.gateways.payment.refund(&back(25_000)).await), 25_000);
        assert_eq!(given_back(&world).await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_refusal_moves_nothing() {
    let world = paid().await;
    world.fault("alipay.refund", json!({"kind": "refuse", "code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"})).await;
    let refused = world.gateways.payment.refund(&back(25_000)).await;
    assert!(matches!(refused, Outcome::Refused { code, .. } if code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"));
    assert_eq!(state(&world).await, Outcome::Ok(Refunding::NotDone));
}

async fn bill(world: &World) -> Outcome<Option<Bill>> {
    let day = clock::now(0).to_zoned(clock::china()).date();
    world.gateways.payment.bill(day).await
}

fn lines(bill: Outcome<Option<Bill>>) -> Vec<(String, Option<String>, i64)> {
    let lines = bill.ok().flatten().expect("no bill").lines;
    let request = |kind: BillKind| match kind {
        BillKind::Paid => None,
        BillKind::Refunded { out_request_no } => Some(out_request_no),
    };
    lines.into_iter().map(|line| (line.out_trade_no, request(line.kind), line.amount_fen)).collect()
}

#[tokio::test]
async fn the_next_mornings_bill_tells_what_happened() {
    let world = paid().await;
    done(world.gateways.payment.refund(&back(25_000)).await);
    assert_eq!(bill(&world).await, Outcome::Ok(None), "the day is not over");
    world.move_clocks(2 * DAY).await;
    let expected = [(NUMBER.to_owned(), None, 25_000), (NUMBER.to_owned(), Some("0198a1".to_owned()), 25_000)];
    assert_eq!(lines(bill(&world).await), expected);
}

#[tokio::test]
async fn a_bill_lies_as_it_is_told_to() {
    let world = paid().await;
    world.move_clocks(2 * DAY).await;
    world.control("bill", json!({"amounts": {NUMBER: 1}, "extra": [{"out_trade_no": "X_1", "amount_fen": 7}]})).await;
    assert_eq!(lines(bill(&world).await), [(NUMBER.to_owned(), None, 1), ("X_1".to_owned(), None, 7)]);
    world.control("bill", json!({"missing": [NUMBER]})).await;
    assert_eq!(bill(&world).await, Outcome::Ok(None));
}

#[tokio::test]
async fn a_bill_that_does_not_come_is_unknown() {
    let world = paid().await;
    world.move_clocks(2 * DAY).await;
    world.fault("alipay.bill_file", json!({"kind": "hang"})).await;
    assert_eq!(bill(&world).await, Outcome::Unknown { reason: Doubt::Timeout });
    world.fault("alipay.bill_file", json!({"kind": "status", "status": 503})).await;
    assert_eq!(bill(&world).await, Outcome::Unknown { reason: Doubt::Http(503) });
    world.fault("alipay.bill", json!({"kind": "bad_signature"})).await;
    assert_eq!(bill(&world).await, Outcome::Unknown { reason: Doubt::Signature });
    world.fault("alipay.bill_file", json!({"kind": "garbage"})).await;
    assert_eq!(bill(&world).await, Outcome::refused("local.bill", "the bill is not a readable ZIP"));
    assert_eq!(lines(bill(&world).await).len(), 1);
}
