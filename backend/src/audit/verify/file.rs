//! Checking an exported file, line by line. In memory: 32 bytes for each leaf.

use super::chains::ChainCheck;
use super::log::{LogCheck, trust};
use super::{Finding, Report, VerifyError};
use crate::audit::chain::{Entry, Stored};
use crate::audit::export::{FORMAT, Record};
use crate::audit::keys::PublicKeys;
use crate::audit::merkle::{self, Hash};
use crate::store::{AuditKeyRow, CheckpointRow, HeadRow, LeafRow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;
use std::io::BufRead;

/// Checks a file from `open`, which is called again only when a chain that vanished has to be named. `keys` are the
/// ones that the verifier trusts, never those of the file.
pub fn check_file<R: BufRead>(
    open: impl Fn() -> std::io::Result<R>,
    mut keys: PublicKeys,
) -> Result<Report, VerifyError> {
    let mut report = Report::default();
    let mut tree = Tree::default();
    let mut lines = Lines { text: open()?.lines(), number: 0, read: Counts::default() };
    let head = lines.next(&mut report)?;
    if !head.is_some_and(|head| matches!(head, Record::Header { format, .. } if format == FORMAT)) {
        lines.wrong(&mut report, &format!("is not the header of a {FORMAT} file"));
        return Ok(report);
    }
    let first_of_chains = check_log(&mut lines, &mut keys, &mut tree, &mut report)?;
    let ended = check_chains(&mut lines, first_of_chains, &mut tree, &mut report)?;
    if !ended {
        lines.wrong(&mut report, "the file ends before its last line: it was cut off");
    } else if tree.met.iter().any(|met| !met) {
        name_vanished(open()?, &tree, &mut report)?;
    }
    Ok(report)
}

/// The leaves of the file's first part, and which of them were met in a chain.
#[derive(Default)]
struct Tree {
    leaves: Vec<Hash>,
    met: Vec<bool>,
}

#[derive(Default)]
struct Counts {
    checkpoints: i64,
    leaves: i64,
    events: i64,
}

struct Lines<R> {
    text: std::io::Lines<R>,
    number: u64,
    read: Counts,
}

impl<R: BufRead> Lines<R> {
    /// The next record; `None` at the end, or at a line that is none (which is told).
    fn next(&mut self, report: &mut Report) -> Result<Option<Record>, VerifyError> {
        self.number += 1;
        let line = match self.text.next() {
            None => return Ok(None),
            // A flipped bit may end the text; that is a finding, not a fault of the disk.
            Some(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                self.wrong(report, "is not UTF-8");
                return Ok(None);
            }
            Some(line) => line?,
        };
        let Ok(record) = serde_json::from_str(&line) else {
            self.wrong(report, "is no record: it was changed or cut off");
            return Ok(None);
        };
        match &record {
            Record::Checkpoint { .. } => self.read.checkpoints += 1,
            Record::Leaf { .. } => self.read.leaves += 1,
            Record::Event { .. } => self.read.events += 1,
            Record::Header { .. } | Record::Key { .. } | Record::Head { .. } | Record::End { .. } => {}
        }
        Ok(Some(record))
    }

    fn wrong(&self, report: &mut Report, why: &str) {
        report.found(Finding::File { line: self.number, why: why.to_owned() });
    }
}

/// Keys, leaves and checkpoints; answers the first record after them.
fn check_log<R: BufRead>(
    lines: &mut Lines<R>,
    keys: &mut PublicKeys,
    tree: &mut Tree,
    report: &mut Report,
) -> Result<Option<Record>, VerifyError> {
    let mut next = lines.next(report)?;
    let mut known = Vec::new();
    while let Some(Record::Key { version, public_key, endorsement, created_at }) = next {
        known.push(AuditKeyRow {
            version,
            public_key: base64(&public_key),
            endorsement: endorsement.as_deref().map(base64),
            created_at,
        });
        next = lines.next(report)?;
    }
    trust(keys, &known, report);
    let mut log = LogCheck::new(keys);
    let mut unsigned: Vec<LeafRow> = Vec::new();
    loop {
        match next {
            Some(Record::Leaf { position, chain, seq, hash }) => {
                let row = LeafRow { position, chain, seq, hash: unhex(&hash) };
                log.leaf(&row, report);
                tree.leaves.push(merkle::leaf(&row.chain, row.seq, &row.hash));
                tree.met.push(false);
                unsigned.push(row);
            }
            Some(Record::Checkpoint { number, key_version, previous, size, root, at, signature }) => {
                unsigned.clear();
                let (previous, root, signature) = (unhex(&previous), unhex(&root), base64(&signature));
                let frontier = Vec::new();
                let row = CheckpointRow { number, key_version, previous, size, root, at, signature, frontier };
                log.checkpoint(&row, report);
            }
            other => {
                for leaf in &unsigned {
                    LogCheck::beyond(leaf, report);
                }
                return Ok(other);
            }
        }
        next = lines.next(report)?;
    }
}

/// Links and heads; answers whether the file's last line was met.
fn check_chains<R: BufRead>(
    lines: &mut Lines<R>,
    mut next: Option<Record>,
    tree: &mut Tree,
    report: &mut Report,
) -> Result<bool, VerifyError> {
    let mut current: Option<(ChainCheck, i64)> = None;
    while let Some(record) = next {
        match record {
            Record::Event { chain, seq, kind, actor, actor_id, at, from, to, data, previous, hash, leaf } => {
                if let Some(other) = current.take_if(|(check, _)| check.chain() != chain) {
                    end(Some(other), None, report);
                }
                let (check, sealed) =
                    current.get_or_insert_with(|| (ChainCheck::new(chain.clone(), VecDeque::new()), 0));
                let entry = Entry {
                    chain: &chain,
                    seq,
                    kind: &kind,
                    actor: &actor,
                    actor_id: &actor_id,
                    at,
                    from: from.as_deref(),
                    to: to.as_deref(),
                    data: &data,
                };
                let hash = unhex(&hash);
                check.link(&Stored { entry, previous: &unhex(&previous), hash: &hash }, report);
                if let Some(position) = leaf {
                    *sealed = seq;
                    if !tree.meet(position, &merkle::leaf(&chain, seq, &hash)) {
                        check.rewritten(seq, report);
                    }
                }
            }
            Record::Head { chain, seq, hash, sealed_seq } => {
                let head = HeadRow { hash: unhex(&hash), chain, seq, sealed_seq };
                let open = current.take_if(|(check, _)| check.chain() == head.chain);
                let (check, sealed) = open.unwrap_or_else(|| (ChainCheck::new(head.chain.clone(), VecDeque::new()), 0));
                end(Some((check, sealed)), Some(&head), report);
            }
            Record::End { checkpoints, leaves, events } => {
                end(current.take(), None, report);
                let read = &lines.read;
                if (checkpoints, leaves, events) != (read.checkpoints, read.leaves, read.events) {
                    lines.wrong(report, "lines are missing: the last one counts more, or fewer, than there are");
                }
                return Ok(true);
            }
            Record::Header { .. } | Record::Key { .. } | Record::Leaf { .. } | Record::Checkpoint { .. } => {
                lines.wrong(report, "stands in the wrong part of the file");
            }
        }
        next = lines.next(report)?;
    }
    Ok(false)
}

fn end(current: Option<(ChainCheck, i64)>, head: Option<&HeadRow>, report: &mut Report) {
    if let Some((mut check, sealed)) = current {
        check.sealed_up_to(sealed);
        check.end(head, report);
    }
}

impl Tree {
    /// A link claims to be the leaf at this place.
    fn meet(&mut self, position: i64, leaf: &Hash) -> bool {
        let Ok(place) = usize::try_from(position) else { return false };
        let right = self.leaves.get(place) == Some(leaf);
        if right {
            self.met[place] = true;
        }
        right
    }
}

/// Leaves that no link claimed: their links, or whole chains, are gone.
fn name_vanished(file: impl BufRead, tree: &Tree, report: &mut Report) -> Result<(), VerifyError> {
    let mut place = 0;
    for line in file.lines() {
        if let Ok(Record::Leaf { chain, seq, .. }) = serde_json::from_str(&line?) {
            // A chain that is broken elsewhere is named already.
            let named = |finding: &Finding| {
                matches!(finding, Finding::Rewritten { chain: named, .. } if *named == chain)
                    || matches!(finding, Finding::Chain(broken) if broken.chain() == chain)
            };
            if tree.met.get(place) == Some(&false) && !report.findings.iter().any(named) {
                report.found(Finding::Cut { chain, sealed: seq, found: 0 });
            }
            place += 1;
        }
    }
    Ok(())
}

/// Wrong digits give wrong bytes: the comparison that follows finds them.
fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap_or_default()
}

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) -> Report {
        check_file(|| Ok(std::io::Cursor::new(text.to_owned())), PublicKeys::default()).unwrap()
    }

    /// Lines that look like records, in any order.
    fn line() -> impl Strategy<Value = String> {
        let words = proptest::sample::select(vec!["a", "order:1", "", "00", "AAAA"]);
        (0..6u8, words, -1i64..4).prop_map(|(kind, word, number)| match kind {
            0 => format!(r#"{{"record":"header","format":"{FORMAT}","exportedAt":{number}}}"#),
            1 => format!(
                r#"{{"record":"key","version":{number},"publicKey":"{word}","endorsement":null,"createdAt":0}}"#
            ),
            2 => format!(r#"{{"record":"leaf","position":{number},"chain":"{word}","seq":1,"hash":"{word}"}}"#),
            3 => format!(
                r#"{{"record":"event","chain":"{word}","seq":{number},"kind":"k","actor":"a","actorId":"i","at":0,
                    "from":null,"to":null,"data":"","previous":"{word}","hash":"00","leaf":{number}}}"#
            )
            .replace('\n', ""),
            4 => format!(r#"{{"record":"head","chain":"{word}","seq":{number},"hash":"{word}","sealedSeq":{number}}}"#),
            _ => format!(r#"{{"record":"end","checkpoints":0,"leaves":{number},"events":{number}}}"#),
        })
    }

    proptest! {
        #[test]
        fn no_file_is_a_panic(lines in proptest::collection::vec(line(), 0..12), rest in ".*") {
            check(&lines.join("\n"));
            check(&format!("{}\n{rest}", lines.join("\n")));
        }
    }

    #[test]
    fn a_file_of_another_format_is_named() {
        for text in ["", "{}", r#"{"record":"header","format":"certhall-audit-2","exportedAt":0}"#] {
            let report = check(text);
            assert!(report.findings.iter().any(|finding| finding.to_string().contains("line 1:")), "{report}");
        }
    }
}
