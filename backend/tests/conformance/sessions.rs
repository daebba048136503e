//! Applicant sessions.

use backend::clock::{DAY, HOUR};

both! {
    async fn a_session_is_found_by_its_token_until_it_is_over(world: World) {
        let mut tx = world.tx().await;
        let made = tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        tx.commit().await.unwrap();

        let mut read = world.store.read().await.unwrap();
        assert_eq!(read.session_of_token(b"hash").await.unwrap(), Some(made));
        assert_eq!(read.session_of_token(b"other").await.unwrap(), None);
        world.clock.advance(HOUR);
        assert_eq!(read.session_of_token(b"hash").await.unwrap(), None);
    }
}

both! {
    async fn a_session_in_use_lasts_longer_and_can_be_ended(world: World) {
        let mut tx = world.tx().await;
        let made = tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        world.clock.advance(HOUR / 2);
        tx.extend_session(&made.id, world.now() + DAY).await.unwrap();
        world.clock.advance(HOUR);
        let found = tx.session_of_token(b"hash").await.unwrap().unwrap();
        assert_eq!(found.seen_at, world.now() - HOUR);
        tx.end_session(&made.id).await.unwrap();
        assert_eq!(tx.session_of_token(b"hash").await.unwrap(), None);
    }
}

both! {
    async fn two_sessions_never_share_a_token(world: World) {
        let mut tx = world.tx().await;
        tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        assert!(tx.begin_session(b"hash", world.now() + HOUR).await.is_err());
    }
}
