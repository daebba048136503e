//! A PIV card for the virtual reader vpcd, so that key work runs and is tested without hardware.
//!
//! The card is the independent implementation `piv-authenticator`; this program gives it memory,
//! randomness and a wire, and a hand that pulls it out and pushes it in again.

mod apdu;
mod card;
mod control;
mod dispatch;
mod reader;
mod slot;
#[cfg(test)]
mod tests;
mod vpcd;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Result;
use clap::Parser;

use crate::slot::Slot;

/// A PIV card for the virtual smart card reader vpcd.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where vpcd listens.
    #[arg(default_value = "127.0.0.1:35963")]
    reader: SocketAddr,
    /// Folder with the keys, one folder a key; without it the keys are gone when the program ends.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The key to begin with; a new name is a new blank key.
    #[arg(long, default_value = "key-1")]
    key: String,
    /// Begin with an empty slot.
    #[arg(long)]
    removed: bool,
    /// Loopback address (port 0: a free one, printed) or socket path on which to take the orders
    /// `insert [NAME]`, `remove`, `swap`, `status`.
    #[arg(long)]
    control: Option<control::Place>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let folder = arguments.state.unwrap_or_else(|| temporary.path().to_owned());
    let slot = Arc::new(Slot::new(folder, &arguments.key, !arguments.removed)?);
    if let Some(place) = arguments.control {
        control::open(place, &slot)?;
    }
    reader::run(arguments.reader, &slot)
}
