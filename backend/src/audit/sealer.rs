//! The sealer: every few seconds the ends of all chains that moved become leaves, and the grown tree is signed.
//!
//! Any number of backends run one; a lease lets one of them work. What is sealed is never read again here: the next
//! checkpoint needs the last one and the heads that moved.

use super::checkpoint::Checkpoint;
use super::keys::AuditKeys;
use super::merkle::{self, Frontier, Hash};
use crate::clock::SECOND;
use crate::store::{AuditKeyRow, CheckpointRow, Store, StoreError, Tx};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LEASE: &str = "sealer";
/// How long a sealer that does nothing keeps others waiting.
const LEASE_TIME: i64 = 15 * SECOND;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// Heads in one transaction: who writes one of these chains waits for it.
const BATCH: i64 = 256;

/// Why nothing is sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database knows none of this backend's keys.
    #[error(
        "this backend's audit key is not the hall's: copy the audit key file from a backend that seals, or run `certhall audit rotate-key`"
    )]
    ForeignKey,
    /// What stands in the database as the last checkpoint was not signed by the hall, or is not the one that was.
    #[error("the last checkpoint ({number}) is not the one that was signed: run `certhall audit verify`")]
    LastCheckpoint {
        /// Its number.
        number: i64,
    },
}

/// Seals the chains of one database.
pub struct Sealer {
    store: Store,
    keys: AuditKeys,
    owner: String,
    /// The newest checkpoint that this process saw: one that vanishes or changes afterwards is noticed at once.
    seen: Mutex<Option<(i64, Hash)>>,
}

impl Sealer {
    /// A sealer; `owner` names it in the lease and is not used by any other (a new id).
    pub fn new(store: Store, keys: AuditKeys, owner: String) -> Arc<Self> {
        Arc::new(Self { store, keys, owner, seen: Mutex::new(None) })
    }

    /// Seals until `stop`, and once more then: what the last requests did is sealed before the program ends.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.seal_all().await {
                tracing::error!(%error, "audit: nothing is sealed");
            }
            if stop.is_cancelled() {
                // Another backend need not wait for the lease to run out.
                if let Err(error) = self.give_back().await {
                    tracing::warn!(%error, "audit: the sealer's lease runs out by itself");
                }
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn give_back(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.end_lease(LEASE, &self.owner).await?;
        tx.commit().await
    }

    /// Seals everything that waits; answers the newest checkpoint it made. `None`: nothing waits, or another backend seals.
    pub async fn seal_all(&self) -> Result<Option<Checkpoint>, SealError> {
        let mut newest = None;
        while self.store.read().await?.has_unsealed().await? {
            match self.seal_batch().await? {
                Some((checkpoint, all)) => {
                    newest = Some(checkpoint);
                    if all {
                        break;
                    }
                }
                None => break,
            }
        }
        Ok(newest)
    }

    /// One checkpoint over at most [`BATCH`] heads; and whether these were all.
    async fn seal_batch(&self) -> Result<Option<(Checkpoint, bool)>, SealError> {
        let mut tx = self.store.begin().await?;
        let until = tx.now() + LEASE_TIME;
        if !tx.take_lease(LEASE, &self.owner, until).await? {
            return Ok(None);
        }
        let key_version = self.signing_version(&mut tx).await?;
        let last = tx.last_checkpoint().await?;
        let (number, previous, mut frontier) = self.continued(last.as_ref())?;
        let heads = tx.claim_unsealed(BATCH).await?;
        if heads.is_empty() {
            return Ok(None);
        }
        for head in &heads {
            let position = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
            tx.insert_leaf(position, head).await?;
            frontier.push(merkle::leaf(&head.chain, head.seq, &head.hash));
        }
        let checkpoint = Checkpoint {
            number,
            key_version,
            previous,
            size: i64::try_from(frontier.size()).unwrap_or(i64::MAX),
            root: frontier.root(),
            at: tx.now(),
        };
        let row = checkpoint.sign(&self.keys, &frontier).ok_or(SealError::ForeignKey)?;
        tx.insert_checkpoint(&row).await?;
        tx.commit().await?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, checkpoint.hash()));
        // A copy of the log outside of the database: nobody can cut the tree behind it unnoticed.
        tracing::info!(number, size = checkpoint.size, root = %hex::encode(checkpoint.root), "audit: sealed");
        let all = i64::try_from(heads.len()).unwrap_or(i64::MAX) < BATCH;
        Ok(Some((checkpoint, all)))
    }

    /// What the next checkpoint continues: its number, the hash before, and the tree so far. The last one is checked,
    /// so that no signature is ever put under a tree that somebody else made.
    fn continued(&self, last: Option<&CheckpointRow>) -> Result<(i64, Hash, Frontier), SealError> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(row) = last else {
            return match seen {
                Some((number, _)) => Err(SealError::LastCheckpoint { number }),
                None => Ok((1, [0; 32], Frontier::default())),
            };
        };
        let wrong = || SealError::LastCheckpoint { number: row.number };
        let checkpoint = Checkpoint::of(row).ok_or_else(wrong)?;
        let frontier = Frontier::from_bytes(row.size, &row.frontier).ok_or_else(wrong)?;
        let keys = self.keys.public();
        // Another backend may have signed it with a version that this one does not hold yet.
        let signed = checkpoint.is_signed(&keys, &row.signature) || !keys.knows(checkpoint.key_version);
        if !signed || frontier.root() != checkpoint.root {
            return Err(wrong());
        }
        match seen {
            Some((number, hash)) if number > row.number || (number == row.number && hash != checkpoint.hash()) => {
                Err(SealError::LastCheckpoint { number })
            }
            Some(_) | None => Ok((row.number + 1, checkpoint.hash(), frontier)),
        }
    }

    /// The newest version that this backend holds and the database knows; the hall's first sealer makes its keys known.
    async fn signing_version(&self, tx: &mut Tx) -> Result<u32, SealError> {
        let known = tx.audit_keys().await?;
        if known.is_empty() {
            for version in self.keys.versions() {
                publish(tx, &self.keys, version).await?;
            }
            return Ok(self.keys.newest());
        }
        let ours = |version: &u32| {
            known.iter().any(|row| {
                row.version == i64::from(*version)
                    && self.keys.public_key(*version).is_some_and(|key| row.public_key == key)
            })
        };
        self.keys.versions().rev().find(ours).ok_or(SealError::ForeignKey)
    }
}

/// Makes a version's public key known, endorsed by the version before if that is at hand.
pub async fn publish(tx: &mut Tx, keys: &AuditKeys, version: u32) -> Result<(), SealError> {
    let created_at = tx.now();
    let public_key = keys.public_key(version).ok_or(SealError::ForeignKey)?;
    tx.insert_audit_key(&AuditKeyRow {
        version: i64::from(version),
        public_key: public_key.to_vec(),
        endorsement: keys.endorse(version, &public_key, created_at).map(|signature| signature.to_vec()),
        created_at,
    })
    .await?;
    Ok(())
}
