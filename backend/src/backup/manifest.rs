//! What a backup says of itself.

use super::BackupError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// The format's name.
pub(super) const FORMAT: &str = "certhall-backup-1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DATABASE: &str = "database.jsonl";
pub(super) const DOCUMENTS: &str = "documents.jsonl";
pub(super) const PAPERS: &str = "documents";
pub(super) const KEYS: &str = "keys.sealed";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Manifest {
    pub format: String,
    /// Microseconds UTC.
    pub made_at: i64,
    /// Number and fingerprint of each migration that the database had.
    pub migrations: Vec<(i64, String)>,
    /// The newest checkpoint: number and hash (hex).
    pub checkpoint: Option<(i64, String)>,
    pub rows: u64,
    pub documents: u64,
    /// Papers that the object store did not have, though no job had erased them.
    pub missing: Vec<String>,
    /// Name → what it must be.
    pub database: Content,
    pub document_list: Content,
}

/// What a file must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub bytes: u64,
    /// Hex.
    pub sha256: String,
}

/// A line of `documents.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    pub key: String,
    pub bytes: u64,
    /// Hex.
    pub sha256: String,
}

/// A new file that knows its own hash.
pub(super) struct Hashed {
    file: BufWriter<std::fs::File>,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    pub fn create(path: &Path) -> Result<Self, BackupError> {
        let file = std::fs::File::create_new(path).map_err(super::at(path))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), hash: Sha256::new(), bytes: 0 })
    }

    /// Writes everything to the disk.
    pub fn end(self, path: &Path) -> Result<Content, BackupError> {
        let file = self.file.into_inner().map_err(|error| super::at(path)(error.into_error()))?;
        file.sync_all().map_err(super::at(path))?;
        Ok(Content { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Checks that a file is what the manifest says.
pub(super) fn check(folder: &Path, name: &str, content: &Content) -> Result<(), BackupError> {
    let path = folder.join(name);
    let mut file = std::fs::File::open(&path).map_err(super::at(&path))?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer).map_err(super::at(&path))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    if bytes == content.bytes && hex::encode(hash.finalize()) == content.sha256 {
        Ok(())
    } else {
        Err(BackupError::Damaged(name.to_owned()))
    }
}
