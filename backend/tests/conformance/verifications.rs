//! Element checks.

use backend::clock::{DAY, china_day_start};
use backend::store::{By, DailyLimits, NewVerification, StoreError, VerificationKind, VerificationOutcome};
use serde_json::json;

const LIMITS: DailyLimits = DailyLimits { unit: 3, person: 2 };

fn check(draft: &str, unit: &str, person: &str) -> NewVerification {
    NewVerification {
        draft_id: draft.into(),
        order_id: None,
        kind: VerificationKind::OperatorThree,
        unit_index: unit.into(),
        person_index: person.into(),
        content_hash: "c".into(),
    }
}

both! {
    async fn an_attempt_is_written_before_and_its_answer_once_afterwards(world: World) {
        let session = world.session().await;
        let draft = world.draft(&session).await;
        let mut tx = world.tx().await;
        let id = tx.start_verification(&check(&draft, "u", "p"), LIMITS).await.unwrap();
        let kind = VerificationKind::OperatorThree;
        assert_eq!(tx.passed_verification(&draft, kind, "c").await.unwrap(), None);
        tx.finish_verification(&id, VerificationOutcome::Passed, "一致").await.unwrap();
        let again = tx.finish_verification(&id, VerificationOutcome::Refused, "").await;
        assert!(matches!(again, Err(StoreError::Conflict)));
        let passed = tx.passed_verification(&draft, kind, "c").await.unwrap().unwrap();
        assert_eq!((passed.id.as_str(), passed.detail.as_str()), (id.as_str(), "一致"));
        assert_eq!(tx.passed_verification(&draft, kind, "other").await.unwrap(), None);
        let other = VerificationKind::CompanyFour;
        assert_eq!(tx.passed_verification(&draft, other, "c").await.unwrap(), None);
    }
}

both! {
    async fn attempts_of_a_person_and_of_a_unit_are_limited_until_midnight_in_china(world: World) {
        let session = world.session().await;
        let draft = world.draft(&session).await;
        let mut tx = world.tx().await;
        for _ in 0..2 {
            tx.start_verification(&check(&draft, "u", "p"), LIMITS).await.unwrap();
        }
        let tomorrow = china_day_start(world.now()) + DAY;
        let third = tx.start_verification(&check(&draft, "u", "p"), LIMITS).await;
        assert!(matches!(third, Err(StoreError::TooMany { retry_at }) if retry_at == tomorrow));
        tx.start_verification(&check(&draft, "u", "p2"), LIMITS).await.unwrap();
        let fourth = tx.start_verification(&check(&draft, "u", "p3"), LIMITS).await;
        assert!(matches!(fourth, Err(StoreError::TooMany { .. })), "three of one unit");

        world.clock.advance(tomorrow - world.now());
        tx.start_verification(&check(&draft, "u", "p"), LIMITS).await.unwrap();
    }
}

both! {
    async fn the_limit_holds_when_many_ask_at_once(world: World) {
        let session = world.session().await;
        let draft = world.draft(&session).await;
        let tries = (0..8).map(|_| {
            let (store, draft) = (world.store.clone(), draft.clone());
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let began = tx.start_verification(&check(&draft, "u", "p"), LIMITS).await.is_ok();
                tx.commit().await.unwrap();
                began
            })
        });
        let mut began = 0;
        for one in tries.collect::<Vec<_>>() {
            began += i32::from(one.await.unwrap());
        }
        assert_eq!(began, 2);
    }
}

both! {
    async fn an_order_takes_its_drafts_checks_over(world: World) {
        let session = world.session().await;
        let draft = world.draft(&session).await;
        let mut tx = world.tx().await;
        let id = tx.start_verification(&check(&draft, "u", "p"), LIMITS).await.unwrap();
        tx.finish_verification(&id, VerificationOutcome::Unknown, "timeout").await.unwrap();
        let new = world.new_order(&tx, &session, &draft, "h");
        let (order, _) = tx.insert_order(new, By::applicant(&session), &json!({})).await.unwrap();
        let kept = tx.verifications_of_order(&order.id).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].outcome, VerificationOutcome::Unknown);
    }
}
