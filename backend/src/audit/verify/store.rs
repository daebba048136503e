//! Checking the database, page by page, in one consistent view.

use super::chains::ChainCheck;
use super::log::{LogCheck, trust};
use super::{Finding, Report, VerifyError};
use crate::audit::keys::PublicKeys;
use crate::store::{Conn, HeadRow, Store, StoreError};
use std::collections::{HashMap, VecDeque};

/// Rows that are read at a time.
const PAGE: i64 = 1000;
/// Chains whose leaves are in memory at a time.
const CHAINS: i64 = 500;

/// Checks everything; with `since`, what came after that checkpoint (which must be there: a log that was cut before it
/// is found).
pub async fn check_store(store: &Store, mut keys: PublicKeys, since: Option<i64>) -> Result<Report, VerifyError> {
    let mut read = store.read().await?;
    let mut report = Report::default();
    trust(&mut keys, &read.audit_keys().await?, &mut report);
    match since {
        None => {
            check_log(&mut read, LogCheck::new(&mut keys), 0, &mut report).await?;
            check_chains(&mut read, &mut report).await?;
        }
        Some(number) => {
            let Some(row) = read.checkpoint(number).await? else {
                report.found(Finding::CheckpointMissing { number });
                return Ok(report);
            };
            if let Some(log) = LogCheck::since(&mut keys, &row, &mut report) {
                check_log(&mut read, log, number, &mut report).await?;
            }
            check_moved(&mut read, row.size, &mut report).await?;
        }
    }
    Ok(report)
}

async fn check_log(read: &mut Conn, mut log: LogCheck<'_>, after: i64, report: &mut Report) -> Result<(), StoreError> {
    let (mut number, mut leaves) = (after, VecDeque::new());
    let mut next_leaf = log.size();
    loop {
        let checkpoints = read.checkpoints_after(number, PAGE).await?;
        let Some(last) = checkpoints.last() else { break };
        number = last.number;
        for row in &checkpoints {
            while log.size() < row.size {
                if leaves.is_empty() {
                    leaves.extend(read.leaves_from(next_leaf, PAGE).await?);
                }
                let Some(leaf) = leaves.pop_front() else { break };
                next_leaf = leaf.position + 1;
                log.leaf(&leaf, report);
            }
            log.checkpoint(row, report);
        }
    }
    let rest = if leaves.is_empty() { read.leaves_from(next_leaf, PAGE).await? } else { leaves.into() };
    for leaf in &rest {
        LogCheck::beyond(leaf, report);
    }
    Ok(())
}

/// All chains. Each page is a range of names, so that links and leaves of chains without a head are met too.
async fn check_chains(read: &mut Conn, report: &mut Report) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let heads = read.heads_after(&after, CHAINS).await?;
        let last = if i64::try_from(heads.len()).unwrap_or(0) < CHAINS { None } else { heads.last() };
        let last = last.map(|head| head.chain.clone());
        check_range(read, &after, last.as_deref(), heads, report).await?;
        match last {
            Some(chain) => after = chain,
            None => return Ok(()),
        }
    }
}

async fn check_range(
    read: &mut Conn,
    after: &str,
    last: Option<&str>,
    heads: Vec<HeadRow>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut heads: HashMap<String, HeadRow> = heads.into_iter().map(|head| (head.chain.clone(), head)).collect();
    let mut leaves = leaves_of(read, after, last).await?;
    // After the last link of chain `after`; the first range begins before every name.
    let mut place = (after.to_owned(), if after.is_empty() { 0 } else { i64::MAX });
    let mut current: Option<ChainCheck> = None;
    loop {
        let events = read.events_after((&place.0, place.1), last, PAGE).await?;
        let Some(end) = events.last() else { break };
        place = (end.chain.clone(), end.seq);
        for event in &events {
            if current.as_ref().is_none_or(|check| check.chain() != event.chain) {
                if let Some(done) = current.take() {
                    let head = heads.remove(done.chain());
                    done.end(head.as_ref(), report);
                }
                let sealed = leaves.remove(&event.chain).unwrap_or_default();
                current = Some(ChainCheck::new(event.chain.clone(), sealed));
            }
            if let Some(check) = &mut current {
                check.link(&event.stored(), report);
            }
        }
    }
    if let Some(done) = current {
        let head = heads.remove(done.chain());
        done.end(head.as_ref(), report);
    }
    // Chains without any link.
    for (chain, sealed) in leaves {
        let head = heads.remove(&chain);
        ChainCheck::new(chain, sealed).end(head.as_ref(), report);
    }
    for (chain, head) in heads {
        ChainCheck::new(chain, VecDeque::new()).end(Some(&head), report);
    }
    Ok(())
}

/// Chain → links that leaves seal, in order.
type Leaves = HashMap<String, VecDeque<(i64, Vec<u8>)>>;

async fn leaves_of(read: &mut Conn, after: &str, last: Option<&str>) -> Result<Leaves, StoreError> {
    let mut leaves = Leaves::new();
    let mut place = (after.to_owned(), if after.is_empty() { 0 } else { i64::MAX });
    loop {
        let page = read.leaves_after((&place.0, place.1), last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(leaves) };
        place = (end.chain.clone(), end.seq);
        for leaf in page {
            leaves.entry(leaf.chain).or_default().push_back((leaf.seq, leaf.hash));
        }
    }
}

/// Chains that were sealed after the first `size` leaves, or wait: each from its last leaf before that on.
async fn check_moved(read: &mut Conn, size: i64, report: &mut Report) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let chains = read.chains_moved_since(size, &after, CHAINS).await?;
        let Some(last) = chains.last() else { return Ok(()) };
        after.clone_from(last);
        for chain in chains {
            check_tail(read, chain, size, report).await?;
        }
    }
}

async fn check_tail(read: &mut Conn, chain: String, size: i64, report: &mut Report) -> Result<(), StoreError> {
    let before = read.leaf_before(&chain, size).await?;
    let start = before.and_then(|leaf| Some((leaf.seq, leaf.hash.try_into().ok()?)));
    let (seq, hash) = start.unwrap_or((0, crate::audit::GENESIS));
    let mut sealed = VecDeque::new();
    let mut place = seq;
    loop {
        let page = read.leaves_after((&chain, place), Some(&chain), PAGE).await?;
        let Some(end) = page.last() else { break };
        place = end.seq;
        sealed.extend(page.into_iter().map(|leaf| (leaf.seq, leaf.hash)));
    }
    let head = read.head(&chain).await?;
    let mut check = ChainCheck::from(chain, seq, hash, sealed);
    place = seq;
    loop {
        let events = read.events_after((check.chain(), place), Some(check.chain()), PAGE).await?;
        let Some(end) = events.last() else { break };
        place = end.seq;
        for event in &events {
            check.link(&event.stored(), report);
        }
    }
    check.end(head.as_ref(), report);
    Ok(())
}
