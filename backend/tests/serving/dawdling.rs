//! Who sends one byte now and then is cut, however patiently they go on.

use crate::program::{Hall, Wire, head};
use std::time::Duration;

const DRIP: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_head_that_drips_is_cut() {
    let hall = Hall::start("http = { header_ms = 500 }").await;
    let answer = Wire::to(&hall).await.drips(&head(2).repeat(20), DRIP).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    // Others are served meanwhile and afterwards.
    assert_eq!(hall.get("/health").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn a_body_that_drips_is_cut_and_told_why() {
    let hall = Hall::start("http = { body_ms = 500, body_bytes_per_s = 1000 }").await;
    let mut wire = Wire::to(&hall).await;
    wire.sends(&head(10_000)).await.unwrap();
    let answer = wire.drips(&"x".repeat(10_000), DRIP).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains(r#""code":"bad_request""#) && answer.contains("网络太慢"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_slow_but_steady_arrives() {
    // Twenty bytes a second, where ten are asked for, for four times as long as the first patience.
    let hall = Hall::start("http = { body_ms = 500, body_bytes_per_s = 10 }").await;
    let mut wire = Wire::to(&hall).await;
    let body = format!("{{\"unitName\":\"{}\"}}", "x".repeat(24));
    wire.sends(&head(body.len())).await.unwrap();
    let answer = wire.drips(&body, DRIP).await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

/// The head of a request that is refused before its body is read: our header is missing.
fn foreign_head(bytes: usize) -> String {
    head(bytes).replace("x-certhall: 1\r\n", "")
}

#[tokio::test]
async fn a_refusal_reaches_whoever_still_sends() {
    let hall = Hall::start("").await;
    let mut wire = Wire::to(&hall).await;
    // More than the buffers on the way hold.
    let bytes = 32 * 1024 * 1024;
    wire.sends(&foreign_head(bytes)).await.unwrap();
    wire.sends(&"x".repeat(bytes)).await.unwrap();
    let answer = wire.reads_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn a_refused_body_that_drips_is_not_waited_for() {
    let hall = Hall::start("http = { body_ms = 500, body_bytes_per_s = 10 }").await;
    let mut wire = Wire::to(&hall).await;
    wire.sends(&foreign_head(8 * 1024 * 1024)).await.unwrap();
    let answer = wire.drips(&"x".repeat(10_000), DRIP).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn connections_have_a_limit_and_those_beyond_it_wait() {
    let hall = Hall::start("http = { connections = 2, header_ms = 600 }").await;
    let (_one, _two) = (Wire::to(&hall).await, Wire::to(&hall).await);
    let mut third = Wire::to(&hall).await;
    third.sends("GET /health HTTP/1.1\r\nhost: hall\r\nconnection: close\r\n\r\n").await.unwrap();
    // It is served as soon as the silent ones have been cut.
    assert!(third.reads_to_end().await.ends_with("ok"));
}
