//! Staff's lists and searches, and the corrections that change by what an order is found.

use backend::store::{Corrected, Sought, StoreError};
use shared::order::{EventKind, Status};

async fn numbers(world: &World, sought: Sought<'_>, status: Option<Status>, before: Option<&str>) -> Vec<String> {
    let mut read = world.store.read().await.unwrap();
    let rows = read.search_orders("nanning", &sought, status, before, 3).await.unwrap();
    rows.into_iter().map(|row| row.number[11..].to_owned()).collect()
}

use crate::world::World;

both! {
    async fn a_list_goes_page_by_page_from_the_newest(world: World) {
        for _ in 0..5 {
            world.order().await;
        }
        world.order_in(Status::AwaitingReview).await;
        assert_eq!(numbers(&world, Sought::All, None, None).await, ["0006", "0005", "0004"]);
        let before = Some("20261120A000004");
        assert_eq!(numbers(&world, Sought::All, None, before).await, ["0003", "0002", "0001"]);
        assert!(numbers(&world, Sought::All, None, Some("20261120A000001")).await.is_empty());
        assert_eq!(numbers(&world, Sought::All, Some(Status::AwaitingReview), None).await, ["0006"]);
        assert!(numbers(&world, Sought::All, Some(Status::AwaitingReview), before).await.is_empty());
        let mut read = world.store.read().await.unwrap();
        assert!(read.search_orders("guilin", &Sought::All, None, None, 3).await.unwrap().is_empty());
    }
}

both! {
    async fn each_thing_that_is_looked_up_finds_its_orders(world: World) {
        let first = world.order_of(&world.session().await, "h").await;
        let second = world.order_of(&world.session().await, "other").await;
        let mut tx = world.tx().await;
        tx.set_key_serial(&first.id, "K1").await.unwrap();
        tx.set_parcel(&second.id, "顺丰", "SF1").await.unwrap();
        tx.commit().await.unwrap();
        let span = |first: &str, last: &str| Sought::Numbers(first.to_owned(), last.to_owned());
        for (sought, found) in [
            (Sought::Holder("h"), "0001"),
            (Sought::Operator("operator of h"), "0001"),
            (Sought::LegalRep("legal representative of other"), "0002"),
            (Sought::Key("K1"), "0001"),
            (Sought::Waybill("SF1"), "0002"),
            (span("20261120A000002", "20261120A000002"), "0002"),
            (span("20261120A000000", "20261120A000001"), "0001"),
        ] {
            assert_eq!(numbers(&world, sought.clone(), None, None).await, [found], "{sought:?}");
            let status = Some(Status::AwaitingDocuments);
            assert_eq!(numbers(&world, sought.clone(), status, None).await, [found], "{sought:?}");
            assert!(numbers(&world, sought.clone(), Some(Status::Completed), None).await.is_empty(), "{sought:?}");
            let before = Some("20261120A000001");
            assert!(numbers(&world, sought.clone(), None, before).await.is_empty(), "{sought:?}");
        }
        for nothing in [Sought::Holder("K1"), Sought::Key("h"), Sought::Waybill("K1"), span("2027", "2028")] {
            assert!(numbers(&world, nothing, None, None).await.is_empty());
        }
    }
}

both! {
    async fn a_corrected_application_is_found_by_its_new_phone_only(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let corrected = Corrected {
            form_sealed: b"new form".to_vec(),
            summary_sealed: b"new summary".to_vec(),
            content_hash: "c1".into(),
            operator_index: "new phone".into(),
            legal_rep_index: "same phone".into(),
        };
        let old = order.operator_index.clone().unwrap();
        let mut tx = world.tx().await;
        tx.correct_application(&order, &corrected).await.unwrap();
        tx.commit().await.unwrap();
        let moved = world.step(&order, EventKind::OperatorPhoneCorrected).await.unwrap();
        assert_eq!((moved.form_sealed, moved.content_hash), (b"new form".to_vec(), "c1".to_owned()));
        assert_eq!(moved.status_since, order.status_since, "it keeps its place in the queue");
        assert_eq!(numbers(&world, Sought::Operator("new phone"), None, None).await, ["0001"]);
        assert!(numbers(&world, Sought::Operator(&old), None, None).await.is_empty());
        let mut tx = world.tx().await;
        let late = tx.correct_application(&order, &corrected).await;
        assert!(matches!(late, Err(StoreError::Conflict)));
    }
}

both! {
    async fn orders_of_an_older_version_get_their_indexes_once(world: World) {
        let order = world.order().await;
        world.raw("UPDATE orders SET operator_index = NULL, legal_rep_index = NULL").await;
        let mut tx = world.tx().await;
        assert_eq!(tx.orders_without_indexes(10).await.unwrap().len(), 1);
        tx.set_phone_indexes(&order.id, "p", "l").await.unwrap();
        tx.set_phone_indexes(&order.id, "late", "late").await.unwrap();
        assert!(tx.orders_without_indexes(10).await.unwrap().is_empty());
        let order = tx.order(&order.id).await.unwrap().unwrap();
        assert_eq!((order.operator_index.as_deref(), order.legal_rep_index.as_deref()), (Some("p"), Some("l")));
    }
}
