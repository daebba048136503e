//! Starting, serving and stopping one backend.

use crate::audit::{AuditKeys, Sealer};
use crate::ca::{Ca, CaConfig};
use crate::channels::Channels;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::entropy::{Entropy, SystemEntropy};
use crate::gate::sweep_until;
use crate::gateways::{Freshness, Gateways};
use crate::hall::{Hall, Parts};
use crate::http::{Shells, listen, metrics, router};
use crate::outbox::jobs::reconcile;
use crate::outbox::{Job, Jobs, Outbox, Pace};
use crate::store::Store;
use crate::supervisor;
use crate::tickets::Tickets;
use crate::uploads::Darkroom;
use crate::vault::{RootKeys, Vault};
use anyhow::Context;
use secrecy::ExposeSecret;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What was begun after an answer gets this long to end.
const ERRANDS: Duration = Duration::from_secs(15);

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
    let vault = open_vault(&config, &*entropy)?;
    let ca = Ca::open(CaConfig::of(&config)?, &*clock, &*entropy)?;
    let tickets = Tickets::open(&config.data_dir.join("bridge-signing.pem"), &*entropy)?;
    let store = Store::open(&config.database_url, clock.clone(), entropy.clone()).await?;
    let fresh = Arc::new(Machine { clock: clock.clone(), entropy: entropy.clone() });
    let gateways = Gateways::from_config(&config.gateways, fresh)?;
    let documents = crate::papers::open(&config)?;
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

/// The vault, with the root keys from where the configuration says.
pub fn open_vault(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<Vault> {
    Ok(match &config.root_keys {
        Some(keys) => Vault::new(RootKeys::parse(keys.expose_secret())?),
        None => Vault::of_file(&config.root_key_file(), entropy)?,
    })
}

/// What a newer version keeps of older orders; nothing to do from the second start on.
async fn catch_up(hall: &Hall) -> anyhow::Result<()> {
    let filled = crate::orders::indexes::fill(hall).await?;
    if filled > 0 {
        tracing::info!(orders = filled, "orders of an older version can be found by phone now");
    }
    Ok(())
}

/// Serves until `stop` is ready; then no new request is taken, running ones and the jobs in hand get their grace to end.
pub async fn serve(hall: Hall, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
    catch_up(&hall).await?;
    let listener = TcpListener::bind(hall.config.listen)
        .await
        .with_context(|| format!("{}: is another program listening there?", hall.config.listen))?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    reconcile::schedule(&hall.store)
        .await
        .context("the daily comparison with the provider's books can't be planned")?;
    let outbox = Outbox::new(hall.store.clone(), Arc::new(Jobs::of(&hall)), hall.new_id(), Pace::default());
    let worker_stop = CancellationToken::new();
    let worker = tokio::spawn({
        let stopped = worker_stop.clone();
        async move { outbox.run(stopped).await }
    });
    tidy_daily(&hall).await?;
    let keys = AuditKeys::open(&hall.config.audit_key_file(), &*hall.entropy)?;
    let sealer = Sealer::new(hall.store.clone(), keys, hall.new_id());
    let sealer_stop = CancellationToken::new();
    let sealing = tokio::spawn({
        let stopped = sealer_stop.clone();
        async move { sealer.run(stopped).await }
    });
    let rereading = tokio::spawn({
        let vault = hall.vault.clone();
        async move { vault.keep_current().await }
    });
    let stopping = CancellationToken::new();
    let sweeping = tokio::spawn(sweep_until(hall.clone(), stopping.clone()));
    let measuring = show_metrics(&hall, stopping.clone()).await?;
    let listening = tokio::spawn(listen(listener, router(hall.clone()), hall.config.http, stopping.clone()));
    supervisor::tell("READY=1");
    stop.await;
    tracing::info!("stopping: no new requests, running ones end");
    supervisor::tell("STOPPING=1");
    stopping.cancel();
    worker_stop.cancel();
    let broken_off = listening.await?;
    if broken_off > 0 {
        tracing::warn!(connections = broken_off, "stopped before these connections' requests ended");
    }
    // Messages that are just being handed over: what comes of them is written down.
    if tokio::time::timeout(ERRANDS, hall.errands_done()).await.is_err() {
        tracing::warn!("stopped before every message was handed over; the provider will be asked about the others");
    }
    worker.await?;
    sweeping.await?;
    measuring.await?;
    // Last: what requests and jobs did is sealed before the program ends.
    sealer_stop.cancel();
    sealing.await?;
    rereading.abort();
    hall.store.close().await;
    Ok(())
}

/// The job that comes again each day; one that waits already is only brought forward.
async fn tidy_daily(hall: &Hall) -> anyhow::Result<()> {
    let mut tx = hall.store.begin().await?;
    let now = tx.now();
    tx.enqueue(&Job::Tidy, now).await?;
    Ok(tx.commit().await?)
}

/// Begins to measure, and shows it where the configuration says; without an address nothing is measured.
async fn show_metrics(hall: &Hall, stop: CancellationToken) -> anyhow::Result<JoinHandle<()>> {
    let Some(address) = hall.config.metrics_listen else { return Ok(tokio::spawn(async {})) };
    metrics::record()?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("metrics_listen {address}"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics");
    let (app, limits) = (metrics::routes(hall.clone()), hall.config.http);
    Ok(tokio::spawn(async move {
        listen(listener, app, limits, stop).await;
    }))
}
