//! How a link is hashed, and how a chain is checked.
//!
//! ```text
//! hash = SHA-256( "certhall.event.v1"
//!                 ‖ prev_hash (32 bytes; zeros for the first link)
//!                 ‖ text(chain) ‖ int(seq) ‖ text(kind) ‖ text(actor) ‖ text(actor_id) ‖ int(at)
//!                 ‖ maybe(status_from) ‖ maybe(status_to) ‖ text(data) )
//! text(t)  = length of t in bytes as 8 bytes big-endian ‖ t in UTF-8
//! int(i)   = 8 bytes big-endian, two's complement
//! maybe(t) = 0x00, or 0x01 ‖ text(t)
//! ```
//! Every part says its own length, so no two different links have the same encoding. `data` is hashed as the text that is
//! stored, never parsed and written again. The row's id takes no part: it names the row and says nothing.

use sha2::{Digest, Sha256};

/// What the first link of every chain continues.
pub const GENESIS: [u8; 32] = [0; 32];

const DOMAIN: &[u8] = b"certhall.event.v1";

/// The hashed part of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The chain's name.
    pub chain: &'a str,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// What happened (`shared::order::EventKind::name`, or the name of a staff act).
    pub kind: &'a str,
    /// Who: applicant, reviewer, maker, system, staff.
    pub actor: &'a str,
    /// Whose id: session or staff id, or `system`.
    pub actor_id: &'a str,
    /// When, microseconds UTC.
    pub at: i64,
    /// The order's status before.
    pub from: Option<&'a str>,
    /// The order's status afterwards.
    pub to: Option<&'a str>,
    /// JSON as stored.
    pub data: &'a str,
}

impl Entry<'_> {
    /// The hashed bytes after the domain and the previous hash.
    pub fn encode(&self) -> Vec<u8> {
        fn text(out: &mut Vec<u8>, text: &str) {
            out.extend((text.len() as u64).to_be_bytes());
            out.extend(text.as_bytes());
        }
        fn maybe(out: &mut Vec<u8>, value: Option<&str>) {
            out.push(u8::from(value.is_some()));
            if let Some(value) = value {
                text(out, value);
            }
        }
        let mut out = Vec::with_capacity(256);
        text(&mut out, self.chain);
        out.extend(self.seq.to_be_bytes());
        text(&mut out, self.kind);
        text(&mut out, self.actor);
        text(&mut out, self.actor_id);
        out.extend(self.at.to_be_bytes());
        maybe(&mut out, self.from);
        maybe(&mut out, self.to);
        text(&mut out, self.data);
        out
    }

    /// The link's hash.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(previous);
        hash.update(self.encode());
        hash.finalize().into()
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A link is missing, or two were exchanged: another one stands in its place.
    #[error("{chain}: link {expected} is missing or out of order (found {found})")]
    Order {
        /// The chain.
        chain: String,
        /// The place that was looked at.
        expected: i64,
        /// The place that the row there claims.
        found: i64,
    },
    /// A link does not continue the one before it.
    #[error("{chain}: link {seq} does not continue the one before it")]
    Previous {
        /// The chain.
        chain: String,
        /// The place.
        seq: i64,
    },
    /// A link's content was changed.
    #[error("{chain}: link {seq} was changed")]
    Content {
        /// The chain.
        chain: String,
        /// The place.
        seq: i64,
    },
    /// The chain's end is not the end that its head tells: links were cut off.
    #[error("{chain}: the chain ends at {found}, its head says {expected}")]
    End {
        /// The chain.
        chain: String,
        /// The head's place.
        expected: i64,
        /// The last link.
        found: i64,
    },
}

/// One stored link.
pub struct Stored<'a> {
    /// What was hashed.
    pub entry: Entry<'a>,
    /// The previous hash as stored.
    pub previous: &'a [u8],
    /// The hash as stored.
    pub hash: &'a [u8],
}

/// Checks a whole chain in the order of `seq`: edits, deletions and reordering; cut-off links against `head`
/// (seq, hash). Answers how many links there are.
pub fn verify<'a>(chain: &str, links: impl IntoIterator<Item = Stored<'a>>, head: (i64, &[u8])) -> Result<i64, Break> {
    let mut previous = GENESIS;
    let mut seq = 0;
    for link in links {
        seq += 1;
        if link.entry.seq != seq || link.entry.chain != chain {
            return Err(Break::Order { chain: chain.to_owned(), expected: seq, found: link.entry.seq });
        }
        if link.previous != previous {
            return Err(Break::Previous { chain: chain.to_owned(), seq });
        }
        previous = link.entry.hash(&previous);
        if link.hash != previous {
            return Err(Break::Content { chain: chain.to_owned(), seq });
        }
    }
    if head.0 == seq && (seq == 0 || head.1 == previous) {
        Ok(seq)
    } else {
        Err(Break::End { chain: chain.to_owned(), expected: head.0, found: seq })
    }
}
