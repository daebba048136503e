//! Papers.

use backend::store::NewDocument;
use shared::channel::DocumentKind;

fn paper(id: &str, order: &str, kind: DocumentKind) -> NewDocument {
    NewDocument {
        id: id.into(),
        order_id: order.into(),
        kind,
        object_key: format!("{order}/{id}"),
        sha256: "00".into(),
        content_type: "image/jpeg".into(),
        bytes: 1000,
        width: 30,
        height: 20,
    }
}

both! {
    async fn a_paper_uploaded_again_takes_the_place_of_the_first(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.insert_document(&paper("d1", &order.id, DocumentKind::BusinessLicence)).await.unwrap();
        tx.insert_document(&paper("d2", &order.id, DocumentKind::OperatorIdEmblem)).await.unwrap();
        world.clock.advance(1);
        tx.insert_document(&paper("d3", &order.id, DocumentKind::BusinessLicence)).await.unwrap();

        let current = tx.documents_of_order(&order.id).await.unwrap();
        let ids: Vec<_> = current.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["d2", "d3"]);
        assert_eq!(tx.document(&order.id, "d1").await.unwrap(), None);
        assert_eq!(tx.document("another order", "d3").await.unwrap(), None);
        let old = tx.documents_to_erase(&order.id).await.unwrap();
        assert_eq!(old[0].object_key, format!("{}/d1", order.id));
        tx.set_document_erased("d1").await.unwrap();
        assert!(tx.documents_to_erase(&order.id).await.unwrap().is_empty());
    }
}

both! {
    async fn a_paper_is_deleted_by_its_own_order_only(world: World) {
        let (order, other) = (world.order().await, world.order().await);
        let mut tx = world.tx().await;
        tx.insert_document(&paper("d1", &order.id, DocumentKind::BusinessLicence)).await.unwrap();
        assert!(!tx.supersede_document(&other.id, "d1").await.unwrap());
        assert!(tx.supersede_document(&order.id, "d1").await.unwrap());
        assert!(!tx.supersede_document(&order.id, "d1").await.unwrap(), "deleted already");
        assert!(tx.documents_of_order(&order.id).await.unwrap().is_empty());
    }
}

both! {
    async fn all_papers_of_a_cancelled_order_wait_for_erasing(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        for (id, kind) in ["a", "b", "c"].into_iter().zip(DocumentKind::ALL) {
            tx.insert_document(&paper(id, &order.id, kind)).await.unwrap();
        }
        tx.supersede_documents(&order.id).await.unwrap();
        assert!(tx.documents_of_order(&order.id).await.unwrap().is_empty());
        assert_eq!(tx.documents_to_erase(&order.id).await.unwrap().len(), 3);
    }
}

both! {
    async fn two_uploads_of_one_paper_at_once_leave_one(world: World) {
        let order = world.order().await;
        let uploads = (0..6).map(|n| {
            let (store, order) = (world.store.clone(), order.id.clone());
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let new = paper(&format!("d{n}"), &order, DocumentKind::BusinessLicence);
                tx.insert_document(&new).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for upload in uploads.collect::<Vec<_>>() {
            upload.await.unwrap();
        }
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.documents_of_order(&order.id).await.unwrap().len(), 1);
        assert_eq!(read.documents_to_erase(&order.id).await.unwrap().len(), 5);
    }
}

both! {
    async fn a_staged_paper_waits_beside_the_signed_one_until_the_correction_is_signed(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.insert_document(&paper("d1", &order.id, DocumentKind::BusinessLicence)).await.unwrap();
        tx.insert_document(&paper("d2", &order.id, DocumentKind::OperatorIdEmblem)).await.unwrap();
        tx.sign_documents(&order.id).await.unwrap();
        world.clock.advance(1);
        tx.stage_document(&paper("d3", &order.id, DocumentKind::BusinessLicence)).await.unwrap();
        tx.stage_document(&paper("d4", &order.id, DocumentKind::BusinessLicence)).await.unwrap();
        let ids = |rows: Vec<backend::store::DocumentRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(tx.documents_of_order(&order.id).await.unwrap()), ["d1", "d2"]);
        assert_eq!(ids(tx.staged_documents(&order.id).await.unwrap()), ["d4"]);
        assert_eq!(tx.document(&order.id, "d4").await.unwrap(), None);
        assert!(tx.staged_document(&order.id, "d4").await.unwrap().is_some());
        assert_eq!(tx.staged_document("another order", "d4").await.unwrap(), None);
        assert_eq!(tx.staged_document(&order.id, "d1").await.unwrap(), None);

        tx.sign_documents(&order.id).await.unwrap();
        let current = tx.documents_of_order(&order.id).await.unwrap();
        let signed: Vec<_> = current.iter().map(|row| (row.id.as_str(), row.signed_at)).collect();
        assert_eq!(signed, [("d2", Some(world.now() - 1)), ("d4", Some(world.now()))]);
        assert!(tx.staged_documents(&order.id).await.unwrap().is_empty());
        assert_eq!(ids(tx.documents_to_erase(&order.id).await.unwrap()), ["d1", "d3"]);
    }
}

both! {
    async fn a_review_that_ends_settles_what_was_staged(world: World) {
        use shared::order::{EventKind, Status};
        for (event, current, fresh) in [(EventKind::ReviewApproved, "d1", false), (EventKind::ReviewRefused, "d2", true)] {
            let order = world.order_in(Status::AwaitingReview).await;
            let id = |name: &str| format!("{name} {}", order.id);
            let mut tx = world.tx().await;
            tx.insert_document(&paper(&id("d1"), &order.id, DocumentKind::BusinessLicence)).await.unwrap();
            tx.sign_documents(&order.id).await.unwrap();
            tx.stage_document(&paper(&id("d2"), &order.id, DocumentKind::BusinessLicence)).await.unwrap();
            tx.commit().await.unwrap();
            world.step(&order, event).await.unwrap();
            let mut read = world.store.read().await.unwrap();
            let papers = read.documents_of_order(&order.id).await.unwrap();
            assert_eq!(papers.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), [id(current)], "{event:?}");
            assert_eq!(papers[0].signed_at.is_none(), fresh, "{event:?}");
            assert!(read.staged_documents(&order.id).await.unwrap().is_empty());
            assert_eq!(read.documents_to_erase(&order.id).await.unwrap().len(), 1);
        }
    }
}
