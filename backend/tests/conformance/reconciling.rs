//! Our books beside the provider's.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::clock::{DAY, HOUR};
use backend::gateways::{Bill, BillKind, BillLine, Outcome};
use backend::outbox::Job;
use backend::outbox::jobs::reconcile::{day_of, due_at, schedule};
use backend::store::{JobState, NewRefund, ReconciliationRow, RefundReason};
use shared::api::{Difference, DifferenceKind};
use shared::channel::PaymentWay;
use shared::order::Status;

const PRICE: i64 = 25_000;

/// A paid order; its number and that of its trade.
async fn paid(world: &W, trade: &str) -> (String, String) {
    let order = world.order_in(Status::AwaitingReview).await;
    let mut tx = world.tx().await;
    let payment = tx.begin_payment(&order.id, PaymentWay::Alipay, trade, PRICE).await.unwrap();
    tx.set_payment_paid(&payment.id, "2026", PRICE, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    (order.number, payment.id)
}

/// A fee that was given back; the refund's number.
async fn given_back(world: &W, payment_id: &str) -> String {
    let mut tx = world.tx().await;
    let payment = tx.payment(payment_id).await.unwrap().unwrap();
    tx.owe_refund(NewRefund {
        order_id: &payment.order_id,
        payment_id,
        amount_fen: PRICE,
        reason: RefundReason::Returned,
        caused_by: None,
    })
    .await
    .unwrap();
    let refund = tx.refunds_of_order(&payment.order_id).await.unwrap().remove(0);
    tx.set_refund_asked(&refund.id).await.unwrap();
    tx.set_refund_settled(&refund.id, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    refund.request_no().to_owned()
}

fn line(trade: &str, amount_fen: i64, request: Option<&str>) -> BillLine {
    let kind = request.map_or(BillKind::Paid, |request| BillKind::Refunded { out_request_no: request.to_owned() });
    BillLine { kind, out_trade_no: trade.to_owned(), trade_no: "2026".to_owned(), amount_fen, at: None }
}

fn bill(lines: Vec<BillLine>) -> Outcome<Option<Bill>> {
    Outcome::Ok(Some(Bill { lines }))
}

/// The next morning, after the worker has compared.
async fn compared(world: &W, shop: &Workshop, answer: Outcome<Option<Bill>>) -> ReconciliationRow {
    let day = day_of(world.now());
    schedule(&world.store).await.unwrap();
    world.clock.advance(due_at(day).unwrap() - world.now());
    shop.cashier.bills.then(answer);
    shop.works().await;
    let rows = world.store.read().await.unwrap().reconciliations("nanning", 9).await.unwrap();
    rows.into_iter().find(|row| row.day == day.to_string()).unwrap()
}

fn differences(row: &ReconciliationRow) -> Vec<Difference> {
    serde_json::from_str(&row.differences).unwrap()
}

both! {
    async fn a_day_on_which_both_books_agree(world: World) {
        let shop = Workshop::of(&world);
        let (_, payment) = paid(&world, "T1").await;
        paid(&world, "T2").await;
        let refund = given_back(&world, &payment).await;
        let lines = vec![line("T1", PRICE, None), line("T2", PRICE, None), line("T1", PRICE, Some(&refund))];
        let row = compared(&world, &shop, bill(lines)).await;
        assert_eq!((row.trades, row.paid_fen, row.refunded_fen), (2, 2 * PRICE, PRICE));
        assert_eq!((differences(&row), row.compared_at), (Vec::new(), Some(world.now())));
        // The next day is planned.
        let mut read = world.store.read().await.unwrap();
        let next = read.jobs_about(&day_of(world.now()).to_string()).await.unwrap().remove(0);
        assert_eq!((next.state, next.run_at), (JobState::Ready, world.now() + DAY));
    }
}

both! {
    async fn every_kind_of_difference_is_found(world: World) {
        let shop = Workshop::of(&world);
        let (first, payment) = paid(&world, "T1").await;
        let (second, _) = paid(&world, "T2").await;
        given_back(&world, &payment).await;
        let lines = vec![line("T1", PRICE - 1, None), line("T9", 7, None), line("T1", PRICE, Some("by hand"))];
        let row = compared(&world, &shop, bill(lines)).await;
        let difference = |trade: &str, number: Option<&String>, kind, ours, theirs| Difference {
            out_trade_no: trade.to_owned(),
            number: number.cloned(),
            kind,
            ours_fen: ours,
            theirs_fen: theirs,
            note: None,
        };
        assert_eq!(
            differences(&row),
            [
                difference("T1", Some(&first), DifferenceKind::Amount, Some(PRICE), Some(PRICE - 1)),
                difference("T9", None, DifferenceKind::NotOurs, None, Some(7)),
                difference("T1", Some(&first), DifferenceKind::NotOurs, None, Some(-PRICE)),
                difference("T2", Some(&second), DifferenceKind::NotTheirs, Some(PRICE), None),
                difference("T1", Some(&first), DifferenceKind::NotTheirs, Some(-PRICE), None),
            ]
        );
    }
}

both! {
    async fn a_line_that_stands_twice_is_not_explained_by_one_payment(world: World) {
        let shop = Workshop::of(&world);
        paid(&world, "T1").await;
        let row = compared(&world, &shop, bill(vec![line("T1", PRICE, None), line("T1", PRICE, None)])).await;
        let kinds: Vec<_> = differences(&row).into_iter().map(|difference| difference.kind).collect();
        assert_eq!(kinds, [DifferenceKind::NotOurs]);
    }
}

both! {
    async fn a_bill_that_is_late_is_asked_for_again_and_again(world: World) {
        let shop = Workshop::of(&world);
        paid(&world, "T1").await;
        let row = compared(&world, &shop, Outcome::Ok(None)).await;
        assert_eq!((row.compared_at, row.tried_at), (None, world.now()));
        world.clock.advance(HOUR);
        shop.cashier.bills.then(Outcome::refused("local.bill", "row 7 of the bill can't be read"));
        shop.works().await;
        world.clock.advance(HOUR);
        shop.cashier.bills.then(bill(vec![line("T1", PRICE, None)]));
        shop.works().await;
        let rows = world.store.read().await.unwrap().reconciliations("nanning", 9).await.unwrap();
        assert_eq!((rows[0].compared_at, rows[0].trades), (Some(world.now()), 1));
        assert!(shop.all_told());
    }
}

both! {
    async fn a_quiet_day_needs_no_bill(world: World) {
        let shop = Workshop::of(&world);
        let row = compared(&world, &shop, Outcome::Ok(None)).await;
        assert_eq!((row.compared_at, row.trades, row.differences.as_str()), (Some(world.now()), 0, "[]"));
    }
}

both! {
    async fn a_day_can_be_compared_again(world: World) {
        let shop = Workshop::of(&world);
        paid(&world, "T1").await;
        let row = compared(&world, &shop, bill(vec![])).await;
        assert_eq!(differences(&row).len(), 1);
        let mut tx = world.tx().await;
        tx.enqueue(&Job::ReconcileDay { day: row.day.clone() }, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        shop.cashier.bills.then(bill(vec![line("T1", PRICE, None)]));
        shop.works().await;
        let rows = world.store.read().await.unwrap().reconciliations("nanning", 9).await.unwrap();
        assert_eq!((rows.len(), rows[0].differences.as_str()), (1, "[]"));
    }
}

both! {
    async fn days_that_were_missed_are_made_up_for(world: World) {
        let shop = Workshop::of(&world);
        paid(&world, "T1").await;
        world.clock.advance(3 * DAY);
        schedule(&world.store).await.unwrap();
        schedule(&world.store).await.unwrap();
        for _ in 0..4 {
            shop.cashier.bills.then(bill(vec![]));
        }
        world.clock.advance(DAY + 2 * HOUR);
        shop.works().await;
        let rows = world.store.read().await.unwrap().reconciliations("nanning", 9).await.unwrap();
        assert_eq!(rows.iter().filter(|row| row.compared_at.is_some()).count(), 4);
        assert!(shop.all_told());
    }
}
