//! The audit: every transition of an order and every act of staff is a link of an append-only, hash-chained log.
//!
//! Each order has its own chain, and each member of staff one for acts without an order, so that no lock is held by
//! everybody. Links hold ids and hashes, never personal values: erasing a person leaves the chains whole.
//! [`chain`] is the encoding and the check; `store::events` writes and reads.
//!
//! A chain proves that nothing in its middle was changed. That its end was not cut off, that it was not written anew and
//! that it did not vanish as a whole is proven by seals: the ends of all chains that moved become leaves of a Merkle
//! tree ([`merkle`]), whose head is signed every few seconds ([`sealer`], [`checkpoint`], [`keys`]). [`verify`] checks all
//! of it, in the database or in an [`export`]; [`gate`] stops what needs evidence while none can be kept.

pub mod chain;
pub mod checkpoint;
pub mod export;
pub mod gate;
pub mod keys;
pub mod merkle;
pub mod sealer;
pub mod verify;

pub use chain::{Break, Entry, GENESIS, verify as verify_links};
pub use gate::{LONGEST_SEAL_LAG, must_be_sealed, seal_lag};
pub use keys::{AuditKeys, PublicKeys};
pub use sealer::Sealer;

/// Which chain a link belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain<'a> {
    /// An order's, by its id.
    Order(&'a str),
    /// A staff member's acts without an order, by the staff id.
    Staff(&'a str),
    /// What the operator does to the hall as a whole: keys, backups.
    Hall,
}

impl Chain<'_> {
    /// The name in the database, part of every hash.
    pub fn name(self) -> String {
        match self {
            Self::Order(id) => format!("order:{id}"),
            Self::Staff(id) => format!("staff:{id}"),
            Self::Hall => "hall".to_owned(),
        }
    }
}
