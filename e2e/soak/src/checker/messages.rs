//! Messages: each at most once, each written down, codes only for a press.

use std::collections::BTreeMap;

use super::{Facts, Findings};
use crate::ledger::Inner;

/// The outside world's template of a code that signs.
const SIGN: &str = "SMS_490000001";
/// Its template of the first PIN.
const PIN: &str = "SMS_490000007";
/// Jobs that send a message.
const SENDERS: [&str; 2] = ["send_message", "notify_dispatch"];

/// Every message, every code and every job that sends one.
pub fn check(facts: &Facts, ledger: &Inner, findings: &mut Findings) {
    let mut by_id: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut codes, mut pins): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = (BTreeMap::new(), BTreeMap::new());
    for sms in &facts.sms {
        *by_id.entry(&sms.out_id).or_default() += 1;
        let order = sms.params.get("order").map_or("", String::as_str);
        match sms.template_code.as_str() {
            SIGN => *codes.entry(order).or_default() += 1,
            PIN => *pins.entry(order).or_default() += 1,
            _ => {}
        }
    }
    for (id, times) in &by_id {
        let code = facts.with("codes", "id", id).next().is_some();
        let job = facts.with("outbox", "id", id).next();
        findings.must(code || job.is_some(), "a message that nobody wrote down", || (*id).to_owned());
        let rule = if code { "double code: a press sent more than one message" } else { "a message was sent twice" };
        findings.must(*times == 1, rule, || format!("{id}: {times} times"));
    }
    for (number, sent) in codes {
        let presses = ledger.presses.get(number).copied().unwrap_or_default();
        findings.must(sent <= presses, "double code: more codes than presses", || {
            format!("{number}: {sent} codes for {presses} presses")
        });
    }
    for (number, sent) in pins {
        let wanted = facts.order(number).map_or(0, |order| {
            facts.count(order.text("id"), "dispatched") + facts.count(order.text("id"), "pin_notice_resent")
        });
        let fits = usize::try_from(sent).is_ok_and(|sent| sent <= wanted);
        findings.must(fits, "the PIN was sent twice", || format!("{number}: {sent} messages, {wanted} wanted"));
    }
    for job in facts.table("outbox").iter().filter(|job| SENDERS.contains(&job.text("kind"))) {
        let id = job.text("id");
        match job.text("state") {
            "done" => {
                findings.must(by_id.contains_key(id), "lost job: a message counts as sent that never was", || {
                    format!("{} {id}", job.text("kind"))
                })
            }
            "failed" => findings.given_up += 1,
            _ => {}
        }
    }
}
