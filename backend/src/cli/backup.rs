//! `certhall backup` and `certhall restore`.

use super::{Ended, now, open_store, say};
use crate::backup::{Place, back_up, restore};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::entropy::SystemEntropy;
use crate::papers;
use anyhow::Context;
use clap::Args;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where the passphrase may be instead of on standard input.
const PASSPHRASE: &str = "CERTHALL_BACKUP_PASSPHRASE";

/// Writes database, papers and keys to a new folder, while the hall runs. The keys are sealed under a passphrase, which is
/// read from CERTHALL_BACKUP_PASSPHRASE or from standard input.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder; it must not be there yet.
    #[arg(long)]
    out: PathBuf,
}

/// Takes a backup into an empty place: the database, the data folder and the object store that the configuration names,
/// whichever engine they are. Everything is checked before anything is written, and the audit afterwards.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup's folder.
    #[arg(long)]
    from: PathBuf,
}

impl Backup {
    /// Does it.
    pub async fn run(self, config: &Config) -> Ended {
        let (store, documents) = (open_store(config).await?, papers::open(config)?);
        let place =
            Place { config, documents: &*documents, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let done = back_up(&place, &store, &self.out, &passphrase()?).await?;
        store.close().await;
        say(format!(
            "{}: {} rows, {} papers, {} key files; checkpoint {}",
            self.out.display(),
            done.rows,
            done.documents,
            done.key_files,
            done.checkpoint.map_or_else(|| "none".to_owned(), |number| number.to_string())
        ));
        for file in &done.left_out {
            say(format!("not in the backup, because it is no key file: {}", file.display()));
        }
        for key in &done.missing {
            say(format!("MISSING in the object store: {key}"));
        }
        if done.missing.is_empty() { Ok(()) } else { anyhow::bail!("the backup is written, but papers are missing") }
    }
}

impl Restore {
    /// Does it.
    pub async fn run(self, config: &Config) -> Ended {
        let documents = papers::open(config)?;
        let place =
            Place { config, documents: &*documents, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let done = restore(&place, &self.from, &passphrase()?).await?;
        let age = (now() - done.made_at) / crate::clock::MINUTE;
        say(format!("{} rows, {} papers, {} key files, {age} minutes old", done.rows, done.documents, done.key_files));
        say(&done.audit);
        if done.audit.is_whole() { Ok(()) } else { anyhow::bail!("restored, but the evidence is broken") }
    }
}

fn passphrase() -> anyhow::Result<Zeroizing<String>> {
    if let Ok(passphrase) = std::env::var(PASSPHRASE) {
        return Ok(Zeroizing::new(passphrase));
    }
    eprintln!("passphrase of the backup's keys:");
    let line = std::io::stdin().lock().lines().next();
    Ok(Zeroizing::new(line.with_context(|| format!("no passphrase in {PASSPHRASE} or on standard input"))??))
}
