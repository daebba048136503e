//! 修改上传资料 while the review waits: new papers stand beside the signed ones until they are signed too.

use crate::applicant::{Browser, Refused};
use crate::papers;
use crate::review::paid;
use backend::clock::MINUTE;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{ErrorCode, OrderView, Role};
use shared::order::{EventKind, Status};

async fn stages(browser: &Browser, number: &str, kind: &str) -> OrderView {
    let path = format!("/api/orders/{number}/documents/{kind}");
    let response = browser.send(browser.request(Method::PUT, &path).body(papers::png())).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn sees(browser: &Browser, number: &str, id: &str) -> StatusCode {
    browser.send(browser.request(Method::GET, &format!("/api/orders/{number}/documents/{id}"))).await.status()
}

async fn signs(browser: &Browser, number: &str) -> Result<OrderView, Refused> {
    browser.submits(number).await?;
    browser.signs_with_phone(number).await
}

both! {
    async fn the_reviewer_sees_the_signed_papers_until_the_new_ones_are_signed(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let before = desk.looks_at(&number).await.unwrap().order;
        world.later(6 * MINUTE);
        let staged = stages(&applicant, &number, "business_licence").await;
        assert_eq!((staged.status, staged.version), (Status::AwaitingReview, before.version), "nothing happened yet");
        assert_eq!(staged.documents.len(), 3);
        let new = staged.staged[0].id.clone();
        assert_eq!(staged.staged.len(), 1);
        assert_eq!(sees(&applicant, &number, &new).await, StatusCode::OK);

        let seen = desk.looks_at(&number).await.unwrap().order;
        assert_eq!(seen.documents, before.documents);
        assert!(seen.staged.is_empty(), "what is not signed is not the desk's business");
        let path = format!("/orders/{number}/documents/{new}");
        assert_eq!(desk.send(desk.request(Method::GET, &path)).await.status(), StatusCode::NOT_FOUND);

        let corrected = signs(&applicant, &number).await.unwrap();
        assert_eq!(corrected.status, Status::AwaitingReview);
        assert!(corrected.staged.is_empty());
        assert!(corrected.documents.iter().any(|paper| paper.id == new));
        assert_eq!(corrected.timeline.last().unwrap().event, EventKind::Corrected);
        let seen = desk.looks_at(&number).await.unwrap().order;
        let fresh: Vec<_> = seen.documents.iter().filter(|paper| paper.fresh).map(|paper| &paper.id).collect();
        assert_eq!(fresh, [&new], "the reviewer sees which one is new");
        world.works().await;
        desk.approves(&number).await.unwrap();
    }
}

both! {
    async fn a_staged_paper_is_deleted_and_the_order_is_as_it_was(world: World) {
        let (applicant, number) = paid(&world).await;
        let before = applicant.order(&number).await.unwrap();
        stages(&applicant, &number, "business_licence").await;
        for _ in 0..2 {
            let view = applicant.deletes(&number, "business_licence").await.unwrap();
            assert!(view.staged.is_empty());
            assert_eq!(view.documents, before.documents, "the signed one stays");
        }
        assert_eq!(applicant.order(&number).await.unwrap().version, before.version);
        // Without anything new there is nothing to sign.
        assert_eq!(applicant.submits(&number).await.unwrap_err().error.code, ErrorCode::DocumentsMissing);
        assert_eq!(applicant.asks_sign_code(&number).await.unwrap_err().error.code, ErrorCode::DocumentsMissing);
    }
}

both! {
    async fn abandoned_papers_do_not_hold_the_review_up(world: World) {
        let (applicant, number) = paid(&world).await;
        let staged = stages(&applicant, &number, "business_licence").await.staged[0].id.clone();
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.approves(&number).await.unwrap();
        let approved = applicant.order(&number).await.unwrap();
        assert_eq!(approved.status, Status::AwaitingMaking);
        assert!(approved.staged.is_empty());
        assert!(approved.documents.iter().all(|paper| paper.id != staged));
        assert_eq!(sees(&applicant, &number, &staged).await, StatusCode::NOT_FOUND);
        let late = applicant.send(applicant.request(Method::PUT, &format!("/api/orders/{number}/documents/business_licence")).body(papers::png())).await;
        assert_eq!(late.status(), StatusCode::CONFLICT);
    }
}

both! {
    async fn whoever_of_applicant_and_reviewer_comes_second_is_told(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let looked_at = desk.looks_at(&number).await.unwrap().order.version;
        world.later(6 * MINUTE);
        stages(&applicant, &number, "business_licence").await;
        let sent = applicant.asks_sign_code(&number).await.unwrap();
        applicant.signs(&number, &sent.ticket, &applicant.code_on_phone()).await.unwrap();
        let approve = format!("/orders/{number}/approve");
        let stale = desk.post::<()>(&approve, &json!({ "version": looked_at })).await.unwrap_err();
        assert_eq!(stale.error.code, ErrorCode::Conflict, "the reviewer saw other papers");

        // The other way round.
        world.later(6 * MINUTE);
        stages(&applicant, &number, "business_licence").await;
        let sent = applicant.asks_sign_code(&number).await.unwrap();
        desk.approves(&number).await.unwrap();
        let late = applicant.signs(&number, &sent.ticket, &applicant.code_on_phone()).await.unwrap_err();
        assert_eq!(late.error.code, ErrorCode::Conflict);
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingMaking);
    }
}

both! {
    async fn of_two_windows_the_one_that_signs_what_is_there_wins(world: World) {
        let (applicant, number) = paid(&world).await;
        let window = applicant.another_window();
        world.later(6 * MINUTE);
        stages(&applicant, &number, "business_licence").await;
        let sent = applicant.asks_sign_code(&number).await.unwrap();
        let code = applicant.code_on_phone();
        // The second window changes the papers: the code was for others.
        stages(&window, &number, "operator_id_emblem").await;
        let refused = applicant.signs(&number, &sent.ticket, &code).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        world.later(6 * MINUTE);
        let sent = window.asks_sign_code(&number).await.unwrap();
        let code = window.code_on_phone();
        // Both press at once, then once more: one correction.
        let press = || window.signs(&number, &sent.ticket, &code);
        let (one, two) = tokio::join!(press(), press());
        let three = press().await.unwrap();
        for view in [one.unwrap(), two.unwrap(), three] {
            assert_eq!(view.status, Status::AwaitingReview);
            let corrected = view.timeline.iter().filter(|entry| entry.event == EventKind::Corrected).count();
            assert_eq!(corrected, 1);
        }
        assert!(applicant.order(&number).await.unwrap().staged.is_empty());
    }
}

both! {
    async fn what_was_staged_before_a_refusal_counts_as_uploaded_anew(world: World) {
        let (applicant, number) = paid(&world).await;
        let staged = stages(&applicant, &number, "business_licence").await.staged[0].id.clone();
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.refuses(&number, "营业执照没有盖章", &["business_licence"]).await.unwrap();
        let refused = applicant.order(&number).await.unwrap();
        assert_eq!(refused.status, Status::ReviewRefused);
        let fresh: Vec<_> = refused.documents.iter().filter(|paper| paper.fresh).map(|paper| &paper.id).collect();
        assert_eq!(fresh, [&staged]);
        world.later(6 * MINUTE);
        let view = signs(&applicant, &number).await.unwrap();
        assert_eq!(view.status, Status::AwaitingReview);
        assert!(view.refusal.is_none());
    }
}

both! {
    async fn an_old_paper_does_not_answer_a_refusal(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.refuses(&number, "营业执照没有盖章", &["business_licence"]).await.unwrap();
        assert!(applicant.order(&number).await.unwrap().documents.iter().all(|paper| !paper.fresh));
        let refused = applicant.submits(&number).await.unwrap_err();
        assert_eq!((refused.error.code, refused.error.message.as_str()), (ErrorCode::DocumentsMissing, "请上传：工商营业执照副本"));
        applicant.uploads(&number, "operator_id_emblem", papers::jpeg()).await.unwrap();
        assert_eq!(applicant.submits(&number).await.unwrap_err().error.code, ErrorCode::DocumentsMissing);
        applicant.deletes(&number, "business_licence").await.unwrap();
        assert_eq!(applicant.submits(&number).await.unwrap_err().error.code, ErrorCode::DocumentsMissing);
        applicant.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        applicant.submits(&number).await.unwrap();
    }
}
