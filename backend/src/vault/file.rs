//! Secret files: made at first start, readable by their owner only.

use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why a secret file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Others on the machine may read or change it.
    #[error("{path} is open to others (mode {mode:o}): chmod 600 it")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// Reads a secret file; makes it from `fresh` when it does not exist. It is written whole under another name and
/// linked into place, so that a crash leaves the file or none, and of two first starts one wins and both read the same.
pub fn read_or_create<E: From<FileError>>(
    path: &Path,
    fresh: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, E>,
) -> Result<Zeroizing<Vec<u8>>, E> {
    match read_secret(path) {
        Err(FileError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
        Ok(bytes) => return Ok(bytes),
    }
    create(path, &fresh()?)?;
    Ok(read_secret(path)?)
}

/// Reads a secret file that is there.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let bytes = Zeroizing::new(std::fs::read(path).map_err(io)?);
    let mode = mode(path).map_err(io)?;
    if mode & 0o077 != 0 {
        return Err(FileError::Open { path: path.to_owned(), mode });
    }
    Ok(bytes)
}

fn create(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let written = write_draft(path, bytes).and_then(|draft| {
        let linked = match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        };
        let _ = std::fs::remove_file(&draft);
        linked
    });
    written.map_err(io)
}

/// Puts new content in the place of a secret file's old one, at once and durably: a crash leaves the one or the other.
pub fn replace_secret(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let written = write_draft(path, bytes).and_then(|draft| {
        std::fs::rename(&draft, path).inspect_err(|_| {
            let _ = std::fs::remove_file(&draft);
        })?;
        // The new name survives a power cut only when the folder was written, too.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()
    });
    written.map_err(|source| FileError::Io { path: path.to_owned(), source })
}

/// The content under another name beside the file, readable by its owner only.
fn write_draft(path: &Path, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    let _ = std::fs::remove_file(&draft);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(draft)
}

#[cfg(unix)]
fn mode(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
}

/// Other systems have no modes; there the folder's access list guards the file.
#[cfg(not(unix))]
fn mode(_path: &Path) -> std::io::Result<u32> {
    Ok(0o600)
}
