//! Certificates: each that was issued is recorded, none is issued twice, at most one of an order is alive.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Facts, Findings};
use crate::ledger::{Inner, Told};

/// Every certificate.
pub fn check(facts: &Facts, ledger: &Inner, findings: &mut Findings) {
    const RECORD: &str = "a certificate is out in the world and not recorded";
    for told in &ledger.told {
        let Told::Issued { number, serial, certificate, key } = told else { continue };
        let der = STANDARD.decode(certificate).unwrap_or_default();
        let row = facts.with("certificates", "serial", serial).next();
        let same = row.is_some_and(|row| row.bytes("der") == der && !der.is_empty());
        findings.must(same, RECORD, || format!("{number}: {serial}"));
        findings.must(hex::encode(&der).contains(key), "a certificate is for another key", || {
            format!("{number}: {serial}")
        });
    }
    for row in facts.table("certificates") {
        let (serial, order) = (row.text("serial"), row.text("order_id"));
        let signed = !row.bytes("der").is_empty();
        let events = facts
            .events_of(order)
            .iter()
            .filter(|event| event.text("kind") == "certificate_issued" && event.text("data").contains(serial))
            .count();
        findings.must(events == usize::from(signed), RECORD, || format!("{serial}: {events} events"));
    }
    for order in facts.table("orders") {
        let (id, number) = (order.text("id"), order.text("number"));
        let alive: Vec<&str> = facts
            .with("certificates", "order_id", id)
            .filter(|row| row.text("state") == "issued")
            .map(|row| row.text("serial"))
            .collect();
        findings.must(alive.len() <= 1, "an order has two certificates alive", || format!("{number}: {alive:?}"));
        let made = facts.count(id, "key_made");
        findings.must(made <= 1, "an order got two keys", || number.to_owned());
        // The certificate of a key that came back is revoked.
        if made == 1 && order.text("status") != "returned" {
            let matches = alive.first() == Some(&order.text("certificate_serial"));
            findings.must(matches, "an order names another certificate than it has", || number.to_owned());
        }
    }
}
