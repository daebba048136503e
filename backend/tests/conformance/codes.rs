//! SMS codes.

use crate::world::World as W;
use backend::clock::{DAY, HOUR, MINUTE, SECOND};
use backend::store::{CodeLimits, CodePurpose, CodeState, NewCode, Order, StoreError, Tried, Typed};

const LIMITS: CodeLimits =
    CodeLimits { resend_after: 300 * SECOND, window: HOUR, per_phone: 3, per_ip: 4, per_subject: 5 };

fn code(world: &W, id: &str, order: &Order) -> NewCode {
    NewCode {
        id: id.into(),
        purpose: CodePurpose::Sign,
        channel: "nanning".into(),
        order_id: Some(order.id.clone()),
        holder_index: None,
        phone_index: "phone".into(),
        ip_index: "ip".into(),
        session_id: order.session_id.clone(),
        code_hash: "right".into(),
        content_hash: Some("c".into()),
        expires_at: world.now() + 5 * MINUTE,
        challenge_id: None,
    }
}

async fn send(world: &W, new: &NewCode) -> Result<(), StoreError> {
    let mut tx = world.store.begin().await?;
    tx.issue_code(new, LIMITS).await?;
    tx.set_code_state(&new.id, CodeState::Sent).await?;
    tx.commit().await
}

fn typed<'a>(id: &'a str, order: &'a Order, code_hash: &'a str) -> Typed<'a> {
    Typed { id, session_id: &order.session_id, purpose: CodePurpose::Sign, order_id: Some(&order.id), code_hash }
}

both! {
    async fn a_right_code_is_used_once(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        let first = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        let second = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        let (Tried::Right(first), Tried::Right(second)) = (first, second) else {
            panic!("both were right")
        };
        assert_eq!(first.row().content_hash.as_deref(), Some("c"));
        let mut tx = world.tx().await;
        tx.use_code(&first).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.tx().await;
        assert!(matches!(tx.use_code(&second).await, Err(StoreError::Conflict)));
        drop(tx);
        let third = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(third, Tried::UsedUp));
    }
}

both! {
    async fn of_two_uses_at_once_one_wins(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        let uses = (0..4).map(|_| {
            let (world, order) = (world.clone(), order.clone());
            tokio::spawn(async move {
                let tried = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
                let Tried::Right(right) = tried else { return false };
                let mut tx = world.tx().await;
                let won = tx.use_code(&right).await.is_ok();
                tx.commit().await.unwrap();
                won
            })
        });
        let mut won = 0;
        for one in uses.collect::<Vec<_>>() {
            won += i32::from(one.await.unwrap());
        }
        assert_eq!(won, 1);
    }
}

both! {
    async fn five_wrong_tries_use_it_up(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        for expected in [4, 3, 2, 1, 0] {
            let tried = world.store.try_code(typed("k1", &order, "wrong")).await.unwrap();
            assert!(matches!(tried, Tried::Wrong { left } if left == expected));
        }
        let sixth = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(sixth, Tried::UsedUp));
    }
}

both! {
    async fn guesses_at_once_do_not_get_a_sixth_try(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        let guesses = (0..12).map(|_| {
            let (world, order) = (world.clone(), order.clone());
            tokio::spawn(async move {
                world.store.try_code(typed("k1", &order, "wrong")).await.unwrap()
            })
        });
        let mut looked_at = 0;
        for guess in guesses.collect::<Vec<_>>() {
            looked_at += i32::from(matches!(guess.await.unwrap(), Tried::Wrong { .. }));
        }
        assert_eq!(looked_at, 5);
    }
}

both! {
    async fn an_old_code_is_told_apart_from_a_used_one(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        world.clock.advance(5 * MINUTE);
        let late = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(late, Tried::Expired));
    }
}

both! {
    async fn a_code_is_good_for_its_session_purpose_and_order_only(world: World) {
        let order = world.order().await;
        let other = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        let right = typed("k1", &order, "right");
        let strangers = [
            Typed { session_id: &other.session_id, ..right },
            Typed { purpose: CodePurpose::Query, ..right },
            Typed { order_id: Some(&other.id), ..right },
            Typed { order_id: None, ..right },
            Typed { id: "k2", ..right },
        ];
        for stranger in strangers {
            let tried = world.store.try_code(stranger).await.unwrap();
            assert!(matches!(tried, Tried::UsedUp), "{stranger:?}");
        }
    }
}

both! {
    async fn a_code_may_be_asked_for_again_after_its_pause_and_ends_the_first(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        let soon = send(&world, &code(&world, "k2", &order)).await;
        let again = world.now() + LIMITS.resend_after;
        assert!(matches!(soon, Err(StoreError::TooMany { retry_at }) if retry_at == again));

        world.clock.advance(LIMITS.resend_after - 1);
        assert!(send(&world, &code(&world, "k2", &order)).await.is_err());
        world.clock.advance(1);
        send(&world, &code(&world, "k2", &order)).await.unwrap();
        let first = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(first, Tried::Expired));
        let second = world.store.try_code(typed("k2", &order, "right")).await.unwrap();
        assert!(matches!(second, Tried::Right(_)));
    }
}

both! {
    async fn a_phone_and_an_address_get_so_many_and_no_more(world: World) {
        for n in 0..3 {
            send(&world, &code(&world, &format!("k{n}"), &world.order().await)).await.unwrap();
        }
        let fourth = code(&world, "k3", &world.order().await);
        let refused = send(&world, &fourth).await;
        let again = world.now() + HOUR;
        assert!(matches!(refused, Err(StoreError::TooMany { retry_at }) if retry_at == again));

        let other_phone = NewCode { phone_index: "phone 2".into(), ..fourth };
        send(&world, &other_phone).await.unwrap();
        let fifth = NewCode { phone_index: "phone 3".into(), ..code(&world, "k4", &world.order().await) };
        assert!(matches!(send(&world, &fifth).await, Err(StoreError::TooMany { .. })), "the address");
        world.clock.advance(HOUR);
        send(&world, &fifth).await.unwrap();
    }
}

both! {
    async fn a_message_that_the_provider_refused_counts_for_nothing(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        tx.issue_code(&code(&world, "k1", &order), LIMITS).await.unwrap();
        tx.set_code_state("k1", CodeState::Failed).await.unwrap();
        tx.commit().await.unwrap();
        send(&world, &code(&world, "k2", &order)).await.unwrap();
        let failed = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(failed, Tried::UsedUp | Tried::Expired));
    }
}

both! {
    async fn limits_hold_when_many_ask_at_once(world: World) {
        let mut asking = Vec::new();
        for n in 0..8 {
            let new = code(&world, &format!("k{n}"), &world.order().await);
            let world = world.clone();
            asking.push(tokio::spawn(async move { send(&world, &new).await.is_ok() }));
        }
        let mut sent = 0;
        for one in asking {
            sent += i32::from(one.await.unwrap());
        }
        assert_eq!(sent, 3);
    }
}

both! {
    async fn a_query_code_belongs_to_a_holder(world: World) {
        let session = world.session().await;
        let mut tx = world.tx().await;
        let new = NewCode {
            id: "q1".into(),
            purpose: CodePurpose::Query,
            channel: "nanning".into(),
            order_id: None,
            holder_index: Some("h".into()),
            phone_index: "phone".into(),
            ip_index: "ip".into(),
            session_id: session.clone(),
            code_hash: "right".into(),
            content_hash: None,
            expires_at: world.now() + DAY,
            challenge_id: None,
        };
        tx.issue_code(&new, LIMITS).await.unwrap();
        tx.commit().await.unwrap();
        let typed = Typed {
            id: "q1",
            session_id: &session,
            purpose: CodePurpose::Query,
            order_id: None,
            code_hash: "right",
        };
        let Tried::Right(right) = world.store.try_code(typed).await.unwrap() else {
            panic!("it was right")
        };
        assert_eq!(right.row().holder_index.as_deref(), Some("h"));
    }
}

both! {
    async fn cancelling_an_order_ends_its_codes(world: World) {
        let order = world.order().await;
        send(&world, &code(&world, "k1", &order)).await.unwrap();
        world.step(&order, shared::order::EventKind::Cancelled).await.unwrap();
        let late = world.store.try_code(typed("k1", &order, "right")).await.unwrap();
        assert!(matches!(late, Tried::Expired));
        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.code("k1").await.unwrap().unwrap().expires_at, world.now());
    }
}
