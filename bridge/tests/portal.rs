//! Who may speak with the bridge, and what tickets are worth. No key is needed for this.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use bridge::config::Config;
use bridge::pcsc::Hub;
use bridge::random;
use bridge::server::{Bridge, Listeners, Patience};
use common::{BATCH, ORIGIN, Page, Person, backend, backend_public, dial, read, request, ticket};
use ed25519_dalek::SigningKey;
use futures_util::SinkExt;
use serde_json::json;
use shared::bridge::{MAX_FRAME, OPERATION_DOMAIN, SESSION_DOMAIN};
use tokio_tungstenite::tungstenite::Message;

async fn bridge_with(patience: Patience) -> u16 {
    let config = format!("[[portals]]\nname = '证书大厅'\norigin = '{ORIGIN}'\nkeys = ['{}']\n", backend_public());
    let listeners = Listeners::bind(Some(0)).await.unwrap();
    let port = listeners.port();
    let random = random::system();
    let hub = Hub::new(random.clone());
    let bridge = Bridge::new(Config::parse(&config).unwrap(), "清风 明月 石桥".to_owned(), patience, hub, random, port);
    tokio::spawn(listeners.serve(bridge));
    port
}

async fn bridge() -> u16 {
    bridge_with(Patience::default()).await
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

#[tokio::test]
async fn it_listens_on_this_computers_loopback_only() {
    let listeners = Listeners::bind(Some(0)).await.unwrap();
    assert!(!listeners.addresses().is_empty());
    assert!(listeners.addresses().iter().all(|address| address.ip().is_loopback()));
    // The address that this computer has towards others, if it has one.
    let outside = UdpSocket::bind("0.0.0.0:0")
        .and_then(|socket| socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()));
    if let Ok(outside) = outside
        && !outside.ip().is_loopback()
    {
        let address = SocketAddr::new(outside.ip(), listeners.port());
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test]
async fn only_the_portals_exact_origin_gets_a_socket() {
    let port = bridge().await;
    let url = format!("ws://127.0.0.1:{port}/socket");
    for origin in [
        None,
        Some("null"),
        Some("http://hall.example"),
        Some("https://hall.example:8443"),
        Some("https://hall.example.evil.example"),
        Some("https://evil-hall.example"),
        Some("https://HALL.example"),
        Some("https://hall.example/"),
        Some("https://hall.exampl"),
    ] {
        assert_eq!(dial(request(&url, origin, None, true)).await.err(), Some(403), "{origin:?}");
    }
    // The bridge's own origin is for its window, not for the portal's socket.
    let own = format!("http://127.0.0.1:{port}");
    assert_eq!(dial(request(&url, Some(&own), None, true)).await.err(), Some(403));
    assert!(dial(request(&url, Some(ORIGIN), None, true)).await.is_ok());
}

#[tokio::test]
async fn a_rebound_name_is_refused_on_every_path() {
    let port = bridge().await;
    let url = format!("ws://127.0.0.1:{port}/socket");
    for host in ["hall.example", "rebind.example:21451", "127.0.0.1", "127.0.0.1:1"] {
        assert_eq!(dial(request(&url, Some(ORIGIN), Some(host), true)).await.err(), Some(403), "{host}");
        for path in ["health", "window/app.js", "nothing"] {
            let answer = http().get(format!("http://127.0.0.1:{port}/{path}")).header("Host", host).send();
            assert_eq!(answer.await.unwrap().status(), 403, "{host} {path}");
        }
    }
    let host = format!("localhost:{port}");
    assert!(dial(request(&url, Some(ORIGIN), Some(&host), true)).await.is_ok());
}

#[tokio::test]
async fn the_subprotocol_is_required() {
    let port = bridge().await;
    let url = format!("ws://127.0.0.1:{port}/socket");
    assert_eq!(dial(request(&url, Some(ORIGIN), None, false)).await.err(), Some(400));
}

#[tokio::test]
async fn health_is_for_portals_and_says_nothing_of_keys() {
    let port = bridge().await;
    let url = format!("http://127.0.0.1:{port}/health");
    let answer = http().get(&url).header("Origin", ORIGIN).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], ORIGIN);
    assert!(answer.headers().get("set-cookie").is_none());
    let health: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let mut names: Vec<_> = health.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["jsonrpc", "program", "version", "versions"]);
    let stranger = http().get(&url).header("Origin", "https://evil.example").send().await.unwrap();
    assert_eq!(stranger.status(), 403);
    assert!(stranger.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn nothing_is_answered_before_a_valid_hello() {
    let port = bridge().await;
    let mut page = Page::connect(port).await;
    for method in ["key.list", "window.prepare", "operation.challenge"] {
        assert_eq!(page.call(method, json!({})).await.unwrap_err()["code"], "not_ready");
    }
    assert_eq!(page.hello("nonsense").await.unwrap_err()["code"], "ticket_invalid");
    let stranger = ticket(&SigningKey::from_bytes(&[8; 32]), SESSION_DOMAIN, &page.session_payload());
    assert_eq!(page.hello(&stranger).await.unwrap_err()["code"], "ticket_invalid");
    let crossed = ticket(&backend(), OPERATION_DOMAIN, &page.session_payload());
    assert_eq!(page.hello(&crossed).await.unwrap_err()["code"], "ticket_invalid");
    let mut elsewhere = page.session_payload();
    elsewhere["origin"] = json!("https://other.example");
    let elsewhere = ticket(&backend(), SESSION_DOMAIN, &elsewhere);
    assert_eq!(page.hello(&elsewhere).await.unwrap_err()["code"], "ticket_invalid");
    let ticket = page.session_ticket();
    page.hello(&ticket).await.unwrap();
    assert_eq!(page.call("key.list", json!({})).await.unwrap()["keys"], json!([]));
}

#[tokio::test]
async fn a_session_ticket_works_on_its_own_socket_only() {
    let port = bridge().await;
    let first = Page::connect(port).await;
    let mut second = Page::connect(port).await;
    assert_ne!(first.challenge, second.challenge);
    let ticket = first.session_ticket();
    assert_eq!(second.hello(&ticket).await.unwrap_err()["code"], "ticket_invalid");
}

#[tokio::test]
async fn an_unknown_version_is_told() {
    let port = bridge().await;
    let mut page = Page::connect(port).await;
    let params = json!({"client": "t", "versions": [2, 99], "sessionTicket": page.session_ticket()});
    let refused = page.call("session.hello", params).await.unwrap_err();
    assert_eq!(refused["code"], "unsupported_version");
}

async fn begin(page: &mut Page, ticket: &str) -> Result<serde_json::Value, serde_json::Value> {
    let window = page.call("window.prepare", json!({})).await.unwrap()["window"].clone();
    page.call("operation.begin", json!({"operationTicket": ticket, "window": window})).await
}

#[tokio::test]
async fn an_operation_ticket_works_once() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let (ticket, _) = page.operation_ticket("202611200001", "blank", &BATCH).await;
    let id = begin(&mut page, &ticket).await.unwrap()["operationId"].clone();
    assert_eq!(begin(&mut page, &ticket).await.unwrap_err()["code"], "ticket_invalid");
    page.call("operation.cancel", json!({"operationId": id})).await.unwrap();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "user_cancelled");
    assert_eq!(begin(&mut page, &ticket).await.unwrap_err()["code"], "ticket_invalid");
}

#[tokio::test]
async fn an_operation_ticket_of_another_session_signer_or_channel_is_refused() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let mut other = Page::open(port).await;
    let (foreign, _) = other.operation_ticket("202611200001", "blank", &BATCH).await;
    assert_eq!(begin(&mut page, &foreign).await.unwrap_err()["code"], "ticket_invalid");
    let nonce = page.call("operation.challenge", json!({})).await.unwrap()["nonce"].clone();
    let good = Page::operation_payload(&nonce, "202611200001", "blank", &BATCH);
    let stranger = ticket(&SigningKey::from_bytes(&[8; 32]), OPERATION_DOMAIN, &good);
    assert_eq!(begin(&mut page, &stranger).await.unwrap_err()["code"], "ticket_invalid");
    let mut channel = good.clone();
    channel["channel"] = json!("guilin");
    let channel = ticket(&backend(), OPERATION_DOMAIN, &channel);
    assert_eq!(begin(&mut page, &channel).await.unwrap_err()["code"], "ticket_invalid");
    // None of them spent the nonce: only the true one does.
    assert!(begin(&mut page, &ticket(&backend(), OPERATION_DOMAIN, &good)).await.is_ok());
}

#[tokio::test]
async fn a_ticket_that_comes_late_is_refused_by_the_bridges_own_clock() {
    let patience = Patience { ticket: Duration::from_millis(300), ..Patience::default() };
    let port = bridge_with(patience).await;
    let mut page = Page::open(port).await;
    let (ticket, _) = page.operation_ticket("202611200001", "blank", &BATCH).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(begin(&mut page, &ticket).await.unwrap_err()["code"], "ticket_invalid");
}

#[tokio::test]
async fn without_the_window_there_is_no_operation() {
    let patience = Patience { popup: Duration::from_millis(200), ..Patience::default() };
    let port = bridge_with(patience).await;
    let mut page = Page::open(port).await;
    let (ticket, _) = page.operation_ticket("202611200001", "blank", &BATCH).await;
    let id = begin(&mut page, &ticket).await.unwrap()["operationId"].clone();
    // A step before the consent is not taken.
    let early = page.call("keypair.generate", json!({"operationId": id, "algorithm": "p256"})).await;
    assert_eq!(early.unwrap_err()["code"], "busy");
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "popup_blocked");
    let late = page.call("keypair.generate", json!({"operationId": id, "algorithm": "p256"})).await;
    assert_eq!(late.unwrap_err()["code"], "not_found");
}

#[tokio::test]
async fn without_a_reader_the_operation_says_so() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let prepared = page.call("window.prepare", json!({})).await.unwrap();
    let mut person = Person::opens(prepared["url"].as_str().unwrap()).await;
    let (ticket, _) = page.operation_ticket("202611200001", "blank", &BATCH).await;
    let params = json!({"operationTicket": ticket, "window": prepared["window"]});
    page.call("operation.begin", params).await.unwrap();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "no_reader");
    assert_eq!(person.sees().await, json!({"type": "failed", "code": "no_reader"}));
}

#[tokio::test]
async fn the_window_opens_once_and_for_its_own_document_only() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let prepared = page.call("window.prepare", json!({})).await.unwrap();
    let url = prepared["url"].as_str().unwrap();
    let socket = format!("{}/socket", url.replacen("http", "ws", 1));
    let own = format!("http://127.0.0.1:{port}");
    // Neither the portal nor anybody without an origin, nor before the document was given out.
    for origin in [None, Some(ORIGIN), Some("null"), Some("http://localhost:1")] {
        assert_eq!(dial(request(&socket, origin, None, false)).await.err(), Some(403), "{origin:?}");
    }
    assert_eq!(dial(request(&socket, Some(&own), None, false)).await.err(), Some(404));
    let document = http().get(url).send().await.unwrap();
    let policy = document.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(document.headers()["cross-origin-opener-policy"], "same-origin");
    assert_eq!(document.headers()["x-frame-options"], "DENY");
    assert_eq!(http().get(url).send().await.unwrap().status(), 404);
    assert!(dial(request(&socket, Some(&own), None, false)).await.is_ok());
    assert_eq!(dial(request(&socket, Some(&own), None, false)).await.err(), Some(404));
    let unknown = format!("http://127.0.0.1:{port}/window/AAAA");
    assert_eq!(http().get(unknown).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_frame_over_64_kib_ends_the_session_and_nothing_else() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let mut other = Page::open(port).await;
    let text = "x".repeat(MAX_FRAME + 1);
    let _ = page.socket.send(Message::text(text)).await;
    assert!(read(&mut page.socket).await.is_none(), "the socket is closed");
    assert!(other.call("key.list", json!({})).await.is_ok());
}

#[tokio::test]
async fn malformed_frames_are_answered_and_the_session_lives() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    for (frame, code) in [
        ("{", -32700),
        ("[]", -32600),
        ("\"\"", -32600),
        (r#"{"jsonrpc":"2.0","id":-1,"method":"key.list","params":{}}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"key.eat","params":{}}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"session.challenge","params":{}}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"key.info","params":{"serial":7}}"#, -32602),
    ] {
        page.socket.send(Message::text(frame)).await.unwrap();
        let answer = read(&mut page.socket).await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{frame}");
    }
    assert!(page.call("key.list", json!({})).await.is_ok());
    page.socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert!(read(&mut page.socket).await.is_none());
}

#[tokio::test]
async fn silence_before_hello_ends_the_socket() {
    let patience = Patience { hello: Duration::from_millis(200), ..Patience::default() };
    let port = bridge_with(patience).await;
    let mut page = Page::connect(port).await;
    assert!(read(&mut page.socket).await.is_none());
}

#[tokio::test]
async fn a_page_that_leaves_takes_its_windows_along() {
    let port = bridge().await;
    let mut page = Page::open(port).await;
    let prepared = page.call("window.prepare", json!({})).await.unwrap();
    let url = prepared["url"].as_str().unwrap().to_owned();
    drop(page);
    // The bridge notices the end of the connection when it reads it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(http().get(&url).send().await.unwrap().status(), 404);
}
