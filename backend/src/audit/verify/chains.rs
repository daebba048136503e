//! One chain: its links, the leaves that seal it, its head.

use super::{Finding, Report};
use crate::audit::chain::{Stored, Walk};
use crate::audit::merkle::Hash;
use crate::store::HeadRow;
use std::collections::VecDeque;

/// Checks one chain; its first break is told, what comes after it can't be judged.
pub(super) struct ChainCheck {
    chain: String,
    seq: i64,
    hash: Hash,
    /// Leaves that are still to be met, by link.
    leaves: VecDeque<(i64, Vec<u8>)>,
    last_leaf: i64,
    found: i64,
    broken: bool,
}

impl ChainCheck {
    /// A chain from its first link on. `leaves` in the order of links.
    pub fn new(chain: String, leaves: VecDeque<(i64, Vec<u8>)>) -> Self {
        Self::from(chain, 0, crate::audit::GENESIS, leaves)
    }

    /// A chain after a sealed link.
    pub fn from(chain: String, seq: i64, hash: Hash, leaves: VecDeque<(i64, Vec<u8>)>) -> Self {
        let last_leaf = leaves.back().map_or(seq, |(seq, _)| *seq);
        Self { chain, seq, hash, leaves, last_leaf, found: seq, broken: false }
    }

    /// Which chain this is.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// The last leaf of this chain, where leaves are checked elsewhere.
    pub fn sealed_up_to(&mut self, seq: i64) {
        self.last_leaf = seq;
    }

    /// The next link.
    pub fn link(&mut self, link: &Stored<'_>, report: &mut Report) {
        report.events += 1;
        self.found += 1;
        if self.broken {
            return;
        }
        let mut walk = Walk::from(&self.chain, self.seq, self.hash);
        if let Err(error) = walk.next(link) {
            self.broken = true;
            report.found(Finding::Chain(error));
            return;
        }
        (self.seq, self.hash) = (walk.at().0, *walk.at().1);
        if self.leaves.front().is_some_and(|(seq, _)| *seq == self.seq)
            && let Some((seq, sealed)) = self.leaves.pop_front()
            && sealed != self.hash
        {
            self.rewritten(seq, report);
        }
    }

    /// A link is not the one that was sealed.
    pub fn rewritten(&mut self, seq: i64, report: &mut Report) {
        if !std::mem::replace(&mut self.broken, true) {
            report.found(Finding::Rewritten { chain: self.chain.clone(), seq });
        }
    }

    /// The chain's end. `None`: no head tells of it.
    pub fn end(self, head: Option<&HeadRow>, report: &mut Report) {
        report.chains += 1;
        let chain = || self.chain.clone();
        if self.broken {
            return;
        }
        report.unsealed += (self.seq - self.last_leaf).max(0);
        if let Some((sealed, _)) = self.leaves.back() {
            report.found(Finding::Cut { chain: chain(), sealed: *sealed, found: self.seq });
            return;
        }
        let Some(head) = head else {
            report.found(Finding::Headless { chain: chain(), found: self.found });
            return;
        };
        if let Err(error) = Walk::from(&self.chain, self.seq, self.hash).end((head.seq, &head.hash)) {
            report.found(Finding::Chain(error));
        } else if head.sealed_seq != self.last_leaf {
            report.found(Finding::SealMark { chain: chain(), marked: head.sealed_seq, sealed: self.last_leaf });
        }
    }
}
