//! A whole hall on a fresh database, listening on a port of its own.

use crate::applicant::Browser;
use crate::outside::Outside;
use axum::Router;
use backend::ca::{Ca, CaConfig};
use backend::channels::Channels;
use backend::clock::{Clock, TestClock};
use backend::config::Config;
use backend::entropy::{Entropy, SystemEntropy};
use backend::gateways::Gateways;
use backend::hall::{Hall, Parts};
use backend::http::{Shells, router};
use backend::outbox::{Jobs, Outbox, Pace};
use backend::store::Store;
use backend::tickets::Tickets;
use backend::uploads::Darkroom;
use backend::vault::{RootKeys, Vault};
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A running hall and everything that a story moves.
#[derive(Clone)]
pub struct World {
    pub hall: Hall,
    pub clock: Arc<TestClock>,
    pub outside: Outside,
    pub address: String,
    _folder: Arc<TempDir>,
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

    async fn open(folder: TempDir, url: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(TestClock::default());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let config = configuration(folder.path(), &address, &url);
        let channels = Channels::load(&config.channels_dir).unwrap();
        let outside = Outside::default();
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
            },
            documents: Arc::new(object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap()),
            darkroom: Darkroom::default(),
            channels,
            clock: clock.clone(),
            entropy,
            config,
        });
        let app: Router = router(hall.clone());
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { hall, clock, outside, address, _folder: Arc::new(folder) }
    }

    async fn run<F: Future<Output = ()> + Send + 'static>(self, story: fn(World) -> F) {
        let store = self.hall.store.clone();
        let ended = tokio::spawn(story(self)).await;
        store.close().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// Lets time go by.
    pub fn later(&self, micros: i64) {
        self.clock.advance(micros);
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
        let owed = reader.refunds_owed("nanning", 100).await.unwrap();
        owed.iter().filter(|sum| sum.order_id == order.id).map(|sum| sum.amount_fen).sum()
    }

    /// Microseconds UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }
}

/// A configuration for a hall in this folder; the page is two empty programs.
fn configuration(folder: &Path, address: &str, url: &str) -> Config {
    for program in ["hall", "orders", "staff", "kiosk", "embed"] {
        let page = folder.join("page").join(program);
        std::fs::create_dir_all(&page).unwrap();
        std::fs::write(page.join("p.css"), "body{margin:0}").unwrap();
        let asset = |end: &str| serde_json::json!({ "file": format!("p.{end}"), "integrity": "sha384-x", "bytes": 1 });
        let manifest = serde_json::json!({ "js": asset("js"), "wasm": asset("wasm"), "css": asset("css") });
        std::fs::write(page.join("manifest.json"), manifest.to_string()).unwrap();
    }
    let none = "http://127.0.0.1:9";
    let key = serde_json::json!({ "id": "i", "secret": "s" });
    let template = |name: &str| format!("SMS_{name}");
    serde_json::from_value(serde_json::json!({
        "listen": "127.0.0.1:0",
        "public_url": address,
        "database_url": url,
        "data_dir": folder,
        "channels_dir": Path::new(env!("CARGO_MANIFEST_DIR")).join("channels"),
        "page_dir": folder.join("page"),
        "gateways": {
            "sms": { "base_url": none, "key": key, "sign_name": "n", "templates": {
                "sign": template("sign"), "query": template("query"), "takeover": template("takeover"),
                "refused": template("refused"), "approved": template("approved"),
                "dispatched": template("dispatched"), "pin": template("pin"), "expired": template("expired"),
            } },
            "elements": { "company_url": none, "person_url": none, "key": key, "auth_code": "a" },
            "alipay": { "gateway_url": none, "app_id": "a", "seller_id": "s", "product_code": "QR_CODE_OFFLINE",
                "notify_url": none, "app_private_key": "", "alipay_public_key": "" },
        },
    }))
    .unwrap()
}
