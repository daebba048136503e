//! What the program shows to those who run it.

use crate::program::{Hall, get};
use serde_json::Value;

/// The names of what is missing.
async fn missing(hall: &Hall) -> (u16, Vec<String>) {
    let (status, body) = hall.get("/ready").await;
    let answer: Value = serde_json::from_str(&body).unwrap();
    let checks = answer["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 5, "{body}");
    let missing = checks.iter().filter(|check| check["ok"] == false);
    (status, missing.map(|check| check["name"].as_str().unwrap().to_owned()).collect())
}

/// `/ready` answers the same for two seconds, however often it is asked.
async fn soon(hall: &Hall) {
    for _ in 0..22 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        hall.get("/ready").await;
    }
}

#[tokio::test]
async fn ready_names_what_is_missing_and_health_does_not_care() {
    let hall = Hall::start("").await;
    assert_eq!(missing(&hall).await, (200, Vec::new()));
    let papers = hall.folder.path().join("data/documents");
    std::fs::remove_dir_all(&papers).unwrap();
    std::fs::write(&papers, "in the way").unwrap();
    soon(&hall).await;
    assert_eq!(missing(&hall).await, (503, vec!["documents".to_owned()]));
    let url = format!("sqlite:{}/hall.db", hall.folder.path().display());
    let mut database = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::raw_sql("DROP TABLE heartbeats; INSERT INTO schema_migrations (version, sha256) VALUES (9999, 'x')")
        .execute(&mut database)
        .await
        .unwrap();
    soon(&hall).await;
    assert_eq!(missing(&hall).await, (503, ["database", "migrations", "documents"].map(str::to_owned).to_vec()));
    assert_eq!(hall.get("/health").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own_and_no_path_in_them() {
    let mut hall = Hall::start(r#"metrics_listen = "127.0.0.1:0""#).await;
    let metrics = hall.says("metrics").await["address"].as_str().unwrap().parse().unwrap();
    assert_eq!(hall.get("/api/orders/20261120U000001?phone=13977120001").await.0, 404);
    assert_eq!(hall.get("/api/13977120001").await.0, 404);
    assert_eq!(hall.get("/ready").await.0, 200);
    let (status, text) = get(metrics, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        r#"certhall_http_requests_total{method="GET",route="/api/orders/{number}",status="404"} 1"#,
        r#"certhall_http_requests_total{method="GET",route="/ready",status="200"} 1"#,
        r#"certhall_http_request_duration_seconds_count{method="GET",route="/api/orders/{number}"} 1"#,
        r#"certhall_orders{status="awaiting_review"} 0"#,
        r#"certhall_database_connections{pool="writer",state="#,
        "certhall_outbox_oldest_due_seconds 0",
        "certhall_database_up 1",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    for secret in ["13977120001", "20261120U000001"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!hall.raw_log().contains(secret), "{}", hall.raw_log());
    }
    // Not where the world could see it.
    assert_eq!(hall.get("/metrics").await.0, 404);
    assert_eq!(get(metrics, "/api/channels").await.0, 404);
}
