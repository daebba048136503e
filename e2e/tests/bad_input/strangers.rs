//! Who may not: strangers' sessions on every endpoint, foreign sites, used codes.

use super::refused;
use e2e::client::Client;
use e2e::stack::Stack;
use reqwest::Method;
use serde_json::json;
use shared::api::{ErrorCode, StaffLogin};

#[tokio::test]
async fn a_strangers_session_finds_no_order_at_any_endpoint() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let owner = stack.applicant().unwrap();
    let order = owner.applies_and_signs(&unit).await.unwrap();
    let (number, paper) = (&order.number, &order.documents[0].id);
    let before = owner.order(number).await.unwrap().version;

    let nobody = Client::new(&stack.portal).unwrap();
    let code = json!({ "ticket": "x", "code": "123456" });
    let stranger = stack.applicant().unwrap();
    stranger.hands_in(&stack.unit(1).unwrap()).await.unwrap();
    let reviewer = stack.reviewer().await.unwrap();
    for (who, client) in [("nobody", &nobody), ("stranger", &stranger.client), ("staff", &reviewer.client)] {
        for (method, rest, body) in [
            (Method::GET, String::new(), None),
            (Method::POST, "/cancel".to_owned(), None),
            (Method::PUT, "/documents/business_licence".to_owned(), Some(json!("x"))),
            (Method::DELETE, "/documents/business_licence".to_owned(), None),
            (Method::GET, format!("/documents/{paper}"), None),
            (Method::POST, "/documents/submit".to_owned(), None),
            (Method::POST, "/documents/reopen".to_owned(), None),
            (Method::POST, "/signature/code".to_owned(), None),
            (
                Method::POST,
                "/signature".to_owned(),
                Some(json!({ "ticket": "x", "code": "123456", "agreed": true, "consentVersion": "x" })),
            ),
            (Method::GET, "/payment".to_owned(), None),
            (Method::POST, "/payment".to_owned(), Some(json!({ "way": "alipay" }))),
            (Method::GET, "/mailing".to_owned(), None),
            (Method::POST, "/corrections/mailing/code".to_owned(), None),
            (Method::POST, "/corrections/mailing".to_owned(), Some(json!({ "mailing": {}, "proof": code }))),
            (Method::POST, "/corrections/phone/code".to_owned(), Some(json!({ "phone": "13700137000" }))),
            (
                Method::POST,
                "/corrections/phone".to_owned(),
                Some(json!({ "phone": "13700137000", "legalRep": code, "operator": code })),
            ),
            (Method::POST, "/handover".to_owned(), None),
        ] {
            let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
            let answer = client.bytes(method.clone(), &format!("/api/orders/{number}{rest}"), body).await;
            assert_eq!(answer.err().map(|refused| refused.status), Some(404), "{who} {method} {rest}");
        }
        let mine: shared::api::OrderList = client.get("/api/orders?channel=nanning").await.unwrap();
        assert!(mine.unfinished.iter().all(|other| other.number != *number), "{who}");
    }
    assert_eq!(owner.order(number).await.unwrap().version, before);
    assert!(stranger.saved().await.unwrap().is_none_or(|saved| saved.draft != unit.draft()));
}

#[tokio::test]
async fn the_desk_is_for_staff_each_at_their_own_work() {
    let stack = Stack::start().await.unwrap();
    let owner = stack.applicant().unwrap();
    let order = owner.applies_and_pays(&stack.unit(0).unwrap()).await.unwrap();
    let (number, paper) = (&order.number, &order.documents[0].id);
    let nobody = Client::new(&stack.portal).unwrap();
    let (reviewer, maker) = (stack.reviewer().await.unwrap(), stack.maker().await.unwrap());

    let any = json!({ "version": 1 });
    let refuse = json!({ "version": 1, "reason": "x", "documents": ["business_licence"] });
    let making = json!({ "nonce": "A".repeat(43), "hpkeKey": "A".repeat(43), "keySerial": null });
    let made = json!({ "keySerial": "x", "certificate": "x" });
    let parcel = json!({ "version": 1, "carrier": "顺丰速运", "waybill": "SF1234567890123" });
    let bridge = json!({ "channel": "nanning", "nonce": "A".repeat(43), "hpkeKey": "A".repeat(43) });
    let of_order = |rest: &str| format!("/api/staff/orders/{number}{rest}");
    // Who else than nobody may not: `r` the reviewer, `m` the maker.
    for (method, path, body, not_for) in [
        (Method::GET, "/api/staff/me".to_owned(), None, ""),
        (Method::GET, "/api/staff/queue/review?channel=nanning".to_owned(), None, "m"),
        (Method::GET, "/api/staff/queue/making?channel=nanning".to_owned(), None, "r"),
        (Method::GET, "/api/staff/queue/dispatch?channel=nanning".to_owned(), None, "r"),
        (Method::GET, "/api/staff/queue/refunds?channel=nanning".to_owned(), None, ""),
        (Method::GET, "/api/staff/orders?channel=nanning&q=2026".to_owned(), None, ""),
        (Method::GET, of_order(""), None, ""),
        (Method::GET, of_order(&format!("/documents/{paper}")), None, ""),
        (Method::POST, of_order("/approve"), Some(&any), "m"),
        (Method::POST, of_order("/refuse"), Some(&refuse), "m"),
        (Method::POST, of_order("/making"), Some(&making), "r"),
        (Method::POST, of_order("/certificate"), Some(&json!({ "csr": "x" })), "r"),
        (Method::POST, of_order("/made"), Some(&made), "r"),
        (Method::POST, of_order("/dispatch"), Some(&parcel), "r"),
        (Method::POST, of_order("/delivered"), Some(&any), "r"),
        (Method::POST, "/api/staff/bridge/session".to_owned(), Some(&bridge), "r"),
        (Method::POST, "/api/staff/logout".to_owned(), None, ""),
    ] {
        let ask = async |client: &Client| {
            let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
            client.bytes(method.clone(), &path, body).await.err().map(|refused| refused.status)
        };
        assert_eq!(ask(&nobody).await, Some(401), "nobody {method} {path}");
        assert_eq!(ask(&owner.client).await, Some(401), "the applicant {method} {path}");
        if not_for.contains('r') {
            assert_eq!(ask(&reviewer.client).await, Some(403), "the reviewer {method} {path}");
        }
        if not_for.contains('m') {
            assert_eq!(ask(&maker.client).await, Some(403), "the maker {method} {path}");
        }
    }
    assert_eq!(owner.order(number).await.unwrap().version, order.version);
}

#[tokio::test]
async fn logging_in_takes_password_and_a_code_that_was_never_used() {
    let stack = Stack::start().await.unwrap();
    let client = Client::new(&stack.portal).unwrap();
    let right = stack.reviewer.login().await.unwrap();
    let wrong = StaffLogin { password: "something else".to_owned(), ..right.clone() };
    let told = refused(client.act("/api/staff/login", &wrong).await, ErrorCode::LoginRefused);
    let unknown = StaffLogin { name: "nobody".to_owned(), ..right.clone() };
    let same = refused(client.act("/api/staff/login", &unknown).await, ErrorCode::LoginRefused);
    assert_eq!(told.message(), same.message(), "nobody learns which names exist");
    client.act("/api/staff/login", &right).await.unwrap();
    refused(client.act("/api/staff/login", &right).await, ErrorCode::LoginRefused);
}

#[tokio::test]
async fn other_sites_cannot_act_in_an_applicants_name() {
    let stack = Stack::start().await.unwrap();
    let http = e2e::client::plain().unwrap();
    let url = format!("{}/api/query", stack.portal);
    let body = json!({ "channel": "nanning", "creditCode": "914403001922038216" });
    let without_header = http.post(&url).json(&body).send().await.unwrap();
    assert_eq!(without_header.status(), 400);
    let foreign = http.post(&url).header("x-certhall", "1").header("Origin", "https://evil.example").json(&body);
    assert_eq!(foreign.send().await.unwrap().status(), 400);
}
