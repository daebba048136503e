//! Rotating the root key: a new version seals from now on, everything older is wrapped anew in small transactions, and a
//! version that nothing needs any more is retired. Broken off at any point, the same command goes on where it stopped.
//!
//! Running backends go on meanwhile: they read an old version as long as it is in the file, and read the file again when
//! they meet a version that they do not know (`Vault::reread`). Lookup and keys key never change.

use super::{Aad, RootKeys, Vault, VaultError, Wrapped};
use crate::audit::Chain;
use crate::clock::{MINUTE, SECOND};
use crate::entropy::Entropy;
use crate::store::{RootSealed, Store, StoreError, Tx};
use serde_json::json;

/// Rows in one transaction.
const BATCH: i64 = 100;
const LEASE: &str = "vault";
const LEASE_TIME: i64 = 5 * MINUTE;
/// A version may go only when the newest one is older than this: by then every backend has read the file again.
pub const SETTLE_TIME: i64 = 5 * MINUTE;

/// Why the keys stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root keys are in the environment, which this program can't change.
    #[error(
        "the root keys come from the environment (CERTHALL_ROOT_KEYS): add or remove the version there on every backend, restart them, then run this again"
    )]
    Environment,
    /// Another process is at it.
    #[error("another rotation is running; try again in a few minutes")]
    Busy,
    /// The newest version may be unknown to a running backend.
    #[error("the newest root key is too young: running backends may still seal under an older one; wait {0} s")]
    TooYoung(i64),
    /// Something is still wrapped under an old version.
    #[error("{rows} rows are still wrapped under root key version {version}: run `certhall vault rotate` first")]
    InUse {
        /// The version.
        version: u32,
        /// How many rows.
        rows: i64,
    },
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// The version that was added; `None`: an earlier rotation was brought to its end.
    pub added: Option<u32>,
    /// Data keys that were wrapped anew.
    pub data_keys: u64,
    /// Other rows that were sealed anew.
    pub others: u64,
}

/// Adds a root key version and wraps everything under it. If something is still under an older one, an earlier rotation
/// was broken off: then that is finished and nothing is added.
pub async fn rotate(
    store: &Store,
    vault: &Vault,
    entropy: &dyn Entropy,
    owner: &str,
) -> Result<Rotated, RotationError> {
    take_lease(store, owner).await?;
    vault.reread()?;
    publish(store, vault).await?;
    let newest = vault.root_version();
    let unfinished = store.read().await?.rows_not_under(i64::from(newest)).await? > 0;
    let added = if unfinished { None } else { Some(add_version(store, vault, entropy).await?) };
    let mut rotated = rewrap(store, vault, entropy, owner).await?;
    rotated.added = added;
    let mut tx = store.begin().await?;
    let (data_keys, others) = (rotated.data_keys, rotated.others);
    let data = json!({ "version": vault.root_version(), "data_keys": data_keys, "others": others });
    tx.note(Chain::Hall, "root_key_rotated", "system", "command_line", &data).await?;
    tx.end_lease(LEASE, owner).await?;
    tx.commit().await?;
    Ok(rotated)
}

/// Adds a version without wrapping anything: to copy the file to other machines first.
pub async fn add_version(store: &Store, vault: &Vault, entropy: &dyn Entropy) -> Result<u32, RotationError> {
    let path = vault.file().ok_or(RotationError::Environment)?;
    let version = RootKeys::reload(path)?.add_version(path, entropy)?;
    vault.reread()?;
    publish(store, vault).await?;
    Ok(version)
}

/// Wraps what is left under an older version, if anything is: what a backend sealed while a rotation went over it.
pub async fn finish(
    store: &Store,
    vault: &Vault,
    entropy: &dyn Entropy,
    owner: &str,
) -> Result<Rotated, RotationError> {
    vault.reread()?;
    if store.read().await?.rows_not_under(i64::from(vault.root_version())).await? == 0 {
        return Ok(Rotated::default());
    }
    let rotated = rewrap(store, vault, entropy, owner).await?;
    let mut tx = store.begin().await?;
    tx.end_lease(LEASE, owner).await?;
    tx.commit().await?;
    Ok(rotated)
}

/// Wraps everything that is under an older version under the newest, batch by batch.
pub async fn rewrap(
    store: &Store,
    vault: &Vault,
    entropy: &dyn Entropy,
    owner: &str,
) -> Result<Rotated, RotationError> {
    let mut rotated = Rotated::default();
    loop {
        let mut tx = store.begin().await?;
        renew_lease(&mut tx, owner).await?;
        let newest = vault.root_version();
        let rows = tx.data_keys_not_under(i64::from(newest), BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let root_version = u32::try_from(row.root_version).map_err(|_| VaultError::Sealed)?;
            let fresh = vault.rewrap(entropy, &row.id, &Wrapped { bytes: row.wrapped, root_version })?;
            let version = i64::from(fresh.root_version);
            // Guarded: one that was destroyed or wrapped meanwhile stays as it is.
            let done = tx.rewrap_data_key(&row.id, row.root_version, &fresh.bytes, version).await?;
            rotated.data_keys += u64::from(done);
        }
        tx.commit().await?;
    }
    for column in RootSealed::ALL {
        while let Some(done) = reseal_batch(store, vault, entropy, owner, column).await? {
            rotated.others += done;
        }
    }
    Ok(rotated)
}

/// One batch of a column; `None`: nothing is left.
async fn reseal_batch(
    store: &Store,
    vault: &Vault,
    entropy: &dyn Entropy,
    owner: &str,
    column: RootSealed,
) -> Result<Option<u64>, RotationError> {
    let mut tx = store.begin().await?;
    renew_lease(&mut tx, owner).await?;
    let newest = vault.root_version();
    let rows = tx.root_sealed_not_under(column, newest, BATCH).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut done = 0;
    for (row, sealed) in rows {
        let aad = Aad { table: column.table(), column: column.column(), row: &row };
        let fresh = vault.seal(entropy, aad, &vault.open(aad, &sealed)?)?;
        done += u64::from(tx.reseal(column, &row, &sealed, &fresh).await?);
    }
    tx.commit().await?;
    Ok(Some(done))
}

/// Takes every version but the newest out of the file, once nothing is wrapped under it. Answers which went.
pub async fn retire(store: &Store, vault: &Vault, owner: &str) -> Result<Vec<u32>, RotationError> {
    let path = vault.file().ok_or(RotationError::Environment)?.to_owned();
    take_lease(store, owner).await?;
    vault.reread()?;
    publish(store, vault).await?;
    let newest = vault.root_version();
    let added_at = store.read().await?.root_version_added(i64::from(newest)).await?;
    let wait = added_at.map_or(SETTLE_TIME, |at| at + SETTLE_TIME - store.now());
    let old: Vec<u32> = vault.root_versions().into_iter().filter(|version| *version != newest).collect();
    if !old.is_empty() && wait > 0 {
        return Err(RotationError::TooYoung(wait / SECOND + 1));
    }
    for version in &old {
        let mut tx = store.begin().await?;
        // Nobody seals between the count and the mark; afterwards the mark refuses the version (`insert_data_key`).
        tx.hold_sealed_tables().await?;
        let rows = tx.rows_under(i64::from(*version)).await?;
        if rows > 0 {
            return Err(RotationError::InUse { version: *version, rows });
        }
        if tx.retire_root_version(i64::from(*version)).await? {
            let data = json!({ "version": version });
            tx.note(Chain::Hall, "root_key_retired", "system", "command_line", &data).await?;
        }
        tx.commit().await?;
        // After the commit: a kill in between leaves a key that nothing needs, and the next call removes it.
        RootKeys::reload(&path)?.remove_version(&path, *version)?;
    }
    vault.reread()?;
    let mut tx = store.begin().await?;
    tx.end_lease(LEASE, owner).await?;
    tx.commit().await?;
    Ok(old)
}

/// Makes the versions at hand known to the database: their numbers and since when, never the keys.
async fn publish(store: &Store, vault: &Vault) -> Result<(), RotationError> {
    let mut tx = store.begin().await?;
    for version in vault.root_versions() {
        if tx.add_root_version(i64::from(version)).await? && version > 1 {
            let data = json!({ "version": version });
            tx.note(Chain::Hall, "root_key_added", "system", "command_line", &data).await?;
        }
    }
    Ok(tx.commit().await?)
}

async fn take_lease(store: &Store, owner: &str) -> Result<(), RotationError> {
    let mut tx = store.begin().await?;
    renew_lease(&mut tx, owner).await?;
    Ok(tx.commit().await?)
}

async fn renew_lease(tx: &mut Tx, owner: &str) -> Result<(), RotationError> {
    let until = tx.now() + LEASE_TIME;
    if tx.take_lease(LEASE, owner, until).await? { Ok(()) } else { Err(RotationError::Busy) }
}
