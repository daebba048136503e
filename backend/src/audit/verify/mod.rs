//! Checking the evidence: in the database ([`check_store`]) or in an exported file ([`check_file`]).
//!
//! Three things are put side by side: the signed checkpoints, the leaves under them, and the chains' links. Nothing is
//! held in memory that grows with the number of events.

mod chains;
mod file;
mod log;
mod store;

pub use file::check_file;
pub use store::check_store;

use super::chain::Break;
use super::merkle::Hash;
use crate::store::StoreError;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A chain is broken in itself.
    #[error("chain {0}")]
    Chain(Break),
    /// A sealed link has another hash now: the chain was written anew from there, or before.
    #[error("chain {chain}: link {seq} is not the one that was sealed: the chain was written anew")]
    Rewritten {
        /// The chain.
        chain: String,
        /// The sealed link.
        seq: i64,
    },
    /// Sealed links are gone.
    #[error("chain {chain}: sealed up to link {sealed}, but it ends at {found}: links were cut off")]
    Cut {
        /// The chain.
        chain: String,
        /// The last link that was sealed.
        sealed: i64,
        /// The last link that is there; 0: none.
        found: i64,
    },
    /// Links without a head.
    #[error("chain {chain}: its head is missing, it has {found} links")]
    Headless {
        /// The chain.
        chain: String,
        /// How many links are there.
        found: i64,
    },
    /// The head claims to be sealed further, or less far, than the tree says.
    #[error("chain {chain}: marked as sealed up to link {marked}, the tree holds link {sealed}")]
    SealMark {
        /// The chain.
        chain: String,
        /// What the head says.
        marked: i64,
        /// What the tree says; 0: nothing.
        sealed: i64,
    },
    /// A checkpoint is missing.
    #[error("checkpoint {number} is missing")]
    CheckpointMissing {
        /// Its number.
        number: i64,
    },
    /// A checkpoint's signature is not by a trusted key, or not over this content.
    #[error("checkpoint {number}: not signed by key {key_version} of the trusted keys: it was replaced or changed")]
    CheckpointSignature {
        /// Its number.
        number: i64,
        /// The key that it names.
        key_version: i64,
    },
    /// A checkpoint does not continue the one before it.
    #[error("checkpoint {number} does not continue the one before it: one of the two was replaced")]
    CheckpointPrevious {
        /// Its number.
        number: i64,
    },
    /// The leaves under a checkpoint are not those that were signed.
    #[error("checkpoint {number}: the leaves from {first} to {last} are not those that were sealed")]
    Leaves {
        /// The checkpoint's number.
        number: i64,
        /// The first leaf that it added.
        first: i64,
        /// The last one.
        last: i64,
    },
    /// Leaves after the last checkpoint: checkpoints were cut off.
    #[error("leaf {position} (chain {chain}, link {seq}) stands after the last checkpoint: checkpoints were cut off")]
    Beyond {
        /// The leaf's place.
        position: i64,
        /// Its chain.
        chain: String,
        /// Its link.
        seq: i64,
    },
    /// A key version is neither trusted nor endorsed by a trusted one.
    #[error("audit key {version} is not trusted: another key claims its number, or the key before did not endorse it")]
    Key {
        /// The version.
        version: i64,
    },
    /// The exported file is cut off or not one of ours.
    #[error("line {line}: {why}")]
    File {
        /// From 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// How much was checked, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Checkpoints.
    pub checkpoints: i64,
    /// Leaves.
    pub leaves: i64,
    /// Chains.
    pub chains: i64,
    /// Links.
    pub events: i64,
    /// Links after the last sealed one of their chain.
    pub unsealed: i64,
    /// The newest checkpoint: note it elsewhere, and a later check with `--since` finds that the log was cut behind it.
    pub newest: Option<(i64, Hash)>,
    /// What is wrong; empty when the evidence is whole. At most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
}

/// More are not listed.
pub const MOST_FINDINGS: usize = 100;

impl Report {
    /// Whether nothing was found.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    fn found(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.findings.len() == MOST_FINDINGS {
            writeln!(f, "… and perhaps more")?;
        }
        writeln!(
            f,
            "{} checkpoints, {} leaves, {} chains, {} events; {} events not sealed yet",
            self.checkpoints, self.leaves, self.chains, self.events, self.unsealed
        )?;
        if let Some((number, hash)) = &self.newest {
            writeln!(f, "newest checkpoint: {number} {}", hex::encode(hash))?;
        }
        f.write_str(if self.is_whole() { "the evidence is whole" } else { "THE EVIDENCE IS BROKEN" })
    }
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the exported file can't be read: {0}")]
    Read(#[from] std::io::Error),
}
