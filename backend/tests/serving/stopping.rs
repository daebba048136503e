//! SIGTERM: what runs may end, nothing new begins; a second one does not wait.

use crate::program::{Hall, Wire, head};
use std::os::unix::net::UnixDatagram;
use tokio::net::TcpStream;

const DRAFT: &str = r#"{"unitName":"x"}"#;

/// A request of which only the body's end is missing.
async fn half_a_request(hall: &Hall) -> Wire {
    let mut wire = Wire::to(hall).await;
    wire.sends(&head(DRAFT.len())).await.unwrap();
    wire.sends(&DRAFT[..5]).await.unwrap();
    // The hall has begun with it once a later request on another connection is answered.
    assert_eq!(hall.get("/health").await.0, 200);
    wire
}

#[tokio::test]
async fn a_running_request_ends_and_no_new_one_begins() {
    let mut hall = Hall::start("").await;
    let mut wire = half_a_request(&hall).await;
    hall.told_to_stop().await;
    hall.says("stopping: no new requests, running ones end").await;
    for _ in 0..100 {
        if TcpStream::connect(hall.address).await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(TcpStream::connect(hall.address).await.is_err(), "nobody listens any more");
    wire.sends(&DRAFT[5..]).await.unwrap();
    let answer = wire.reads_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert_eq!(hall.ended().await.code(), Some(0), "{}", hall.raw_log());
}

#[tokio::test]
async fn a_request_that_never_ends_is_broken_off_after_the_grace() {
    let mut hall = Hall::start("http = { stop_ms = 500 }").await;
    let _wire = half_a_request(&hall).await;
    hall.told_to_stop().await;
    assert_eq!(hall.ended().await.code(), Some(0), "{}", hall.raw_log());
    let told = hall.log().into_iter().find(|line| line["connections"].is_u64()).expect("it is told");
    assert_eq!((told["level"].as_str(), told["connections"].as_u64()), (Some("WARN"), Some(1)));
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let mut hall = Hall::start("").await;
    let _wire = half_a_request(&hall).await;
    hall.told_to_stop().await;
    hall.says("stopping: no new requests, running ones end").await;
    hall.told_to_stop().await;
    assert_eq!(hall.ended().await.code(), Some(1), "{}", hall.raw_log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_is_told_when_it_is_ready_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let mut hall = Hall::start_with("", &[("NOTIFY_SOCKET", &path)]).await;
    let heard = || {
        let mut line = [0; 64];
        let bytes = socket.recv(&mut line).unwrap();
        String::from_utf8_lossy(&line[..bytes]).into_owned()
    };
    assert_eq!(tokio::task::block_in_place(heard), "READY=1");
    hall.told_to_stop().await;
    assert_eq!(tokio::task::block_in_place(heard), "STOPPING=1");
    assert_eq!(hall.ended().await.code(), Some(0));
}
