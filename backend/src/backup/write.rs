//! Taking a backup while the hall runs.

use super::manifest::{DATABASE, DOCUMENTS, FORMAT, Hashed, KEYS, MANIFEST, Manifest, PAPERS, Paper};
use super::{BackupError, Place, SHORTEST_PASSPHRASE, at, keys, rows};
use crate::audit::checkpoint::Checkpoint;
use crate::store::{Cell, Conn, Store, Table};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Rows of all tables.
    pub rows: u64,
    /// Papers.
    pub documents: u64,
    /// Key files.
    pub key_files: usize,
    /// The newest checkpoint in it.
    pub checkpoint: Option<i64>,
    /// Papers that the object store has lost.
    pub missing: Vec<String>,
    /// Files of the data folder that are too large to be keys.
    pub left_out: Vec<PathBuf>,
}

/// Writes a backup to a new folder. It is made under another name and gets its own when it is whole and on the disk: a
/// backup that was broken off never looks like one.
///
/// Consistent: the database is read in one view. Papers never change; one that was erased after that view is left out,
/// as its erasing would do anyway.
pub async fn back_up(place: &Place<'_>, store: &Store, out: &Path, passphrase: &str) -> Result<BackedUp, BackupError> {
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(BackupError::ShortPassphrase);
    }
    if out.exists() {
        return Err(BackupError::OutExists(out.to_owned()));
    }
    let mut draft = out.as_os_str().to_owned();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    if draft.exists() {
        // Only a backup that was broken off has this name.
        std::fs::remove_dir_all(&draft).map_err(at(&draft))?;
    }
    std::fs::create_dir_all(draft.join(PAPERS)).map_err(at(&draft))?;
    let done = write(place, store, &draft, passphrase).await?;
    std::fs::rename(&draft, out).map_err(at(out))?;
    let above = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(above).and_then(|folder| folder.sync_all()).map_err(at(above))?;
    Ok(done)
}

async fn write(place: &Place<'_>, store: &Store, out: &Path, passphrase: &str) -> Result<BackedUp, BackupError> {
    let mut read = store.read().await?;
    let migrations = read.migrations().await?;
    let checkpoint = read.last_checkpoint().await?.as_ref().and_then(Checkpoint::of);
    let (database, all, wanted) = write_rows(&mut read, out).await?;
    drop(read);
    // After the view: a version that a rotation adds meanwhile is in the file then; one is retired only when it is unused.
    let collected = keys::collect(place)?;
    let (document_list, documents, missing) = write_papers(place, store, out, wanted).await?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        made_at: place.clock.now(),
        migrations,
        checkpoint: checkpoint.as_ref().map(|it| (it.number, hex::encode(it.hash()))),
        rows: all,
        documents,
        missing: missing.clone(),
        database,
        document_list,
    };
    let manifest = serde_json::to_vec_pretty(&manifest)?;
    write_file(&out.join(MANIFEST), &manifest)?;
    let sealed = keys::seal(&collected.files, passphrase, &manifest, &*place.entropy)?;
    write_file(&out.join(KEYS), &sealed)?;
    Ok(BackedUp {
        rows: all,
        documents,
        key_files: collected.files.len(),
        checkpoint: checkpoint.map(|it| it.number),
        missing,
        left_out: collected.left_out,
    })
}

/// Object keys of papers that are to be copied, and their ids.
type Wanted = Vec<String>;

/// Every table; and which papers the rows name.
async fn write_rows(read: &mut Conn, out: &Path) -> Result<(super::manifest::Content, u64, Wanted), BackupError> {
    let path = out.join(DATABASE);
    let mut file = Hashed::create(&path)?;
    let (mut all, mut wanted) = (0, Wanted::new());
    for table in read.tables().await? {
        writeln!(file, "{}", rows::head(&table)?).map_err(at(&path))?;
        all += read
            .dump::<BackupError>(&table, |row| {
                wanted.extend(paper_of(&table, &row));
                writeln!(file, "{}", rows::row(row)?).map_err(at(&path))
            })
            .await?;
    }
    Ok((file.end(&path)?, all, wanted))
}

/// The object key of a row of `documents` whose image is still kept.
fn paper_of(table: &Table, row: &[Cell]) -> Option<String> {
    if table.name != "documents" {
        return None;
    }
    let cell = |name: &str| row.get(table.columns.iter().position(|(column, _)| column == name)?);
    match (cell("object_key"), cell("erased_at")) {
        (Some(Cell::Text(key)), Some(Cell::Null)) => Some(key.clone()),
        _ => None,
    }
}

async fn write_papers(
    place: &Place<'_>,
    store: &Store,
    out: &Path,
    wanted: Wanted,
) -> Result<(super::manifest::Content, u64, Vec<String>), BackupError> {
    let folder = LocalFileSystem::new_with_prefix(out.join(PAPERS))?;
    let path = out.join(DOCUMENTS);
    let mut list = Hashed::create(&path)?;
    let (mut count, mut missing) = (0, Vec::new());
    for key in wanted {
        let object = ObjectPath::from(key.as_str());
        let bytes = match place.documents.get(&object).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => {
                if store.read().await?.paper_is_wanted(&key).await? {
                    missing.push(key);
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let paper = Paper { bytes: bytes.len() as u64, sha256: hex::encode(Sha256::digest(&bytes)), key };
        folder.put(&object, PutPayload::from(bytes)).await?;
        serde_json::to_writer(&mut list, &paper)?;
        list.write_all(b"\n").map_err(at(&path))?;
        count += 1;
    }
    Ok((list.end(&path)?, count, missing))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let write = || {
        let mut file = std::fs::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(at(path))
}
