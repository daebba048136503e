//! Before a message is sent, and at the end of the form, an image code or a proof of work is asked for.

use crate::applicant::{Browser, application, solve, with};
use crate::outside::silence;
use backend::clock::{MINUTE, SECOND};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{Challenge, Checked, CodeSent, ErrorCode, PROOF_HEADER};
use shared::form::Field;

const QUERY: &str = "/api/query";
const CHECK: &str = "/api/drafts/nanning/new/check";

fn about(subject: &str) -> Value {
    json!({ "channel": "nanning", "subject": subject })
}

/// An order that waits for its signature, and the address of its code.
async fn to_sign(browser: &Browser) -> String {
    let number = browser.orders(&application()).await.number;
    browser.submits_papers(&number).await;
    format!("/api/orders/{number}/signature/code")
}

/// Tries every reading of an image until the right one; a challenge each, as each is spent.
fn wrong_reading(challenge: &Challenge) -> String {
    format!("image:{}:12345", challenge.id)
}

both! {
    async fn nothing_is_sent_or_checked_without_a_proof(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        let (messages, checks) = {
            let script = world.outside.script();
            (script.messages.len(), script.checks.len())
        };
        let unsent = with(Field::UnitName, "南宁市另一家信息技术有限公司");
        for (path, body) in [
            (path.as_str(), json!(null)),
            (QUERY, about("914403001922038216")),
            (CHECK, serde_json::to_value(&unsent).unwrap()),
        ] {
            let refused = browser.post::<Value>(path, &body).await.unwrap_err();
            assert_eq!((refused.status, refused.error.code), (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::ProofNeeded));
            for nonsense in ["", "work", "work:x:1", "image:x:1234", "work:x:18446744073709551616"] {
                let refused = browser.presses::<Value>(path, &body, nonsense).await.unwrap_err();
                assert_eq!(refused.error.code, ErrorCode::ProofNeeded, "{path} {nonsense}");
            }
        }
        world.hall.errands_done().await;
        let script = world.outside.script();
        assert_eq!((script.messages.len(), script.checks.len()), (messages, checks));
    }
}

both! {
    async fn a_challenge_shows_an_image_without_its_digits_and_offers_work(world: World) {
        let browser = world.browser();
        let (one, two) = (browser.challenge().await.unwrap(), browser.challenge().await.unwrap());
        assert_eq!((one.expires_s, one.work.bits), (300, 8));
        assert!(one.image.starts_with("<svg ") && !one.image.contains("<text"));
        assert!(one.id != two.id && one.work.salt != two.work.salt && one.image != two.image);
    }
}

both! {
    async fn a_wrong_reading_uses_the_image_up(world: World) {
        let browser = world.browser();
        let challenge = browser.challenge().await.unwrap();
        let refused = browser.presses::<CodeSent>(QUERY, &about("914403001922038216"), &wrong_reading(&challenge)).await;
        assert_eq!(refused.unwrap_err().error.code, ErrorCode::ProofNeeded);
        // Not even the work helps now: one try a challenge, whichever way.
        let late = browser.presses::<CodeSent>(QUERY, &about("914403001922038216"), &solve(&challenge)).await;
        assert_eq!(late.unwrap_err().error.code, ErrorCode::ProofNeeded);
        browser.asks_query_code("914403001922038216").await.unwrap();
    }
}

both! {
    async fn of_many_readings_at_once_one_counts(world: World) {
        let browser = world.browser();
        let challenge = browser.challenge().await.unwrap();
        // Every thousandth of all readings at the same moment: were each looked at, guessing in bulk would pay.
        let body = about("914403001922038216");
        let guesses = (0..10_000).step_by(1_000).map(|digits| {
            let header = format!("image:{}:{digits:04}", challenge.id);
            browser.request(Method::POST, QUERY).header(PROOF_HEADER, header).json(&body).send()
        });
        let right = futures_util::future::join_all(guesses).await;
        let right = right.into_iter().filter(|answer| answer.as_ref().is_ok_and(|one| one.status().is_success())).count();
        let late = browser.presses::<CodeSent>(QUERY, &body, &solve(&challenge)).await;
        assert!(right <= 1 && late.is_err());
    }
}

both! {
    async fn a_challenge_is_its_session_s_own_and_lasts_five_minutes(world: World) {
        let (browser, stranger) = (world.browser(), world.browser());
        let body = about("914403001922038216");
        let challenge = browser.challenge().await.unwrap();
        stranger.challenge().await.unwrap();
        let stolen = stranger.presses::<CodeSent>(QUERY, &body, &solve(&challenge)).await.unwrap_err();
        assert_eq!(stolen.error.code, ErrorCode::ProofNeeded);
        world.later(5 * MINUTE);
        let old = browser.presses::<CodeSent>(QUERY, &body, &solve(&challenge)).await.unwrap_err();
        assert_eq!(old.error.code, ErrorCode::ProofNeeded);
        let challenge = browser.challenge().await.unwrap();
        world.later(5 * MINUTE - SECOND);
        browser.presses::<CodeSent>(QUERY, &body, &solve(&challenge)).await.unwrap();
        world.hall.errands_done().await;
    }
}

both! {
    async fn a_press_that_is_sent_again_gets_the_first_one_s_code(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        let proof = browser.proof().await.unwrap();
        let first: CodeSent = browser.presses(&path, &json!(null), &proof).await.unwrap();
        // The answer was lost on the way; the page sends the same press again.
        world.later(20 * SECOND);
        let again: CodeSent = browser.presses(&path, &json!(null), &proof).await.unwrap();
        assert_eq!((again.ticket, again.phone, again.resend_after_s), (first.ticket, first.phone, 280));
        assert_eq!(world.outside.script().messages.len(), 1, "one press, one message");
        world.later(40 * SECOND);
        let late = browser.presses::<CodeSent>(&path, &json!(null), &proof).await.unwrap_err();
        assert_eq!(late.error.code, ErrorCode::ProofNeeded);
    }
}

both! {
    async fn two_requests_of_one_press_at_once_send_one_message(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        let proof = browser.proof().await.unwrap();
        let other = world.another_backend().await;
        let second = browser.at(&other);
        let (one, two) = tokio::join!(
            browser.presses::<CodeSent>(&path, &json!(null), &proof),
            second.presses::<CodeSent>(&path, &json!(null), &proof)
        );
        assert_eq!(one.unwrap().ticket, two.unwrap().ticket);
        assert_eq!(world.outside.script().messages.len(), 1);
    }
}

both! {
    async fn an_answer_is_good_for_one_act_only(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        let proof = browser.proof().await.unwrap();
        browser.presses::<CodeSent>(QUERY, &about("91350100M000100Y43"), &proof).await.unwrap();
        world.hall.errands_done().await;
        for (path, body) in [(path.as_str(), json!(null)), (QUERY, about("9144030071526726XG"))] {
            let refused = browser.presses::<CodeSent>(path, &body, &proof).await.unwrap_err();
            assert_eq!(refused.error.code, ErrorCode::ProofNeeded);
        }
    }
}

both! {
    async fn a_refusal_for_another_reason_leaves_the_answer_good(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        browser.presses::<CodeSent>(&path, &json!(null), &browser.proof().await.unwrap()).await.unwrap();
        let proof = browser.proof().await.unwrap();
        let soon = browser.presses::<CodeSent>(&path, &json!(null), &proof).await.unwrap_err();
        assert_eq!(soon.error.code, ErrorCode::TooMany);
        world.later(299 * SECOND);
        assert_eq!(
            browser.presses::<CodeSent>(&path, &json!(null), &proof).await.unwrap_err().error.code,
            ErrorCode::TooMany
        );
        world.later(SECOND);
        let sent = browser.presses::<CodeSent>(&path, &json!(null), &proof).await;
        // Its five minutes are over by now, so a new one is asked for: not because of the refusals.
        assert_eq!(sent.unwrap_err().error.code, ErrorCode::ProofNeeded);
        let slip = browser.proof().await.unwrap();
        let wrong = with(Field::OperatorMobile, "123");
        assert_eq!(browser.presses::<Checked>(CHECK, &wrong, &slip).await.unwrap_err().error.code, ErrorCode::Form);
        browser.presses::<Checked>(CHECK, &application(), &slip).await.unwrap();
    }
}

both! {
    async fn a_check_that_is_sent_again_needs_no_new_proof_and_costs_nothing(world: World) {
        let browser = world.browser();
        let proof = browser.proof().await.unwrap();
        let first: Checked = browser.presses(CHECK, &application(), &proof).await.unwrap();
        world.later(30 * SECOND);
        let again: Checked = browser.presses(CHECK, &application(), &proof).await.unwrap();
        assert_eq!(first.content, again.content);
        assert_eq!(world.outside.script().checks, [4, 3, 3]);
        let other = with(Field::Department, "财务部");
        let refused = browser.presses::<Checked>(CHECK, &other, &proof).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::ProofNeeded, "another form");
    }
}

both! {
    async fn a_message_whose_sender_died_is_asked_about_and_never_sent_again(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        world.outside.script().sms.push(silence());
        let sent: CodeSent = browser.presses(&path, &json!(null), &browser.proof().await.unwrap()).await.unwrap();
        let state = async || {
            let mut reader = world.hall.store.read().await.unwrap();
            reader.code(&sent.ticket).await.unwrap().unwrap().state.name()
        };
        assert_eq!(state().await, "unknown");
        world.later(61 * SECOND);
        world.works().await;
        assert_eq!(state().await, "sent", "the provider had taken it");
        assert_eq!(world.outside.script().messages.len(), 1);
    }
}

both! {
    async fn a_message_that_never_left_may_be_asked_for_at_once(world: World) {
        let browser = world.browser();
        let path = to_sign(&browser).await;
        world.outside.script().sms.push(silence());
        let sent: CodeSent = browser.presses(&path, &json!(null), &browser.proof().await.unwrap()).await.unwrap();
        // The provider never heard of it.
        world.outside.script().messages.clear();
        for _ in 0..5 {
            world.later(61 * SECOND);
            world.works().await;
        }
        assert!(world.outside.script().messages.is_empty(), "nothing is sent again by itself");
        let mut reader = world.hall.store.read().await.unwrap();
        assert_eq!(reader.code(&sent.ticket).await.unwrap().unwrap().state.name(), "failed");
    }
}

/// What a request did to the database before and after its answer.
async fn statements_of_query(browser: &Browser, subject: &str) -> (u64, u64, CodeSent) {
    let store = &browser.world.hall.store;
    let proof = browser.proof().await.unwrap();
    let before = store.statements();
    let sent: CodeSent = browser.presses(QUERY, &about(subject), &proof).await.unwrap();
    // A message is held at the provider: nothing more can have happened.
    let answered = store.statements();
    browser.world.outside.lets_messages_go();
    browser.world.hall.errands_done().await;
    (answered - before, store.statements() - answered, sent)
}

both! {
    async fn known_and_unknown_numbers_are_answered_alike_and_before_any_message(world: World) {
        let owner = world.browser();
        let number = owner.signed_order().await.number;
        let browser = world.browser();
        browser.challenge().await.unwrap();
        let mut seen = Vec::new();
        for (known, unknown) in [("914403001922038216", "91350100M000100Y43"), (number.as_str(), "20261120U999999")] {
            // The provider does not answer, and the page is answered all the same.
            world.outside.holds_messages();
            let (before, after, one) = statements_of_query(&browser, known).await;
            world.outside.holds_messages();
            let (before_unknown, after_unknown, two) = statements_of_query(&browser, unknown).await;
            assert_eq!(before + after, before_unknown + after_unknown, "{known} and {unknown}: statements in all");
            // Nothing is sent to nobody, so what became of it may be written while the answer is still on its way.
            let early = before_unknown - before;
            assert!(early <= 1, "{known} and {unknown}: {before} and {before_unknown} statements before the answer");
            assert_eq!((one.resend_after_s, one.expires_s), (two.resend_after_s, two.expires_s));
            assert_eq!((one.phone.len(), one.ticket.len()), (two.phone.len(), two.ticket.len()));
            seen.push(before);
            world.later(121 * SECOND);
        }
        assert!(seen.iter().all(|statements| *statements > 5), "{seen:?}");
    }
}

both! {
    async fn a_ticket_of_nobody_is_as_wrong_as_a_real_one(world: World) {
        let owner = world.browser();
        owner.signed_order().await;
        let browser = world.browser();
        for subject in ["914403001922038216", "91350100M000100Y43"] {
            let sent = browser.asks_query_code(subject).await.unwrap();
            let store = &world.hall.store;
            let mut statements = Vec::new();
            for left in (0..5).rev() {
                let before = store.statements();
                let refused = browser.queries(&sent.ticket, "000000").await.unwrap_err();
                statements.push(store.statements() - before);
                assert_eq!((refused.error.code, refused.error.tries_left), (ErrorCode::SmsCodeWrong, Some(left)));
            }
            assert!(statements.windows(2).all(|two| two[0] == two[1]), "{subject}: {statements:?}");
            let sixth = browser.queries(&sent.ticket, "000000").await.unwrap_err();
            assert_eq!(sixth.error.code, ErrorCode::SmsCodeUsedUp);
        }
    }
}
