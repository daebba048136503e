//! Orders: made once, moved by the table, one winner.

use backend::audit::Chain;
use backend::clock::DAY;
use backend::store::{By, Order, StoreError};
use serde_json::json;
use shared::order::{EventKind, Refusal, Status};

both! {
    async fn confirming_gives_a_number_and_the_first_event(world: World) {
        let order = world.order().await;
        assert_eq!(order.number, "20261120A000001");
        assert_eq!(order.status, Status::AwaitingDocuments);
        assert_eq!((order.version, order.created_at, order.status_since), (1, world.now(), world.now()));

        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.order_by_number(&order.number).await.unwrap().as_ref(), Some(&order));
        assert_eq!(read.order(&order.id).await.unwrap().as_ref(), Some(&order));
        assert_eq!(read.order_by_number("20261120A000002").await.unwrap(), None);
        let events = read.events(Chain::Order(&order.id)).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].step(), Some(EventKind::Confirmed));
        assert_eq!(events[0].status_to.as_deref(), Some("awaiting_documents"));
    }
}

both! {
    async fn numbers_go_on_within_a_day_and_begin_again_on_the_next(world: World) {
        world.order().await;
        assert_eq!(world.order().await.number, "20261120A000002");
        world.clock.advance(DAY);
        assert_eq!(world.order().await.number, "20261121A000001");
    }
}

both! {
    async fn a_double_click_makes_one_order(world: World) {
        let session = world.session().await;
        let draft = world.draft(&session).await;
        let clicks = (0..4).map(|_| {
            let (world, session, draft) = (world.clone(), session.clone(), draft.clone());
            tokio::spawn(async move {
                let mut tx = world.tx().await;
                let new = world.new_order(&tx, &session, &draft, "holder");
                let done = tx.insert_order(new, By::applicant(&session), &json!({})).await.unwrap();
                tx.commit().await.unwrap();
                done
            })
        });
        let mut answers: Vec<(Order, bool)> = Vec::new();
        for click in clicks.collect::<Vec<_>>() {
            answers.push(click.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
        assert!(answers.iter().all(|(order, _)| order.id == answers[0].0.id));
        let mut read = world.store.read().await.unwrap();
        let events = read.events(Chain::Order(&answers[0].0.id)).await.unwrap();
        assert_eq!(events.len(), 1);
    }
}

both! {
    async fn many_orders_at_once_get_different_numbers(world: World) {
        let orders = (0..12).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.order().await.number })
        });
        let mut numbers = Vec::new();
        for order in orders.collect::<Vec<_>>() {
            numbers.push(order.await.unwrap());
        }
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 12);
    }
}

both! {
    async fn an_order_goes_the_whole_way_and_its_chain_holds(world: World) {
        let order = world.order_in(Status::Completed).await;
        assert_eq!(order.version, 8);
        let mut read = world.store.read().await.unwrap();
        let chain = Chain::Order(&order.id).name();
        assert_eq!(read.verify_chain(&chain).await.unwrap(), Ok(8));
    }
}

both! {
    async fn a_step_that_the_table_does_not_have_is_refused(world: World) {
        let order = world.order().await;
        let early = world.step(&order, EventKind::Signed).await;
        assert!(matches!(early, Err(StoreError::Refused(Refusal::Status))));
        let mut tx = world.tx().await;
        let by = By::reviewer("staff");
        let foreign = tx.move_order(&order, EventKind::DocumentsSubmitted, by, &json!({})).await;
        assert!(matches!(foreign, Err(StoreError::Refused(Refusal::Actor))));
    }
}

both! {
    async fn a_step_on_what_was_read_before_is_a_conflict(world: World) {
        let order = world.order().await;
        world.step(&order, EventKind::DocumentsSubmitted).await.unwrap();
        let late = world.step(&order, EventKind::DocumentsSubmitted).await;
        assert!(matches!(late, Err(StoreError::Conflict)));
    }
}

both! {
    async fn of_two_moves_at_once_exactly_one_wins(world: World) {
        let order = world.order_in(Status::AwaitingReview).await;
        let moves = (0..6).map(|n| {
            let (world, order) = (world.clone(), order.clone());
            let event = [EventKind::ReviewApproved, EventKind::ReviewRefused][n % 2];
            tokio::spawn(async move { world.step(&order, event).await })
        });
        let mut won = 0;
        for one in moves.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::Conflict) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.order(&order.id).await.unwrap().unwrap().version, order.version + 1);
        let chain = Chain::Order(&order.id).name();
        assert!(read.verify_chain(&chain).await.unwrap().is_ok());
    }
}

both! {
    async fn a_step_without_a_new_status_keeps_its_place_in_the_queue(world: World) {
        let order = world.order_in(Status::AwaitingPayment).await;
        world.clock.advance(1000);
        let paying = world.step(&order, EventKind::PaymentStarted).await.unwrap();
        assert_eq!(paying.status_since, order.status_since);
        assert_eq!(paying.version, order.version + 1);
    }
}

both! {
    async fn what_staff_did_is_kept_with_the_order(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.set_pay_until(&order.id, 77).await.unwrap();
        tx.set_review(&order.id, "reviewer", Some(b"why")).await.unwrap();
        let refused = tx.order(&order.id).await.unwrap().unwrap();
        assert_eq!(refused.refusal_sealed.as_deref(), Some(b"why".as_slice()));
        tx.end_refusal(&order.id).await.unwrap();
        tx.set_maker(&order.id, "maker").await.unwrap();
        tx.set_certificate_serial(&order.id, "0a0b").await.unwrap();
        tx.set_key_serial(&order.id, "K1").await.unwrap();
        tx.set_parcel(&order.id, "顺丰", "SF1").await.unwrap();
        let order = tx.order(&order.id).await.unwrap().unwrap();
        assert_eq!(order.refusal_sealed, None);
        assert_eq!(order.pay_until, Some(77));
        assert_eq!((order.reviewed_at, order.dispatched_at), (Some(world.now()), Some(world.now())));
        assert_eq!(order.reviewer_id.as_deref(), Some("reviewer"));
        assert_eq!(order.maker_id.as_deref(), Some("maker"));
        assert_eq!(order.certificate_serial.as_deref(), Some("0a0b"));
        assert_eq!(order.key_serial.as_deref(), Some("K1"));
        assert_eq!(order.carrier.as_deref(), Some("顺丰"));
        assert_eq!(order.waybill.as_deref(), Some("SF1"));
    }
}
