//! SMS codes: for signing and for queries.

use crate::applicant::{OPERATOR, application};
use crate::outside::silence;
use backend::clock::{MINUTE, SECOND};
use backend::gateways::Outcome;
use shared::api::ErrorCode;
use shared::order::Status;

both! {
    async fn a_wrong_code_says_how_many_tries_are_left(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        let sent = browser.asks_sign_code(&number).await.unwrap();
        assert_eq!(sent.phone, "139****0001");
        assert_eq!(sent.resend_after_s, 300);
        let right = browser.code_on_phone();
        let wrong = if right == "123456" { "654321" } else { "123456" };
        for left in (0..5).rev() {
            let refused = browser.signs(&number, &sent.ticket, wrong).await.unwrap_err();
            assert_eq!((refused.error.code, refused.error.tries_left), (ErrorCode::SmsCodeWrong, Some(left)));
        }
        // The right one comes too late.
        assert_eq!(browser.signs(&number, &sent.ticket, &right).await.unwrap_err().error.code, ErrorCode::SmsCodeUsedUp);
        assert_eq!(browser.order(&number).await.unwrap().status, Status::AwaitingSignature);
    }
}

both! {
    async fn a_code_is_worthless_after_five_minutes(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        let sent = browser.asks_sign_code(&number).await.unwrap();
        world.later(5 * MINUTE + 1);
        let refused = browser.signs(&number, &sent.ticket, &browser.code_on_phone()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeExpired);
        let signed = browser.signs_with_phone(&number).await.unwrap();
        assert_eq!(signed.status, Status::AwaitingPayment);
    }
}

both! {
    async fn codes_can_not_be_asked_for_at_will(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        browser.asks_sign_code(&number).await.unwrap();
        let refused = browser.asks_sign_code(&number).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::TooMany);
        assert!((299..=301).contains(&refused.error.retry_after_s.unwrap()));
        world.later(301 * SECOND);
        browser.asks_sign_code(&number).await.unwrap();
        assert_eq!(world.outside.script().messages.len(), 2);
    }
}

both! {
    async fn a_code_signs_only_what_it_was_asked_for(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        let sent = browser.asks_sign_code(&number).await.unwrap();
        let code = browser.code_on_phone();
        // Papers are changed after the code was sent.
        let reopen = format!("/api/orders/{number}/documents/reopen");
        browser.post::<serde_json::Value>(&reopen, &serde_json::json!(null)).await.unwrap();
        browser.uploads(&number, "business_licence", crate::papers::png()).await.unwrap();
        browser.submits(&number).await.unwrap();
        let refused = browser.signs(&number, &sent.ticket, &code).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        // A code of one order is nothing in another, nor in another browser.
        let stranger = world.browser();
        let other = stranger.orders(&crate::applicant::with(shared::form::Field::Department, "财务部")).await.number;
        stranger.submits_papers(&other).await;
        let refused = stranger.signs(&other, &sent.ticket, &code).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
    }
}

both! {
    async fn without_the_tick_nothing_is_signed(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        let sent = browser.asks_sign_code(&number).await.unwrap();
        let path = format!("/api/orders/{number}/signature");
        let body = serde_json::json!({ "ticket": sent.ticket, "code": browser.code_on_phone(), "agreed": false, "consentVersion": "nanning-2021-09" });
        let refused = browser.post::<serde_json::Value>(&path, &body).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::ConsentMissing);
        browser.signs(&number, &sent.ticket, &browser.code_on_phone()).await.unwrap();
    }
}

both! {
    async fn a_refused_message_is_told_and_an_unanswered_one_may_still_arrive(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        world.outside.script().sms.push(Outcome::refused("isv.BUSINESS_LIMIT_CONTROL", "flow control"));
        assert_eq!(browser.asks_sign_code(&number).await.unwrap_err().error.code, ErrorCode::ServiceUnavailable);
        world.later(301 * SECOND);
        world.outside.script().sms.push(silence());
        let sent = browser.asks_sign_code(&number).await.unwrap();
        browser.signs(&number, &sent.ticket, &browser.code_on_phone()).await.unwrap();
    }
}

both! {
    async fn a_query_shows_the_orders_of_the_phone_that_got_the_code(world: World) {
        let applicant = world.browser();
        let order = applicant.signed_order().await;
        let elsewhere = world.browser();
        let sent = elsewhere.asks_query_code("914403001922038216").await.unwrap();
        assert_eq!((sent.phone.as_str(), sent.resend_after_s), ("139****0001", 120));
        let code = world.outside.newest(OPERATOR, "code").unwrap();
        let list = elsewhere.queries(&sent.ticket, &code).await.unwrap();
        assert_eq!(list.unfinished.iter().map(|order| &order.number).collect::<Vec<_>>(), [&order.number]);
        assert_eq!(elsewhere.order(&order.number).await.unwrap().unit_name, "南宁市朱槿信息技术有限公司");
    }
}

both! {
    async fn a_rival_who_orders_for_the_same_unit_does_not_see_its_orders(world: World) {
        let (owner, rival) = (world.browser(), world.browser());
        let unsigned = owner.orders(&application()).await;
        world.later(SECOND);
        let mut draft = crate::applicant::with(shared::form::Field::OperatorMobile, "13800000000");
        draft.set(shared::form::Field::OperatorName, "别人".into());
        rival.orders(&draft).await;
        // Both are unsigned: the code goes to the newest one's operator, and opens only that operator's orders.
        let sent = rival.asks_query_code("914403001922038216").await.unwrap();
        assert_eq!(sent.phone, "138****0000");
        let code = world.outside.newest("13800000000", "code").unwrap();
        let list = rival.queries(&sent.ticket, &code).await.unwrap();
        assert_eq!(list.unfinished.len(), 1);
        assert_eq!(rival.order(&unsigned.number).await.unwrap_err().error.code, ErrorCode::NotFound);
        // Once the owner has signed, the code goes to the owner's operator.
        owner.submits_papers(&unsigned.number).await;
        owner.signs_with_phone(&unsigned.number).await.unwrap();
        world.later(121 * SECOND);
        assert_eq!(rival.asks_query_code("914403001922038216").await.unwrap().phone, "139****0001");
    }
}

both! {
    async fn an_unknown_number_looks_like_a_known_one(world: World) {
        let browser = world.browser();
        let first = browser.asks_query_code("91350100M000100Y43").await.unwrap();
        assert!(first.phone.len() == 11 && first.phone.starts_with('1') && first.phone.contains("****"), "{}", first.phone);
        assert_eq!(first.resend_after_s, 120);
        assert!(world.outside.script().messages.is_empty());
        assert_eq!(browser.asks_query_code("91350100M000100Y43").await.unwrap_err().error.code, ErrorCode::TooMany);
        for left in (0..5).rev() {
            let refused = browser.queries(&first.ticket, "123456").await.unwrap_err();
            assert_eq!((refused.error.code, refused.error.tries_left), (ErrorCode::SmsCodeWrong, Some(left)));
        }
        world.later(121 * SECOND);
        assert_eq!(browser.asks_query_code("91350100M000100Y43").await.unwrap().phone, first.phone);
    }
}
