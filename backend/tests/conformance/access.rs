//! Whose orders: sessions, holders, queues.

use backend::clock::HOUR;
use backend::outbox::Job;
use backend::store::{Listed, Standing, StoreError};
use shared::order::{Business, EventKind, Status};

both! {
    async fn a_stranger_does_not_find_the_order(world: World) {
        let session = world.session().await;
        let stranger = world.session().await;
        let order = world.order_of(&session, "h").await;
        let mut tx = world.tx().await;
        assert!(tx.order_of_session(&order.number, &session).await.unwrap().is_some());
        assert_eq!(tx.order_of_session(&order.number, &stranger).await.unwrap(), None);
        assert!(tx.orders_of_session(&stranger, "nanning").await.unwrap().is_empty());

        tx.grant_order(&order.id, &stranger).await.unwrap();
        tx.grant_order(&order.id, &stranger).await.unwrap();
        assert!(tx.order_of_session(&order.number, &stranger).await.unwrap().is_some());
        assert_eq!(tx.orders_of_session(&stranger, "nanning").await.unwrap().len(), 1);
        assert!(tx.orders_of_session(&stranger, "guilin").await.unwrap().is_empty());
    }
}

both! {
    async fn a_query_code_shows_the_orders_of_holder_and_phone_newest_first(world: World) {
        let first = world.order_of(&world.session().await, "h").await;
        world.clock.advance(1);
        let second = world.order_of(&world.session().await, "h").await;
        world.order_of(&world.session().await, "another").await;
        let asker = world.session().await;
        let mut tx = world.tx().await;
        let phone = "operator of h";
        assert_eq!(tx.grant_operator(("guilin", "h", phone), &asker).await.unwrap(), 0);
        assert_eq!(tx.grant_operator(("nanning", "h", "another phone"), &asker).await.unwrap(), 0);
        assert_eq!(tx.grant_operator(("nanning", "h", phone), &asker).await.unwrap(), 2);
        assert_eq!(tx.grant_operator(("nanning", "h", phone), &asker).await.unwrap(), 2);
        let seen = tx.orders_of_session(&asker, "nanning").await.unwrap();
        let ids: Vec<_> = seen.iter().map(|order| &order.id).collect();
        assert_eq!(ids, [&second.id, &first.id]);
        assert_eq!(tx.orders_of_holder("nanning", "h").await.unwrap().len(), 2);
        tx.end_access(&first.id).await.unwrap();
        let left = tx.orders_of_session(&asker, "nanning").await.unwrap();
        assert_eq!(left.iter().map(|order| &order.id).collect::<Vec<_>>(), [&second.id]);
    }
}

both! {
    async fn a_token_shows_in_one_statement_what_its_session_sees(world: World) {
        let mut tx = world.tx().await;
        let asker = tx.begin_session(b"token", world.now() + HOUR).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = world.store.read().await.unwrap();
        let (session, listed) = read.session_with_orders(b"token", "nanning").await.unwrap().unwrap();
        assert_eq!(Some(session), read.session_of_token(b"token").await.unwrap());
        assert_eq!(listed, Listed::default());
        assert_eq!(read.session_with_orders(b"another", "nanning").await.unwrap(), None);
        drop(read);

        let own = world.order_of(&asker, "h").await;
        world.clock.advance(1);
        let opened = world.order_of(&world.session().await, "i").await;
        let foreign = world.order_of(&world.session().await, "j").await;
        let mut tx = world.tx().await;
        tx.grant_order(&opened.id, &asker).await.unwrap();
        tx.grant_order(&own.id, &asker).await.unwrap();
        let (_, listed) = tx.session_with_orders(b"token", "nanning").await.unwrap().unwrap();
        assert_eq!(listed.orders.iter().map(|order| &order.id).collect::<Vec<_>>(), [&opened.id, &own.id]);
        assert_eq!(listed.orders, tx.orders_of_session(&asker, "nanning").await.unwrap());
        let (_, listed) = tx.session_with_orders(b"token", "guilin").await.unwrap().unwrap();
        assert_eq!(listed, Listed::default());

        for (order, seen) in [(&own, true), (&opened, true), (&foreign, false)] {
            let (session, standing) = tx.session_with_standing(b"token", &order.number).await.unwrap().unwrap();
            assert_eq!(session.id, asker);
            assert_eq!(standing, seen.then_some(Standing { status: order.status, paid_fen: None }), "{}", order.number);
        }
        assert_eq!(tx.session_with_standing(b"another", &own.number).await.unwrap(), None);
        tx.commit().await.unwrap();
        world.clock.advance(HOUR);
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.session_with_orders(b"token", "nanning").await.unwrap(), None);
        assert_eq!(read.session_with_standing(b"token", &own.number).await.unwrap(), None);
    }
}

both! {
    async fn only_a_signed_order_blocks_a_second_one(world: World) {
        let first = world.order_of(&world.session().await, "h").await;
        let second = world.order_of(&world.session().await, "h").await;
        let second = world.carry(second, Status::AwaitingSignature).await;
        let first = world.carry(first, Status::AwaitingPayment).await;
        let refused = world.step(&second, EventKind::Signed).await;
        assert!(matches!(refused, Err(StoreError::HolderActive { order_id }) if order_id == first.id));

        let mut read = world.store.read().await.unwrap();
        let active = read.active_order("nanning", Business::New, "h").await.unwrap();
        assert_eq!(active.map(|order| order.id), Some(first.id.clone()));
        assert_eq!(read.active_order("guilin", Business::New, "h").await.unwrap(), None);
        drop(read);

        world.step(&first, EventKind::Cancelled).await.unwrap();
        world.step(&second, EventKind::Signed).await.unwrap();
    }
}

both! {
    async fn of_two_signatures_at_once_one_blocks_the_other(world: World) {
        let mut signing = Vec::new();
        for _ in 0..4 {
            let order = world.order_of(&world.session().await, "h").await;
            let order = world.carry(order, Status::AwaitingSignature).await;
            let world = world.clone();
            signing.push(tokio::spawn(async move { world.step(&order, EventKind::Signed).await }));
        }
        let mut signed = 0;
        for one in signing {
            match one.await.unwrap() {
                Ok(_) => signed += 1,
                Err(StoreError::HolderActive { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(signed, 1);
    }
}

both! {
    async fn a_completed_order_frees_its_holder(world: World) {
        let order = world.order_of(&world.session().await, "h").await;
        world.carry(order, Status::Completed).await;
        let next = world.order_of(&world.session().await, "h").await;
        world.carry(next, Status::AwaitingPayment).await;
    }
}

both! {
    async fn cancelling_frees_codes_papers_and_trades(world: World) {
        let order = world.order_in(Status::AwaitingPayment).await;
        let mut tx = world.tx().await;
        let way = shared::channel::PaymentWay::Alipay;
        let payment = tx.begin_payment(&order.id, way, "T1", 25_000).await.unwrap();
        tx.commit().await.unwrap();
        world.step(&order, EventKind::Cancelled).await.unwrap();

        let mut read = world.store.read().await.unwrap();
        let erase = read.jobs_about(&order.id).await.unwrap();
        assert_eq!(erase[0].job().unwrap(), Job::EraseDocuments { order_id: order.id.clone() });
        let close = read.jobs_about(&payment.id).await.unwrap();
        assert_eq!(close[0].job().unwrap(), Job::ClosePayment { payment_id: payment.id });
    }
}

both! {
    async fn a_queue_begins_with_who_waits_longest(world: World) {
        let mut waiting = Vec::new();
        for _ in 0..3 {
            waiting.push(world.order_in(Status::AwaitingReview).await.id);
            world.clock.advance(1);
        }
        world.order_in(Status::AwaitingPayment).await;
        let mut read = world.store.read().await.unwrap();
        let queue = read.queue("nanning", Status::AwaitingReview, 10).await.unwrap();
        let ids: Vec<_> = queue.into_iter().map(|order| order.id).collect();
        assert_eq!(ids, waiting);
        assert_eq!(read.queue("nanning", Status::AwaitingReview, 2).await.unwrap().len(), 2);
        assert!(read.queue("guilin", Status::AwaitingReview, 10).await.unwrap().is_empty());
    }
}
