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
        tx.set_draft_checked(&id, draft.saved_at, "c1").await.unwrap();
        let checked = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap();
        assert_eq!(checked.unwrap().checked_at, Some(world.now()));

        world.clock.advance(1);
        assert!(tx.save_draft(&id, b"changed").await.unwrap());
        let checked = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap();
        assert_eq!(checked, None);
        let late = tx.set_draft_checked(&id, draft.saved_at, "c1").await;
        assert!(matches!(late, Err(StoreError::Conflict)), "what was checked is not what is saved");
    }
}

both! {
    async fn a_draft_that_became_an_order_is_not_open_any_more(world: World) {
        let session = world.session().await;
        let id = world.draft(&session).await;
        let mut tx = world.tx().await;
        let draft = tx.draft(&id).await.unwrap().unwrap();
        tx.set_draft_checked(&id, draft.saved_at, "c1").await.unwrap();
        let new = world.new_order(&tx, &session, &id, "holder");
        let (order, _) = tx.insert_order(new, By::applicant(&session), &json!({})).await.unwrap();

        assert_eq!(tx.open_draft(&session, "nanning", Business::New).await.unwrap(), None);
        assert!(!tx.save_draft(&id, b"late").await.unwrap());
        let found = tx.checked_draft(&session, "nanning", Business::New, "c1").await.unwrap().unwrap();
        assert_eq!(found.order_id, Some(order.id));
        tx.insert_draft("next", &session, "nanning", Business::New, "key", b"n").await.unwrap();
    }
}
