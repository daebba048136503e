//! 确认内容: what is agreed to is the text of the day, also for an order that was made or paid under an older one.

use crate::applicant::Browser;
use crate::papers;
use crate::review::paid;
use crate::world::World;
use backend::clock::MINUTE;
use shared::api::{ErrorCode, Role};
use shared::channel::Consent;
use shared::order::{EventKind, Status};

const OLD: &str = "nanning-2021-09";
const NEW: &str = "nanning-2026-12";

/// The hall is started again with another text; the browser goes on there.
async fn with_another_text(world: &World, browser: &Browser) -> (World, Browser) {
    world.changes_profile(OLD, NEW);
    world.changes_profile("愿意承担由资料虚假失实而导致的一切后果。", "愿意承担由资料虚假失实而导致的法律责任。");
    let newer = world.another_backend().await;
    let there = browser.at(&newer);
    (newer, there)
}

/// Signs with the text that the page had; gives the one to read instead.
async fn told(browser: &Browser, number: &str, ticket: &str) -> Consent {
    let refused = browser.signs(number, ticket, &browser.code_on_phone()).await.unwrap_err();
    assert_eq!(refused.error.code, ErrorCode::ConsentChanged);
    let consent = refused.error.consent.expect("the new text");
    assert!(consent.text.ends_with("法律责任。"), "{}", consent.text);
    assert_eq!(consent.version, NEW);
    consent
}

both! {
    async fn papers_of_a_paid_order_are_corrected_under_the_new_text(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        assert_eq!(desk.looks_at(&number).await.unwrap().signature.unwrap().consent_version, OLD);
        desk.refuses(&number, "营业执照没有盖章", &["business_licence"]).await.unwrap();
        let (newer, applicant) = with_another_text(&world, &applicant).await;
        newer.later(6 * MINUTE);
        applicant.uploads(&number, "business_licence", papers::png()).await.unwrap();
        let sent = applicant.asks_sign_code(&number).await.unwrap();

        // The page was opened before: it shows the old text, and the code is not spent on it.
        let consent = told(&applicant, &number, &sent.ticket).await;
        let waiting = applicant.order(&number).await.unwrap();
        assert_eq!(waiting.status, Status::ReviewRefused, "nothing happened yet");
        assert!(waiting.documents.iter().any(|paper| paper.fresh), "the new paper is still there");

        let code = applicant.code_on_phone();
        let signed = applicant.signs_under(&consent.version, &number, &sent.ticket, &code).await.unwrap();
        assert_eq!(signed.status, Status::AwaitingReview);
        assert_eq!(signed.timeline.last().unwrap().event, EventKind::Corrected);
        assert_eq!(desk.looks_at(&number).await.unwrap().signature.unwrap().consent_version, NEW);
        // Pressed twice, it is the same signature, whatever the page showed.
        for version in [NEW, OLD] {
            let again = applicant.signs_under(version, &number, &sent.ticket, &code).await.unwrap();
            assert_eq!(again.status, Status::AwaitingReview);
        }
    }
}

both! {
    async fn a_code_that_was_sent_for_the_old_text_does_not_sign_the_new_one(world: World) {
        let applicant = world.browser();
        let number = applicant.orders(&crate::applicant::application()).await.number;
        applicant.submits_papers(&number).await;
        let sent = applicant.asks_sign_code(&number).await.unwrap();
        let (newer, applicant) = with_another_text(&world, &applicant).await;
        let consent = told(&applicant, &number, &sent.ticket).await;
        let code = applicant.code_on_phone();
        let refused = applicant.signs_under(&consent.version, &number, &sent.ticket, &code).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        assert!(refused.error.message.contains("请重新获取"), "{}", refused.error.message);
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingSignature);

        newer.later(6 * MINUTE);
        let sent = applicant.asks_sign_code(&number).await.unwrap();
        let code = applicant.code_on_phone();
        let signed = applicant.signs_under(NEW, &number, &sent.ticket, &code).await.unwrap();
        assert_eq!(signed.status, Status::AwaitingPayment);
    }
}
