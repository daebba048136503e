//! Checkpoints and leaves, in the order of the tree.

use super::{Finding, Report};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::keys::PublicKeys;
use crate::audit::merkle::{self, Frontier, Hash};
use crate::store::{AuditKeyRow, CheckpointRow, LeafRow};

/// Checks the log; leaves come before the checkpoint that signs them.
pub(super) struct LogCheck<'a> {
    keys: &'a mut PublicKeys,
    frontier: Frontier,
    /// The last checkpoint's number and hash.
    last: (i64, Hash),
    /// Leaves that a checkpoint has signed.
    signed: u64,
    /// A leaf does not stand where it belongs.
    misplaced: bool,
    /// The leaves are known to differ, which was told: every later root would differ too.
    told: bool,
}

impl<'a> LogCheck<'a> {
    /// From the empty tree on.
    pub fn new(keys: &'a mut PublicKeys) -> Self {
        Self { keys, frontier: Frontier::default(), last: (0, [0; 32]), signed: 0, misplaced: false, told: false }
    }

    /// From a checkpoint on, whose signature and tree are checked here. `None`: they are not what was signed.
    pub fn since(keys: &'a mut PublicKeys, row: &CheckpointRow, report: &mut Report) -> Option<Self> {
        let signature = Finding::CheckpointSignature { number: row.number, key_version: row.key_version };
        let Some(checkpoint) = Checkpoint::of(row).filter(|it| it.is_signed(keys, &row.signature)) else {
            report.found(signature);
            return None;
        };
        let frontier = Frontier::from_bytes(row.size, &row.frontier).filter(|it| it.root() == checkpoint.root);
        let Some(frontier) = frontier else {
            report.found(Finding::Leaves { number: row.number, first: 0, last: row.size - 1 });
            return None;
        };
        report.newest = Some((row.number, checkpoint.hash()));
        let signed = frontier.size();
        Some(Self { keys, frontier, last: (row.number, checkpoint.hash()), signed, misplaced: false, told: false })
    }

    /// Where the next leaf belongs.
    pub fn size(&self) -> i64 {
        i64::try_from(self.frontier.size()).unwrap_or(i64::MAX)
    }

    /// The next leaf. A place that is left out shows in the next root.
    pub fn leaf(&mut self, row: &LeafRow, report: &mut Report) {
        report.leaves += 1;
        if row.position != self.size() {
            self.misplaced = true;
        }
        self.frontier.push(merkle::leaf(&row.chain, row.seq, &row.hash));
    }

    /// The next checkpoint.
    pub fn checkpoint(&mut self, row: &CheckpointRow, report: &mut Report) {
        report.checkpoints += 1;
        let number = row.number;
        if number != self.last.0 + 1 {
            report.found(Finding::CheckpointMissing { number: self.last.0 + 1 });
        }
        let checkpoint = Checkpoint::of(row);
        let signed = checkpoint.as_ref().is_some_and(|it| it.is_signed(self.keys, &row.signature));
        if !signed {
            report.found(Finding::CheckpointSignature { number, key_version: row.key_version });
        }
        let Some(checkpoint) = checkpoint else {
            self.last = (number, [0; 32]);
            return;
        };
        if number == self.last.0 + 1 && checkpoint.previous != self.last.1 {
            report.found(Finding::CheckpointPrevious { number });
        }
        // A forged checkpoint proves nothing about the leaves; the next genuine one does.
        let differ = self.misplaced || self.size() != checkpoint.size || self.frontier.root() != checkpoint.root;
        if signed && differ && !std::mem::replace(&mut self.told, true) {
            let first = i64::try_from(self.signed).unwrap_or(i64::MAX);
            report.found(Finding::Leaves { number, first, last: checkpoint.size - 1 });
        }
        self.signed = self.frontier.size();
        self.last = (number, checkpoint.hash());
        report.newest = Some(self.last);
    }

    /// A leaf after the last checkpoint.
    pub fn beyond(row: &LeafRow, report: &mut Report) {
        report.found(Finding::Beyond { position: row.position, chain: row.chain.clone(), seq: row.seq });
    }
}

/// Trusts the keys that trusted ones endorsed, and names the others.
pub(super) fn trust(keys: &mut PublicKeys, rows: &[AuditKeyRow], report: &mut Report) {
    for row in rows {
        let trusted = u32::try_from(row.version).is_ok_and(|version| {
            keys.trust_endorsed(version, &row.public_key, row.endorsement.as_deref(), row.created_at)
        });
        if !trusted {
            report.found(Finding::Key { version: row.version });
        }
    }
}
