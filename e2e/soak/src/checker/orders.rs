//! Orders: everything that a client was promised is there, and as the client sent it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Findings, Row};
use crate::ledger::{Inner, Told};

const LOST: &str = "lost: a client was told of it";

/// Statuses in which an order keeps its holder from making another one.
const BLOCKING: [&str; 6] =
    ["awaiting_payment", "awaiting_review", "review_refused", "awaiting_making", "awaiting_dispatch", "dispatched"];

/// Promises, holders and papers.
pub fn check(facts: &Facts, ledger: &Inner, findings: &mut Findings) {
    for told in &ledger.told {
        findings.promises += 1;
        kept(facts, told, findings);
    }
    holders(facts, findings);
    papers(facts, findings);
}

fn kept(facts: &Facts, told: &Told, findings: &mut Findings) {
    let (number, event) = match told {
        Told::Confirmed { number, content } => {
            let order = facts.order(number);
            findings.must(order.is_some(), LOST, || format!("order {number}"));
            let same = order.is_none_or(|order| order.text("content_hash") == content);
            findings.must(same, "an order holds something else than was sent", || number.clone());
            (number, "confirmed")
        }
        Told::Uploaded { number, document } => {
            let there = facts.with("documents", "id", document).next().is_some();
            return findings.must(there, LOST, || format!("{number}: paper {document}"));
        }
        Told::Coded { number, ticket } => {
            let there = facts.with("codes", "id", ticket).next().is_some();
            return findings.must(there, LOST, || format!("{number}: code {ticket}"));
        }
        Told::Cashier { number, qr } => {
            let there = facts.with("payments", "qr", qr).next().is_some();
            return findings.must(there, LOST, || format!("{number}: cashier {qr}"));
        }
        Told::Signed { number, ticket } => {
            let there = facts.with("signatures", "code_id", ticket).next().is_some();
            findings.must(there, LOST, || format!("{number}: signature with {ticket}"));
            let used = facts.with("codes", "id", ticket).next().is_some_and(|code| !code.is_null("used_at"));
            return findings.must(used, "a code that signed is not used up", || format!("{number}: {ticket}"));
        }
        Told::Submitted { number } => (number, "documents_submitted"),
        Told::Cancelled { number } => (number, "cancelled"),
        Told::Approved { number } => (number, "review_approved"),
        Told::Refused { number } => (number, "review_refused"),
        Told::Rejected { number } => (number, "review_rejected"),
        Told::Returned { number } => (number, "returned"),
        Told::Issued { number, .. } => (number, "certificate_issued"),
        Told::Made { number, key_serial } => {
            let key = facts.with("keys", "serial", key_serial).next();
            let order = facts.order(number).map_or("", |order| order.text("id"));
            let there = key.is_some_and(|key| key.text("order_id") == order);
            findings.must(there, LOST, || format!("{number}: key {key_serial}"));
            (number, "key_made")
        }
        Told::Dispatched { number, waybill } => {
            let there = facts.order(number).is_some_and(|order| order.text("waybill") == waybill);
            findings.must(there, LOST, || format!("{number}: parcel {waybill}"));
            (number, "dispatched")
        }
        Told::Delivered { number } => (number, "delivered"),
    };
    let happened = facts.order(number).is_some_and(|order| facts.count(order.text("id"), event) > 0);
    findings.must(happened, LOST, || format!("{number}: {event}; {}", story(facts, number)));
}

/// Where an order stands, and how it came there.
fn story(facts: &Facts, number: &str) -> String {
    let Some(order) = facts.order(number) else { return "there is no such order".into() };
    let events = facts.events_of(order.text("id"));
    let events: Vec<&str> = events.iter().map(|event| event.text("kind")).collect();
    format!("it is {} after {}", order.text("status"), events.join(", "))
}

fn holders(facts: &Facts, findings: &mut Findings) {
    const RULE: &str = "a holder is blocked wrongly";
    let mut blocking: BTreeMap<(&str, &str, &str), Vec<&Row>> = BTreeMap::new();
    for order in facts.table("orders") {
        let blocks = BLOCKING.contains(&order.text("status"));
        let listed = facts.with("active_holders", "order_id", order.text("id")).next().is_some();
        findings.must(blocks == listed, RULE, || format!("{} in {}", order.text("number"), order.text("status")));
        if blocks {
            let holder = (order.text("channel"), order.text("business"), order.text("holder_index"));
            blocking.entry(holder).or_default().push(order);
        }
    }
    for orders in blocking.values() {
        findings.must(orders.len() == 1, RULE, || {
            let numbers: Vec<&str> = orders.iter().map(|order| order.text("number")).collect();
            format!("several orders at once: {numbers:?}")
        });
    }
}

fn papers(facts: &Facts, findings: &mut Findings) {
    for paper in facts.table("documents") {
        let file = facts.papers.join(paper.text("object_key"));
        let named = || format!("{} {}", paper.text("kind"), paper.text("object_key"));
        if paper.is_null("superseded_at") {
            findings.must(file.is_file(), "lost: a paper's file", named);
        } else if !paper.is_null("erased_at") {
            findings.must(!file.exists(), "an erased paper is still there", named);
        }
    }
    let mut seen = BTreeSet::new();
    for paper in facts.table("documents").iter().filter(|paper| paper.is_null("superseded_at")) {
        // One that waits for a correction's signature stands beside the signed one.
        let place = (paper.text("order_id"), paper.text("kind"), paper.is_null("staged_at"));
        findings.must(seen.insert(place), "two papers of one kind", || format!("{place:?}"));
    }
}
