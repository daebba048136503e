//! A checkpoint: the tree's head, signed, continuing the checkpoint before.
//!
//! ```text
//! signed bytes = "certhall.checkpoint.v1" ‖ int(number) ‖ int(key version) ‖ hash of the one before (32; zeros first)
//!                ‖ int(size) ‖ root (32) ‖ int(time)
//! hash         = SHA-256( signed bytes )
//! int          : 8 bytes big-endian
//! ```

use super::keys::{AuditKeys, PublicKeys};
use super::merkle::{Frontier, Hash};
use crate::store::CheckpointRow;
use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"certhall.checkpoint.v1";

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// From 1, without gaps.
    pub number: i64,
    /// Which audit key signs.
    pub key_version: u32,
    /// Hash of the checkpoint before; zeros for the first.
    pub previous: Hash,
    /// Leaves in the tree.
    pub size: i64,
    /// The tree's root.
    pub root: Hash,
    /// Microseconds UTC.
    pub at: i64,
}

impl Checkpoint {
    fn signed_bytes(&self) -> Vec<u8> {
        [
            DOMAIN,
            &self.number.to_be_bytes(),
            &i64::from(self.key_version).to_be_bytes(),
            &self.previous,
            &self.size.to_be_bytes(),
            &self.root,
            &self.at.to_be_bytes(),
        ]
        .concat()
    }

    /// What the next checkpoint continues.
    pub fn hash(&self) -> Hash {
        Sha256::digest(self.signed_bytes()).into()
    }

    /// Signs it for the database. `None`: this backend does not hold that key.
    pub fn sign(&self, keys: &AuditKeys, frontier: &Frontier) -> Option<CheckpointRow> {
        Some(CheckpointRow {
            number: self.number,
            key_version: i64::from(self.key_version),
            previous: self.previous.to_vec(),
            size: self.size,
            root: self.root.to_vec(),
            at: self.at,
            signature: keys.sign(self.key_version, &self.signed_bytes())?.to_vec(),
            frontier: frontier.to_bytes(),
        })
    }

    /// Reads a row; `None` when its columns have the wrong form.
    pub fn of(row: &CheckpointRow) -> Option<Self> {
        Some(Self {
            number: row.number,
            key_version: u32::try_from(row.key_version).ok()?,
            previous: row.previous.as_slice().try_into().ok()?,
            size: row.size,
            root: row.root.as_slice().try_into().ok()?,
            at: row.at,
        })
    }

    /// Whether a trusted key signed it.
    pub fn is_signed(&self, keys: &PublicKeys, signature: &[u8]) -> bool {
        keys.verify(self.key_version, &self.signed_bytes(), signature)
    }
}
