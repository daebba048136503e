//! The audit: every transition of an order and every act of staff is a link of an append-only, hash-chained log.
//!
//! Each order has its own chain, and each member of staff one for acts without an order, so that no lock is held by
//! everybody. Links hold ids and hashes, never personal values: erasing a person leaves the chains whole.
//! [`chain`] is the encoding and the check; `store::events` writes and reads.

pub mod chain;

pub use chain::{Break, Entry, GENESIS, verify};

/// Which chain a link belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain<'a> {
    /// An order's, by its id.
    Order(&'a str),
    /// A staff member's acts without an order, by the staff id.
    Staff(&'a str),
}

impl Chain<'_> {
    /// The name in the database, part of every hash.
    pub fn name(self) -> String {
        match self {
            Self::Order(id) => format!("order:{id}"),
            Self::Staff(id) => format!("staff:{id}"),
        }
    }
}
