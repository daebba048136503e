//! Money that goes back: once, whatever gets lost.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::audit::Chain;
use backend::clock::{MINUTE, SECOND};
use backend::gateways::outcome::Doubt;
use backend::gateways::{Outcome, Refunded, Refunding};
use backend::outbox::Job;
use backend::store::{JobState, NewRefund, Order, RefundReason, RefundRow, RefundState};
use shared::channel::PaymentWay;
use shared::order::Status;

const PRICE: i64 = 25_000;

fn done(amount_fen: i64) -> Outcome<Refunding> {
    Outcome::Ok(Refunding::Done(Refunded { amount_fen, at: None }))
}

fn nothing() -> Outcome<Refunding> {
    Outcome::Ok(Refunding::NotDone)
}

fn silence() -> Outcome<Refunding> {
    Outcome::unknown(Doubt::Timeout)
}

/// A paid order whose fee is owed back.
async fn owed(world: &W) -> (Order, RefundRow) {
    let order = world.order_in(Status::AwaitingReview).await;
    let mut tx = world.tx().await;
    let payment = tx.begin_payment(&order.id, PaymentWay::Alipay, "T1", PRICE).await.unwrap();
    tx.set_payment_paid(&payment.id, "2026", PRICE, world.now()).await.unwrap();
    let new = NewRefund {
        order_id: &order.id,
        payment_id: &payment.id,
        amount_fen: PRICE,
        reason: RefundReason::Rejected,
        caused_by: Some("anna"),
    };
    assert!(tx.owe_refund(new).await.unwrap());
    tx.commit().await.unwrap();
    let refund = refunds(world, &order).await.remove(0);
    (order, refund)
}

async fn refunds(world: &W, order: &Order) -> Vec<RefundRow> {
    world.store.read().await.unwrap().refunds_of_order(&order.id).await.unwrap()
}

async fn settled_events(world: &W, order: &Order) -> usize {
    let mut read = world.store.read().await.unwrap();
    let events = read.events(Chain::Order(&order.id)).await.unwrap();
    events.into_iter().filter(|event| event.kind == "refund_settled").count()
}

fn calls(shop: &Workshop) -> Vec<String> {
    shop.cashier.asked.lock().unwrap().iter().map(|refund| refund.out_request_no.clone()).collect()
}

both! {
    async fn a_fee_is_given_back_under_the_number_that_was_stored_first(world: World) {
        let shop = Workshop::of(&world);
        let (order, owed) = owed(&world).await;
        assert_eq!((owed.state, owed.asked_at, owed.caused_by.as_deref()), (RefundState::Pending, None, Some("anna")));
        shop.cashier.refunds.then(done(PRICE));
        assert_eq!(shop.works().await, 1);
        let asked = shop.cashier.asked.lock().unwrap().remove(0);
        assert_eq!(asked.out_request_no, owed.request_no());
        assert_eq!((asked.out_trade_no.as_str(), asked.amount_fen, asked.reason.as_str()), ("T1", PRICE, "审核不通过"));
        let settled = refunds(&world, &order).await.remove(0);
        assert_eq!((settled.state, settled.settled_at), (RefundState::Settled, Some(world.now())));
        assert_eq!(settled_events(&world, &order).await, 1);
        assert!(shop.all_told());
    }
}

both! {
    async fn after_a_lost_answer_the_provider_is_asked_and_pays_once(world: World) {
        let shop = Workshop::of(&world);
        let (order, _) = owed(&world).await;
        shop.cashier.refunds.then(silence());
        shop.works().await;
        assert!(refunds(&world, &order).await[0].asked_at.is_some());
        // Nobody knows; it is asked, and asked again, never called again.
        world.clock.advance(2 * SECOND);
        shop.cashier.refund_states.then(silence());
        shop.works().await;
        assert_eq!(refunds(&world, &order).await[0].last_error.as_deref(), Some("refund query: no answer in time"));
        world.clock.advance(4 * SECOND);
        shop.cashier.refund_states.then(done(PRICE));
        shop.works().await;
        assert_eq!(refunds(&world, &order).await[0].state, RefundState::Settled);
        assert_eq!((calls(&shop).len(), settled_events(&world, &order).await), (1, 1));
    }
}

both! {
    async fn a_call_that_never_arrived_is_made_again_under_the_same_number(world: World) {
        let shop = Workshop::of(&world);
        let (order, refund) = owed(&world).await;
        shop.cashier.refunds.then(silence());
        shop.works().await;
        world.clock.advance(2 * SECOND);
        shop.cashier.refund_states.then(nothing());
        shop.cashier.refunds.then(done(PRICE));
        shop.works().await;
        assert_eq!(calls(&shop), [refund.request_no(), refund.request_no()]);
        assert_eq!(refunds(&world, &order).await[0].state, RefundState::Settled);
    }
}

both! {
    async fn after_a_crash_between_the_call_and_its_record_the_provider_is_asked_first(world: World) {
        let shop = Workshop::of(&world);
        let (order, refund) = owed(&world).await;
        let mut tx = world.tx().await;
        tx.claim_jobs("crashed", world.now() + MINUTE, 1).await.unwrap();
        assert!(tx.set_refund_asked(&refund.id).await.unwrap());
        tx.commit().await.unwrap();
        world.clock.advance(MINUTE);
        shop.cashier.refund_states.then(done(PRICE));
        assert_eq!(shop.works().await, 1);
        assert_eq!(refunds(&world, &order).await[0].state, RefundState::Settled);
        assert!(calls(&shop).is_empty(), "the provider is not called again");
    }
}

both! {
    async fn two_jobs_at_once_settle_once(world: World) {
        let shop = Workshop::of(&world);
        let (order, refund) = owed(&world).await;
        // One job is with a slow worker while another one is enqueued for the same refund.
        let mut tx = world.tx().await;
        tx.claim_jobs("slow", world.now() + MINUTE, 1).await.unwrap();
        tx.enqueue(&Job::RefundPayment { refund_id: refund.id.clone() }, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        shop.cashier.refunds.then(done(PRICE));
        shop.works().await;
        world.clock.advance(MINUTE);
        assert_eq!(shop.works().await, 1, "the slow one finds it settled and asks nobody");
        assert_eq!((calls(&shop).len(), settled_events(&world, &order).await), (1, 1));
        assert!(shop.all_told());
    }
}

both! {
    async fn what_the_provider_refuses_for_good_waits_for_staff(world: World) {
        let shop = Workshop::of(&world);
        let (order, refund) = owed(&world).await;
        shop.cashier.refunds.then(Outcome::refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"));
        shop.cashier.refund_states.then(nothing());
        shop.works().await;
        let refused = refunds(&world, &order).await.remove(0);
        assert_eq!(refused.state, RefundState::Refused);
        assert_eq!(refused.last_error.as_deref(), Some("ACQ.SELLER_BALANCE_NOT_ENOUGH 卖家余额不足"));
        world.clock.advance(MINUTE);
        assert_eq!(shop.works().await, 0, "nobody asks again by themselves");
        let mut tx = world.tx().await;
        assert!(tx.set_refund_pending(&refund.id).await.unwrap());
        assert!(!tx.set_refund_pending(&refund.id).await.unwrap(), "pressed twice");
        tx.enqueue(&Job::RefundPayment { refund_id: refund.id.clone() }, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        shop.cashier.refund_states.then(nothing());
        shop.cashier.refunds.then(done(PRICE));
        shop.works().await;
        assert_eq!(refunds(&world, &order).await[0].state, RefundState::Settled);
        assert_eq!(calls(&shop), [refund.request_no(), refund.request_no()]);
    }
}

both! {
    async fn a_refusal_because_it_was_given_back_already_is_no_refusal(world: World) {
        let shop = Workshop::of(&world);
        let (order, _) = owed(&world).await;
        shop.cashier.refunds.then(Outcome::refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"));
        shop.cashier.refund_states.then(done(PRICE));
        shop.works().await;
        assert_eq!(refunds(&world, &order).await[0].state, RefundState::Settled);
    }
}

both! {
    async fn another_sum_than_was_owed_is_left_to_staff(world: World) {
        let shop = Workshop::of(&world);
        let (order, _) = owed(&world).await;
        shop.cashier.refunds.then(silence());
        shop.works().await;
        world.clock.advance(2 * SECOND);
        shop.cashier.refund_states.then(done(1));
        shop.works().await;
        let refused = refunds(&world, &order).await.remove(0);
        assert_eq!(refused.state, RefundState::Refused);
        assert!(refused.last_error.unwrap().contains("1 fen"));
        assert_eq!(settled_events(&world, &order).await, 0);
    }
}

both! {
    async fn what_staff_recorded_is_never_asked_of_the_provider(world: World) {
        let shop = Workshop::of(&world);
        let (order, refund) = owed(&world).await;
        let mut tx = world.tx().await;
        assert!(!tx.set_refund_recorded(&refund.id, "mark", b"note").await.unwrap(), "the provider is being asked");
        assert!(tx.set_refund_refused(&refund.id, "no").await.unwrap());
        assert!(tx.set_refund_recorded(&refund.id, "mark", b"note").await.unwrap());
        assert!(!tx.set_refund_recorded(&refund.id, "mark", b"note").await.unwrap(), "twice");
        assert!(!tx.set_refund_pending(&refund.id).await.unwrap());
        assert!(!tx.set_refund_asked(&refund.id).await.unwrap());
        assert!(!tx.set_refund_settled(&refund.id, world.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(shop.works().await, 1, "the job ends");
        assert!(calls(&shop).is_empty());
        let row = refunds(&world, &order).await.remove(0);
        assert_eq!((row.state, row.settled_by.as_deref()), (RefundState::Recorded, Some("mark")));
        let mut read = world.store.read().await.unwrap();
        assert!(read.refunds_owed("nanning", true, 9).await.unwrap().is_empty());
        assert_eq!(read.refunds_owed("nanning", false, 9).await.unwrap().len(), 1);
        assert_eq!(read.jobs_about(&refund.id).await.unwrap()[0].state, JobState::Done);
    }
}
