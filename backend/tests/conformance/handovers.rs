//! Addresses for the applicant's own phone.

use backend::clock::MINUTE;

both! {
    async fn a_new_address_ends_the_earlier_ones_of_its_order_only(world: World) {
        let (order, other) = (world.order().await, world.order().await);
        let until = world.now() + 15 * MINUTE;
        let mut tx = world.tx().await;
        for (id, token) in [(&other.id, b"one"), (&order.id, b"two"), (&order.id, b"six")] {
            tx.begin_handover(id, token, until).await.unwrap();
        }
        let opens = tx.handover_of_token(b"one").await.unwrap().map(|row| row.order_id);
        assert_eq!(opens, Some(other.id));
        assert_eq!(tx.handover_of_token(b"two").await.unwrap(), None);
        let opens = tx.handover_of_token(b"six").await.unwrap().map(|row| (row.order_id, row.expires_at));
        assert_eq!(opens, Some((order.id.clone(), until)));
        tx.end_handovers(&order.id).await.unwrap();
        assert_eq!(tx.handover_of_token(b"six").await.unwrap(), None);
    }
}

both! {
    async fn an_address_is_worthless_when_its_time_is_over(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.begin_handover(&order.id, b"token", world.now() + MINUTE).await.unwrap();
        world.clock.advance(MINUTE - 1);
        assert!(tx.handover_of_token(b"token").await.unwrap().is_some());
        world.clock.advance(1);
        assert_eq!(tx.handover_of_token(b"token").await.unwrap(), None);
    }
}

both! {
    async fn of_many_begun_at_once_one_is_good(world: World) {
        let order = world.order().await;
        let begun = (0..6u8).map(|n| {
            let (store, order, until) = (world.store.clone(), order.id.clone(), world.now() + MINUTE);
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                tx.begin_handover(&order, &[n], until).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for one in begun.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let mut read = world.store.read().await.unwrap();
        let mut good = 0;
        for n in 0..6u8 {
            good += i32::from(read.handover_of_token(&[n]).await.unwrap().is_some());
        }
        assert_eq!(good, 1);
    }
}
