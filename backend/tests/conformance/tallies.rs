//! Limits within a window of time, and failed log-ins.

use crate::world::World as W;
use backend::clock::{DAY, HOUR};
use backend::store::{Limit, Result, Store};

const THREE: Limit = Limit { name: "three", window: HOUR, most: 3 };

async fn tally(store: &Store, limit: Limit, whom: &str, weight: i64) -> Result<i64> {
    let mut tx = store.begin().await?;
    let done = tx.tally(limit, whom, weight).await?;
    tx.commit().await?;
    Ok(done)
}

async fn asks(store: &Store, whom: &str, subject: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.tally_subject(THREE, whom, subject).await?;
    tx.commit().await
}

fn retry_at<T: std::fmt::Debug>(refused: Result<T>) -> i64 {
    match refused {
        Err(backend::store::StoreError::TooMany { retry_at }) => retry_at,
        other => panic!("{other:?}"),
    }
}

both! {
    async fn three_pass_and_the_fourth_waits_for_the_next_window(world: World) {
        for done in 1..=3 {
            assert_eq!(tally(&world.store, THREE, "a", 1).await.unwrap(), done);
        }
        let until = world.now() + HOUR;
        assert_eq!(retry_at(tally(&world.store, THREE, "a", 1).await), until);
        assert_eq!(tally(&world.store, THREE, "b", 1).await.unwrap(), 1, "somebody else");
        let other = Limit { name: "other", ..THREE };
        assert_eq!(tally(&world.store, other, "a", 1).await.unwrap(), 1, "another limit");
        world.clock.advance(HOUR);
        assert_eq!(tally(&world.store, THREE, "a", 1).await.unwrap(), 1);
    }
}

both! {
    async fn looking_counts_nothing_and_is_refused_like_counting(world: World) {
        for _ in 0..9 {
            tally(&world.store, THREE, "a", 0).await.unwrap();
        }
        for _ in 0..3 {
            tally(&world.store, THREE, "a", 1).await.unwrap();
        }
        retry_at(tally(&world.store, THREE, "a", 0).await);
    }
}

both! {
    async fn what_was_undone_was_not_counted(world: World) {
        for _ in 0..5 {
            let mut tx = world.tx().await;
            tx.tally(THREE, "a", 1).await.unwrap();
            drop(tx);
        }
        assert_eq!(tally(&world.store, THREE, "a", 1).await.unwrap(), 1);
    }
}

both! {
    async fn two_backends_at_once_let_three_pass(world: World) {
        let other = world.another_backend().await;
        let tries = (0..12).map(|n| {
            let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
            tokio::spawn(async move { tally(&store, THREE, "a", 1).await.is_ok() })
        });
        let mut passed = 0;
        for one in tries.collect::<Vec<_>>() {
            passed += i32::from(one.await.unwrap());
        }
        assert_eq!(passed, 3);
        other.close().await;
    }
}

both! {
    async fn a_day_is_a_day_in_china(world: World) {
        let day = Limit { name: "day", window: DAY, most: 1 };
        tally(&world.store, day, "a", 1).await.unwrap();
        // Nine in the morning: the day ends in fifteen hours.
        assert_eq!(retry_at(tally(&world.store, day, "a", 1).await), world.now() + 15 * HOUR);
        world.clock.advance(15 * HOUR);
        tally(&world.store, day, "a", 1).await.unwrap();
    }
}

both! {
    async fn different_subjects_are_counted_and_the_same_one_once(world: World) {
        for subject in ["x", "y", "x", "z", "x", "y"] {
            asks(&world.store, "a", subject).await.unwrap();
        }
        retry_at(asks(&world.store, "a", "w").await);
        asks(&world.store, "a", "y").await.unwrap();
        asks(&world.store, "b", "w").await.unwrap();
    }
}

both! {
    async fn what_is_over_is_forgotten(world: World) {
        tally(&world.store, THREE, "a", 1).await.unwrap();
        asks(&world.store, "a", "x").await.unwrap();
        world.clock.advance(2 * HOUR);
        tally(&world.store, THREE, "a", 1).await.unwrap();
        let mut tx = world.tx().await;
        assert_eq!(tx.forget_tallies(world.now()).await.unwrap(), 2);
        assert_eq!(tx.tallied(THREE, "a").await.unwrap(), 1);
    }
}

both! {
    async fn failed_logins_are_counted_by_name_and_forgotten_after_a_good_one(world: World) {
        let mut tx = world.tx().await;
        assert_eq!(tx.login_locked_until("nobody").await.unwrap(), 0);
        assert_eq!(tx.count_failed_login("nobody").await.unwrap(), 1);
        assert_eq!(tx.count_failed_login("nobody").await.unwrap(), 2);
        assert_eq!(tx.count_failed_login("somebody").await.unwrap(), 1);
        tx.lock_login("nobody", 77).await.unwrap();
        assert_eq!(tx.login_locked_until("nobody").await.unwrap(), 77);
        tx.forget_failed_logins("nobody").await.unwrap();
        assert_eq!(tx.login_locked_until("nobody").await.unwrap(), 0);
        assert_eq!(tx.count_failed_login("nobody").await.unwrap(), 1);
    }
}

/// A challenge of a new session.
async fn challenge(world: &W, id: &str) -> String {
    let session_id = world.session().await;
    let mut tx = world.tx().await;
    let new = backend::store::NewChallenge {
        id,
        session_id: &session_id,
        answer_hash: "right",
        salt: "salt",
        bits: 18,
        expires_at: world.now() + HOUR,
    };
    tx.insert_challenge(&new).await.unwrap();
    tx.commit().await.unwrap();
    session_id
}

both! {
    async fn a_challenge_belongs_to_its_session_and_is_spent_once(world: World) {
        let session = challenge(&world, "c1").await;
        let stranger = world.session().await;
        let mut tx = world.tx().await;
        assert_eq!(tx.lock_challenge("c1", &stranger).await.unwrap(), None);
        let row = tx.lock_challenge("c1", &session).await.unwrap().unwrap();
        assert_eq!((row.bits, row.spent_at), (18, None));
        assert!(tx.spend_challenge("c1", "act").await.unwrap());
        assert!(!tx.spend_challenge("c1", "act").await.unwrap());
        tx.commit().await.unwrap();
        world.clock.advance(HOUR);
        let mut tx = world.tx().await;
        assert_eq!(tx.lock_challenge("c1", &session).await.unwrap(), None, "too old");
        assert_eq!(tx.forget_challenges(world.now() + 1).await.unwrap(), 1);
    }
}

both! {
    async fn of_two_who_spend_a_challenge_at_once_one_wins(world: World) {
        challenge(&world, "c1").await;
        let other = world.another_backend().await;
        let spends = [world.store.clone(), other.clone(), world.store.clone()].map(|store| {
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let won = tx.spend_challenge("c1", "act").await.unwrap();
                tx.commit().await.unwrap();
                won
            })
        });
        let mut won = 0;
        for one in spends {
            won += i32::from(one.await.unwrap());
        }
        assert_eq!(won, 1);
        other.close().await;
    }
}
