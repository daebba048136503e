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
