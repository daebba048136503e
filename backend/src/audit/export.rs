//! The audit as a file: JSON lines, so that anybody can check it without the database (`verify::check_file`).
//!
//! ```text
//! header                       format and time
//! key …                        public keys with their endorsements
//! (leaf … checkpoint) …        the tree in its order, each checkpoint after the leaves that it signs
//! (event … head) …             every chain; an event that is a leaf says its place in the tree: the data of inclusion
//! end                          how many of each: a file that was cut off is noticed
//! ```
//! Hashes are hex, signatures and keys base64, `data` is the text that was hashed.

use crate::store::{AuditKeyRow, CheckpointRow, Conn, Event, HeadRow, LeafRow, Store, StoreError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;

/// The format's name, in the header.
pub const FORMAT: &str = "certhall-audit-1";
/// Rows that are read at a time.
const PAGE: i64 = 1000;
/// Chains whose leaves are in memory at a time.
const CHAINS: i64 = 500;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Record {
    /// The first line.
    Header {
        /// [`FORMAT`].
        format: String,
        /// Microseconds UTC.
        exported_at: i64,
    },
    /// A public key that signs checkpoints.
    Key {
        /// From 1.
        version: i64,
        /// Base64.
        public_key: String,
        /// Base64; by the version before.
        endorsement: Option<String>,
        /// Microseconds UTC.
        created_at: i64,
    },
    /// A leaf of the tree.
    Leaf {
        /// From 0.
        position: i64,
        /// The chain.
        chain: String,
        /// The link.
        seq: i64,
        /// The link's hash, hex.
        hash: String,
    },
    /// A signed tree head.
    Checkpoint {
        /// From 1.
        number: i64,
        /// Which key signed.
        key_version: i64,
        /// Hash of the checkpoint before, hex.
        previous: String,
        /// Leaves in the tree.
        size: i64,
        /// Hex.
        root: String,
        /// Microseconds UTC.
        at: i64,
        /// Base64.
        signature: String,
    },
    /// A link of a chain.
    Event {
        /// The chain.
        chain: String,
        /// From 1.
        seq: i64,
        /// What happened.
        kind: String,
        /// In which part.
        actor: String,
        /// Session or staff id, or `system`.
        actor_id: String,
        /// Microseconds UTC.
        at: i64,
        /// The order's status before.
        from: Option<String>,
        /// The order's status afterwards.
        to: Option<String>,
        /// JSON as text.
        data: String,
        /// The link before, hex.
        previous: String,
        /// This link, hex.
        hash: String,
        /// Its place in the tree, if it was sealed as the chain's end.
        leaf: Option<i64>,
    },
    /// A chain's end, after its links.
    Head {
        /// The chain.
        chain: String,
        /// Its last link.
        seq: i64,
        /// That link's hash, hex.
        hash: String,
        /// The last link that is said to be sealed.
        sealed_seq: i64,
    },
    /// The last line.
    End {
        /// Checkpoints in the file.
        checkpoints: i64,
        /// Leaves in the file.
        leaves: i64,
        /// Links in the file.
        events: i64,
    },
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the export can't be written: {0}")]
    Write(#[from] std::io::Error),
    /// JSON.
    #[error("the export can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Checkpoints.
    pub checkpoints: i64,
    /// Leaves.
    pub leaves: i64,
    /// Links.
    pub events: i64,
}

/// Writes everything, in one consistent view.
pub async fn export(store: &Store, out: &mut (dyn Write + Send)) -> Result<Exported, ExportError> {
    let mut read = store.read().await?;
    let mut lines = Lines { out, count: Exported::default() };
    lines.write(&Record::Header { format: FORMAT.to_owned(), exported_at: store.now() })?;
    for row in read.audit_keys().await? {
        lines.write(&key(row))?;
    }
    write_log(&mut read, &mut lines).await?;
    write_chains(&mut read, &mut lines).await?;
    let Exported { checkpoints, leaves, events } = lines.count;
    lines.write(&Record::End { checkpoints, leaves, events })?;
    lines.out.flush()?;
    Ok(lines.count)
}

struct Lines<'a> {
    out: &'a mut (dyn Write + Send),
    count: Exported,
}

impl Lines<'_> {
    fn write(&mut self, record: &Record) -> Result<(), ExportError> {
        serde_json::to_writer(&mut *self.out, record)?;
        Ok(self.out.write_all(b"\n")?)
    }
}

async fn write_log(read: &mut Conn, lines: &mut Lines<'_>) -> Result<(), ExportError> {
    let (mut number, mut position) = (0, 0);
    loop {
        let page = read.checkpoints_after(number, PAGE).await?;
        let Some(last) = page.last() else { break };
        number = last.number;
        for row in page {
            while position < row.size {
                let leaves = read.leaves_from(position, PAGE.min(row.size - position)).await?;
                let Some(last) = leaves.last().filter(|last| last.position < row.size) else { break };
                position = last.position + 1;
                write_leaves(lines, leaves)?;
            }
            lines.count.checkpoints += 1;
            lines.write(&checkpoint(row))?;
        }
    }
    // Leaves without a checkpoint are a finding; the file must not hide it.
    let rest = read.leaves_from(position, PAGE).await?;
    write_leaves(lines, rest)
}

fn write_leaves(lines: &mut Lines<'_>, leaves: Vec<LeafRow>) -> Result<(), ExportError> {
    for row in leaves {
        lines.count.leaves += 1;
        let LeafRow { position, chain, seq, hash } = row;
        lines.write(&Record::Leaf { position, chain, seq, hash: hex::encode(hash) })?;
    }
    Ok(())
}

async fn write_chains(read: &mut Conn, lines: &mut Lines<'_>) -> Result<(), ExportError> {
    let mut after = String::new();
    loop {
        let heads = read.heads_after(&after, CHAINS).await?;
        let last = if i64::try_from(heads.len()).unwrap_or(0) < CHAINS { None } else { heads.last() };
        let last = last.map(|head| head.chain.clone());
        write_range(read, lines, &after, last.as_deref(), heads).await?;
        match last {
            Some(chain) => after = chain,
            None => return Ok(()),
        }
    }
}

async fn write_range(
    read: &mut Conn,
    lines: &mut Lines<'_>,
    after: &str,
    last: Option<&str>,
    heads: Vec<HeadRow>,
) -> Result<(), ExportError> {
    let mut heads: HashMap<String, HeadRow> = heads.into_iter().map(|head| (head.chain.clone(), head)).collect();
    let positions = positions_of(read, after, last).await?;
    let mut place = (after.to_owned(), if after.is_empty() { 0 } else { i64::MAX });
    let mut current: Option<String> = None;
    loop {
        let events = read.events_after((&place.0, place.1), last, PAGE).await?;
        let Some(end) = events.last() else { break };
        place = (end.chain.clone(), end.seq);
        for event in events {
            if current.as_ref() != Some(&event.chain) {
                write_head(lines, current.and_then(|chain| heads.remove(&chain)))?;
                current = Some(event.chain.clone());
            }
            lines.count.events += 1;
            let leaf = positions.get(&event.chain).and_then(|leaves| leaves.get(&event.seq)).copied();
            lines.write(&link(event, leaf))?;
        }
    }
    write_head(lines, current.and_then(|chain| heads.remove(&chain)))?;
    for (_, head) in heads {
        write_head(lines, Some(head))?;
    }
    Ok(())
}

fn write_head(lines: &mut Lines<'_>, head: Option<HeadRow>) -> Result<(), ExportError> {
    let Some(HeadRow { chain, seq, hash, sealed_seq }) = head else { return Ok(()) };
    lines.write(&Record::Head { chain, seq, hash: hex::encode(hash), sealed_seq })
}

/// Chain → link → place in the tree.
type Positions = HashMap<String, HashMap<i64, i64>>;

async fn positions_of(read: &mut Conn, after: &str, last: Option<&str>) -> Result<Positions, StoreError> {
    let mut positions = Positions::new();
    let mut place = (after.to_owned(), if after.is_empty() { 0 } else { i64::MAX });
    loop {
        let page = read.leaves_after((&place.0, place.1), last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(positions) };
        place = (end.chain.clone(), end.seq);
        for leaf in page {
            positions.entry(leaf.chain).or_default().insert(leaf.seq, leaf.position);
        }
    }
}

fn key(row: AuditKeyRow) -> Record {
    Record::Key {
        version: row.version,
        public_key: STANDARD.encode(row.public_key),
        endorsement: row.endorsement.map(|signature| STANDARD.encode(signature)),
        created_at: row.created_at,
    }
}

fn checkpoint(row: CheckpointRow) -> Record {
    Record::Checkpoint {
        number: row.number,
        key_version: row.key_version,
        previous: hex::encode(row.previous),
        size: row.size,
        root: hex::encode(row.root),
        at: row.at,
        signature: STANDARD.encode(row.signature),
    }
}

fn link(event: Event, leaf: Option<i64>) -> Record {
    Record::Event {
        chain: event.chain,
        seq: event.seq,
        kind: event.kind,
        actor: event.actor,
        actor_id: event.actor_id,
        at: event.at,
        from: event.status_from,
        to: event.status_to,
        data: event.data,
        previous: hex::encode(event.prev_hash),
        hash: hex::encode(event.hash),
        leaf,
    }
}
