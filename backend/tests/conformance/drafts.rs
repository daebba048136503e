//! Drafts.

use backend::store::{By, StoreError};
use serde_json::json;
use shared::order::Business;

both! {
    async fn a_session_has_one_open_draft_for_a_business(world: World) {
        let session = world.session().await;
        let id = world.draft(&session).await;
        let mut tx = world.tx().await;
        let second = tx.insert_draft("x", &session, "nanning", Business::New, "key", b"2").await;
        assert!(matches!(second, Err(StoreError::Conflict)));
        tx.insert_draft("y", &session, "guilin", Business::New, "key", b"3").await.unwrap();

        let found = tx.open_draft(&session, "nanning", Business::New).await.unwrap().unwrap();
        assert_eq!(found.id, id);
        assert_eq!(found.sealed, b"sealed");
        let stranger = tx.open_draft("stranger", "nanning", Business::New).await.unwrap();
        assert_eq!(stranger, None);
    }
}

both! {
    async fn saving_again_takes_the_check_back(world: World) {
        let session = world.session().await;
        let id = world.draft(&session).await;
        let mut tx = world.tx().await;
        let draft = tx.draft(&id).await.unwrap().unwrap();
        tx.set_draft_checked(&id, draft.saved_at, "c1", ("h", "p")).await.unwrap();
        let checked = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap();
        assert_eq!(checked.unwrap().draft.checked_at, Some(world.now()));

        world.clock.advance(1);
        assert!(tx.save_draft(&id, &session, b"changed", true).await.unwrap());
        let checked = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap();
        assert_eq!(checked, None);
        let late = tx.set_draft_checked(&id, draft.saved_at, "c1", ("h", "p")).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "what was checked is not what is saved");
    }
}

both! {
    async fn a_draft_that_became_an_order_is_not_open_any_more(world: World) {
        let session = world.session().await;
        let id = world.draft(&session).await;
        let mut tx = world.tx().await;
        let draft = tx.draft(&id).await.unwrap().unwrap();
        tx.set_draft_checked(&id, draft.saved_at, "c1", ("h", "p")).await.unwrap();
        let new = world.new_order(&tx, &session, &id, "holder");
        let (order, _) = tx.insert_order(new, By::applicant(&session), &json!({})).await.unwrap();

        assert_eq!(tx.open_draft(&session, "nanning", Business::New).await.unwrap(), None);
        assert!(!tx.save_draft(&id, &session, b"late", true).await.unwrap());
        let found = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap().unwrap();
        assert_eq!(found.draft.order_id, Some(order.id));
        tx.insert_draft("next", &session, "nanning", Business::New, "key", b"n").await.unwrap();
    }
}

both! {
    async fn a_checked_draft_is_found_while_its_code_and_phone_stay_the_same(world: World) {
        let session = world.session().await;
        let id = world.draft(&session).await;
        let mut tx = world.tx().await;
        assert!(tx.drafts_of_holder("nanning", "h").await.unwrap().is_empty());
        let draft = tx.draft(&id).await.unwrap().unwrap();
        tx.set_draft_checked(&id, draft.saved_at, "c1", ("h", "p")).await.unwrap();
        assert!(tx.save_draft(&id, &session, b"another name", true).await.unwrap());
        let found = tx.drafts_of_holder("nanning", "h").await.unwrap();
        assert_eq!(found[0].operator_index.as_deref(), Some("p"));
        assert!(tx.drafts_of_holder("guilin", "h").await.unwrap().is_empty());
        assert!(tx.save_draft(&id, &session, b"another phone", false).await.unwrap());
        assert!(tx.drafts_of_holder("nanning", "h").await.unwrap().is_empty());
    }
}

both! {
    async fn a_draft_is_taken_up_by_whom_a_code_let_in_and_the_old_one_is_kept(world: World) {
        let (first, second) = (world.session().await, world.session().await);
        let id = world.draft(&first).await;
        let mut tx = world.tx().await;
        let draft = tx.draft(&id).await.unwrap().unwrap();
        tx.set_draft_checked(&id, draft.saved_at, "c1", ("h", "p")).await.unwrap();
        tx.commit().await.unwrap();
        let own = world.draft(&second).await;

        let mut tx = world.tx().await;
        assert_eq!(tx.draft_of_session(&id, &second).await.unwrap(), None);
        tx.grant_draft(&id, &second, "another phone").await.unwrap();
        assert_eq!(tx.draft_of_session(&id, &second).await.unwrap(), None, "the draft names another phone");
        assert!(tx.drafts_to_resume(&second, "nanning").await.unwrap().is_empty());
        tx.grant_draft(&id, &second, "p").await.unwrap();
        let listed: Vec<_> = tx.drafts_to_resume(&second, "nanning").await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
        assert!(tx.drafts_to_resume(&second, "guilin").await.unwrap().is_empty());

        let row = tx.draft_of_session(&id, &second).await.unwrap().unwrap();
        tx.resume_draft(&row, &second).await.unwrap();
        assert_eq!(tx.open_draft(&second, "nanning", Business::New).await.unwrap().unwrap().id, id);
        assert_eq!(tx.open_draft(&first, "nanning", Business::New).await.unwrap(), None);
        let listed = tx.drafts_to_resume(&second, "nanning").await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [own.as_str()]);
        assert!(!tx.save_draft(&id, &first, b"late", true).await.unwrap(), "the first browser's page is still open");
        assert_eq!(tx.draft(&id).await.unwrap().unwrap().sealed, b"sealed");

        // And back.
        let row = tx.draft_of_session(&own, &second).await.unwrap().unwrap();
        tx.resume_draft(&row, &second).await.unwrap();
        assert_eq!(tx.open_draft(&second, "nanning", Business::New).await.unwrap().unwrap().id, own);
        assert_eq!(tx.drafts_to_resume(&second, "nanning").await.unwrap()[0].id, id);
    }
}
