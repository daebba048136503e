//! `certhall audit …`.

use super::{Ended, open_store, say};
use crate::audit::export::export;
use crate::audit::sealer::publish;
use crate::audit::verify::{Report, check_file, check_store};
use crate::audit::{AuditKeys, Chain, PublicKeys};
use crate::config::Config;
use crate::entropy::SystemEntropy;
use anyhow::Context;
use clap::Subcommand;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The audit's evidence.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Checks chains, leaves and signed checkpoints. Ends with 0 when the evidence is whole, with 1 and the names of chain
    /// and link when it is not.
    Verify {
        /// Trust the keys in this file (from `certhall audit public-key`, kept elsewhere) rather than this machine's own.
        #[arg(long)]
        public_key: Option<PathBuf>,
        /// Check what came after this checkpoint, which must be there; its number was noted at an earlier check.
        #[arg(long, conflicts_with = "file")]
        since: Option<i64>,
        /// Check an exported file instead of the database; needs --public-key.
        #[arg(long, requires = "public_key")]
        file: Option<PathBuf>,
    },
    /// Writes events, leaves and checkpoints as JSON lines, to be checked anywhere with `verify --file`.
    Export {
        /// Where to; standard output without it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Prints the public keys that sign checkpoints: keep them where nobody of this machine writes.
    PublicKey {
        /// Where to; standard output without it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Adds a version of the signing key, endorsed by the one before. Running backends sign with it after their next start.
    RotateKey,
}

impl AuditCommand {
    /// Does it.
    pub async fn run(self, config: &Config) -> Ended {
        match self {
            Self::Verify { public_key, file: Some(file), .. } => {
                let keys = trusted(config, public_key.as_deref())?;
                let open = || File::open(&file).map(BufReader::new);
                let report = check_file(open, keys).with_context(|| file.display().to_string())?;
                told(&report)
            }
            Self::Verify { public_key, since, file: None } => {
                let keys = trusted(config, public_key.as_deref())?;
                let store = open_store(config).await?;
                let report = check_store(&store, keys, since).await?;
                store.close().await;
                told(&report)
            }
            Self::Export { out } => {
                let store = open_store(config).await?;
                let mut file: Box<dyn Write + Send> = match &out {
                    Some(path) => Box::new(BufWriter::new(
                        File::create_new(path).with_context(|| format!("{}: is it there already?", path.display()))?,
                    )),
                    None => Box::new(BufWriter::new(std::io::stdout())),
                };
                let done = export(&store, &mut *file).await?;
                eprintln!("{} checkpoints, {} leaves, {} events", done.checkpoints, done.leaves, done.events);
                store.close().await;
                Ok(())
            }
            Self::PublicKey { out } => {
                let keys = AuditKeys::open(&config.audit_key_file(), &SystemEntropy)?.public();
                match out {
                    Some(path) => {
                        std::fs::write(&path, keys.to_string()).with_context(|| path.display().to_string())?;
                    }
                    None => print!("{keys}"),
                }
                Ok(())
            }
            Self::RotateKey => rotate_key(config).await,
        }
    }
}

fn trusted(config: &Config, file: Option<&Path>) -> anyhow::Result<PublicKeys> {
    match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            PublicKeys::parse(&text).with_context(|| path.display().to_string())
        }
        None => Ok(AuditKeys::load(&config.audit_key_file())
            .context("without --public-key the checkpoints are checked with this machine's own key")?
            .public()),
    }
}

fn told(report: &Report) -> Ended {
    say(report);
    if report.is_whole() { Ok(()) } else { anyhow::bail!("the evidence is broken") }
}

/// The file first, then the database: a kill in between leaves a version that the next call makes known.
async fn rotate_key(config: &Config) -> Ended {
    let (path, store) = (config.audit_key_file(), open_store(config).await?);
    let mut keys = AuditKeys::open(&path, &SystemEntropy)?;
    let mut tx = store.begin().await?;
    let known = tx.audit_keys().await?.into_iter().map(|row| row.version).max();
    let last = known.and_then(|version| u32::try_from(version).ok());
    let version = match last {
        // Broken off after the file was written.
        Some(last) if keys.newest() > last => last + 1,
        Some(last) if keys.newest() == last => keys.add_version(&path, &SystemEntropy)?,
        Some(last) => anyhow::bail!("the database knows version {last}, {} does not: restore it", path.display()),
        None => anyhow::bail!("nothing was sealed yet: start the hall first"),
    };
    publish(&mut tx, &keys, version).await?;
    tx.note(Chain::Hall, "audit_key_added", "system", "command_line", &json!({ "version": version })).await?;
    tx.commit().await?;
    store.close().await;
    say(format!("audit key {version} signs after the next start; publish it: certhall audit public-key"));
    Ok(())
}
