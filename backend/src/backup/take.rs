//! Taking a backup into an empty place.

use super::manifest::{DATABASE, DOCUMENTS, FORMAT, KEYS, MANIFEST, Manifest, PAPERS, Paper, check};
use super::{BackupError, Place, at, keys, rows};
use crate::audit::AuditKeys;
use crate::audit::verify::{Finding, Report, check_store};
use crate::store::{Store, Table, Tx, knows_migrations};
use crate::vault::{RootKeys, Vault, Wrapped};
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt, PutPayload};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made, microseconds UTC.
    pub made_at: i64,
    /// Rows of all tables.
    pub rows: u64,
    /// Papers.
    pub documents: u64,
    /// Key files.
    pub key_files: usize,
    /// The audit of the restored hall.
    pub audit: Report,
}

/// Restores a backup. Everything in it is checked before anything is written, then that the place is empty; a database of
/// an older schema is brought up to this program's afterwards. The audit is checked whole at the end.
pub async fn restore(place: &Place<'_>, from: &Path, passphrase: &str) -> Result<Restored, BackupError> {
    let path = from.join(MANIFEST);
    let manifest_bytes = std::fs::read(&path).map_err(at(&path))?;
    let not_a_backup = |why: String| BackupError::NotABackup(from.to_owned(), why);
    let manifest: Manifest =
        serde_json::from_slice(&manifest_bytes).map_err(|_| BackupError::Damaged(MANIFEST.to_owned()))?;
    if manifest.format != FORMAT {
        return Err(not_a_backup(format!("{MANIFEST} names the format {}", manifest.format)));
    }
    // Before anything in it is believed: the sealed keys are bound to the manifest.
    let path = from.join(KEYS);
    let sealed = std::fs::read(&path).map_err(at(&path))?;
    let key_files = keys::open(&sealed, passphrase, &manifest_bytes)?;
    knows_migrations(&manifest.migrations).map_err(|error| not_a_backup(error.to_string()))?;
    check(from, DATABASE, &manifest.database)?;
    check(from, DOCUMENTS, &manifest.document_list)?;
    let papers = LocalFileSystem::new_with_prefix(from.join(PAPERS))?;
    each_paper(from, |paper| {
        let papers = &papers;
        async move { read_paper(papers, &paper).await.map(drop) }
    })
    .await?;
    refuse_full(place).await?;

    let version = manifest.migrations.last().map_or(0, |(version, _)| *version);
    let (clock, entropy) = (place.clock.clone(), place.entropy.clone());
    let url = &place.config.database_url;
    if let Some(folder) = url.strip_prefix("sqlite:").and_then(|path| Path::new(path).parent()) {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let empty = Store::open_empty(url, clock.clone(), entropy.clone(), version).await;
    let store = empty.map_err(|error| BackupError::NotEmpty(format!("the database: {error}")))?;
    let count = load_rows(&store, &from.join(DATABASE)).await?;
    store.close().await;
    if count != manifest.rows {
        return Err(BackupError::Damaged(DATABASE.to_owned()));
    }
    let documents = place.documents;
    each_paper(from, |paper| {
        let papers = &papers;
        async move {
            let bytes = read_paper(papers, &paper).await?;
            documents.put(&ObjectPath::from(paper.key.as_str()), PutPayload::from(bytes)).await?;
            Ok(())
        }
    })
    .await?;
    keys::put_back(place, &key_files)?;

    let store = Store::open(url, clock, entropy).await?;
    let audit = prove(place, &store, &manifest).await?;
    store.close().await;
    Ok(Restored {
        made_at: manifest.made_at,
        rows: count,
        documents: manifest.documents,
        key_files: key_files.len(),
        audit,
    })
}

/// Nothing may be lost or mixed up: the place must hold neither keys nor papers. (The database is asked when it is opened.)
async fn refuse_full(place: &Place<'_>) -> Result<(), BackupError> {
    let root = place.config.root_key_file();
    if place.config.root_keys.is_none() && root.exists() {
        return Err(BackupError::NotEmpty(format!("{} is there", root.display())));
    }
    if let Some(file) = keys::data_files(place)?.first() {
        return Err(BackupError::NotEmpty(format!("{} is there", file.display())));
    }
    if let Some(paper) = place.documents.list(None).try_next().await? {
        return Err(BackupError::NotEmpty(format!("the object store holds {}", paper.location)));
    }
    Ok(())
}

/// Calls for each line of the list of papers.
async fn each_paper<F: Future<Output = Result<(), BackupError>>>(
    from: &Path,
    mut work: impl FnMut(Paper) -> F,
) -> Result<(), BackupError> {
    let path = from.join(DOCUMENTS);
    for line in BufReader::new(std::fs::File::open(&path).map_err(at(&path))?).lines() {
        let line = line.map_err(at(&path))?;
        work(serde_json::from_str(&line).map_err(|_| BackupError::Damaged(DOCUMENTS.to_owned()))?).await?;
    }
    Ok(())
}

/// A paper, if it is what the list says.
async fn read_paper(papers: &LocalFileSystem, paper: &Paper) -> Result<Vec<u8>, BackupError> {
    let damaged = || BackupError::Damaged(format!("{PAPERS}/{}", paper.key));
    let found = match papers.get(&ObjectPath::from(paper.key.as_str())).await {
        Err(object_store::Error::NotFound { .. }) => return Err(damaged()),
        other => other?.bytes().await?,
    };
    let same = found.len() as u64 == paper.bytes && hex::encode(Sha256::digest(&found)) == paper.sha256;
    if same { Ok(found.to_vec()) } else { Err(damaged()) }
}

/// All rows in one transaction: a restore that is broken off leaves an empty database.
async fn load_rows(store: &Store, path: &Path) -> Result<u64, BackupError> {
    let damaged = || BackupError::Damaged(DATABASE.to_owned());
    let mut tx = store.begin().await?;
    let known = tx.tables().await?;
    let (mut count, mut current, mut waiting): (u64, Option<Table>, Vec<_>) = (0, None, Vec::new());
    for line in BufReader::new(std::fs::File::open(path).map_err(at(path))?).lines() {
        match rows::read(&line.map_err(at(path))?)? {
            rows::Line::Table(table) => {
                flush(&mut tx, current.as_ref(), &mut waiting).await?;
                // Names are written into SQL: only the database's own.
                if !known.contains(&table) {
                    return Err(damaged());
                }
                current = Some(table);
            }
            rows::Line::Row(values) => {
                let table = current.as_ref().ok_or_else(damaged)?;
                waiting.push(rows::cells(table, values).ok_or_else(damaged)?);
                count += 1;
                if waiting.len() >= Tx::rows_at_a_time(table) {
                    flush(&mut tx, Some(table), &mut waiting).await?;
                }
            }
        }
    }
    flush(&mut tx, current.as_ref(), &mut waiting).await?;
    tx.commit().await?;
    Ok(count)
}

async fn flush(
    tx: &mut Tx,
    table: Option<&Table>,
    waiting: &mut Vec<Vec<crate::store::Cell>>,
) -> Result<(), BackupError> {
    if let Some(table) = table {
        tx.load(table, std::mem::take(waiting)).await?;
    }
    Ok(())
}

/// The restored keys open the restored data, and the evidence is whole up to the checkpoint that the manifest names.
async fn prove(place: &Place<'_>, store: &Store, manifest: &Manifest) -> Result<Report, BackupError> {
    let vault = Vault::new(match &place.config.root_keys {
        Some(text) => RootKeys::parse(text.expose_secret())?,
        None => RootKeys::reload(&place.config.root_key_file())?,
    });
    let mut after = String::new();
    loop {
        let page = store.read().await?.data_keys_after(&after, 1000).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in page {
            let root_version = u32::try_from(row.root_version).unwrap_or(u32::MAX);
            vault.unwrap(&row.id, &Wrapped { bytes: row.wrapped, root_version })?;
        }
    }
    let keys = match AuditKeys::load(&place.config.audit_key_file()) {
        Ok(keys) => keys.public(),
        // A hall that never ran has sealed nothing.
        Err(_) if manifest.checkpoint.is_none() => return Ok(Report::default()),
        Err(_) => return Err(BackupError::Damaged(KEYS.to_owned())),
    };
    let mut report = check_store(store, keys, None).await?;
    let newest = report.newest.map(|(number, hash)| (number, hex::encode(hash)));
    if newest != manifest.checkpoint {
        let number = manifest.checkpoint.as_ref().map_or(0, |(number, _)| *number);
        report.findings.push(Finding::CheckpointMissing { number });
    }
    Ok(report)
}
