//! `certhall-bridge`: see the library's documentation.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bridge::config::Config;
use bridge::pcsc::Hub;
use bridge::server::{Bridge, Listeners, Patience};
use bridge::{phrase, random};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Gives a portal's page the UKey of this computer.
#[derive(Parser)]
#[command(name = "certhall-bridge", version)]
struct Arguments {
    /// The configuration: which portals are served.
    #[arg(long, env = "CERTHALL_BRIDGE_CONFIG", default_value = "/etc/certhall/bridge.toml")]
    config: PathBuf,
    /// Listen on this port only (default: the first free one of 21451, 21452, 21453; 0: any).
    #[arg(long)]
    port: Option<u16>,
    /// Folder for what the bridge keeps: the recognition phrase.
    #[arg(long, env = "CERTHALL_BRIDGE_STATE")]
    state: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();

    let config = Config::load(&arguments.config)?;
    let random = random::system();
    let phrase = match &config.phrase {
        Some(phrase) => phrase.clone(),
        None => phrase::keep(&state_folder(arguments.state)?.join("phrase"), &*random)?,
    };
    let listeners = Listeners::bind(arguments.port).await?;
    let hub = Hub::new(random.clone());
    hub.watch().context("cannot start watching for keys")?;

    let port = listeners.port();
    println!("certhall-bridge listens on http://127.0.0.1:{port}");
    println!("识别短语（UKey 操作窗口中应显示）: {phrase}");
    for portal in &config.portals {
        println!("serves {} {}", portal.origin, portal.name);
    }
    let bridge = Bridge::new(config, phrase, Patience::default(), hub, random, port);
    tokio::select! {
        ended = listeners.serve(bridge) => ended,
        signal = tokio::signal::ctrl_c() => signal.context("cannot hear signals"),
    }
}

fn state_folder(chosen: Option<PathBuf>) -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    chosen
        .or_else(|| Some(from("XDG_STATE_HOME")?.join("certhall-bridge")))
        .or_else(|| Some(from("HOME")?.join(".local/state/certhall-bridge")))
        .or_else(|| Some(from("LOCALAPPDATA")?.join("certhall-bridge")))
        .context("no home folder: name one with --state")
}
