//! The chains.

use crate::world::World as W;
use backend::audit::{Break, Chain};
use serde_json::json;
use shared::order::Status;

async fn verified(world: &W, chain: &str) -> Result<i64, Break> {
    let mut read = world.store.read().await.unwrap();
    read.verify_chain(chain).await.unwrap()
}

both! {
    async fn acts_of_staff_have_a_chain_of_their_own(world: World) {
        let mut tx = world.tx().await;
        for n in 0..3 {
            tx.note(Chain::Staff("s1"), "login", "staff", "s1", &json!({ "n": n })).await.unwrap();
        }
        tx.note(Chain::Staff("s2"), "login", "staff", "s2", &json!({})).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(verified(&world, "staff:s1").await, Ok(3));
        assert_eq!(verified(&world, "staff:s2").await, Ok(1));
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.chains().await.unwrap(), ["staff:s1", "staff:s2"]);
        let events = read.events(Chain::Staff("s1")).await.unwrap();
        assert_eq!(events[2].data, r#"{"n":2}"#);
        assert_eq!(events[2].step(), None);
    }
}

both! {
    async fn an_edit_is_found(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let chain = Chain::Order(&order.id).name();
        assert_eq!(verified(&world, &chain).await, Ok(4));
        let columns = [
            "kind = 'cancelled'", "actor = 'system'", "actor_id = 'x'", "at = at + 1",
            "status_from = NULL", "status_to = 'cancelled'", "data = '{} '",
        ];
        for column in columns {
            let order = world.order_in(Status::AwaitingReview).await;
            let chain = Chain::Order(&order.id).name();
            world.raw(&format!("UPDATE events SET {column} WHERE chain = '{chain}' AND seq = 3")).await;
            let found = verified(&world, &chain).await;
            assert_eq!(found, Err(Break::Content { chain, seq: 3 }), "{column}");
        }
    }
}

both! {
    async fn a_deletion_in_the_middle_is_found(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let chain = Chain::Order(&order.id).name();
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}' AND seq = 2")).await;
        let found = verified(&world, &chain).await;
        assert_eq!(found, Err(Break::Order { chain: chain.clone(), expected: 2, found: 3 }));
        world.raw(&format!("UPDATE events SET seq = 2 WHERE chain = '{chain}' AND seq = 3")).await;
        let found = verified(&world, &chain).await;
        assert_eq!(found, Err(Break::Previous { chain, seq: 2 }), "closing the gap does not help");
    }
}

both! {
    async fn reordering_is_found(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let chain = Chain::Order(&order.id).name();
        for (from, to) in [(2, 99), (3, 2), (99, 3)] {
            world.raw(&format!("UPDATE events SET seq = {to} WHERE chain = '{chain}' AND seq = {from}")).await;
        }
        let found = verified(&world, &chain).await;
        assert_eq!(found, Err(Break::Previous { chain, seq: 2 }));
    }
}

both! {
    async fn cut_off_links_are_found(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let chain = Chain::Order(&order.id).name();
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}' AND seq = 4")).await;
        let found = verified(&world, &chain).await;
        assert_eq!(found, Err(Break::End { chain: chain.clone(), expected: 4, found: 3 }));
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}'")).await;
        let found = verified(&world, &chain).await;
        assert_eq!(found, Err(Break::End { chain, expected: 4, found: 0 }));
    }
}

both! {
    async fn a_link_of_another_chain_is_found(world: World) {
        let mut tx = world.tx().await;
        tx.note(Chain::Staff("s1"), "login", "staff", "s1", &json!({})).await.unwrap();
        tx.note(Chain::Staff("s2"), "login", "staff", "s1", &json!({})).await.unwrap();
        tx.commit().await.unwrap();
        world.raw("DELETE FROM events WHERE chain = 'staff:s1'").await;
        world.raw("UPDATE events SET chain = 'staff:s1' WHERE chain = 'staff:s2'").await;
        assert!(matches!(verified(&world, "staff:s1").await, Err(Break::Content { .. })));
    }
}

both! {
    async fn many_writers_never_fork_a_chain(world: World) {
        let writers = (0..10).map(|n| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                tx.note(Chain::Staff("s"), "login", "staff", "s", &json!({ "n": n })).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(verified(&world, "staff:s").await, Ok(10));
    }
}
