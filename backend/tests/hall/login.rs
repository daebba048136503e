//! Staff log in with a password and a one-time code.

use crate::desk::PASSWORD;
use backend::audit::Chain;
use backend::clock::{MINUTE, SECOND};
use backend::staff::AddError;
use reqwest::{Method, StatusCode};
use shared::api::{Role, StaffMe};

both! {
    async fn password_and_code_open_the_desk_and_logging_out_closes_it(world: World) {
        let desk = world.hires("li.na", &[Role::Reviewer]).await;
        let me: StaffMe = desk.get("/me").await.unwrap();
        assert_eq!((me.name.as_str(), me.roles.len()), ("li.na", 1));
        assert_eq!((me.roles[0].channel.as_str(), me.roles[0].role), ("nanning", Role::Reviewer));
        let request = desk.request(Method::GET, "/me");
        desk.post::<()>("/logout", &()).await.unwrap();
        assert_eq!(desk.send(request).await.status(), StatusCode::UNAUTHORIZED, "the old cookie is worth nothing");
    }
}

both! {
    async fn no_code_works_twice(world: World) {
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        let code = desk.code();
        assert_eq!(desk.logs_in_with(PASSWORD, &code).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(desk.logs_in_with(PASSWORD, &code).await.status(), StatusCode::UNAUTHORIZED);
        world.later(30 * SECOND);
        assert_eq!(desk.logs_in_with(PASSWORD, &code).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
    }
}

both! {
    async fn five_failures_lock_the_account_for_a_quarter_of_an_hour(world: World) {
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        for _ in 0..4 {
            assert_eq!(desk.logs_in_with("wrong password", &desk.code()).await.status(), StatusCode::UNAUTHORIZED);
        }
        let locked = desk.logs_in_with(PASSWORD, "000000").await;
        assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(locked.headers()["retry-after"], "900");
        assert_eq!(desk.logs_in().await.status(), StatusCode::TOO_MANY_REQUESTS, "even with everything right");
        world.later(15 * MINUTE);
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
        let mut reader = world.hall.store.read().await.unwrap();
        let id = reader.staff_by_name("li.na").await.unwrap().unwrap().id;
        let kinds: Vec<_> = reader.events(Chain::Staff(&id)).await.unwrap().into_iter().map(|link| link.kind).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "login_failed").count(), 5, "{kinds:?}");
        assert!(reader.verify_chain(&Chain::Staff(&id).name()).await.unwrap().is_ok());
    }
}

both! {
    async fn guesses_sent_together_are_counted_one_by_one(world: World) {
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        let guesses = (0..12).map(|_| desk.logs_in_with("wrong password", "000000"));
        let answers = futures_util::future::join_all(guesses).await;
        let refused = answers.iter().filter(|answer| answer.status() == StatusCode::UNAUTHORIZED).count();
        assert_eq!(refused, 4);
    }
}

both! {
    async fn an_unknown_name_looks_like_a_wrong_password(world: World) {
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        let known = desk.logs_in_with("wrong password", "000000").await;
        let request = desk.request(Method::POST, "/login");
        let body = serde_json::json!({ "name": "nobody", "password": "wrong password", "code": "000000" });
        let unknown = desk.send(request.json(&body)).await;
        assert_eq!(known.status(), unknown.status());
        assert_eq!(known.bytes().await.unwrap(), unknown.bytes().await.unwrap());
    }
}

both! {
    async fn a_session_ends_when_idle_and_after_a_shift(world: World) {
        let desk = world.hires("li.na", &[Role::Reviewer]).await;
        for _ in 0..3 {
            world.later(14 * MINUTE);
            desk.get::<StaffMe>("/me").await.unwrap();
        }
        world.later(15 * MINUTE);
        assert_eq!(desk.get::<StaffMe>("/me").await.unwrap_err().status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
        for _ in 0..8 * 6 - 1 {
            world.later(10 * MINUTE);
            desk.get::<StaffMe>("/me").await.unwrap();
        }
        world.later(10 * MINUTE);
        assert_eq!(desk.get::<StaffMe>("/me").await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    }
}

both! {
    async fn of_two_logins_with_one_code_only_one_gets_in(world: World) {
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        let code = desk.code();
        let (one, two) = tokio::join!(desk.logs_in_with(PASSWORD, &code), desk.logs_in_with(PASSWORD, &code));
        let mut statuses = [one.status(), two.status()];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::NO_CONTENT, StatusCode::UNAUTHORIZED]);
    }
}

both! {
    async fn an_account_needs_a_plain_name_a_long_password_and_a_real_channel(world: World) {
        let add = |name: &'static str, password: &'static str, channel: &'static str| {
            let hall = world.hall.clone();
            async move { backend::staff::add(&hall, name, password, channel, &[Role::Maker]).await }
        };
        assert!(matches!(add("李娜", PASSWORD, "nanning").await, Err(AddError::Name)));
        assert!(matches!(add("li.na", "short", "nanning").await, Err(AddError::Password)));
        assert!(matches!(add("li.na", PASSWORD, "nowhere").await, Err(AddError::Channel(_))));
        let address = add("li.na", PASSWORD, "*").await.unwrap();
        assert!(address.starts_with("otpauth://totp/CertHall:li.na?secret="), "{address}");
        assert!(matches!(add("li.na", PASSWORD, "nanning").await, Err(AddError::Taken)));
    }
}
