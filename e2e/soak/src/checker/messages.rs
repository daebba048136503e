//! Messages: each at most once, each written down, codes only for a press.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Findings};
use crate::ledger::Inner;

/// The outside world's template of a code that signs.
const SIGN: &str = "SMS_490000001";
/// Its template of the first PIN.
const PIN: &str = "SMS_490000007";
/// Jobs that send a message.
const SENDERS: [&str; 3] = ["send_message", "notify_dispatch", "resend_pin"];

/// Mails: repeated ones carry the same id, each has its job, and one that counts as sent is there.
fn mails(facts: &Facts, findings: &mut Findings) {
    let mut ids = BTreeSet::new();
    for mail in &facts.mail {
        let id = mail.message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
        let known = facts.with("outbox", "id", id).any(|job| job.text("kind") == "send_mail");
        findings.must(known, "a mail that nobody wrote down", || mail.message_id.clone());
        ids.insert(id);
    }
    for job in facts.with("outbox", "kind", "send_mail").filter(|job| job.text("state") == "done") {
        let id = job.text("id");
        findings.must(ids.contains(id), "lost job: a mail counts as sent that never was", || id.to_owned());
    }
}

/// Every message, every code and every job that sends one.
pub fn check(facts: &Facts, ledger: &Inner, findings: &mut Findings) {
    mails(facts, findings);
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
    // A press may make a second code where the provider did not take the first one's message: then one message came.
    let mut presses = BTreeMap::new();
    for code in facts.table("codes").iter().filter(|code| by_id.contains_key(code.text("id"))) {
        let Some(press) = code.maybe("challenge_id") else { continue };
        let first = presses.insert(press, code.text("id"));
        findings.must(first.is_none(), "double code: a press sent more than one message", || {
            format!("{first:?} {}", code.text("id"))
        });
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
                // A key that came back before its PIN was told: the message is dropped.
                let dropped = job.text("kind") != "send_message" && facts.count(job.text("order_id"), "returned") > 0;
                let sent = by_id.contains_key(id) || dropped;
                let what = || format!("{} {id}", job.text("kind"));
                findings.must(sent, "lost job: a message counts as sent that never was", what);
            }
            "failed" => findings.given_up += 1,
            _ => {}
        }
    }
}
