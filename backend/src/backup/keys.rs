//! `keys.sealed`: the key files under a passphrase. First line: how the key is made of the passphrase (Argon2id, RFC 9106);
//! the rest: XChaCha20-Poly1305, bound to that line and to the manifest.

use super::{BackupError, Place, SHORTEST_PASSPHRASE, at};
use crate::entropy::Entropy;
use crate::vault::{open_raw, read_secret, seal_raw};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::path::{Component, Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FORMAT: &str = "certhall-keys-1";
const DOMAIN: &[u8] = b"certhall.backup.keys.v1";
/// Memory in KiB and passes: about half a second; RFC 9106's second recommendation is 64 MiB and 3.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A file that asks for more is not one of ours.
const MOST_MEMORY: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 20;
/// The vault's root keys, wherever they are configured to be.
const ROOT_KEYS: &str = "root-keys";
/// Everything else is below the data folder.
const DATA: &str = "data/";
/// A file that is larger is no key.
const LARGEST: u64 = 1 << 20;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    memory_kib: u32,
    passes: u32,
    /// Base64.
    salt: String,
}

/// A key file.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct KeyFile {
    name: String,
    /// Base64.
    content: String,
}

/// The key files of a place.
pub(super) struct Collected {
    pub files: Vec<KeyFile>,
    /// Files in the data folder that are too large to be keys.
    pub left_out: Vec<PathBuf>,
}

/// Reads every key file: the root keys, and all other small files of the data folder.
pub(super) fn collect(place: &Place<'_>) -> Result<Collected, BackupError> {
    let mut files = Vec::new();
    match &place.config.root_keys {
        Some(text) => files.push(KeyFile::new(ROOT_KEYS, text.expose_secret().as_bytes())),
        None => files.push(KeyFile::new(ROOT_KEYS, &read_secret(&place.config.root_key_file())?)),
    }
    let mut left_out = Vec::new();
    for path in data_files(place)? {
        if std::fs::metadata(&path).map_err(at(&path))?.len() > LARGEST {
            left_out.push(path);
            continue;
        }
        let content = Zeroizing::new(std::fs::read(&path).map_err(at(&path))?);
        let inside = path.strip_prefix(&place.config.data_dir).unwrap_or(&path);
        files.push(KeyFile::new(&format!("{DATA}{}", inside.display()), &content));
    }
    Ok(Collected { files, left_out })
}

/// The files of the data folder that are neither database nor papers, root keys, page or channels.
pub(super) fn data_files(place: &Place<'_>) -> Result<Vec<PathBuf>, BackupError> {
    let config = place.config;
    let elsewhere = [
        config.data_dir.join("documents"),
        config.page_dir.clone(),
        config.channels_dir.clone(),
        config.root_key_file(),
    ];
    let database = config.database_url.strip_prefix("sqlite:").map(|path| path.split('?').next().unwrap_or(path));
    let is_database = |path: &Path| {
        let path = path.to_string_lossy();
        database
            .and_then(|database| path.strip_prefix(database).map(str::to_owned))
            .is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end.as_str()))
    };
    let mut folders = vec![config.data_dir.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other.map_err(at(&folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(at(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(at(&folder))?);
            if elsewhere.contains(&path) || is_database(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_none_or(|end| end != "new") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

impl KeyFile {
    fn new(name: &str, content: &[u8]) -> Self {
        Self { name: name.to_owned(), content: STANDARD.encode(content) }
    }

    fn content(&self) -> Result<Zeroizing<Vec<u8>>, BackupError> {
        STANDARD.decode(&self.content).map(Zeroizing::new).map_err(|_| BackupError::Keys)
    }

    /// Where it goes. A name never leads out of the data folder.
    fn path(&self, place: &Place<'_>) -> Result<PathBuf, BackupError> {
        if self.name == ROOT_KEYS {
            return Ok(place.config.root_key_file());
        }
        let inside = Path::new(self.name.strip_prefix(DATA).ok_or(BackupError::Keys)?);
        let plain = inside.components().all(|part| matches!(part, Component::Normal(_)));
        if plain { Ok(place.config.data_dir.join(inside)) } else { Err(BackupError::Keys) }
    }
}

/// Writes the key files, readable by their owner only. Root keys that the configuration holds are not written.
pub(super) fn put_back(place: &Place<'_>, files: &[KeyFile]) -> Result<(), BackupError> {
    for file in files {
        if file.name == ROOT_KEYS && place.config.root_keys.is_some() {
            continue;
        }
        let (path, content) = (file.path(place)?, file.content()?);
        crate::vault::read_or_create::<crate::vault::FileError>(&path, || Ok(content))?;
    }
    Ok(())
}

/// Seals the key files, bound to the manifest.
pub(super) fn seal(
    files: &[KeyFile],
    passphrase: &str,
    manifest: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, BackupError> {
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(BackupError::ShortPassphrase);
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let head = Head { format: FORMAT.to_owned(), memory_kib: MEMORY, passes: PASSES, salt: STANDARD.encode(salt) };
    let mut out = serde_json::to_vec(&head)?;
    out.push(b'\n');
    let key = key_of(passphrase, &head)?;
    let plain = Zeroizing::new(serde_json::to_vec(files)?);
    let sealed = seal_raw(&key, entropy, &bound_to(&out, manifest), &plain)?;
    out.extend(sealed);
    Ok(out)
}

/// Opens the key files. An error never says which of passphrase, manifest and file is wrong: they can't be told apart.
pub(super) fn open(sealed: &[u8], passphrase: &str, manifest: &[u8]) -> Result<Vec<KeyFile>, BackupError> {
    let end = sealed.iter().position(|byte| *byte == b'\n').ok_or(BackupError::Keys)?;
    let (line, rest) = sealed.split_at(end + 1);
    let head: Head = serde_json::from_slice(line).map_err(|_| BackupError::Keys)?;
    if head.format != FORMAT || head.memory_kib > MOST_MEMORY || head.passes > MOST_PASSES {
        return Err(BackupError::Keys);
    }
    let key = key_of(passphrase, &head)?;
    let plain = open_raw(&key, &bound_to(line, manifest), rest).map_err(|_| BackupError::Keys)?;
    serde_json::from_slice(&plain).map_err(|_| BackupError::Keys)
}

fn bound_to(line: &[u8], manifest: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    [DOMAIN, &Sha256::digest(line), &Sha256::digest(manifest)].concat()
}

fn key_of(passphrase: &str, head: &Head) -> Result<Zeroizing<[u8; 32]>, BackupError> {
    let refused = |error: argon2::Error| BackupError::Passphrase(error.to_string());
    let salt = STANDARD.decode(&head.salt).map_err(|_| BackupError::Keys)?;
    let params = Params::new(head.memory_kib, head.passes, 1, Some(32)).map_err(refused)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &salt, &mut *key)
        .map_err(refused)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn key_files_open_with_the_passphrase_and_the_manifest_only() {
        let files = [KeyFile::new("data/a", b"secret")];
        let pass = "a long passphrase";
        let sealed = seal(&files, pass, b"manifest", &SeededEntropy::new(1)).unwrap();
        let opened = open(&sealed, pass, b"manifest").unwrap();
        assert_eq!((opened[0].name.as_str(), &**opened[0].content().unwrap()), ("data/a", b"secret".as_slice()));
        assert!(open(&sealed, "another passphrase", b"manifest").is_err());
        assert!(open(&sealed, pass, b"manifesto").is_err());
        assert!(open(&sealed[..sealed.len() - 1], pass, b"manifest").is_err());
        assert!(matches!(seal(&files, "short", b"", &SeededEntropy::new(1)), Err(BackupError::ShortPassphrase)));
    }
}
