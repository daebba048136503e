//! Starting, serving and stopping one backend.

use crate::ca::{Ca, CaConfig};
use crate::channels::Channels;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::entropy::{Entropy, SystemEntropy};
use crate::gateways::{Freshness, Gateways};
use crate::hall::{Hall, Parts};
use crate::http::{Shells, router};
use crate::outbox::{Jobs, Outbox, Pace};
use crate::store::Store;
use crate::tickets::Tickets;
use crate::uploads::Darkroom;
use crate::vault::{RootKeys, Vault};
use anyhow::Context;
use object_store::local::LocalFileSystem;
use secrecy::ExposeSecret;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The machine's clock and randomness, as the gateways need them.
struct Machine {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Freshness for Machine {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.clock.now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    fn nonce(&self) -> String {
        let mut nonce = [0; 16];
        self.entropy.fill(&mut nonce);
        hex::encode(nonce)
    }
}

/// Opens everything that the configuration names; makes what a first start has to make.
pub async fn open(config: Config) -> anyhow::Result<Hall> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    std::fs::create_dir_all(&config.data_dir).with_context(|| config.data_dir.display().to_string())?;
    let channels = Channels::load(&config.channels_dir)?;
    let shells = Shells::render(&config.page_dir, &channels)?;
    let root_keys = match &config.root_keys {
        Some(keys) => RootKeys::parse(keys.expose_secret())?,
        None => RootKeys::load(&config.root_key_file(), &*entropy)?,
    };
    let vault = Vault::new(root_keys);
    let ca = Ca::open(CaConfig::of(&config)?, &*clock, &*entropy)?;
    let tickets = Tickets::open(&config.data_dir.join("bridge-signing.pem"), &*entropy)?;
    let store = Store::open(&config.database_url, clock.clone(), entropy.clone()).await?;
    let fresh = Arc::new(Machine { clock: clock.clone(), entropy: entropy.clone() });
    let gateways = Gateways::from_config(&config.gateways, fresh)?;
    let papers = config.data_dir.join("documents");
    std::fs::create_dir_all(&papers).with_context(|| papers.display().to_string())?;
    let documents = Arc::new(LocalFileSystem::new_with_prefix(&papers)?);
    Ok(Hall::new(Parts {
        config,
        clock,
        entropy,
        store,
        vault,
        ca,
        tickets,
        channels,
        gateways,
        documents,
        darkroom: Darkroom::default(),
        shells,
    }))
}

/// Serves until `stop` is ready; then no new request is taken, running ones and the job in hand end.
pub async fn serve(hall: Hall, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
    let listener = TcpListener::bind(hall.config.listen)
        .await
        .with_context(|| format!("{}: is another program listening there?", hall.config.listen))?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    let outbox = Outbox::new(hall.store.clone(), Arc::new(Jobs::of(&hall)), hall.new_id(), Pace::default());
    let worker_stop = CancellationToken::new();
    let worker = tokio::spawn({
        let stopped = worker_stop.clone();
        async move { outbox.run(stopped).await }
    });
    let app = router(hall.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(stop).await?;
    worker_stop.cancel();
    worker.await?;
    hall.store.close().await;
    Ok(())
}
