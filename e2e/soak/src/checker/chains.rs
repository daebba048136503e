//! Every chain, hashed again by the layout that `backend/src/audit/chain.rs` documents.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{Facts, Findings, Row};

fn hash(link: &Row, previous: &[u8]) -> Vec<u8> {
    let mut sum = Sha256::new();
    sum.update(b"certhall.event.v1");
    sum.update(previous);
    let text = |sum: &mut Sha256, text: &str| {
        sum.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        sum.update(text.as_bytes());
    };
    text(&mut sum, link.text("chain"));
    sum.update(link.int("seq").to_be_bytes());
    for column in ["kind", "actor", "actor_id"] {
        text(&mut sum, link.text(column));
    }
    sum.update(link.int("at").to_be_bytes());
    for column in ["status_from", "status_to"] {
        match link.maybe(column) {
            None => sum.update([0]),
            Some(status) => {
                sum.update([1]);
                text(&mut sum, status);
            }
        }
    }
    text(&mut sum, link.text("data"));
    sum.finalize().to_vec()
}

/// Links follow each other without a gap from zeros to the head, and every order has a chain.
pub fn check(facts: &Facts, findings: &mut Findings) {
    const RULE: &str = "a chain is broken";
    let mut chains: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for link in facts.table("events") {
        chains.entry(link.text("chain")).or_default().push(link);
    }
    for head in facts.table("chain_heads") {
        chains.entry(head.text("chain")).or_default();
    }
    for (name, mut links) in chains {
        links.sort_by_key(|link| link.int("seq"));
        let (mut previous, mut seq) = (vec![0_u8; 32], 0);
        for link in links {
            seq += 1;
            findings.links += 1;
            findings.must(link.int("seq") == seq, RULE, || format!("{name}: link {seq} is missing"));
            findings
                .must(link.bytes("prev_hash") == previous, RULE, || format!("{name}: link {seq} continues another"));
            previous = hash(link, &previous);
            findings.must(link.bytes("hash") == previous, RULE, || format!("{name}: link {seq} has another hash"));
        }
        let head = facts.with("chain_heads", "chain", name).next();
        let ends = head.is_some_and(|head| head.int("seq") == seq && (seq == 0 || head.bytes("hash") == previous));
        findings.must(ends, RULE, || format!("{name}: its head is not its end ({seq})"));
    }
    for order in facts.table("orders") {
        let has = !facts.events_of(order.text("id")).is_empty();
        findings.must(has, RULE, || format!("order {} has no chain", order.text("number")));
    }
}
