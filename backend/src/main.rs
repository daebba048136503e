//! `certhall`: the backend's command line.

use anyhow::Context;
use backend::config::Config;
use backend::{server, staff};
use clap::{Parser, Subcommand};
use shared::api::Role;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

/// CertHall: the service hall for digital certificates on USB-Keys.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, short, global = true, env = "CERTHALL_CONFIG", default_value = "/etc/certhall/certhall.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the hall until SIGTERM or Ctrl-C.
    Serve,
    /// Staff accounts.
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// Prints the public key that bridges verify this hall's tickets with: base64, for `keys` in the bridge's
    /// configuration.
    BridgeKey,
    /// Reads configuration and channels, and says what is wrong with them.
    Check,
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Adds a member of staff; the password is read from standard input. Prints the TOTP address once.
    Add {
        /// Log-in name.
        #[arg(long)]
        name: String,
        /// The channel's slug; `*` for every channel.
        #[arg(long)]
        channel: String,
        /// reviewer, maker or admin; may be given several times.
        #[arg(long, required = true, value_parser = role)]
        role: Vec<Role>,
    },
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| "reviewer, maker or admin".to_owned())
}

#[tokio::main]
pub async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn".into());
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let config = Config::load(&arguments.config)?;
    match arguments.command {
        Command::Serve => server::serve(server::open(config).await?, stop_signal()).await,
        Command::Staff { command: StaffCommand::Add { name, channel, role } } => {
            let password = std::io::stdin().lock().lines().next().context("no password on standard input")??;
            let hall = server::open(config).await?;
            println!("{}", staff::add(&hall, &name, &password, &channel, &role).await?);
            Ok(())
        }
        Command::BridgeKey => {
            println!("{}", server::open(config).await?.tickets.public_key());
            Ok(())
        }
        Command::Check => {
            let channels = backend::channels::Channels::load(&config.channels_dir)?;
            println!(
                "{}: configuration and {} channels are in order",
                arguments.config.display(),
                channels.iter().count()
            );
            Ok(())
        }
    }
}

/// Ready at the first SIGTERM or Ctrl-C.
async fn stop_signal() {
    let interrupt = async { tokio::signal::ctrl_c().await.ok() };
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { _ = interrupt => {}, _ = terminate => {} }
}
