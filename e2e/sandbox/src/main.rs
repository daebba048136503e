//! `certhall-sandbox --listen 127.0.0.1:8720 --state DIR`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use sandbox::server::{Outside, serve};
use sandbox::world::Memory;

/// The stand-in outside world for tests and the demo.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; only loopback addresses are taken.
    #[arg(long, default_value = "127.0.0.1:8720")]
    listen: SocketAddr,
    /// Folder for keys, `backend.toml`, memory and sample papers.
    #[arg(long)]
    state: PathBuf,
    /// Where the hall takes Alipay's notifications; written into `backend.toml`.
    #[arg(long, default_value = "http://127.0.0.1:8710/api/notify/alipay")]
    notify_url: String,
    /// Remember nothing after the end: the world is not written to the folder. For runs of many thousand calls.
    #[arg(long)]
    fleeting: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Standard output is for the address alone: whoever starts this program reads it there.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    let arguments = Arguments::parse();
    anyhow::ensure!(
        arguments.listen.ip().is_loopback(),
        "--listen takes loopback addresses only: anybody who reaches this program reads every message"
    );
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("can't listen on {}", arguments.listen))?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let (folder, notify_url) = (arguments.state, &arguments.notify_url);
    let shared = if arguments.fleeting {
        Outside::with(Memory::fleeting(), folder, base_url.clone(), notify_url)?
    } else {
        Outside::open(folder, base_url.clone(), notify_url)?
    };
    println!("sandbox on {base_url}");
    println!("configuration for the hall: {}", shared.dir.join("backend.toml").display());
    tokio::select! {
        served = serve(listener, shared) => served,
        stopped = tokio::signal::ctrl_c() => stopped.map_err(Into::into),
    }
}
