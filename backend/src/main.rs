//! `certhall`: the backend's command line.

use anyhow::Context;
use backend::cli::{AuditCommand, Backup, Restore, VaultCommand};
use backend::config::{Config, LogFormat};
use backend::{logs, server, staff};
use clap::{Parser, Subcommand};
use shared::api::Role;
use std::io::BufRead;
use std::path::PathBuf;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// CertHall: the service hall for digital certificates on USB-Keys.
#[derive(Parser)]
#[command(name = "certhall", version)]
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
    /// The audit's evidence: verify, export, keys.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// The vault's keys: rotate, retire, erase.
    Vault {
        #[command(subcommand)]
        command: VaultCommand,
    },
    /// Writes database, papers and keys to a new folder, while the hall runs.
    Backup(Backup),
    /// Takes a backup into an empty place.
    Restore(Restore),
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
    let arguments = Arguments::parse();
    let config = Config::load(&arguments.config)?;
    let serving = matches!(arguments.command, Command::Serve);
    // Other commands are for a person who waits for their answer.
    logs::begin(if serving { config.log } else { LogFormat::Text });
    match arguments.command {
        Command::Serve => {
            let signals = Signals::listen().context("signals can't be heard")?;
            server::serve(server::open(config).await?, signals.stop()).await
        }
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
        Command::Audit { command } => command.run(&config).await,
        Command::Vault { command } => command.run(&config).await,
        Command::Backup(command) => command.run(&config).await,
        Command::Restore(command) => command.run(&config).await,
    }
}

/// SIGTERM and Ctrl-C, heard from [`Signals::listen`] on: one that comes while the hall still opens is not lost.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {}, _ = self.terminate.recv() => {} }
    }

    /// Ready at the first one; a second one ends the program at once.
    async fn stop(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            tracing::warn!("stopped by a second signal; what was running is broken off");
            std::process::exit(1);
        });
    }
}
