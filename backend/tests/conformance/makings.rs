//! Makings, certificates and keys.

use crate::world::World as W;
use backend::clock::DAY;
use backend::store::{CertificateState, MakingState, NewCertificate, NewMaking, Order, StoreError, Tx};
use shared::order::Status;

fn making<'a>(id: &'a str, order: &'a Order, key_serial: Option<&'a str>) -> NewMaking<'a> {
    NewMaking { id, order_id: &order.id, staff_id: "s1", nonce: "n", key_serial, secrets_sealed: b"secrets" }
}

async fn ready(world: &W) -> Order {
    let order = world.order_in(Status::AwaitingMaking).await;
    let mut tx = world.tx().await;
    if tx.staff_by_name("maker").await.unwrap().is_none() {
        tx.insert_staff("s1", "maker", "argon2", b"totp").await.unwrap();
    }
    tx.commit().await.unwrap();
    order
}

async fn prepare(tx: &mut Tx, order: &Order, making_id: &str, serial: &str, not_after: i64) {
    let new = NewCertificate {
        order_id: &order.id,
        making_id,
        serial,
        profile: "unit",
        request_hash: "r",
        spki_hash: serial,
        tbs: b"tbs",
        not_before: 0,
        not_after,
    };
    tx.prepare_certificate(new).await.unwrap();
}

both! {
    async fn an_order_has_one_making_at_a_time(world: World) {
        let order = ready(&world).await;
        let mut tx = world.tx().await;
        tx.begin_making(making("m1", &order, None)).await.unwrap();
        tx.move_making("m1", MakingState::Started, MakingState::Issued).await.unwrap();
        world.clock.advance(1);
        tx.begin_making(making("m2", &order, Some("K1"))).await.unwrap();
        let live = tx.live_making(&order.id).await.unwrap().unwrap();
        assert_eq!((live.id.as_str(), live.state), ("m2", MakingState::Started));
        let all = tx.makings(&order.id).await.unwrap();
        assert_eq!((all[1].state, all[1].finished_at), (MakingState::Abandoned, Some(world.now())));

        let late = tx.move_making("m1", MakingState::Issued, MakingState::Made).await;
        assert!(matches!(late, Err(StoreError::Conflict)));
        tx.move_making("m2", MakingState::Started, MakingState::Issued).await.unwrap();
        tx.move_making("m2", MakingState::Issued, MakingState::Made).await.unwrap();
        assert_eq!(tx.live_making(&order.id).await.unwrap(), None);
    }
}

both! {
    async fn two_makings_begun_at_once_leave_one_running(world: World) {
        let order = ready(&world).await;
        let beginning = (0..4).map(|n| {
            let (store, order) = (world.store.clone(), order.clone());
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let id = format!("m{n}");
                let begun = tx.begin_making(making(&id, &order, None)).await.is_ok();
                if begun {
                    tx.commit().await.unwrap();
                }
            })
        });
        for one in beginning.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let mut read = world.store.read().await.unwrap();
        assert!(read.live_making(&order.id).await.unwrap().is_some());
    }
}

both! {
    async fn secrets_of_interrupted_makings_are_found_by_their_key(world: World) {
        let (one, two) = (ready(&world).await, ready(&world).await);
        let mut tx = world.tx().await;
        tx.begin_making(making("m1", &one, Some("K1"))).await.unwrap();
        world.clock.advance(1);
        tx.begin_making(making("m2", &two, Some("K2"))).await.unwrap();
        world.clock.advance(1);
        tx.begin_making(making("m3", &one, None)).await.unwrap();

        let found = tx.unfinished_makings_of_key(Some("K1"), 0, 9).await.unwrap();
        let ids: Vec<_> = found.iter().map(|making| making.id.as_str()).collect();
        assert_eq!(ids, ["m3", "m1"]);
        assert_eq!(tx.unfinished_makings_of_key(Some("K1"), 0, 1).await.unwrap().len(), 1);
        assert_eq!(tx.unfinished_makings_of_key(Some("K1"), world.now(), 9).await.unwrap().len(), 1);
        assert_eq!(tx.unfinished_makings_of_key(None, 0, 9).await.unwrap().len(), 1);
        tx.wipe_making_secrets("m3").await.unwrap();
        assert!(tx.unfinished_makings_of_key(None, 0, 9).await.unwrap().is_empty());
    }
}

both! {
    async fn a_certificate_is_prepared_then_issued_once(world: World) {
        let order = ready(&world).await;
        let mut tx = world.tx().await;
        tx.begin_making(making("m1", &order, None)).await.unwrap();
        assert!(!tx.public_key_is_used("0a").await.unwrap());
        prepare(&mut tx, &order, "m1", "0a", world.now() + DAY).await;
        assert!(tx.public_key_is_used("0a").await.unwrap());
        let prepared = tx.certificate_of_making("m1").await.unwrap().unwrap();
        assert_eq!((prepared.state, prepared.der), (CertificateState::Prepared, None));

        assert!(tx.issue_certificate("0a", b"der").await.unwrap());
        assert!(!tx.issue_certificate("0a", b"another signature").await.unwrap());
        let issued = tx.certificate("0a").await.unwrap().unwrap();
        assert_eq!((issued.state, issued.der.as_deref()), (CertificateState::Issued, Some(b"der".as_slice())));
        assert_eq!((issued.tbs.as_slice(), issued.issued_at), (b"tbs".as_slice(), Some(world.now())));
    }
}

both! {
    async fn certificates_of_abandoned_makings_are_superseded_and_listed_until_they_expire(world: World) {
        let order = ready(&world).await;
        let mut tx = world.tx().await;
        tx.begin_making(making("m1", &order, None)).await.unwrap();
        prepare(&mut tx, &order, "m1", "0a", world.now() + DAY).await;
        assert_eq!(tx.supersede_certificates(&order.id).await.unwrap(), ["0a"]);
        assert!(tx.supersede_certificates(&order.id).await.unwrap().is_empty());
        assert!(!tx.issue_certificate("0a", b"late").await.unwrap());
        assert_eq!(tx.certificate_of_making("m1").await.unwrap(), None);
        assert_eq!(tx.certificates(&order.id).await.unwrap().len(), 1);
        assert_eq!(tx.superseded_certificates().await.unwrap(), [("0a".to_owned(), world.now())]);
        world.clock.advance(DAY);
        assert!(tx.superseded_certificates().await.unwrap().is_empty());
    }
}

both! {
    async fn a_serial_number_is_never_given_twice(world: World) {
        let order = ready(&world).await;
        let mut tx = world.tx().await;
        tx.begin_making(making("m1", &order, None)).await.unwrap();
        prepare(&mut tx, &order, "m1", "0a", 1).await;
        let new = NewCertificate {
            order_id: &order.id,
            making_id: "m1",
            serial: "0a",
            profile: "unit",
            request_hash: "r",
            spki_hash: "k",
            tbs: b"t",
            not_before: 0,
            not_after: 1,
        };
        assert!(tx.prepare_certificate(new).await.is_err());
    }
}

both! {
    async fn a_key_belongs_to_its_newest_order(world: World) {
        let (one, two) = (world.order().await, world.order().await);
        let mut tx = world.tx().await;
        tx.put_key("K1", &one.id, b"1").await.unwrap();
        tx.put_key("K1", &two.id, b"2").await.unwrap();
        tx.set_key_secrets("K1", b"3").await.unwrap();
        let key = tx.key("K1").await.unwrap().unwrap();
        assert_eq!((key.order_id, key.secrets_sealed, key.pin_initial), (two.id, b"3".to_vec(), 1));
        assert_eq!(tx.key("K2").await.unwrap(), None);
    }
}
