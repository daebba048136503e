//! Applicant sessions and their tokens.

use crate::world::World as W;
use backend::clock::{DAY, HOUR};
use backend::store::GRACE;

/// Uses a token as a request does; the session's id.
async fn uses(world: &W, token: &[u8]) -> Option<String> {
    let session = world.store.read().await.unwrap().session_of_token(token).await.unwrap()?;
    let mut tx = world.tx().await;
    tx.use_token(token, &session).await.unwrap();
    tx.commit().await.unwrap();
    Some(session.id)
}

async fn rotates(world: &W, id: &str, token: &[u8]) {
    let mut tx = world.tx().await;
    tx.rotate_session(id, token, world.now() + DAY).await.unwrap();
    tx.commit().await.unwrap();
}

both! {
    async fn a_session_is_found_by_its_token_until_it_is_over(world: World) {
        let mut tx = world.tx().await;
        let id = tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        tx.commit().await.unwrap();

        let mut read = world.store.read().await.unwrap();
        let found = read.session_of_token(b"hash").await.unwrap().unwrap();
        assert_eq!((found.id, found.token_used_at), (id, Some(world.now())));
        assert_eq!(read.session_of_token(b"other").await.unwrap(), None);
        world.clock.advance(HOUR);
        assert_eq!(read.session_of_token(b"hash").await.unwrap(), None);
    }
}

both! {
    async fn the_older_token_ends_a_minute_after_the_newer_one_was_used(world: World) {
        let mut tx = world.tx().await;
        let id = tx.begin_session(b"old", world.now() + HOUR).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(uses(&world, b"old").await.as_ref(), Some(&id));
        rotates(&world, &id, b"new").await;
        // The answer with the new token was lost: the old one goes on and on.
        world.clock.advance(HOUR / 2);
        assert_eq!(uses(&world, b"old").await.as_ref(), Some(&id));
        // It arrived.
        assert_eq!(uses(&world, b"new").await.as_ref(), Some(&id));
        world.clock.advance(GRACE - 1);
        assert_eq!(uses(&world, b"old").await.as_ref(), Some(&id), "a request that was under way");
        world.clock.advance(1);
        assert_eq!(uses(&world, b"old").await, None);
        world.clock.advance(HOUR);
        assert_eq!(uses(&world, b"new").await.as_ref(), Some(&id), "and the session lasts longer");
    }
}

both! {
    async fn of_two_tokens_given_out_at_once_either_may_arrive(world: World) {
        let mut tx = world.tx().await;
        let id = tx.begin_session(b"first", world.now() + DAY).await.unwrap();
        tx.commit().await.unwrap();
        rotates(&world, &id, b"one").await;
        rotates(&world, &id, b"two").await;
        world.clock.advance(HOUR);
        assert!(uses(&world, b"two").await.is_some());
        world.clock.advance(HOUR);
        assert!(uses(&world, b"two").await.is_some() && uses(&world, b"one").await.is_none());
    }
}

both! {
    async fn a_session_that_was_ended_has_no_token_left(world: World) {
        let mut tx = world.tx().await;
        let id = tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        tx.rotate_session(&id, b"new", world.now() + DAY).await.unwrap();
        tx.end_session(&id).await.unwrap();
        assert_eq!(tx.session_of_token(b"hash").await.unwrap(), None);
        assert_eq!(tx.session_of_token(b"new").await.unwrap(), None);
        // Not even a token that is given out a moment later.
        tx.rotate_session(&id, b"late", world.now() + DAY).await.unwrap();
        assert_eq!(tx.session_of_token(b"late").await.unwrap(), None);
    }
}

both! {
    async fn two_sessions_never_share_a_token(world: World) {
        let mut tx = world.tx().await;
        tx.begin_session(b"hash", world.now() + HOUR).await.unwrap();
        assert!(tx.begin_session(b"hash", world.now() + HOUR).await.is_err());
    }
}
