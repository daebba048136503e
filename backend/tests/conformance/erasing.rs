//! Papers that nobody needs any more.

use crate::scripted::Workshop;
use crate::world::World as W;
use backend::outbox::Job;
use backend::store::NewDocument;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use shared::channel::DocumentKind;
use shared::order::EventKind;

async fn upload(world: &W, shop: &Workshop, order_id: &str, id: &str, kind: DocumentKind) {
    let object_key = format!("{order_id}/{id}");
    shop.papers.put(&Path::from(object_key.as_str()), PutPayload::from_static(b"sealed")).await.unwrap();
    let mut tx = world.tx().await;
    let new = NewDocument {
        id: id.into(),
        order_id: order_id.into(),
        kind,
        object_key,
        sha256: "00".into(),
        content_type: "image/jpeg".into(),
        bytes: 6,
        width: 1,
        height: 1,
    };
    tx.insert_document(&new).await.unwrap();
    tx.enqueue(&Job::EraseDocuments { order_id: order_id.into() }, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn kept(shop: &Workshop, order_id: &str, id: &str) -> bool {
    shop.papers.head(&Path::from(format!("{order_id}/{id}"))).await.is_ok()
}

both! {
    async fn a_paper_that_was_replaced_is_erased(world: World) {
        let shop = Workshop::of(&world);
        let order = world.order().await;
        upload(&world, &shop, &order.id, "d1", DocumentKind::BusinessLicence).await;
        upload(&world, &shop, &order.id, "d2", DocumentKind::BusinessLicence).await;
        shop.works().await;
        assert!(!kept(&shop, &order.id, "d1").await);
        assert!(kept(&shop, &order.id, "d2").await);
    }
}

both! {
    async fn all_papers_of_a_cancelled_order_are_erased(world: World) {
        let shop = Workshop::of(&world);
        let order = world.order().await;
        upload(&world, &shop, &order.id, "d1", DocumentKind::BusinessLicence).await;
        upload(&world, &shop, &order.id, "d2", DocumentKind::OperatorIdEmblem).await;
        world.step(&order, EventKind::Cancelled).await.unwrap();
        shop.papers.delete(&Path::from(format!("{}/d1", order.id))).await.unwrap();
        shop.works().await;
        assert!(!kept(&shop, &order.id, "d2").await);
        let mut read = world.store.read().await.unwrap();
        assert!(read.documents_to_erase(&order.id).await.unwrap().is_empty(), "also what was gone already");
    }
}
