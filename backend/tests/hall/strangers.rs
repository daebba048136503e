//! Nobody reaches what is somebody else's, and no foreign site acts in an applicant's name.

use crate::applicant::{Browser, application};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::CSRF_HEADER;

/// Every endpoint about one order.
fn endpoints(number: &str, document: &str) -> Vec<(Method, String, Value)> {
    let about = |rest: &str| format!("/api/orders/{number}{rest}");
    let code = json!({ "ticket": "t", "code": "123456" });
    let signature = json!({ "ticket": "t", "code": "123456", "agreed": true, "consentVersion": "nanning-2021-09" });
    vec![
        (Method::GET, about(""), Value::Null),
        (Method::POST, about("/cancel"), Value::Null),
        (Method::POST, about("/documents/submit"), Value::Null),
        (Method::POST, about("/documents/reopen"), Value::Null),
        (Method::PUT, about("/documents/business_licence"), Value::Null),
        (Method::GET, about(&format!("/documents/{document}")), Value::Null),
        (Method::DELETE, about("/documents/business_licence"), Value::Null),
        (Method::POST, about("/signature/code"), Value::Null),
        (Method::POST, about("/signature"), signature),
        (Method::GET, about("/payment"), Value::Null),
        (Method::POST, about("/payment"), json!({ "way": "alipay" })),
        (Method::GET, about("/mailing"), Value::Null),
        (Method::POST, about("/corrections/mailing/code"), Value::Null),
        (Method::POST, about("/corrections/mailing"), json!({ "mailing": {}, "proof": code })),
        (Method::POST, about("/corrections/phone/code"), json!({ "phone": "13700137000" })),
        (
            Method::POST,
            about("/corrections/phone"),
            json!({ "phone": "13700137000", "legalRep": code, "operator": code }),
        ),
        (Method::POST, about("/handover"), Value::Null),
    ]
}

async fn statuses(browser: &Browser, number: &str, document: &str) -> Vec<(String, StatusCode)> {
    let mut statuses = Vec::new();
    for (method, path, body) in endpoints(number, document) {
        let response = browser.send(browser.request(method.clone(), &path).json(&body)).await;
        statuses.push((format!("{method} {path}"), response.status()));
    }
    statuses
}

both! {
    async fn a_stranger_finds_nothing_at_any_endpoint(world: World) {
        let owner = world.browser();
        let order = owner.signed_order().await;
        let document = order.documents[0].id.clone();
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        let nobody = world.browser();
        for browser in [&stranger, &nobody] {
            for (endpoint, status) in statuses(browser, &order.number, &document).await {
                assert_eq!(status, StatusCode::NOT_FOUND, "{endpoint}");
            }
        }
        let list = stranger.get::<shared::api::OrderList>("/api/orders?channel=nanning").await.unwrap();
        assert!(list.unfinished.is_empty() && list.finished.is_empty());
        // The owner reaches every one of them: none of the above is 404 for another reason.
        for (endpoint, status) in statuses(&owner, &order.number, &document).await {
            assert_ne!(status, StatusCode::NOT_FOUND, "{endpoint}");
        }
    }
}

both! {
    async fn an_order_that_does_not_exist_looks_the_same(world: World) {
        let owner = world.browser();
        let order = owner.orders(&application()).await;
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        let there = stranger.send(stranger.request(Method::GET, &format!("/api/orders/{}", order.number))).await;
        let nowhere = stranger.send(stranger.request(Method::GET, "/api/orders/20261120U999999")).await;
        assert_eq!(there.status(), nowhere.status());
        assert_eq!(there.bytes().await.unwrap(), nowhere.bytes().await.unwrap());
    }
}

both! {
    async fn a_foreign_site_can_not_act(world: World) {
        let owner = world.browser();
        let order = owner.signed_order().await;
        let path = format!("/api/orders/{}/cancel", order.number);
        let request = owner.request(Method::POST, &path).header("origin", "https://evil.example");
        assert_eq!(owner.send(request).await.status(), StatusCode::BAD_REQUEST);
        let mut request = owner.request(Method::POST, &path).build().unwrap();
        request.headers_mut().remove(CSRF_HEADER);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(client.execute(request).await.unwrap().status(), StatusCode::BAD_REQUEST);
        assert_eq!(owner.order(&order.number).await.unwrap().status, shared::order::Status::AwaitingPayment);
        let request = owner.request(Method::POST, &path).header("origin", &world.address);
        assert_eq!(owner.send(request).await.status(), StatusCode::OK);
    }
}

both! {
    async fn pages_say_what_may_run_in_them(world: World) {
        let browser = world.browser();
        let response = browser.send(browser.request(Method::GET, "/nanning/new")).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        let html = response.text().await.unwrap();
        assert!(html.contains("南宁市住房公积金") && html.contains("id=\"channel\""), "{html}");
        for (old, status, new) in [
            ("/nngjj/index.html", StatusCode::PERMANENT_REDIRECT, Some("/nanning/")),
            ("/nanning", StatusCode::PERMANENT_REDIRECT, Some("/nanning/")),
            ("/nowhere/", StatusCode::NOT_FOUND, None),
            ("/v2/", StatusCode::OK, None),
        ] {
            let response = browser.send(browser.request(Method::GET, old)).await;
            assert_eq!(response.status(), status, "{old}");
            assert_eq!(response.headers().get("location").map(|to| to.to_str().unwrap()), new, "{old}");
        }
    }
}
