//! What must leave evidence is not done while none can be kept; and what the evidence is worth, by the command line.

use crate::desk::Key;
use crate::review::paid;
use crate::world::World;
use backend::clock::SECOND;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{ErrorCode, Role};
use shared::order::Status;

both! {
    async fn review_stops_while_the_sealer_is_behind(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        world.lets_sealer_run(false);
        let version = desk.looks_at(&number).await.unwrap().order.version;
        world.later(60 * SECOND);
        let path = format!("/orders/{number}/refuse");
        let refusal = json!({ "version": version, "reason": "看不清", "documents": ["business_licence"] });
        world.later(SECOND);
        let stopped = desk.post::<()>(&path, &refusal).await.unwrap_err();
        assert_eq!((stopped.status, stopped.error.code), (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::AuditUnavailable));
        assert!(stopped.error.message.contains("审计封存已落后 61 秒"), "{}", stopped.error.message);
        let approve = json!({ "version": version });
        let stopped = desk.post::<()>(&format!("/orders/{number}/approve"), &approve).await.unwrap_err();
        assert_eq!(stopped.error.code, ErrorCode::AuditUnavailable);
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingReview);
        // Looking is no decision.
        desk.looks_at(&number).await.unwrap();
        world.lets_sealer_run(true);
        desk.post::<()>(&format!("/orders/{number}/approve"), &approve).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingMaking);
    }
}

both! {
    async fn issuing_stops_while_the_sealer_is_behind(world: World) {
        let (applicant, number) = paid(&world).await;
        world.hires("reviewer", &[Role::Reviewer]).await.approves(&number).await.unwrap();
        let maker = world.hires("maker", &[Role::Maker]).await;
        let mut key = Key::blank();
        maker.starts_making(&number, &mut key).await.unwrap();
        let request = key.generates(&number);
        world.lets_sealer_run(false);
        world.later(59 * SECOND);
        world.seals().await;
        maker.looks_at(&number).await.unwrap();
        world.later(61 * SECOND);
        let stopped = maker.asks_certificate(&number, &request).await.unwrap_err();
        assert_eq!((stopped.status, stopped.error.code), (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::AuditUnavailable));
        assert_eq!(applicant.order(&number).await.unwrap().certificate_serial, None);
        // The same key and request go on as soon as there are seals again.
        world.lets_sealer_run(true);
        let issued = maker.asks_certificate(&number, &request).await.unwrap();
        // One that was issued is told again, whatever the sealer does.
        world.lets_sealer_run(false);
        world.later(61 * SECOND);
        assert_eq!(maker.asks_certificate(&number, &request).await.unwrap().serial, issued.serial);
        world.lets_sealer_run(true);
        maker.tells_made(&number, &key, &issued.certificate).await.unwrap();
    }
}

both! {
    async fn nothing_is_done_that_can_not_be_recorded(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let version = desk.looks_at(&number).await.unwrap().order.version;
        let refusal = json!({ "version": version, "reason": "看不清", "documents": ["business_licence"] });
        let decisions = [("approve", json!({ "version": version })), ("refuse", refusal)];
        world.raw("ALTER TABLE events RENAME TO events_elsewhere").await;
        for (decision, body) in &decisions {
            let stopped = desk.post::<()>(&format!("/orders/{number}/{decision}"), body).await.unwrap_err();
            assert_eq!(stopped.status, StatusCode::SERVICE_UNAVAILABLE, "{decision}");
            assert_eq!(stopped.error.code, ErrorCode::AuditUnavailable, "{decision}");
            assert!(stopped.error.message.contains("没有生效"), "{}", stopped.error.message);
        }
        // No look without its record either.
        let look = desk.send(desk.request(Method::GET, &format!("/orders/{number}"))).await;
        assert_eq!(look.status(), StatusCode::SERVICE_UNAVAILABLE);
        world.raw("ALTER TABLE events_elsewhere RENAME TO events").await;
        let order = applicant.order(&number).await.unwrap();
        assert_eq!((order.status, order.version), (Status::AwaitingReview, version));
        desk.approves(&number).await.unwrap();

        let maker = world.hires("maker", &[Role::Maker]).await;
        let mut key = Key::blank();
        maker.starts_making(&number, &mut key).await.unwrap();
        let request = key.generates(&number);
        world.raw("ALTER TABLE events RENAME TO events_elsewhere").await;
        let stopped = maker.asks_certificate(&number, &request).await.unwrap_err();
        assert_eq!((stopped.status, stopped.error.code), (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::AuditUnavailable));
        world.raw("ALTER TABLE events_elsewhere RENAME TO events").await;
        assert_eq!(applicant.order(&number).await.unwrap().certificate_serial, None);
        let issued = maker.asks_certificate(&number, &request).await.unwrap();
        maker.tells_made(&number, &key, &issued.certificate).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingDispatch);
    }
}
