//! 鉴证 and who may be at which desk.

use crate::applicant::Browser;
use crate::desk::Desk;
use crate::papers;
use crate::world::World;
use backend::audit::Chain;
use backend::clock::MINUTE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{ErrorCode, Role};
use shared::form::Field;
use shared::order::{EventKind, Status};

/// A paid order and its applicant.
pub async fn paid(world: &World) -> (Browser, String) {
    let browser = world.browser();
    let number = browser.signed_order().await.number;
    browser.opens_payment(&number).await.unwrap();
    let trade = format!("{number}_1");
    world.outside.pays(&trade, 25_000);
    world.notice(&trade).await;
    world.works().await;
    assert_eq!(browser.payment(&number).await.status, Status::AwaitingReview);
    (browser, number)
}

both! {
    async fn a_reviewer_sees_the_order_whole_and_each_look_is_kept(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let waiting = desk.queue("review").await;
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].number.as_str(), waiting[0].unit_name.as_str()), (&*number, "南宁市朱槿信息技术有限公司"));
        let seen = desk.looks_at(&number).await.unwrap();
        assert_eq!(seen.form.get(Field::LegalRepId), "450199197205160175");
        assert_eq!(seen.verifications.len(), 3);
        assert!(seen.verifications.iter().all(|check| check.passed));
        assert!(seen.signature.unwrap().phone.contains('*'));
        let paper = format!("/orders/{number}/documents/{}", seen.order.documents[0].id);
        let image = desk.send(desk.request(Method::GET, &paper)).await;
        assert_eq!((image.status(), image.headers()["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"));
        assert!(image.bytes().await.unwrap().starts_with(&[0xff, 0xd8]));
        let mut reader = world.hall.store.read().await.unwrap();
        let id = reader.staff_by_name("reviewer").await.unwrap().unwrap().id;
        let kinds: Vec<_> = reader.events(Chain::Staff(&id)).await.unwrap().into_iter().map(|link| link.kind).collect();
        assert_eq!(kinds, ["account_added", "logged_in", "order_viewed", "document_viewed"]);
    }
}

both! {
    async fn what_was_refused_is_uploaded_signed_and_reviewed_again(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        for (reason, documents) in [("", vec!["business_licence"]), ("模糊", vec![])] {
            let refused = desk.refuses(&number, reason, &documents).await.unwrap_err();
            assert_eq!(refused.error.code, ErrorCode::BadRequest);
        }
        desk.refuses(&number, "营业执照没有盖章", &["business_licence"]).await.unwrap();
        world.works().await;
        let told = |variable: &str| world.outside.newest(crate::applicant::OPERATOR, variable);
        assert_eq!((told("order"), told("reason")), (Some(number.clone()), Some("营业执照没有盖章".into())));
        let order = applicant.order(&number).await.unwrap();
        assert_eq!(order.status, Status::ReviewRefused);
        assert_eq!(order.refusal.unwrap().reason, "营业执照没有盖章");
        world.later(6 * MINUTE);
        applicant.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        applicant.signs_with_phone(&number).await.unwrap();
        desk.approves(&number).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingMaking);
        assert!(desk.queue("review").await.is_empty());
    }
}

both! {
    async fn an_order_that_moved_on_is_not_decided_by_an_old_page(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let version = desk.looks_at(&number).await.unwrap().order.version;
        let path = format!("/orders/{number}/approve");
        let stale = desk.post::<()>(&path, &json!({ "version": version - 1 })).await.unwrap_err();
        assert_eq!((stale.status, stale.error.code), (StatusCode::CONFLICT, ErrorCode::Conflict));
        desk.post::<()>(&path, &json!({ "version": version })).await.unwrap();
        let again = desk.post::<()>(&path, &json!({ "version": version })).await.unwrap_err();
        assert_eq!(again.error.code, ErrorCode::Conflict);
    }
}

both! {
    async fn whoever_comes_second_sees_who_was_first(world: World) {
        let (_, number) = paid(&world).await;
        let first = world.hires("anna", &[Role::Reviewer]).await;
        let second = world.hires("bella", &[Role::Reviewer]).await;
        assert_eq!(second.looks_at(&number).await.unwrap().acts, []);
        first.approves(&number).await.unwrap();
        let acts = second.looks_at(&number).await.unwrap().acts;
        let told: Vec<_> = acts.iter().map(|act| (act.event, act.by.as_str())).collect();
        assert_eq!(told, [(EventKind::ReviewApproved, "anna")]);
    }
}

both! {
    async fn a_maker_does_not_see_id_numbers_or_papers(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("maker", &[Role::Maker]).await;
        let seen = desk.looks_at(&number).await.unwrap();
        for field in [Field::LegalRepId, Field::LegalRepMobile, Field::OperatorId] {
            assert!(seen.form.get(field).contains('*'), "{field:?}");
        }
        assert_eq!(seen.form.get(Field::MailAddress), "青秀区民族大道 1 号");
        let paper = format!("/orders/{number}/documents/{}", seen.order.documents[0].id);
        let image = desk.send(desk.request(Method::GET, &paper)).await;
        assert_eq!(image.status(), StatusCode::FORBIDDEN);
    }
}

/// Every endpoint of the desk with the roles that it is for; empty: everybody who is logged in.
fn endpoints(number: &str, document: &str) -> Vec<(Method, String, Value, Vec<Role>)> {
    use Role::{Admin, Maker, Reviewer};
    let about = |rest: &str| format!("/orders/{number}{rest}");
    let nonce = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    let queue = |name: &str| format!("/queue/{name}?channel=nanning");
    let bridge = json!({ "channel": "nanning", "nonce": nonce, "hpkeKey": nonce });
    let (get, post) = (|| Method::GET, || Method::POST);
    vec![
        (get(), queue("review"), Value::Null, vec![Reviewer]),
        (get(), queue("making"), Value::Null, vec![Maker]),
        (get(), queue("dispatch"), Value::Null, vec![Maker]),
        (get(), queue("dispatched"), Value::Null, vec![Maker]),
        (get(), queue("refunds"), Value::Null, vec![Admin]),
        (post(), "/bridge/session".into(), bridge, vec![Maker]),
        (get(), "/orders?channel=nanning&q=2026".into(), Value::Null, vec![Reviewer, Maker, Admin]),
        (get(), about(""), Value::Null, vec![Reviewer, Maker]),
        (get(), about(&format!("/documents/{document}")), Value::Null, vec![Reviewer]),
        (post(), about("/approve"), json!({ "version": 0 }), vec![Reviewer]),
        (post(), about("/refuse"), json!({ "version": 0, "reason": "r", "documents": [] }), vec![Reviewer]),
        (post(), about("/making"), json!({ "nonce": nonce, "hpkeKey": nonce, "keySerial": null }), vec![Maker]),
        (post(), about("/certificate"), json!({ "csr": "" }), vec![Maker]),
        (post(), about("/made"), json!({ "keySerial": "S", "certificate": "" }), vec![Maker]),
        (post(), about("/dispatch"), json!({ "version": 0, "carrier": "c", "waybill": "SF12345678" }), vec![Maker]),
        (post(), about("/delivered"), json!({ "version": 0 }), vec![Maker]),
        (post(), about("/reject"), json!({ "version": 0, "reason": "r" }), vec![Reviewer]),
        (post(), about("/return"), json!({ "version": 0, "keySerial": "S", "reason": "r" }), vec![Maker]),
        (post(), about("/pin-notice"), json!({ "version": 0, "reason": "r" }), vec![Maker]),
        (get(), "/refunds?channel=nanning&open=true".into(), Value::Null, vec![Admin]),
        (get(), "/messages/failed?channel=nanning".into(), Value::Null, vec![Maker, Admin]),
        (get(), "/reconciliations?channel=nanning".into(), Value::Null, vec![Admin]),
        (post(), "/reconciliations/2026-11-18?channel=nanning".into(), Value::Null, vec![Admin]),
    ]
}

async fn status_of(desk: &Desk, endpoint: &(Method, String, Value, Vec<Role>)) -> StatusCode {
    let (method, path, body, _) = endpoint;
    desk.send(desk.request(method.clone(), path).json(body)).await.status()
}

both! {
    async fn each_endpoint_serves_its_roles_in_its_channel_only(world: World) {
        let (_, number) = paid(&world).await;
        let mut desks = Vec::new();
        for role in Role::ALL {
            desks.push((role, world.hires(role.name(), &[role]).await));
        }
        let outsider = world.hires_for("outsider", "elsewhere", &Role::ALL).await;
        assert_eq!(outsider.logs_in().await.status(), StatusCode::NO_CONTENT);
        let nobody = world.hires_for("nobody", "nanning", &Role::ALL).await;
        let document = desks[0].1.looks_at(&number).await.unwrap().order.documents[0].id.clone();
        for endpoint in endpoints(&number, &document) {
            let what = format!("{} {}", endpoint.0, endpoint.1);
            assert_eq!(status_of(&nobody, &endpoint).await, StatusCode::UNAUTHORIZED, "{what}");
            assert_eq!(status_of(&outsider, &endpoint).await, StatusCode::NOT_FOUND, "{what}");
            for (role, desk) in &desks {
                let status = status_of(desk, &endpoint).await;
                if endpoint.3.contains(role) {
                    assert!(!matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{role:?} {what}: {status}");
                } else {
                    assert_eq!(status, StatusCode::FORBIDDEN, "{role:?} {what}");
                }
            }
        }
        for path in ["/me", "/logout"] {
            let method = if path == "/me" { Method::GET } else { Method::POST };
            assert_eq!(nobody.send(nobody.request(method, path)).await.status(), StatusCode::UNAUTHORIZED);
        }
        let nowhere = desks[0].1.looks_at("20261120U999999").await.unwrap_err();
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    }
}

both! {
    async fn an_applicant_is_no_member_of_staff(world: World) {
        let (applicant, number) = paid(&world).await;
        for (method, path, body, _) in endpoints(&number, "d") {
            let response = applicant.send(applicant.request(method, &format!("/api/staff{path}")).json(&body)).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}
