//! What is old is erased and pruned; the evidence stays.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::audit::verify::check_store;
use backend::audit::{AuditKeys, Sealer};
use backend::clock::{DAY, SECOND};
use backend::config::Retention;
use backend::entropy::{SeededEntropy, SystemEntropy};
use backend::orders::erase::{EraseError, erase, erase_due};
use backend::outbox::Job;
use backend::store::{NewDocument, Order};
use backend::vault::{RootKeys, Vault};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use shared::channel::DocumentKind;
use shared::order::{EventKind, Status};

const KEPT: Retention = Retention { identity_years: 10, cancelled_days: 365, finished_days: 30 };

/// Gives an order a certificate that ends `ends` after now.
async fn certificate(world: &W, order: &Order, ends: i64) {
    let (serial, end) = (format!("c{}", world.next()), world.now() + ends);
    let id = &order.id;
    world
        .raw(&format!(
            "INSERT INTO staff (id, name, password_hash, totp_sealed, totp_last_step, failed, created_at)
                SELECT 'm', 'maker', 'h', hash, 0, 0, 0 FROM events LIMIT 1 ON CONFLICT DO NOTHING;
             INSERT INTO makings (id, order_id, staff_id, nonce, state, started_at)
                VALUES ('{serial}', '{id}', 'm', 'n', 'made', 0);
             INSERT INTO certificates (id, order_id, making_id, serial, profile, request_hash, spki_hash, tbs, state,
                not_before, not_after, prepared_at, issued_at)
                SELECT '{serial}', '{id}', '{serial}', '{serial}', 'unit', 'r', 's', hash, 'issued', 0, {end}, 0, 0
                FROM events LIMIT 1;"
        ))
        .await;
}

/// Puts a data key under the order and a paper into the object store.
async fn identity(world: &W, shop: &Workshop, order: &Order) {
    let (_, wrapped) = Vault::new(RootKeys::generate(&SystemEntropy)).new_data_key(&SystemEntropy, "k").unwrap();
    let mut tx = world.tx().await;
    let key = tx.new_id();
    tx.insert_data_key(&key, &wrapped.bytes, 1).await.unwrap();
    let object_key = format!("{}/paper", order.id);
    shop.papers.put(&Path::from(object_key.as_str()), PutPayload::from_static(b"sealed")).await.unwrap();
    let new = NewDocument {
        id: tx.new_id(),
        order_id: order.id.clone(),
        kind: DocumentKind::BusinessLicence,
        object_key,
        sha256: "00".into(),
        content_type: "image/jpeg".into(),
        bytes: 6,
        width: 1,
        height: 1,
    };
    tx.insert_document(&new).await.unwrap();
    tx.commit().await.unwrap();
    world.raw(&format!("UPDATE orders SET data_key_id = '{key}' WHERE id = '{}'", order.id)).await;
}

async fn paper_is_kept(shop: &Workshop, order: &Order) -> bool {
    shop.papers.head(&Path::from(format!("{}/paper", order.id))).await.is_ok()
}

async fn is_erased(world: &W, order: &Order) -> bool {
    let mut read = world.store.read().await.unwrap();
    let row = read.order(&order.id).await.unwrap().unwrap();
    let gone = read.data_key(&row.data_key_id).await.unwrap().is_none();
    assert_eq!(gone, read.is_erased(&order.id).await.unwrap());
    if gone {
        assert!(row.form_sealed.is_empty() && row.summary_sealed.is_empty());
        assert_eq!(row.holder_index, format!("erased:{}", row.id));
    }
    gone
}

async fn evidence_is_whole(world: &W) {
    let keys = || AuditKeys::generate(&SeededEntropy::new(1));
    Sealer::new(world.store.clone(), keys(), "sealer".into()).seal_all().await.unwrap();
    let report = check_store(&world.store, keys().public(), None).await.unwrap();
    assert_eq!((report.findings, report.unsealed), (vec![], 0));
}

both! {
    async fn identity_data_is_erased_ten_years_after_the_certificate(world: World) {
        let shop = Workshop::of(&world);
        let order = world.order_in(Status::Completed).await;
        let running = world.order_in(Status::AwaitingReview).await;
        identity(&world, &shop, &order).await;
        identity(&world, &shop, &running).await;
        certificate(&world, &order, 365 * DAY).await;
        evidence_is_whole(&world).await;
        world.clock.advance(365 * DAY + KEPT.identity() - DAY);
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 0);
        assert!(!is_erased(&world, &order).await);
        world.clock.advance(2 * DAY);
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 1);
        assert!(is_erased(&world, &order).await);
        assert!(!is_erased(&world, &running).await, "an order without a certificate is not overdue");
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 0);
        shop.works().await;
        assert!(!paper_is_kept(&shop, &order).await);
        assert!(paper_is_kept(&shop, &running).await);
        evidence_is_whole(&world).await;
        let mut read = world.store.read().await.unwrap();
        let last = read.events(backend::audit::Chain::Order(&order.id)).await.unwrap().pop().unwrap();
        assert_eq!((last.kind.as_str(), last.data.as_str()), ("identity_erased", r#"{"grounds":"overdue","reason":""}"#));
    }
}

both! {
    async fn the_last_of_several_certificates_counts(world: World) {
        let order = world.order_in(Status::Completed).await;
        certificate(&world, &order, 365 * DAY).await;
        certificate(&world, &order, 2 * 365 * DAY).await;
        world.clock.advance(365 * DAY + KEPT.identity() + DAY);
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 0);
        // Revoked early, the longer one ends early.
        world.raw(&format!("UPDATE certificates SET revoked_at = {} WHERE order_id = '{}'", 1, order.id)).await;
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 1);
    }
}

both! {
    async fn a_cancelled_order_is_erased_by_word_or_after_a_year(world: World) {
        let shop = Workshop::of(&world);
        let (first, second) = (world.order().await, world.order().await);
        identity(&world, &shop, &first).await;
        identity(&world, &shop, &second).await;
        let early = erase(&world.store, &KEPT, &first.number, "asked for").await;
        assert!(matches!(early, Err(EraseError::NotDue { .. })), "{early:?}");
        world.step(&first, EventKind::Cancelled).await.unwrap();
        world.step(&second, EventKind::Cancelled).await.unwrap();
        assert!(matches!(erase(&world.store, &KEPT, &first.number, " ").await, Err(EraseError::Reason)));
        assert!(matches!(erase(&world.store, &KEPT, "?", "x").await, Err(EraseError::NoOrder(_))));
        erase(&world.store, &KEPT, &first.number, "asked for").await.unwrap();
        assert!(is_erased(&world, &first).await);
        let again = erase(&world.store, &KEPT, &first.number, "asked for").await;
        assert!(matches!(again, Err(EraseError::Erased(_))), "{again:?}");
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 0);
        world.clock.advance(366 * DAY);
        assert_eq!(erase_due(&world.store, &KEPT, 10).await.unwrap(), 1);
        assert!(is_erased(&world, &second).await);
        evidence_is_whole(&world).await;
    }
}

both! {
    async fn money_under_way_keeps_a_cancelled_order(world: World) {
        let order = world.order_in(Status::AwaitingPayment).await;
        let order = world.step(&order, EventKind::Cancelled).await.unwrap();
        world.raw(&format!(
            "INSERT INTO payments (id, order_id, way, out_trade_no, amount_fen, state, created_at)
             VALUES ('p', '{}', 'alipay', 't', 1, 'closed', 0)", order.id
        )).await;
        world.raw(&format!(
            "INSERT INTO refunds_owed (id, order_id, payment_id, amount_fen, reason, created_at)
             VALUES ('r', '{}', 'p', 1, 'late', 0)", order.id
        )).await;
        let refused = erase(&world.store, &KEPT, &order.number, "x").await;
        assert!(matches!(refused, Err(EraseError::NotSettled(..))), "{refused:?}");
        world.raw("UPDATE refunds_owed SET settled_at = 1").await;
        erase(&world.store, &KEPT, &order.number, "x").await.unwrap();
    }
}

both! {
    async fn finished_jobs_and_unused_locks_are_pruned_once_a_day(world: World) {
        let shop = Workshop::of(&world);
        let mut tx = world.tx().await;
        tx.enqueue(&Job::EraseDocuments { order_id: "none".into() }, world.now()).await.unwrap();
        tx.lock(&mut ["old".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.enqueue(&Job::EraseDocuments { order_id: order.id.clone() }, world.now()).await.unwrap();
        tx.enqueue(&Job::Tidy, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        shop.works().await;
        let states = async |subject: &str| {
            let jobs = world.store.read().await.unwrap().jobs_about(subject).await.unwrap();
            jobs.into_iter().map(|job| job.state.name()).collect::<Vec<_>>()
        };
        assert_eq!(states(&order.id).await, ["done"]);
        assert_eq!(states("hall").await, ["ready"], "the daily job waits for tomorrow");
        world.clock.advance(31 * DAY);
        let mut tx = world.tx().await;
        tx.lock(&mut ["new".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        shop.works().await;
        assert_eq!(states(&order.id).await, [""; 0]);
        assert_eq!(states("none").await, ["failed"], "what failed stays for staff");
        let mut tx = world.tx().await;
        assert_eq!(tx.prune_locks(world.now() - 30 * DAY, 10).await.unwrap(), 0, "the old one is gone");
        assert!(tx.prune_locks(world.now() + SECOND, 10).await.unwrap() >= 1, "the new one stays");
    }
}
