//! Backup and restore of the whole product: database, papers and keys, in one portable form for both engines.
//!
//! ```text
//! manifest.json      what there is, with hashes; the schema's version; the newest checkpoint
//! database.jsonl     every table: a line for its columns, then a line for each row, of one moment
//! documents.jsonl    a line for each paper: object key, size, hash
//! documents/…        the papers, sealed as they are in the object store
//! keys.sealed        the key files, under a key that Argon2id makes of the passphrase
//! ```
//! What is personal in it is sealed under data keys, which are wrapped under the root key, which is in `keys.sealed`. That
//! file is bound to the manifest, and the manifest to all others: whoever has the passphrase knows that nothing was changed.

mod keys;
mod manifest;
mod rows;
mod take;
mod write;

pub use take::{Restored, restore};
pub use write::{BackedUp, back_up};

use crate::audit::verify::VerifyError;
use crate::clock::Clock;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::store::StoreError;
use crate::vault::{FileError, VaultError};
use object_store::ObjectStore;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The shortest passphrase, in characters: whoever finds a backup can try passphrases for years.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// What a hall's data is kept in.
pub struct Place<'a> {
    /// Names the database and the key files.
    pub config: &'a Config,
    /// The papers.
    pub documents: &'a dyn ObjectStore,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why there is no backup, or no restored hall.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The passphrase is too short.
    #[error("the passphrase must have at least {SHORTEST_PASSPHRASE} characters")]
    ShortPassphrase,
    /// The folder is there already.
    #[error("{0} is there already: a backup is never written over another one")]
    OutExists(PathBuf),
    /// It is no backup, or one of a newer program.
    #[error("{0} is not a backup that this program knows: {1}")]
    NotABackup(PathBuf, String),
    /// The keys do not open.
    #[error(
        "keys.sealed does not open: the passphrase is wrong, or manifest.json or keys.sealed was changed or cut off"
    )]
    Keys,
    /// A file is not the one that was written.
    #[error("{0} is damaged: it was changed or cut off after the backup; take another backup")]
    Damaged(String),
    /// The place to restore into holds something.
    #[error("the place is not empty: {0}; restore into an empty database, data folder and object store")]
    NotEmpty(String),
    /// A key file is open to others, or too large to be one.
    #[error(transparent)]
    KeyFile(#[from] FileError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store.
    #[error("object store: {0}")]
    Objects(#[from] object_store::Error),
    /// JSON.
    #[error("a record can't be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The audit of the restored hall.
    #[error(transparent)]
    Audit(#[from] VerifyError),
    /// Argon2 refuses.
    #[error("the passphrase can't be made into a key: {0}")]
    Passphrase(String),
}

/// Names the file of an I/O error.
fn at(path: &Path) -> impl Fn(std::io::Error) -> BackupError + '_ {
    move |source| BackupError::File { path: path.to_owned(), source }
}
