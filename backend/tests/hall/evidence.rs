//! What must leave evidence is not done while none can be kept; and what the evidence is worth, by the command line.

use crate::applicant::application;
use crate::desk::Key;
use crate::papers;
use crate::review::paid;
use crate::world::{World as W, settings};
use backend::audit::verify::check_store;
use backend::audit::{AuditKeys, Chain};
use backend::clock::SECOND;
use backend::orders::erase::erase;
use futures_util::TryStreamExt;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{ErrorCode, OrderList, Role};
use shared::order::Status;
use std::path::Path;
use std::process::{Command, Output};

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
        assert!(look.status().is_server_error(), "{}", look.status());
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

both! {
    async fn an_erased_order_is_gone_for_everybody(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        browser.cancels(&number).await.unwrap();
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.looks_at(&number).await.unwrap();
        erase(&world.hall.store, &world.hall.config.retention, &number, "本人要求").await.unwrap();
        world.works().await;
        assert_eq!(browser.order(&number).await.unwrap_err().error.code, ErrorCode::NotFound);
        let list: OrderList = browser.get("/api/orders?channel=nanning").await.unwrap();
        assert!(list.finished.is_empty() && list.unfinished.is_empty());
        let look = desk.looks_at(&number).await.unwrap_err();
        assert_eq!(look.error.code, ErrorCode::NotFound);
        assert!(look.error.message.contains("已按规定清除"), "{}", look.error.message);
        let papers = world.hall.documents.list(None).try_collect::<Vec<_>>().await.unwrap();
        assert!(papers.is_empty(), "{papers:?}");
        // The evidence is whole, and says who erased it, and why.
        world.seals().await;
        let keys = AuditKeys::load(&world.hall.config.audit_key_file()).unwrap().public();
        assert!(check_store(&world.hall.store, keys, None).await.unwrap().is_whole());
        // The holder may apply anew.
        browser.orders(&application()).await;
    }
}

/// The program itself, as an operator runs it.
async fn certhall(config: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certhall"));
    command.arg("--config").arg(config).args(arguments).env("CERTHALL_BACKUP_PASSPHRASE", "a long passphrase");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A configuration file for a hall in this folder.
fn configured(folder: &Path, data: &Path, url: &str) -> std::path::PathBuf {
    let text = toml::to_string(&settings(data, "http://127.0.0.1:1", url, json!({}))).unwrap();
    let path = folder.join("certhall.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn chain_of(world: &W, number: &str) -> String {
    let order = world.hall.store.read().await.unwrap().order_by_number(number).await.unwrap().unwrap();
    Chain::Order(&order.id).name()
}

both! {
    async fn the_command_line_keeps_and_checks_the_evidence(world: World) {
        let (_, number) = paid(&world).await;
        world.seals().await;
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let hall = &world.hall.config;
        let config = configured(folder.path(), &hall.data_dir, &hall.database_url);
        let within = |name: &str| folder.path().join(name).display().to_string();
        let (public, file, backup) = (within("audit.pub"), within("audit.jsonl"), within("backup"));
        for arguments in [
            &["audit", "verify"] as &[&str],
            &["audit", "public-key", "--out", &public],
            &["audit", "verify", "--public-key", &public, "--since", "1"],
            &["audit", "export", "--out", &file],
            &["audit", "verify", "--file", &file, "--public-key", &public],
            &["vault", "rotate"],
            &["backup", "--out", &backup],
        ] {
            let output = certhall(&config, arguments).await;
            assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        }
        // Elsewhere, on SQLite.
        let url = format!("sqlite:{}/hall.db", elsewhere.path().display());
        let there = configured(folder.path(), elsewhere.path(), &url);
        for arguments in [&["restore", "--from", &backup] as &[&str], &["audit", "verify", "--public-key", &public]] {
            let output = certhall(&there, arguments).await;
            assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        }
        let again = certhall(&there, &["restore", "--from", &backup]).await;
        assert_eq!(again.status.code(), Some(1));
        assert!(told(&again).contains("the place is not empty"), "{}", told(&again));

        let config = configured(folder.path(), &hall.data_dir, &hall.database_url);
        let chain = chain_of(&world, &number).await;
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}' AND seq = 4")).await;
        let broken = certhall(&config, &["audit", "verify"]).await;
        assert_eq!(broken.status.code(), Some(1));
        assert!(told(&broken).contains(&format!("{chain}: link 4 is missing or out of order")), "{}", told(&broken));
    }
}
