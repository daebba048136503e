//! The jobs about payments: paid only after asking, closed before cancelling, late money owed back.

use crate::scripted::{Workshop, paid};
use crate::world::World as W;
use backend::audit::Chain;
use backend::clock::{DAY, MINUTE, SECOND};
use backend::gateways::outcome::Doubt;
use backend::gateways::{Closing, Outcome, TradeState};
use backend::outbox::Job;
use backend::outbox::jobs::payments::{Stands, requery};
use backend::store::{JobState, Order, PaymentRow, PaymentState, RefundReason};
use shared::channel::PaymentWay;
use shared::order::{EventKind, Status};

const PRICE: i64 = 25_000;

fn timeout<T>() -> Outcome<T> {
    Outcome::unknown(Doubt::Timeout)
}

/// An order that awaits payment, with an open trade that is asked about and a deadline.
async fn paying(world: &W) -> (Order, PaymentRow) {
    let order = world.order_in(Status::AwaitingPayment).await;
    let payment = trade(world, &order, "T1").await;
    let mut tx = world.tx().await;
    tx.enqueue(&Job::ExpireOrder { order_id: order.id.clone() }, order.pay_until.unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    (order, payment)
}

async fn trade(world: &W, order: &Order, number: &str) -> PaymentRow {
    let mut tx = world.tx().await;
    let payment = tx.begin_payment(&order.id, PaymentWay::Alipay, number, PRICE).await.unwrap();
    tx.set_payment_open(&payment.id, "https://qr", world.now() + DAY).await.unwrap();
    tx.commit().await.unwrap();
    payment
}

async fn ask_now(world: &W, payment: &PaymentRow) {
    let mut tx = world.tx().await;
    tx.enqueue(&Job::QueryPayment { payment_id: payment.id.clone() }, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn order(world: &W, id: &str) -> Order {
    world.store.read().await.unwrap().order(id).await.unwrap().unwrap()
}

async fn payment(world: &W, id: &str) -> PaymentRow {
    world.store.read().await.unwrap().payment(id).await.unwrap().unwrap()
}

async fn kinds(world: &W, order: &Order) -> Vec<String> {
    let mut read = world.store.read().await.unwrap();
    let chain = Chain::Order(&order.id);
    assert!(read.verify_chain(&chain.name()).await.unwrap().is_ok());
    read.events(chain).await.unwrap().into_iter().map(|event| event.kind).collect()
}

async fn owed(world: &W, order: &Order) -> Vec<(i64, RefundReason)> {
    let mut read = world.store.read().await.unwrap();
    let rows = read.refunds_of_order(&order.id).await.unwrap();
    rows.into_iter().map(|row| (row.amount_fen, row.reason)).collect()
}

both! {
    async fn an_order_is_paid_once_the_provider_says_so(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        ask_now(&world, &trade).await;
        shop.cashier.queries.then(Outcome::Ok(TradeState::NotScanned));
        assert_eq!(shop.works().await, 1);
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingPayment);

        world.clock.advance(15 * SECOND);
        shop.cashier.queries.then(Outcome::Ok(TradeState::WaitingForPayer));
        assert_eq!(shop.works().await, 1);
        world.clock.advance(15 * SECOND);
        shop.cashier.queries.then(paid(PRICE));
        assert_eq!(shop.works().await, 1);

        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
        let settled = payment(&world, &trade.id).await;
        assert_eq!((settled.state, settled.paid_fen), (PaymentState::Paid, Some(PRICE)));
        assert_eq!(settled.paid_at, Some(world.now()));
        world.clock.advance(DAY);
        assert_eq!(shop.works().await, 1, "the deadline finds a paid order and asks nobody");
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
        assert!(owed(&world, &before).await.is_empty());
    }
}

both! {
    async fn notice_poll_and_job_at_once_settle_a_payment_once(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        for _ in 0..4 {
            shop.cashier.queries.then(paid(PRICE));
        }
        let asking = (0..4).map(|_| {
            let (store, cashier, id) = (world.store.clone(), shop.cashier.clone(), trade.id.clone());
            tokio::spawn(async move { requery(&store, &*cashier, &id).await.unwrap() })
        });
        for one in asking.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), Stands::Paid);
        }
        let settled = kinds(&world, &before).await.into_iter().filter(|kind| kind == "payment_settled");
        assert_eq!(settled.count(), 1);
        assert!(owed(&world, &before).await.is_empty());
    }
}

both! {
    async fn another_amount_does_not_pay_the_order_and_is_owed_back(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        ask_now(&world, &trade).await;
        shop.cashier.queries.then(paid(PRICE - 1));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingPayment);
        assert_eq!(owed(&world, &before).await, [(PRICE - 1, RefundReason::OtherAmount)]);
        assert_eq!(kinds(&world, &before).await.last().map(String::as_str), Some("refund_owed"));
    }
}

both! {
    async fn a_provider_that_does_not_answer_is_asked_again_under_the_same_number(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        ask_now(&world, &trade).await;
        for wait in [2, 4, 8] {
            shop.cashier.queries.then(timeout());
            assert_eq!(shop.works().await, 1);
            world.clock.advance(wait * SECOND - 1);
            assert_eq!(shop.works().await, 0, "not before {wait} s");
            world.clock.advance(1);
        }
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.payments_of_order(&before.id).await.unwrap().len(), 1);
    }
}

both! {
    async fn an_unpaid_order_is_asked_about_closed_and_cancelled_at_its_deadline(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        world.clock.advance(DAY - 1);
        assert_eq!(shop.works().await, 0);
        world.clock.advance(1);
        shop.cashier.queries.then(Outcome::Ok(TradeState::WaitingForPayer));
        shop.cashier.closes.then(Outcome::Ok(Closing::Closed));
        shop.works().await;
        assert!(shop.all_told());
        assert_eq!(order(&world, &before.id).await.status, Status::Cancelled);
        assert_eq!(payment(&world, &trade.id).await.state, PaymentState::Closed);
        assert_eq!(kinds(&world, &before).await.last().map(String::as_str), Some("expired"));
    }
}

both! {
    async fn money_that_came_in_the_last_minute_is_not_lost(world: World) {
        let shop = Workshop::of(&world);
        let (before, _) = paying(&world).await;
        world.clock.advance(DAY);
        shop.cashier.queries.then(Outcome::Ok(TradeState::WaitingForPayer));
        shop.cashier.closes.then(Outcome::Ok(Closing::AlreadyPaid));
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
        assert!(owed(&world, &before).await.is_empty());
    }
}

both! {
    async fn an_order_is_not_cancelled_while_nobody_knows_whether_it_was_paid(world: World) {
        let shop = Workshop::of(&world);
        let (before, _) = paying(&world).await;
        world.clock.advance(DAY);
        shop.cashier.queries.then(timeout());
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingPayment);
        world.clock.advance(2 * SECOND);
        shop.cashier.queries.then(Outcome::Ok(TradeState::WaitingForPayer));
        shop.cashier.closes.then(timeout());
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingPayment);
        world.clock.advance(4 * SECOND);
        shop.cashier.queries.then(Outcome::Ok(TradeState::Closed));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::Cancelled);
    }
}

both! {
    async fn an_order_without_a_trade_is_cancelled_at_its_deadline(world: World) {
        let shop = Workshop::of(&world);
        let before = world.order().await;
        let mut tx = world.tx().await;
        tx.enqueue(&Job::ExpireOrder { order_id: before.id.clone() }, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(shop.works().await, 1, "too early: it waits");
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingDocuments);
        world.clock.advance(DAY);
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::Cancelled);
    }
}

both! {
    async fn a_payment_after_the_cancelling_is_recorded_and_owed_back(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        world.clock.advance(DAY);
        shop.cashier.queries.then(Outcome::Ok(TradeState::NotScanned));
        shop.cashier.closes.then(Outcome::Ok(Closing::NeverScanned));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::Cancelled);

        // The code was not dead yet: it is watched until it is.
        world.clock.advance(MINUTE);
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::Cancelled);
        assert_eq!(kinds(&world, &before).await.last().map(String::as_str), Some("late_payment_recorded"));
        assert_eq!(owed(&world, &before).await, [(PRICE, RefundReason::Late)]);
        ask_now(&world, &trade).await;
        shop.works().await;
        assert_eq!(owed(&world, &before).await.len(), 1, "known already");
    }
}

both! {
    async fn a_cancelled_orders_code_is_watched_until_it_is_dead(world: World) {
        let shop = Workshop::of(&world);
        let (before, trade) = paying(&world).await;
        world.step(&before, EventKind::Cancelled).await.unwrap();
        let mut rounds = 0;
        loop {
            shop.cashier.queries.then(Outcome::Ok(TradeState::NotScanned));
            shop.cashier.closes.then(Outcome::Ok(Closing::NeverScanned));
            shop.works().await;
            rounds += 1;
            assert!(shop.all_told());
            let mut read = world.store.read().await.unwrap();
            let job = read.jobs_about(&trade.id).await.unwrap().remove(0);
            if job.state == JobState::Done {
                break;
            }
            drop(read);
            world.clock.advance(10 * MINUTE);
        }
        assert!(world.now() > before.pay_until.unwrap());
        assert!((140..150).contains(&rounds), "{rounds}");
    }
}

both! {
    async fn a_second_payment_of_a_paid_order_is_owed_back(world: World) {
        let shop = Workshop::of(&world);
        let (before, first) = paying(&world).await;
        let mut tx = world.tx().await;
        tx.set_payment_state(&first.id, PaymentState::Closed).await.unwrap();
        tx.commit().await.unwrap();
        let second = trade(&world, &before, "T2").await;
        ask_now(&world, &second).await;
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
        ask_now(&world, &first).await;
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        assert_eq!(owed(&world, &before).await, [(PRICE, RefundReason::PaidTwice)]);
        assert_eq!(order(&world, &before.id).await.status, Status::AwaitingReview);
    }
}

both! {
    async fn other_trades_of_a_paid_order_are_closed(world: World) {
        let shop = Workshop::of(&world);
        let (before, first) = paying(&world).await;
        let mut tx = world.tx().await;
        let wechat = tx.begin_payment(&before.id, PaymentWay::Wechat, "T2", PRICE).await.unwrap();
        tx.commit().await.unwrap();
        ask_now(&world, &first).await;
        shop.cashier.queries.then(paid(PRICE));
        shop.works().await;
        world.clock.advance(SECOND);
        shop.cashier.queries.then(Outcome::Ok(TradeState::WaitingForPayer));
        shop.cashier.closes.then(Outcome::Ok(Closing::Closed));
        shop.works().await;
        assert_eq!(payment(&world, &wechat.id).await.state, PaymentState::Closed);
    }
}
