//! 扫码拍照上传: the applicant's own phone takes the photos.

use crate::applicant::{Browser, application};
use crate::papers;
use crate::review::paid;
use backend::clock::MINUTE;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{ApiError, ErrorCode, Handover, HandoverView, Role};
use shared::channel::DocumentKind;

/// The address behind the QR code, for a phone that has no session.
async fn shows(browser: &Browser, number: &str) -> (String, Handover) {
    let handover: Handover = browser.post(&format!("/api/orders/{number}/handover"), &json!(null)).await.unwrap();
    let beginning = format!("{}/nanning/photos/", browser.world.address);
    let token = handover.url.strip_prefix(&beginning).expect("the page's own address").to_owned();
    (token, handover)
}

async fn photographs(phone: &Browser, token: &str, kind: &str) -> StatusCode {
    let path = format!("/api/handover/{token}/documents/{kind}");
    phone.send(phone.request(Method::PUT, &path).body(papers::jpeg())).await.status()
}

async fn is_over(phone: &Browser, token: &str) {
    let view = format!("/api/handover/{token}");
    let paper = format!("{view}/documents/business_licence");
    for (method, path) in [(Method::GET, &view), (Method::PUT, &paper), (Method::DELETE, &paper)] {
        let response = phone.send(phone.request(method.clone(), path).body(papers::jpeg())).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method}");
        let error: ApiError = response.json().await.unwrap();
        assert_eq!(error.code, ErrorCode::HandoverOver, "{method}");
    }
}

both! {
    async fn photos_of_the_phone_are_the_orders_papers(world: World) {
        let desktop = world.browser();
        let number = desktop.orders(&application()).await.number;
        let (token, handover) = shows(&desktop, &number).await;
        assert_eq!(handover.expires_at, world.now() + 15 * MINUTE);
        let phone = world.browser();
        let view: HandoverView = phone.get(&format!("/api/handover/{token}")).await.unwrap();
        assert_eq!((view.channel.as_str(), view.unit_name.as_str()), ("nanning", "南宁****公司"));
        assert_eq!(view.wanted.len(), 3);
        assert!(view.documents.is_empty());
        for kind in ["business_licence", "operator_id_portrait", "operator_id_emblem"] {
            assert_eq!(photographs(&phone, &token, kind).await, StatusCode::OK);
        }
        assert_eq!(desktop.order(&number).await.unwrap().documents.len(), 3);
        let path = format!("/api/handover/{token}/documents/operator_id_emblem");
        for _ in 0..2 {
            let response = phone.send(phone.request(Method::DELETE, &path)).await;
            assert_eq!(response.json::<HandoverView>().await.unwrap().documents.len(), 2);
        }
        let cut = phone.send(phone.request(Method::PUT, &path).body(papers::jpeg()[..2000].to_vec())).await;
        assert_eq!(cut.json::<ApiError>().await.unwrap().code, ErrorCode::ImageDamaged);
        assert_eq!(photographs(&phone, &token, "birth_certificate").await, StatusCode::NOT_FOUND);
        assert_eq!(photographs(&phone, &token, "operator_id_emblem").await, StatusCode::OK);
        desktop.submits(&number).await.unwrap();
        is_over(&phone, &token).await;
        assert_eq!(desktop.order(&number).await.unwrap().documents.len(), 3);
    }
}

both! {
    async fn the_token_opens_papers_and_nothing_else(world: World) {
        let desktop = world.browser();
        let order = desktop.signed_order().await;
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        let number = {
            let draft = crate::applicant::with(shared::form::Field::CreditCode, "91330100799655058B");
            desktop.orders(&draft).await.number
        };
        let (token, _) = shows(&desktop, &number).await;
        let text = stranger.send(stranger.request(Method::GET, &format!("/api/handover/{token}"))).await.text().await.unwrap();
        for personal in ["朱槿", "李晓梅", "139", &number, &order.number, "914403001922038216"] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
        photographs(&stranger, &token, "business_licence").await;
        let paper = desktop.order(&number).await.unwrap().documents[0].id.clone();
        // No image comes back, neither by the token nor by what it tells.
        for path in [
            format!("/api/handover/{token}/documents/{paper}"),
            format!("/api/handover/{token}/documents/business_licence"),
            format!("/api/orders/{number}/documents/{paper}"),
            format!("/api/orders/{token}"),
        ] {
            let status = stranger.send(stranger.request(Method::GET, &path)).await.status();
            assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), "{path}: {status}");
        }
        // Only the owner begins one, and a foreign site does not use it.
        let begin = format!("/api/orders/{number}/handover");
        assert_eq!(stranger.send(stranger.request(Method::POST, &begin)).await.status(), StatusCode::NOT_FOUND);
        let path = format!("/api/handover/{token}/documents/business_licence");
        let foreign = stranger.request(Method::DELETE, &path).header("origin", "https://evil.example");
        assert_eq!(stranger.send(foreign).await.status(), StatusCode::BAD_REQUEST);
        // Papers that are signed can't be handed over.
        let begin = format!("/api/orders/{}/handover", order.number);
        assert_eq!(desktop.send(desktop.request(Method::POST, &begin)).await.status(), StatusCode::CONFLICT);
    }
}

both! {
    async fn an_address_ends_with_its_time_a_newer_one_and_its_order(world: World) {
        let desktop = world.browser();
        let number = desktop.orders(&application()).await.number;
        let phone = world.browser();
        let (first, _) = shows(&desktop, &number).await;
        let (second, _) = shows(&desktop, &number).await;
        is_over(&phone, &first).await;
        assert_eq!(photographs(&phone, &second, "business_licence").await, StatusCode::OK);
        world.later(15 * MINUTE);
        is_over(&phone, &second).await;
        let (third, _) = shows(&desktop, &number).await;
        desktop.cancels(&number).await.unwrap();
        is_over(&phone, &third).await;
        is_over(&phone, "guessed").await;
        let mut reader = world.hall.store.read().await.unwrap();
        assert_eq!(reader.handover_of_token(third.as_bytes()).await.unwrap(), None, "only a hash is kept");
    }
}

both! {
    async fn while_the_review_waits_and_after_a_refusal_the_phone_takes_what_is_wanted(world: World) {
        let (desktop, number) = paid(&world).await;
        let phone = world.browser();
        let (token, _) = shows(&desktop, &number).await;
        assert_eq!(photographs(&phone, &token, "business_licence").await, StatusCode::OK);
        let view: HandoverView = phone.get(&format!("/api/handover/{token}")).await.unwrap();
        assert_eq!((view.wanted.len(), view.documents.len()), (3, 1), "the signed ones are not the phone's business");
        assert_eq!(desktop.order(&number).await.unwrap().staged.len(), 1);
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.refuses(&number, "模糊", &["operator_id_emblem"]).await.unwrap();
        let view: HandoverView = phone.get(&format!("/api/handover/{token}")).await.unwrap();
        assert_eq!(view.wanted, [DocumentKind::OperatorIdEmblem]);
        assert_eq!(photographs(&phone, &token, "operator_id_emblem").await, StatusCode::OK);
        desktop.submits(&number).await.unwrap();
        is_over(&phone, &token).await;
    }
}
