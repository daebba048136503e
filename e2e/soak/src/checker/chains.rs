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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Cell;
    use super::*;

    fn link() -> Row {
        let text = |text: &str| Cell::Text(text.to_owned());
        Row::of([
            ("chain", text("order:1")),
            ("seq", Cell::Int(1)),
            ("kind", text("confirmed")),
            ("actor", text("applicant")),
            ("actor_id", text("s")),
            ("at", Cell::Int(1_795_136_400_000_000)),
            ("status_from", Cell::Null),
            ("status_to", text("awaiting_documents")),
            ("data", text("{}")),
            ("prev_hash", Cell::Bytes(vec![0; 32])),
            ("hash", Cell::Bytes(hex::decode(HASH).unwrap())),
        ])
    }

    /// The example that the product's own tests have from another program.
    const HASH: &str = "f3439fd6ee707090f4348a3a1dc38e796ac745669e58a3bac8eca71acc142cc6";

    fn found(head: i64) -> usize {
        let head = Row::of([
            ("chain", Cell::Text("order:1".to_owned())),
            ("seq", Cell::Int(head)),
            ("hash", Cell::Bytes(hex::decode(HASH).unwrap())),
        ]);
        let facts = Facts::of([("events", vec![link()]), ("chain_heads", vec![head])]);
        let mut findings = Findings::default();
        check(&facts, &mut findings);
        findings.violations.len()
    }

    #[test]
    fn the_documented_hash_is_found_and_a_cut_chain_too() {
        assert_eq!(hex::encode(hash(&link(), &[0; 32])), HASH);
        assert_eq!(found(1), 0);
        assert_eq!(found(2), 1);
    }
}
