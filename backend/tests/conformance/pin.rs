//! The PIN's text message: sent at most once, wiped once sent, asked about after a crash.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::audit::Chain;
use backend::clock::{MINUTE, SECOND};
use backend::entropy::SystemEntropy;
use backend::gateways::outcome::Doubt;
use backend::gateways::{Outcome, SmsDelivery, SmsReceipt};
use backend::outbox::Job;
use backend::outbox::jobs::{Message, message_aad};
use backend::store::{JobRow, JobState, Order};

fn taken() -> Outcome<SmsReceipt> {
    Outcome::Ok(SmsReceipt { provider_id: "biz".into() })
}

/// An order with the job to tell the PIN.
async fn dispatched(world: &W, shop: &Workshop) -> (Order, String) {
    let order = world.order().await;
    let mut tx = world.tx().await;
    let (key, wrapped) = shop.vault.new_data_key(&SystemEntropy, "key").unwrap();
    tx.insert_data_key("key", &wrapped.bytes, i64::from(wrapped.root_version)).await.unwrap();
    let id = tx.new_id();
    let notice = Message {
        phone: "13900000000".into(),
        template: "SMS_PIN".into(),
        params: vec![("order".into(), order.number.clone()), ("pin".into(), "84210753".into())],
    };
    let plain = serde_json::to_vec(&notice).unwrap();
    let sealed = key.seal(&SystemEntropy, message_aad(&id), &plain).unwrap();
    let job = Job::NotifyDispatch { order_id: order.id.clone() };
    tx.enqueue_sealed(&id, &job, world.now(), &sealed).await.unwrap();
    tx.commit().await.unwrap();
    (order, id)
}

async fn job(world: &W, id: &str) -> JobRow {
    world.store.read().await.unwrap().job(id).await.unwrap().unwrap()
}

fn messages(shop: &Workshop) -> usize {
    shop.messenger.sent.lock().unwrap().len()
}

both! {
    async fn the_pin_is_sent_and_wiped(world: World) {
        let shop = Workshop::of(&world);
        let (order, id) = dispatched(&world, &shop).await;
        shop.messenger.sends.then(taken());
        assert_eq!(shop.works().await, 1);
        let sent = shop.messenger.sent.lock().unwrap().remove(0);
        assert_eq!((sent.phone.as_str(), sent.out_id.as_str()), ("13900000000", id.as_str()));
        assert_eq!(sent.template_code, "SMS_PIN");
        assert_eq!(sent.params[0], ("order".into(), order.number.clone()));
        assert_eq!(sent.params[1], ("pin".into(), "84210753".into()));

        let done = job(&world, &id).await;
        assert_eq!((done.state, done.payload_sealed), (JobState::Done, None));
        let mut read = world.store.read().await.unwrap();
        let events = read.events(Chain::Order(&order.id)).await.unwrap();
        assert_eq!(events.last().map(|event| event.kind.as_str()), Some("pin_sent"));
        assert!(!events.iter().any(|event| event.data.contains("84210753")));
    }
}

both! {
    async fn after_a_timeout_the_provider_is_asked_and_nothing_is_sent_again(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        shop.messenger.sends.then(Outcome::unknown(Doubt::Timeout));
        shop.works().await;
        assert_eq!(job(&world, &id).await.state, JobState::Sending);
        world.clock.advance(30 * SECOND);
        shop.messenger.queries.then(Outcome::unknown(Doubt::Connection));
        assert_eq!(shop.works().await, 1);
        world.clock.advance(2 * SECOND);
        shop.messenger.queries.then(Outcome::Ok(SmsDelivery::Waiting));
        assert_eq!(shop.works().await, 1);
        let asked = shop.messenger.asked.lock().unwrap().remove(0);
        assert_eq!((asked.out_id.as_str(), asked.day.to_string().as_str()), (id.as_str(), "2026-11-20"));
        let done = job(&world, &id).await;
        assert_eq!((done.state, done.payload_sealed), (JobState::Done, None));
        assert_eq!(messages(&shop), 1);
    }
}

both! {
    async fn after_a_crash_in_the_middle_of_sending_the_provider_is_asked(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        let mut tx = world.tx().await;
        tx.claim_jobs("crashed", world.now() + MINUTE, 1).await.unwrap();
        assert!(tx.mark_sending(&id, "crashed").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(shop.works().await, 0, "the lease still runs");
        world.clock.advance(MINUTE);
        shop.messenger.queries.then(Outcome::Ok(SmsDelivery::Delivered));
        assert_eq!(shop.works().await, 1);
        assert_eq!(job(&world, &id).await.state, JobState::Done);
        assert_eq!(messages(&shop), 0);
    }
}

both! {
    async fn a_worker_that_died_before_sending_is_replaced(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        let mut tx = world.tx().await;
        tx.claim_jobs("crashed", world.now() + MINUTE, 1).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(MINUTE);
        shop.messenger.sends.then(taken());
        assert_eq!(shop.works().await, 1);
        assert_eq!((job(&world, &id).await.state, messages(&shop)), (JobState::Done, 1));
    }
}

both! {
    async fn a_message_that_never_arrived_is_left_to_staff(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        shop.messenger.sends.then(Outcome::unknown(Doubt::Timeout));
        shop.works().await;
        for _ in 0..6 {
            world.clock.advance(10 * MINUTE);
            shop.messenger.queries.then(Outcome::Ok(SmsDelivery::NotFound));
            assert_eq!(shop.works().await, 1);
        }
        let failed = job(&world, &id).await;
        assert_eq!(failed.state, JobState::Failed);
        assert!(failed.payload_sealed.is_some(), "staff may have it sent");
        assert_eq!(messages(&shop), 1);
    }
}

both! {
    async fn a_busy_provider_is_tried_again_and_a_wrong_number_is_not(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        shop.messenger.sends.then(Outcome::refused("isv.BUSINESS_LIMIT_CONTROL", "too many"));
        shop.works().await;
        assert_eq!(job(&world, &id).await.state, JobState::Ready);
        world.clock.advance(2 * SECOND);
        shop.messenger.sends.then(Outcome::refused("isv.MOBILE_NUMBER_ILLEGAL", "no such phone"));
        shop.works().await;
        let failed = job(&world, &id).await;
        assert_eq!(failed.state, JobState::Failed);
        assert!(failed.last_error.unwrap().contains("MOBILE_NUMBER_ILLEGAL"));
    }
}

both! {
    async fn an_erased_person_is_told_nothing(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = dispatched(&world, &shop).await;
        let mut tx = world.tx().await;
        tx.destroy_data_key("key").await.unwrap();
        tx.commit().await.unwrap();
        shop.works().await;
        assert_eq!((job(&world, &id).await.state, messages(&shop)), (JobState::Failed, 0));
    }
}
