//! The program's parts put together.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::keys::Keys;
use crate::world::Memory;
use crate::{alipay, aliyun, ctl, pages};

/// What every request needs.
pub struct Outside {
    /// Both sides' keys.
    pub keys: Keys,
    /// What is remembered.
    pub memory: Memory,
    /// The address that links and codes begin with.
    pub base_url: String,
    /// The state folder.
    pub dir: PathBuf,
    /// For notifications.
    pub http: reqwest::Client,
}

/// Handed to every handler.
pub type Shared = Arc<Outside>;

impl Outside {
    /// Opens the state folder.
    pub fn open(dir: PathBuf, base_url: String, notify_url: &str) -> anyhow::Result<Shared> {
        let memory = Memory::open(dir.join("world.json"))?;
        Self::with(memory, dir, base_url, notify_url)
    }

    /// As [`Outside::open`], with a memory of the caller's.
    pub fn with(memory: Memory, dir: PathBuf, base_url: String, notify_url: &str) -> anyhow::Result<Shared> {
        let keys = Keys::in_dir(&dir, &base_url, notify_url)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(10))
            .build()?;
        Ok(Arc::new(Self { keys, memory, base_url, dir, http }))
    }
}

/// Every address of the program.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(pages::home::show).post(aliyun::call))
        .route("/gateway.do", post(alipay::call))
        .route("/phones/{phone}", get(pages::phone::show))
        .route("/papers/{name}", get(pages::papers::show))
        .route("/cashier/{token}", get(pages::cashier::show))
        .route("/cashier/{token}/pay", post(pages::cashier::pay))
        .route("/_ctl/state", get(ctl::state))
        .route("/_ctl/people", get(ctl::people))
        .route("/_ctl/crowd", get(ctl::crowd))
        .route("/_ctl/sms", get(ctl::sms))
        .route("/_ctl/sms/receipt", post(ctl::receipt))
        .route("/_ctl/scan", post(ctl::scan))
        .route("/_ctl/pay", post(ctl::pay))
        .route("/_ctl/notify", post(ctl::notify))
        .route("/_ctl/notify/policy", post(ctl::policy))
        .route("/_ctl/faults", post(ctl::add_fault).merge(delete(ctl::clear_faults)))
        .route("/_ctl/clock", post(ctl::clock))
        .route("/_ctl/reset", post(ctl::reset))
        .with_state(shared)
}

/// Serves until the process ends.
pub async fn serve(listener: tokio::net::TcpListener, shared: Shared) -> anyhow::Result<()> {
    axum::serve(listener, router(shared)).await?;
    Ok(())
}
