//! A sandbox on a free port, the hall's own adapters talking to it, and a hall's notification address.

#![allow(dead_code)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use backend::gateways::{Freshness, Gateways, GatewaysConfig};
use sandbox::server::{Outside, serve};
use sandbox::{chance, clock};
use serde_json::{Value, json};

/// The hall's time and chance; the time can be moved, the nonce fixed.
pub struct HallFreshness {
    pub offset_seconds: AtomicI64,
    pub nonce: Mutex<Option<String>>,
}

impl Freshness for HallFreshness {
    fn now(&self) -> jiff::Timestamp {
        clock::now(self.offset_seconds.load(Ordering::SeqCst))
    }

    fn nonce(&self) -> String {
        let fixed = self.nonce.lock().unwrap().clone();
        fixed.unwrap_or_else(|| chance::hex(16).unwrap())
    }
}

/// What arrived at the hall's notification address, and what it answers (`success` when the list is empty).
#[derive(Default)]
pub struct Inbox {
    pub arrived: Mutex<Vec<Vec<u8>>>,
    pub answers: Mutex<VecDeque<&'static str>>,
}

async fn take(State(inbox): State<Arc<Inbox>>, body: Bytes) -> &'static str {
    inbox.arrived.lock().unwrap().push(body.to_vec());
    inbox.answers.lock().unwrap().pop_front().unwrap_or("success")
}

impl Inbox {
    /// Waits until so many arrived.
    pub async fn wait(&self, count: usize) -> Vec<Vec<u8>> {
        for _ in 0..200 {
            let arrived = self.arrived.lock().unwrap().clone();
            if arrived.len() >= count {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no notification");
    }
}

/// Everything together.
pub struct World {
    pub url: String,
    pub gateways: Gateways,
    pub config: GatewaysConfig,
    pub fresh: Arc<HallFreshness>,
    pub inbox: Arc<Inbox>,
    pub http: reqwest::Client,
    _dir: tempfile::TempDir,
}

#[derive(serde::Deserialize)]
struct File {
    gateways: GatewaysConfig,
}

impl World {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let inbox = Arc::new(Inbox::default());
        let hall = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notify_url = format!("http://{}/notify", hall.local_addr().unwrap());
        let app = axum::Router::new().route("/notify", axum::routing::post(take)).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(hall, app).await });

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Outside::open(dir.path().to_owned(), url.clone(), &notify_url).unwrap();
        tokio::spawn(serve(listener, shared));

        let text = std::fs::read_to_string(dir.path().join("backend.toml")).unwrap();
        let mut config = toml::from_str::<File>(&text).unwrap().gateways;
        // Short, so that tests of silence are.
        config.sms.timeouts.total_ms = 2_000;
        config.alipay.timeouts.total_ms = 2_000;
        config.elements.timeouts.total_ms = 2_000;
        if let Some(mail) = &mut config.mail {
            mail.timeouts.total_ms = 2_000;
        }
        let fresh = Arc::new(HallFreshness { offset_seconds: AtomicI64::new(0), nonce: Mutex::new(None) });
        let gateways = Gateways::from_config(&config, Arc::clone(&fresh) as _).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url, gateways, config, fresh, inbox, http, _dir: dir }
    }

    /// `POST /_ctl/{path}`.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/_ctl/{path}", self.url)).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or(Value::Null)
    }

    /// `GET /_ctl/{path}`.
    pub async fn look(&self, path: &str) -> Value {
        self.http.get(format!("{}/_ctl/{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// Moves both worlds' clocks.
    pub async fn move_clocks(&self, seconds: i64) {
        self.control("clock", json!({"offset_seconds": seconds})).await;
        self.fresh.offset_seconds.store(seconds, Ordering::SeqCst);
    }

    /// `GET {path}` as text.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// The next calls of a service go wrong.
    pub async fn fault(&self, service: &str, fault: Value) {
        let mut order = json!({ "service": service });
        for (name, value) in fault.as_object().unwrap() {
            order[name] = value.clone();
        }
        self.control("faults", order).await;
    }
}
