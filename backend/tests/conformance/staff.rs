//! Staff accounts, roles, sessions.

use crate::world::World as W;
use backend::clock::HOUR;
use backend::store::StoreError;
use shared::api::Role;

async fn reviewer(world: &W) {
    let mut tx = world.tx().await;
    tx.insert_staff("s1", "reviewer", "argon2", b"totp").await.unwrap();
    tx.grant_role("s1", "nanning", Role::Reviewer).await.unwrap();
    tx.commit().await.unwrap();
}

both! {
    async fn a_name_is_given_once_and_a_role_as_often_as_one_likes(world: World) {
        reviewer(&world).await;
        let mut tx = world.tx().await;
        let again = tx.insert_staff("s2", "reviewer", "x", b"x").await;
        assert!(matches!(again, Err(StoreError::Conflict)));
        tx.grant_role("s1", "nanning", Role::Reviewer).await.unwrap();
        tx.grant_role("s1", "*", Role::Admin).await.unwrap();
        let found = tx.staff_by_name("reviewer").await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.totp_sealed.as_slice()), ("s1", b"totp".as_slice()));
        assert_eq!(tx.staff_by_name("nobody").await.unwrap(), None);
        let roles = tx.staff_roles("s1").await.unwrap();
        let roles: Vec<_> = roles.iter().map(|role| (role.channel.as_str(), role.role)).collect();
        assert_eq!(roles, [("*", Role::Admin), ("nanning", Role::Reviewer)]);
    }
}

both! {
    async fn a_one_time_code_is_used_once_even_at_the_same_moment(world: World) {
        reviewer(&world).await;
        let logins = (0..6).map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let used = tx.use_totp_step("s1", 100).await.unwrap();
                tx.commit().await.unwrap();
                used
            })
        });
        let mut used = 0;
        for login in logins.collect::<Vec<_>>() {
            used += i32::from(login.await.unwrap());
        }
        assert_eq!(used, 1);
        let mut tx = world.tx().await;
        assert!(!tx.use_totp_step("s1", 99).await.unwrap(), "an earlier one is worthless");
        assert!(tx.use_totp_step("s1", 101).await.unwrap());
    }
}

both! {
    async fn a_staff_session_ends_by_time_idleness_log_out_and_dismissal(world: World) {
        reviewer(&world).await;
        let mut tx = world.tx().await;
        let id = tx.begin_staff_session("s1", b"hash", world.now() + 8 * HOUR).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(HOUR);

        let mut tx = world.tx().await;
        assert_eq!(tx.staff_session(b"other", 0).await.unwrap(), None);
        assert_eq!(tx.staff_session(b"hash", world.now() - HOUR).await.unwrap(), None, "idle for an hour");
        tx.see_staff_session(&id).await.unwrap();
        let seen = tx.staff_session(b"hash", world.now() - HOUR).await.unwrap().unwrap();
        assert_eq!((seen.staff_id.as_str(), seen.name.as_str()), ("s1", "reviewer"));
        tx.commit().await.unwrap();

        world.raw("UPDATE staff SET disabled_at = 1").await;
        assert_eq!(world.tx().await.staff_session(b"hash", 0).await.unwrap(), None);
        world.raw("UPDATE staff SET disabled_at = NULL").await;
        let mut tx = world.tx().await;
        tx.end_staff_session(&id).await.unwrap();
        assert_eq!(tx.staff_session(b"hash", 0).await.unwrap(), None);
    }
}
