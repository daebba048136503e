//! A whole hall on a fresh database, listening on a port of its own.

use crate::applicant::Browser;
use crate::outside::Outside;
use axum::Router;
use backend::audit::{AuditKeys, Sealer};
use backend::ca::{Ca, CaConfig};
use backend::channels::Channels;
use backend::clock::{Clock, TestClock};
use backend::config::Config;
use backend::entropy::{Entropy, SystemEntropy};
use backend::gateways::Gateways;
use backend::hall::{Hall, Parts};
use backend::http::{Shells, router};
use backend::outbox::{Jobs, Outbox, Pace};
use backend::store::{Link, Store};
use backend::tickets::Tickets;
use backend::uploads::Darkroom;
use backend::vault::{RootKeys, Vault};
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A running hall and everything that a story moves.
#[derive(Clone)]
pub struct World {
    pub hall: Hall,
    pub clock: Arc<TestClock>,
    pub outside: Outside,
    pub address: String,
    sealer: Arc<Sealer>,
    seals_by_itself: Arc<AtomicBool>,
    url: String,
    folder: Arc<TempDir>,
}

impl World {
    pub async fn in_sqlite<F: Future<Output = ()> + Send + 'static>(story: fn(World) -> F) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/hall.db", folder.path().display());
        Self::open(folder, url).await.run(story).await;
    }

    pub async fn in_postgres<F: Future<Output = ()> + Send + 'static>(story: fn(World) -> F) {
        let schema = crate::databases::Schema::create().await;
        let (folder, url) = (tempfile::tempdir().unwrap(), schema.url().to_owned());
        let ended = tokio::spawn(async move { Self::open(folder, url).await.run(story).await }).await;
        schema.drop().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    /// A hall on the database at this address, which may hold something already.
    pub async fn open(folder: TempDir, url: String) -> Self {
        let (clock, gate) = (Arc::new(TestClock::default()), serde_json::json!({}));
        Self::over(Arc::new(folder), url, clock, Outside::default(), (gate, None)).await
    }

    /// A second backend on the same database, in the same outside world.
    pub async fn another_backend(&self) -> Self {
        self.with_gate(serde_json::json!({})).await
    }

    /// A second backend with other limits.
    pub async fn with_gate(&self, gate: serde_json::Value) -> Self {
        let (folder, url) = (self.folder.clone(), self.url.clone());
        Self::over(folder, url, self.clock.clone(), self.outside.clone(), (gate, None)).await
    }

    /// A second backend that applicants reach at this address.
    pub async fn reached_at(&self, public_url: &str) -> Self {
        let (folder, url, gate) = (self.folder.clone(), self.url.clone(), serde_json::json!({}));
        Self::over(folder, url, self.clock.clone(), self.outside.clone(), (gate, Some(public_url))).await
    }

    /// Changes a text in the channel's profile: backends that are started from now on read it.
    pub fn changes_profile(&self, from: &str, to: &str) {
        let file = self.folder.path().join("channels/nanning/profile.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "the profile has no {from:?}");
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    }

    /// Every row of every table as text; bytes in hex.
    pub async fn dump(&self) -> Vec<(String, Vec<String>)> {
        crate::databases::dump(&self.url).await
    }

    async fn over(
        folder: Arc<TempDir>,
        url: String,
        clock: Arc<TestClock>,
        outside: Outside,
        (gate, public_url): (serde_json::Value, Option<&str>),
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let public_url = public_url.unwrap_or(&address);
        let config = configuration(folder.path(), public_url, &url, gate);
        let channels = Channels::load(&config.channels_dir).unwrap();
        let hall = Hall::new(Parts {
            store: Store::open(&url, clock.clone(), entropy.clone()).await.unwrap(),
            vault: Vault::new(RootKeys::load(&config.root_key_file(), &*entropy).unwrap()),
            ca: Ca::open(CaConfig::of(&config).unwrap(), &*clock, &*entropy).unwrap(),
            tickets: Tickets::open(&folder.path().join("bridge-signing.pem"), &*entropy).unwrap(),
            shells: Shells::render(&config.page_dir, &channels).unwrap(),
            gateways: Gateways {
                sms: Arc::new(outside.clone()),
                elements: Arc::new(outside.clone()),
                payment: Arc::new(outside.clone()),
                mail: Some(Arc::new(outside.clone())),
            },
            documents: backend::papers::open(&config).unwrap(),
            darkroom: Darkroom::default(),
            channels,
            clock: clock.clone(),
            entropy,
            config,
        });
        let app: Router = router(hall.clone());
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let keys = AuditKeys::open(&hall.config.audit_key_file(), &*hall.entropy).unwrap();
        let sealer = Sealer::new(hall.store.clone(), keys, hall.new_id());
        let seals_by_itself = Arc::new(AtomicBool::new(true));
        Self { hall, clock, outside, address, sealer, seals_by_itself, url, folder }
    }

    /// Tells the story, and closes the database however it ends.
    pub async fn run<F: Future<Output = ()> + Send + 'static>(self, story: fn(World) -> F) {
        let store = self.hall.store.clone();
        let ended = tokio::spawn(story(self)).await;
        store.close().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    /// A browser at this address that was never here.
    pub fn browser_at(&self, address: &str) -> Browser {
        Browser::new(self.clone()).coming_from(address)
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// Lets time go by.
    pub fn later(&self, micros: i64) {
        self.clock.advance(micros);
    }

    /// The sealer runs, as it does every few seconds.
    pub async fn seals(&self) {
        self.sealer.seal_all().await.unwrap();
    }

    /// The sealer stops, or runs again. Until then it has always run before somebody at a desk does something.
    pub fn lets_sealer_run(&self, runs: bool) {
        self.seals_by_itself.store(runs, Ordering::SeqCst);
    }

    /// What happens every few seconds anyway, before a request of staff.
    pub async fn settles(&self) {
        if self.seals_by_itself.load(Ordering::SeqCst) {
            self.seals().await;
        }
    }

    /// Runs statements behind the hall's back.
    pub async fn raw(&self, sql: &str) {
        let mut tx = self.hall.store.begin().await.unwrap();
        match tx.link() {
            Link::Sqlite(link) => sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **link).await.map(drop).unwrap(),
            Link::Postgres(link) => {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **link).await.map(drop).unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// The outbox does everything that is due.
    pub async fn works(&self) {
        let jobs = Arc::new(Jobs::of(&self.hall));
        let outbox = Outbox::new(self.hall.store.clone(), jobs, self.hall.new_id(), Pace::default());
        outbox.run_due().await.unwrap();
    }

    /// The provider sends a genuine notice; answers what the hall said to it.
    pub async fn notice(&self, trade: &str) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}/api/notify/alipay", self.address)).body(trade.to_owned());
        request.send().await.unwrap().text().await.unwrap()
    }

    /// What staff see as owed back for an order.
    pub async fn owed_back(&self, number: &str) -> i64 {
        let mut reader = self.hall.store.read().await.unwrap();
        let order = reader.order_by_number(number).await.unwrap().unwrap();
        let owed = reader.refunds_owed("nanning", true, 100).await.unwrap();
        owed.iter().filter(|sum| sum.order_id == order.id).map(|sum| sum.amount_fen).sum()
    }

    /// Microseconds UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }
}

/// The site that may show the hall in a frame.
pub const PARTNER: &str = "https://partner.example";

/// The shipped channel in this folder, with a partner.
fn channels(folder: &Path) -> std::path::PathBuf {
    let (from, to) = (
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("channels/nanning"),
        folder.join("channels/nanning"),
    );
    std::fs::create_dir_all(to.join("agreements")).unwrap();
    for name in ["guide.md", "agreements/service.md", "agreements/privacy.md"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    if to.join("profile.toml").exists() {
        // A second backend reads what the story has made of it.
        return folder.join("channels");
    }
    let profile = std::fs::read_to_string(from.join("profile.toml")).unwrap();
    assert!(profile.contains("parents = []"));
    std::fs::write(to.join("profile.toml"), profile.replacen("parents = []", &format!("parents = [\"{PARTNER}\"]"), 1))
        .unwrap();
    folder.join("channels")
}

/// A configuration for a hall in this folder; the page is empty programs.
pub fn configuration(folder: &Path, address: &str, url: &str, gate: serde_json::Value) -> Config {
    serde_json::from_value(settings(folder, address, url, gate)).unwrap()
}

/// The same as it stands in a file.
pub fn settings(folder: &Path, address: &str, url: &str, gate: serde_json::Value) -> serde_json::Value {
    for program in ["hall", "application", "orders", "staff", "kiosk", "embed"] {
        let page = folder.join("page").join(program);
        std::fs::create_dir_all(&page).unwrap();
        std::fs::write(page.join("p.css"), "body{margin:0}").unwrap();
        let asset = |end: &str| serde_json::json!({ "file": format!("p.{end}"), "integrity": "sha384-x", "bytes": 1 });
        let manifest = serde_json::json!({ "js": asset("js"), "wasm": asset("wasm"), "css": asset("css") });
        std::fs::write(page.join("manifest.json"), manifest.to_string()).unwrap();
    }
    // Proofs that take no time, and no flood control: stories stand still in time.
    let mut limits = serde_json::json!({ "work_bits": 8, "requests_a_second": 100_000 });
    if let (Some(limits), serde_json::Value::Object(gate)) = (limits.as_object_mut(), gate) {
        limits.extend(gate);
    }
    let none = "http://127.0.0.1:9";
    let key = serde_json::json!({ "id": "i", "secret": "s" });
    let template = |name: &str| format!("SMS_{name}");
    serde_json::json!({
        "listen": "127.0.0.1:0",
        "public_url": address,
        "database_url": url,
        "data_dir": folder,
        "channels_dir": channels(folder),
        "page_dir": folder.join("page"),
        "behind_proxy": true,
        "gate": limits,
        "gateways": {
            "sms": { "base_url": none, "key": key, "sign_name": "n", "templates": {
                "sign": template("sign"), "query": template("query"), "takeover": template("takeover"),
                "correct_mailing": template("correct_mailing"), "correct_phone": template("correct_phone"),
                "refused": template("refused"), "approved": template("approved"),
                "dispatched": template("dispatched"), "pin": template("pin"), "expired": template("expired"),
                "rejected": template("rejected"), "refunded": template("refunded"),
            } },
            "elements": { "company_url": none, "person_url": none, "key": key, "auth_code": "a" },
            "alipay": { "gateway_url": none, "app_id": "a", "seller_id": "s", "product_code": "QR_CODE_OFFLINE",
                "notify_url": none, "app_private_key": "", "alipay_public_key": "" },
        },
    })
}
