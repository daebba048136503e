//! From the first key to the order.

use crate::applicant::{application, with};
use crate::outside::silence;
use backend::clock::DAY;
use backend::gateways::{CompanyVerdict, Outcome, PersonVerdict};
use shared::api::{ErrorCode, SavedDraft};
use shared::field::FieldError;
use shared::form::Field;
use shared::order::Status;

both! {
    async fn what_was_typed_is_there_after_a_reload(world: World) {
        let browser = world.browser();
        assert!(browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().is_none());
        browser.saves(&with(Field::CreditCode, "9144")).await.unwrap();
        let saved = browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().unwrap();
        assert_eq!(saved.draft.get(Field::CreditCode), "9144");
        // Another browser does not see it.
        assert!(world.browser().get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().is_none());
    }
}

both! {
    async fn every_wrong_field_is_told_at_once_and_nothing_is_asked_outside(world: World) {
        let browser = world.browser();
        let mut draft = with(Field::CreditCode, "333333333333333333");
        draft.set(Field::OperatorId, "450199199203180463".into());
        draft.set(Field::OperatorEmail, "li".into());
        let refused = browser.checks(&draft).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::Form);
        let fields = refused.error.fields.unwrap();
        assert_eq!(fields.of(Field::CreditCode), Some(FieldError::CheckCharacter));
        assert_eq!(fields.of(Field::OperatorId), Some(FieldError::CheckCharacter));
        assert!(fields.of(Field::OperatorEmail).is_some());
        assert_eq!(fields.len(), 3);
        assert!(world.outside.script().checks.is_empty());
        let saved = browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().unwrap();
        assert_eq!(saved.draft.get(Field::OperatorEmail), "li");
    }
}

both! {
    async fn a_unit_that_the_register_does_not_know_is_told_with_advice(world: World) {
        let browser = world.browser();
        world.outside.script().units.push(Outcome::Ok(CompanyVerdict::LegalPersonDiffers));
        let refused = browser.checks(&application()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::UnitMismatch);
        assert!(refused.error.message.contains("企业四要素校验失败"), "{}", refused.error.message);
        assert_eq!(refused.error.fields.unwrap().of(Field::LegalRepName), Some(FieldError::NotVerified));
        // Once the register agrees the same form goes through.
        browser.checks(&application()).await.unwrap();
    }
}

both! {
    async fn an_operator_whose_phone_is_somebody_elses_is_told_with_advice(world: World) {
        let browser = world.browser();
        world.outside.script().persons.extend([Outcome::Ok(PersonVerdict::Matches), Outcome::Ok(PersonVerdict::Differs)]);
        let refused = browser.checks(&application()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::OperatorMismatch);
        assert!(refused.error.message.contains("经办人三要素校验失败"), "{}", refused.error.message);
        assert_eq!(*world.outside.script().checks, [4, 3, 3]);
        // What passed is not asked (and paid for) again.
        browser.checks(&application()).await.unwrap();
        assert_eq!(*world.outside.script().checks, [4, 3, 3, 3]);
    }
}

both! {
    async fn a_silent_register_loses_nothing(world: World) {
        let browser = world.browser();
        world.outside.script().units.push(silence());
        let refused = browser.checks(&application()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::ServiceUnavailable);
        let saved = browser.get::<Option<SavedDraft>>("/api/drafts/nanning/new").await.unwrap().unwrap();
        assert_eq!(saved.draft.get(Field::UnitName), application().get(Field::UnitName));
    }
}

both! {
    async fn checks_are_limited_a_day(world: World) {
        let browser = world.browser();
        for _ in 0..5 {
            world.outside.script().units.push(Outcome::Ok(CompanyVerdict::Differs));
            assert_eq!(browser.checks(&application()).await.unwrap_err().error.code, ErrorCode::UnitMismatch);
        }
        // Another browser has the same unit's limit.
        let refused = world.browser().checks(&application()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::TooMany);
        assert!(refused.error.retry_after_s.unwrap() > 3600);
        world.later(DAY);
        browser.checks(&application()).await.unwrap();
    }
}

both! {
    async fn a_double_click_makes_one_order(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        let window = browser.another_window();
        let (first, second) = tokio::join!(browser.confirms(&checked.content), window.confirms(&checked.content));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.number, second.number);
        assert_eq!(first.status, Status::AwaitingDocuments);
        assert!(first.number.starts_with("20261120U"), "{}", first.number);
        assert_eq!(browser.confirms(&checked.content).await.unwrap().number, first.number);
    }
}

both! {
    async fn a_form_that_was_changed_after_the_check_is_not_confirmed(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        browser.saves(&with(Field::MailAddress, "别处 2 号")).await.unwrap();
        let refused = browser.confirms(&checked.content).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::NotChecked);
        let checked = browser.checks(&with(Field::MailAddress, "别处 2 号")).await.unwrap();
        browser.confirms(&checked.content).await.unwrap();
    }
}

both! {
    async fn saving_the_same_text_again_does_not_undo_the_check(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        browser.saves(&checked.draft).await.unwrap();
        browser.confirms(&checked.content).await.unwrap();
    }
}

both! {
    async fn yesterdays_check_is_made_again(world: World) {
        let browser = world.browser();
        let checked = browser.checks(&application()).await.unwrap();
        world.later(DAY + 1);
        assert_eq!(browser.confirms(&checked.content).await.unwrap_err().error.code, ErrorCode::NotChecked);
    }
}

both! {
    async fn a_signed_order_blocks_a_second_one_and_an_unsigned_one_does_not(world: World) {
        let (first, second) = (world.browser(), world.browser());
        let unsigned = first.orders(&application()).await;
        assert_eq!(unsigned.status, Status::AwaitingDocuments);
        let rival = second.signed_order().await;
        // The first one can't be signed any more, and nobody can make a third.
        first.submits_papers(&unsigned.number).await;
        world.later(400 * backend::clock::SECOND);
        let refused = first.signs_with_phone(&unsigned.number).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::OrderExists);
        assert_eq!(refused.error.order, None, "a stranger is not told the number");
        let checked = second.checks(&application()).await.unwrap();
        let refused = second.confirms(&checked.content).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::OrderExists);
        assert_eq!(refused.error.order, Some(rival.number.clone()), "its owner is");
        second.cancels(&rival.number).await.unwrap();
        second.confirms(&checked.content).await.unwrap();
    }
}
