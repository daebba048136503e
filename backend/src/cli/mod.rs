//! The sub-commands of `certhall` that keep the evidence: audit, vault, backup.

mod audit;
mod backup;
mod vault;

pub use audit::AuditCommand;
pub use backup::{Backup, Restore};
pub use vault::VaultCommand;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::entropy::{SystemEntropy, new_id};
use crate::store::Store;
use std::sync::Arc;

/// What a command ends with. A finding that was told is an error, too: the program ends with 1.
pub type Ended = anyhow::Result<()>;

/// The hall's database alone: these commands need no page, no channels and no outside service.
async fn open_store(config: &Config) -> anyhow::Result<Store> {
    Ok(Store::open(&config.database_url, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?)
}

/// A name for leases that nobody else has.
fn owner() -> String {
    format!("command:{}", new_id(&SystemClock, &SystemEntropy))
}

/// Microseconds UTC.
fn now() -> i64 {
    SystemClock.now()
}

/// Prints lines for people.
fn say(text: impl std::fmt::Display) {
    println!("{text}");
}
