//! Paying, not paying, paying too late.

use crate::outside::silence;
use backend::clock::{HOUR, MINUTE};
use reqwest::Method;
use shared::api::ErrorCode;
use shared::order::Status;

both! {
    async fn an_order_is_paid_when_the_provider_says_so_to_us(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        let cashier = browser.opens_payment(&order.number).await.unwrap();
        assert_eq!(cashier.amount_fen, 25_000);
        let trade = format!("{}_1", order.number);
        // A genuine notice alone moves nothing.
        assert_eq!(world.notice(&trade).await, "success");
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::AwaitingPayment);
        world.outside.pays(&trade, 25_000);
        assert_eq!(world.notice(&trade).await, "success");
        assert_eq!(world.notice(&trade).await, "success");
        world.works().await;
        let state = browser.payment(&order.number).await;
        assert_eq!((state.status, state.paid_fen), (Status::AwaitingReview, Some(25_000)));
        let settled = browser.order(&order.number).await.unwrap().timeline;
        let times = settled.iter().filter(|entry| entry.event == shared::order::EventKind::PaymentSettled).count();
        assert_eq!(times, 1);
    }
}

both! {
    async fn a_forged_notice_is_refused(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        let response = browser.send(browser.request(Method::POST, "/api/notify/alipay").body("forged!")).await;
        assert_eq!(response.status(), 400);
        assert_ne!(response.text().await.unwrap(), "success");
    }
}

both! {
    async fn another_amount_does_not_pay_the_order(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        let trade = format!("{}_1", order.number);
        world.outside.pays(&trade, 1);
        world.notice(&trade).await;
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::AwaitingPayment);
    }
}

both! {
    async fn a_payment_is_noticed_without_any_notice(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        world.outside.pays(&format!("{}_1", order.number), 25_000);
        world.later(MINUTE);
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::AwaitingReview);
    }
}

both! {
    async fn a_reload_shows_the_same_qr_code_and_an_old_one_is_refreshed(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        let first = browser.opens_payment(&order.number).await.unwrap();
        let again = browser.opens_payment(&order.number).await.unwrap();
        assert_eq!(first.qr, again.qr);
        world.later(2 * HOUR);
        let fresh = browser.opens_payment(&order.number).await.unwrap();
        assert_ne!(first.qr, fresh.qr);
        let trades: Vec<_> = world.outside.script().precreated.iter().map(|call| call.out_trade_no.clone()).collect();
        assert_eq!(trades[0], trades[1], "one trade, whatever happens");
        assert_eq!(trades.len(), 2);
    }
}

both! {
    async fn a_silent_provider_is_asked_again_under_the_same_number(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        world.outside.script().openings.push(silence());
        let refused = browser.opens_payment(&order.number).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::ServiceUnavailable);
        browser.opens_payment(&order.number).await.unwrap();
        let script = world.outside.script();
        assert_eq!(script.precreated[0].out_trade_no, script.precreated[1].out_trade_no);
    }
}

both! {
    async fn an_order_that_is_not_paid_in_a_day_is_cancelled(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        world.later(24 * HOUR - MINUTE);
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::AwaitingPayment);
        world.later(2 * MINUTE);
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::Cancelled);
    }
}

both! {
    async fn a_paid_order_never_times_out(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        // Paid in the last minute; neither the notice nor our own question came through before the deadline.
        world.outside.pays(&format!("{}_1", order.number), 25_000);
        world.later(25 * HOUR);
        world.works().await;
        assert_eq!(browser.payment(&order.number).await.status, Status::AwaitingReview);
    }
}

both! {
    async fn money_for_a_cancelled_order_is_owed_back(world: World) {
        let browser = world.browser();
        let order = browser.signed_order().await;
        browser.opens_payment(&order.number).await.unwrap();
        browser.cancels(&order.number).await.unwrap();
        let trade = format!("{}_1", order.number);
        world.outside.pays(&trade, 25_000);
        world.notice(&trade).await;
        world.works().await;
        let view = browser.order(&order.number).await.unwrap();
        assert_eq!(view.status, Status::Cancelled);
        let late = view.timeline.iter().filter(|entry| entry.event == shared::order::EventKind::LatePaymentRecorded).count();
        assert_eq!(late, 1);
        // The provider was asked at once to give it back.
        assert_eq!(world.owed_back(&order.number).await, 0);
        assert_eq!(world.outside.script().refunded.values().copied().collect::<Vec<_>>(), [25_000]);
        assert_eq!(view.refund.unwrap().state, shared::api::RefundState::Settled);
    }
}
