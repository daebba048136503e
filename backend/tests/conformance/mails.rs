//! Mail: handed over until it is taken, under one Message-ID.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::clock::{DAY, SECOND};
use backend::entropy::SystemEntropy;
use backend::gateways::outcome::Doubt;
use backend::gateways::{MailReceipt, Outcome};
use backend::outbox::Job;
use backend::outbox::jobs::{Letter, message_aad};
use backend::store::{JobRow, JobState, Order};

fn taken() -> Outcome<MailReceipt> {
    Outcome::Ok(MailReceipt { message_id: "<1@hall.example>".into() })
}

async fn posted(world: &W, shop: &Workshop) -> (Order, String) {
    let order = world.order().await;
    let mut tx = world.tx().await;
    let (key, wrapped) = shop.vault.new_data_key(&SystemEntropy, "key").unwrap();
    tx.insert_data_key("key", &wrapped.bytes, i64::from(wrapped.root_version)).await.unwrap();
    let id = tx.new_id();
    let letter = Letter { to: "li@example.com".into(), subject: "审核通过".into(), text: "您好".into() };
    let sealed = key.seal(&SystemEntropy, message_aad(&id), &serde_json::to_vec(&letter).unwrap()).unwrap();
    let job = Job::SendMail { message_id: id.clone(), order_id: order.id.clone() };
    tx.enqueue_sealed(&id, &job, world.now(), &sealed).await.unwrap();
    tx.set_job_topic(&id, "approved").await.unwrap();
    tx.commit().await.unwrap();
    (order, id)
}

async fn job(world: &W, id: &str) -> JobRow {
    world.store.read().await.unwrap().job(id).await.unwrap().unwrap()
}

both! {
    async fn a_mail_is_sent_and_wiped(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = posted(&world, &shop).await;
        shop.postman.sends.then(taken());
        assert_eq!(shop.works().await, 1);
        let sent = shop.postman.sent.lock().unwrap().remove(0);
        assert_eq!((sent.id.as_str(), sent.to.as_str(), sent.subject.as_str()), (id.as_str(), "li@example.com", "审核通过"));
        let done = job(&world, &id).await;
        assert_eq!((done.state, done.payload_sealed), (JobState::Done, None));
    }
}

both! {
    async fn after_a_lost_answer_the_same_mail_goes_again_under_the_same_id(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = posted(&world, &shop).await;
        shop.postman.sends.then(Outcome::unknown(Doubt::Timeout));
        shop.works().await;
        assert_eq!(job(&world, &id).await.state, JobState::Ready);
        world.clock.advance(2 * SECOND);
        shop.postman.sends.then(Outcome::refused("451", "later"));
        shop.works().await;
        world.clock.advance(4 * SECOND);
        shop.postman.sends.then(taken());
        shop.works().await;
        let sent = shop.postman.sent.lock().unwrap().clone();
        assert!(sent.len() == 3 && sent.iter().all(|mail| *mail == sent[0]));
        assert_eq!(job(&world, &id).await.state, JobState::Done);
    }
}

both! {
    async fn a_mail_that_nobody_takes_is_listed_for_staff_and_taken_off_the_list(world: World) {
        let shop = Workshop::of(&world);
        let (order, id) = posted(&world, &shop).await;
        shop.postman.sends.then(Outcome::refused("550", "no such mailbox"));
        shop.works().await;
        let failed = job(&world, &id).await;
        assert_eq!(failed.state, JobState::Failed);
        let mut tx = world.tx().await;
        let listed = tx.failed_messages("nanning", 9).await.unwrap();
        assert_eq!((listed.len(), listed[0].number.as_str(), listed[0].topic.as_deref()), (1, order.number.as_str(), Some("approved")));
        assert!(tx.failed_messages("guilin", 9).await.unwrap().is_empty());
        assert!(tx.dismiss_message(&id).await.unwrap());
        assert!(!tx.dismiss_message(&id).await.unwrap());
        assert!(tx.failed_messages("nanning", 9).await.unwrap().is_empty());
        assert!(tx.failed_message(&id).await.unwrap().is_none());
        tx.commit().await.unwrap();
        assert_eq!(job(&world, &id).await.payload_sealed, None);
    }
}

both! {
    async fn a_server_that_is_down_for_days_is_given_up(world: World) {
        let shop = Workshop::of(&world);
        let (_, id) = posted(&world, &shop).await;
        shop.postman.sends.then(Outcome::unknown(Doubt::Connection));
        shop.works().await;
        world.clock.advance(2 * DAY + SECOND);
        shop.postman.sends.then(Outcome::unknown(Doubt::Connection));
        shop.works().await;
        assert_eq!(job(&world, &id).await.state, JobState::Failed);
    }
}
