//! `certhall-bench`: what the service does in a second, beside the least that the same work can cost.
//!
//! Every figure stands beside a peer measured in the same run: orders beside a bare sqlx transaction that writes the same
//! rows, reading pages beside a bare axum + sqlx select. `cargo xtask bench service` runs it with release programs.

mod bare;
mod engine;
mod fill;
mod history;
mod load;
mod memory;
mod million;
mod report;
mod stand;
mod submit;
mod uploads;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Measures the backend.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole run; prints the tables in Markdown.
    Service(Places),
    /// Lists and searches among very many orders.
    Million {
        /// Where the programs are.
        #[command(flatten)]
        places: Places,
        /// How many orders.
        #[arg(long, default_value_t = 1_000_000)]
        orders: u32,
    },
    /// The peer of the reading pages: one select and its answer (started by `service`).
    BareServer {
        /// `sqlite:FILE` or `postgres://…`.
        #[arg(long)]
        database: String,
        /// Where it listens.
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

/// Where the measured programs are.
#[derive(clap::Args, Clone)]
pub struct Places {
    /// `certhall`, release build.
    #[arg(long)]
    backend: PathBuf,
    /// `certhall-sandbox`: writes the configuration of the outside services.
    #[arg(long)]
    sandbox: PathBuf,
    /// The built page.
    #[arg(long)]
    page: PathBuf,
    /// The channels' folders.
    #[arg(long)]
    channels: PathBuf,
    /// An empty PostgreSQL database server, `postgres://user@host:port/database`; left out: SQLite alone.
    #[arg(long)]
    postgres: Option<String>,
    /// Rounds; the median is told.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Requests a measurement: divided by this for a quick look.
    #[arg(long, default_value_t = 1)]
    less: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Service(places) => report::whole_run(&places).await,
        Command::Million { places, orders } => million::measure(&places, orders).await,
        Command::BareServer { database, listen } => bare::serve(&database, listen).await,
    }
}
