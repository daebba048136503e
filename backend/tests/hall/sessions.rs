//! Tokens come and go; what belongs to a session stays.

use crate::applicant::{Browser, OPERATOR, application};
use backend::clock::{DAY, HOUR, MINUTE, SECOND};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{ErrorCode, Role, SESSION_HEADER, SESSION_WANTED, SavedDraft, StaffMe};

/// Whether a browser with this cookie finds its draft.
async fn finds_its_draft(browser: &Browser, cookie: &str) -> bool {
    let old = Browser::returning(&browser.world, cookie);
    old.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().is_some()
}

both! {
    async fn an_order_brings_a_new_token_and_the_old_one_ends(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        let planted = browser.cookie().unwrap();
        let order = browser.confirms(&checked.content).await.unwrap();
        assert_ne!(browser.cookie().unwrap(), planted);
        // Until the new one is used both are good: the answer might have been lost.
        let thief = Browser::returning(&world, &planted);
        thief.order(&order.number).await.unwrap();
        browser.order(&order.number).await.unwrap();
        world.later(MINUTE - SECOND);
        thief.order(&order.number).await.unwrap();
        world.later(SECOND);
        assert_eq!(thief.order(&order.number).await.unwrap_err().error.code, ErrorCode::NotFound);
        browser.order(&order.number).await.unwrap();
    }
}

both! {
    async fn a_lost_answer_loses_nothing(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        let before = browser.cookie().unwrap();
        let order = browser.confirms(&checked.content).await.unwrap();
        // The answer never arrived: the browser still has its old cookie, and presses again, much later.
        let again = Browser::returning(&world, &before);
        world.later(3 * HOUR);
        assert_eq!(again.confirms(&checked.content).await.unwrap().number, order.number);
        assert_eq!(again.order(&order.number).await.unwrap().number, order.number);
    }
}

both! {
    async fn a_query_code_brings_a_new_token(world: World) {
        let owner = world.browser();
        let order = owner.signed_order().await;
        let browser = world.browser();
        let sent = browser.asks_query_code("914403001922038216").await.unwrap();
        let planted = browser.cookie().unwrap();
        let code = world.outside.newest(OPERATOR, "code").unwrap();
        browser.queries(&sent.ticket, "000000").await.unwrap_err();
        assert_eq!(browser.cookie().unwrap(), planted, "a wrong code gains nothing");
        browser.queries(&sent.ticket, &code).await.unwrap();
        assert_ne!(browser.cookie().unwrap(), planted);
        browser.order(&order.number).await.unwrap();
        world.later(MINUTE);
        let thief = Browser::returning(&world, &planted);
        assert_eq!(thief.order(&order.number).await.unwrap_err().error.code, ErrorCode::NotFound);
    }
}

both! {
    async fn a_session_in_use_gets_a_new_token_a_day_and_lasts(world: World) {
        let browser = world.browser();
        browser.saves(&application()).await.unwrap();
        let mut cookies = vec![browser.cookie().unwrap()];
        for _ in 0..40 {
            world.later(DAY);
            browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().expect("still there");
            cookies.push(browser.cookie().unwrap());
        }
        let different: std::collections::BTreeSet<_> = cookies.iter().collect();
        assert_eq!(different.len(), cookies.len());
        assert!(!finds_its_draft(&browser, &cookies[0]).await);
        // Not used for a month: over.
        world.later(31 * DAY);
        assert!(browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().is_none());
    }
}

both! {
    async fn no_session_lasts_for_ever(world: World) {
        let browser = world.browser();
        browser.saves(&application()).await.unwrap();
        let mut days = 0;
        while browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().is_some() {
            world.later(20 * DAY);
            days += 20;
            assert!(days <= 200);
        }
        assert_eq!(days, 180);
    }
}

both! {
    async fn requests_under_way_keep_their_token_while_another_brings_the_new_one(world: World) {
        let browser = world.browser();
        browser.saves(&application()).await.unwrap();
        world.later(25 * HOUR);
        // Two windows at the same moment: each gets a token, and each token works.
        let (one, two) = (browser.another_window(), browser.another_window());
        let (first, second) = tokio::join!(
            one.get::<Option<SavedDraft>>("/api/drafts/nanning/new"),
            two.get::<Option<SavedDraft>>("/api/drafts/nanning/new")
        );
        assert!(first.unwrap().is_some() && second.unwrap().is_some());
        // The browser keeps whichever cookie came last.
        let kept = two.cookie().unwrap();
        world.later(5 * HOUR);
        assert!(finds_its_draft(&browser, &kept).await);
        world.later(MINUTE);
        assert!(finds_its_draft(&browser, &kept).await);
    }
}

both! {
    async fn a_page_without_cookies_is_told_its_new_token_in_the_header(world: World) {
        let browser = world.browser();
        let ask = |token: &str| {
            let request = reqwest::Client::builder().no_proxy().build().unwrap();
            request
                .put(format!("{}/api/drafts/nanning/new", world.address))
                .header(shared::api::CSRF_HEADER, "1")
                .header(SESSION_HEADER, token.to_owned())
                .json(&application())
        };
        let begun = ask(SESSION_WANTED).send().await.unwrap();
        let token = begun.headers()[SESSION_HEADER].to_str().unwrap().to_owned();
        assert!(ask(&token).send().await.unwrap().headers().get(SESSION_HEADER).is_none(), "nothing new");
        world.later(DAY);
        let rotated = ask(&token).send().await.unwrap();
        let next = rotated.headers()[SESSION_HEADER].to_str().unwrap().to_owned();
        assert_ne!(next, token);
        assert!(finds_its_draft(&browser, &format!("certhall_applicant={next}")).await);
    }
}

both! {
    async fn the_desk_says_how_long_it_stays_open(world: World) {
        let desk = world.hires("li.na", &[Role::Reviewer]).await;
        let me: StaffMe = desk.get("/me").await.unwrap();
        assert_eq!((me.idle_s, me.ends_s), (15 * 60, 8 * 3600));
        world.later(14 * MINUTE);
        // The page's own look at the queue is no sign of life.
        desk.get::<Value>("/queue/review?channel=nanning").await.unwrap();
        let me: StaffMe = desk.get("/me").await.unwrap();
        assert_eq!((me.idle_s, me.ends_s), (15 * 60, 8 * 3600 - 14 * 60), "\"I am still here\"");
        world.later(14 * MINUTE);
        desk.get::<Value>("/queue/review?channel=nanning").await.unwrap();
        world.later(MINUTE);
        assert_eq!(desk.get::<StaffMe>("/me").await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    }
}

both! {
    async fn logging_out_everywhere_closes_every_desk(world: World) {
        let first = world.hires("li.na", &[Role::Reviewer]).await;
        world.later(30 * SECOND);
        let second = first.another_place();
        assert_eq!(second.logs_in().await.status(), StatusCode::NO_CONTENT);
        let other = world.hires("wang.wei", &[Role::Maker]).await;
        second.post::<()>("/logout/everywhere", &()).await.unwrap();
        assert_eq!(first.get::<StaffMe>("/me").await.unwrap_err().status, StatusCode::UNAUTHORIZED);
        assert_eq!(second.get::<StaffMe>("/me").await.unwrap_err().status, StatusCode::UNAUTHORIZED);
        other.get::<StaffMe>("/me").await.unwrap();
    }
}

both! {
    async fn a_name_that_nobody_has_is_locked_like_one_that_somebody_has(world: World) {
        world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        let browser = world.browser();
        let mut answers = Vec::new();
        for name in ["li.na", "nobody.here"] {
            let mut said = Vec::new();
            for _ in 0..7 {
                let before = world.hall.store.statements();
                let body = json!({ "name": name, "password": "wrong password", "code": "000000" });
                let response = browser.send(browser.request(Method::POST, "/api/staff/login").json(&body)).await;
                let statements = world.hall.store.statements() - before;
                said.push((response.status(), statements, response.bytes().await.unwrap()));
            }
            answers.push(said);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0][6].0, StatusCode::TOO_MANY_REQUESTS);
    }
}
