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

impl Break {
    /// The broken chain.
    pub fn chain(&self) -> &str {
        match self {
            Self::Order { chain, .. }
            | Self::Previous { chain, .. }
            | Self::Content { chain, .. }
            | Self::End { chain, .. } => chain,
        }
    }
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

/// Checks a chain link by link, so that a long one need not be in memory.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    chain: &'a str,
    seq: i64,
    previous: [u8; 32],
}

impl<'a> Walk<'a> {
    /// Before the first link.
    pub const fn new(chain: &'a str) -> Self {
        Self::from(chain, 0, GENESIS)
    }

    /// After a link that is known to be right.
    pub const fn from(chain: &'a str, seq: i64, hash: [u8; 32]) -> Self {
        Self { chain, seq, previous: hash }
    }

    /// The last link that was checked, and its hash.
    pub const fn at(&self) -> (i64, &[u8; 32]) {
        (self.seq, &self.previous)
    }

    /// Checks the next link: edits, deletions and reordering.
    pub fn next(&mut self, link: &Stored<'_>) -> Result<(), Break> {
        let (chain, seq) = (|| self.chain.to_owned(), self.seq + 1);
        if link.entry.seq != seq || link.entry.chain != self.chain {
            return Err(Break::Order { chain: chain(), expected: seq, found: link.entry.seq });
        }
        if link.previous != self.previous {
            return Err(Break::Previous { chain: chain(), seq });
        }
        let hash = link.entry.hash(&self.previous);
        if link.hash != hash {
            return Err(Break::Content { chain: chain(), seq });
        }
        (self.seq, self.previous) = (seq, hash);
        Ok(())
    }

    /// Checks the chain's end against its head (seq, hash): cut-off links.
    pub fn end(&self, head: (i64, &[u8])) -> Result<(), Break> {
        if head.0 == self.seq && (self.seq == 0 || head.1 == self.previous) {
            Ok(())
        } else {
            Err(Break::End { chain: self.chain.to_owned(), expected: head.0, found: self.seq })
        }
    }
}

/// Checks a whole chain in the order of `seq`: edits, deletions and reordering; cut-off links against `head`
/// (seq, hash). Answers how many links there are.
pub fn verify<'a>(chain: &str, links: impl IntoIterator<Item = Stored<'a>>, head: (i64, &[u8])) -> Result<i64, Break> {
    let mut walk = Walk::new(chain);
    for link in links {
        walk.next(&link)?;
    }
    walk.end(head)?;
    Ok(walk.at().0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    /// An owned link's content.
    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Act {
        chain: String,
        seq: i64,
        kind: String,
        actor: String,
        actor_id: String,
        at: i64,
        from: Option<String>,
        to: Option<String>,
        data: String,
    }

    impl Act {
        fn entry(&self) -> Entry<'_> {
            Entry {
                chain: &self.chain,
                seq: self.seq,
                kind: &self.kind,
                actor: &self.actor,
                actor_id: &self.actor_id,
                at: self.at,
                from: self.from.as_deref(),
                to: self.to.as_deref(),
                data: &self.data,
            }
        }
    }

    prop_compose! {
        /// Short texts of few letters: neighbouring parts that could run into each other are likely.
        fn act()(
            chain in "[ab]{0,3}", seq in -2i64..3, kind in "[ab]{0,3}", actor in "[ab]{0,3}",
            actor_id in "[ab]{0,3}", at in any::<i64>(), from in proptest::option::of("[ab]{0,2}"),
            to in proptest::option::of("[ab]{0,2}"), data in "[ab中\\x00]{0,3}",
        ) -> Act {
            Act { chain, seq, kind, actor, actor_id, at, from, to, data }
        }
    }

    /// Links the acts up; answers what is stored: act, previous hash, hash.
    fn link_up(mut acts: Vec<Act>) -> Vec<(Act, [u8; 32], [u8; 32])> {
        let mut previous = GENESIS;
        let mut seq = 0;
        acts.drain(..)
            .map(|act| {
                seq += 1;
                let act = Act { chain: "c".into(), seq, ..act };
                let hash = act.entry().hash(&previous);
                let link = (act, previous, hash);
                previous = hash;
                link
            })
            .collect()
    }

    fn check(links: &[(Act, [u8; 32], [u8; 32])], head: (i64, &[u8])) -> Result<i64, Break> {
        let stored = links.iter().map(|(act, previous, hash)| Stored { entry: act.entry(), previous, hash });
        verify("c", stored, head)
    }

    proptest! {
        #[test]
        fn different_links_never_have_the_same_encoding(one in act(), two in act()) {
            prop_assert_eq!(one == two, one.entry().encode() == two.entry().encode());
        }

        #[test]
        fn a_chain_holds_until_anything_is_changed(
            acts in proptest::collection::vec(act(), 1..8), other in act(), place in any::<prop::sample::Index>(),
        ) {
            let links = link_up(acts);
            let head = links.last().map(|(act, _, hash)| (act.seq, *hash)).unwrap();
            let check = |links: &[_]| check(links, (head.0, &head.1));
            prop_assert_eq!(check(&links), Ok(head.0));

            let place = place.index(links.len());
            let mut edited = links.clone();
            let act = Act { chain: "c".into(), seq: edited[place].0.seq, ..other };
            let changed = act != edited[place].0;
            edited[place].0 = act;
            prop_assert_eq!(check(&edited).is_err(), changed);

            let mut shorter = links.clone();
            shorter.remove(place);
            prop_assert!(check(&shorter).is_err());

            if links.len() > 1 {
                let mut exchanged = links.clone();
                exchanged.swap(place, (place + 1) % links.len());
                prop_assert!(check(&exchanged).is_err());
            }
        }
    }

    /// Worked out by hand from the layout above, with another program.
    #[test]
    fn the_hash_is_the_documented_one() {
        let entry = Entry {
            chain: "order:1",
            seq: 1,
            kind: "confirmed",
            actor: "applicant",
            actor_id: "s",
            at: 1_795_136_400_000_000,
            from: None,
            to: Some("awaiting_documents"),
            data: "{}",
        };
        assert_eq!(
            hex::encode(entry.hash(&GENESIS)),
            "f3439fd6ee707090f4348a3a1dc38e796ac745669e58a3bac8eca71acc142cc6"
        );
    }
}
