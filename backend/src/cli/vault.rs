//! `certhall vault …`.

use super::{Ended, open_store, owner, say};
use crate::config::Config;
use crate::entropy::SystemEntropy;
use crate::orders::erase::erase;
use crate::server::open_vault;
use crate::vault::rotation;
use clap::Subcommand;

/// The vault's keys.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Adds a root key version and wraps every data key under it, while the hall runs. Broken off, the same command goes on.
    Rotate {
        /// Only add the version: copy the root key file to the other machines, then run `rotate` again.
        #[arg(long)]
        add_only: bool,
    },
    /// Takes the older root key versions out of the file, once nothing is wrapped under them.
    Retire,
    /// Destroys the identity data of a cancelled or overdue order for ever. Events and audit stay.
    Erase {
        /// The order's number.
        #[arg(long)]
        order: String,
        /// Why; kept in the audit: name no person in it.
        #[arg(long)]
        reason: String,
    },
}

impl VaultCommand {
    /// Does it.
    pub async fn run(self, config: &Config) -> Ended {
        let store = open_store(config).await?;
        match self {
            Self::Rotate { add_only: true } => {
                let vault = open_vault(config, &SystemEntropy)?;
                let version = rotation::add_version(&store, &vault, &SystemEntropy).await?;
                say(format!("root key version {version} was added; nothing is wrapped under it yet"));
            }
            Self::Rotate { add_only: false } => {
                let vault = open_vault(config, &SystemEntropy)?;
                let done = rotation::rotate(&store, &vault, &SystemEntropy, &owner()).await?;
                match done.added {
                    Some(version) => say(format!("root key version {version} was added")),
                    None => say("an earlier rotation was brought to its end; run this again to add a version"),
                }
                say(format!("{} data keys and {} other rows were sealed anew", done.data_keys, done.others));
            }
            Self::Retire => {
                let vault = open_vault(config, &SystemEntropy)?;
                let gone = rotation::retire(&store, &vault, &owner()).await?;
                say(match gone.as_slice() {
                    [] => "there is no older version".to_owned(),
                    gone => {
                        format!("root key versions {gone:?} are gone; backups made before need their own keys file")
                    }
                });
            }
            Self::Erase { order, reason } => {
                erase(&store, &config.retention, &order, &reason).await?;
                say(format!("the identity data of order {order} is destroyed; backups made before still hold it"));
            }
        }
        store.close().await;
        Ok(())
    }
}
