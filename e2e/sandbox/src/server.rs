//! The program's parts put together.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::keys::Keys;
use crate::world::Memory;
use crate::{alipay, aliyun, ctl, pages, smtp};

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
    /// Where mail comes in; taken by [`serve`].
    pub mail: Mutex<Option<TcpListener>>,
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
        let mail = mail_listener(&dir)?;
        let keys = Keys::in_dir(&dir, &base_url, notify_url, mail.local_addr()?.port())?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(10))
            .build()?;
        Ok(Arc::new(Self { keys, memory, base_url, dir, http, mail: Mutex::new(Some(mail)) }))
    }
}

/// Mail comes in at the port of the last start, if that is free: a hall that runs on goes on finding it.
fn mail_listener(dir: &Path) -> anyhow::Result<TcpListener> {
    let file = dir.join("mail-port");
    let last = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u16>().ok()).unwrap_or(0);
    let listener = TcpListener::bind(("127.0.0.1", last)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
    listener.set_nonblocking(true)?;
    std::fs::create_dir_all(dir)?;
    std::fs::write(file, listener.local_addr()?.port().to_string())?;
    Ok(listener)
}

/// Every address of the program.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(pages::home::show).post(aliyun::call))
        .route("/gateway.do", post(alipay::call))
        .route("/phones/{phone}", get(pages::phone::show))
        .route("/mails/{address}", get(pages::mail::show))
        .route("/bills/{token}", get(alipay::bill::download))
        .route("/papers/{name}", get(pages::papers::show))
        .route("/cashier/{token}", get(pages::cashier::show))
        .route("/cashier/{token}/pay", post(pages::cashier::pay))
        .route("/_ctl/state", get(ctl::state))
        .route("/_ctl/people", get(ctl::people))
        .route("/_ctl/crowd", get(ctl::crowd))
        .route("/_ctl/sms", get(ctl::sms))
        .route("/_ctl/sms/receipt", post(ctl::receipt))
        .route("/_ctl/mail", get(ctl::mail))
        .route("/_ctl/bill", post(ctl::bill))
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
    if let Some(mail) = shared.mail.lock().unwrap_or_else(PoisonError::into_inner).take() {
        tokio::spawn(smtp::serve(tokio::net::TcpListener::from_std(mail)?, shared.clone()));
    }
    axum::serve(listener, router(shared)).await?;
    Ok(())
}
