//! Jobs: none is lost. Each status implies jobs that exist, and what is due was done.

use super::{Facts, Findings, Row};

const LOST: &str = "lost job";
/// A job may be this late: the worker looks every second.
const SLACK: i64 = 30 * 1_000_000;
/// Kinds that are repeated until they are done: they are never given up.
const UNTIL_DONE: [&str; 6] =
    ["query_payment", "close_payment", "expire_order", "erase_documents", "refund_payment", "wipe_pin"];

fn is_alive(job: &Row) -> bool {
    ["ready", "running", "sending"].contains(&job.text("state"))
}

fn alive(facts: &Facts, kind: &str, subject: &str) -> bool {
    facts.with("outbox", "subject_id", subject).any(|job| job.text("kind") == kind && is_alive(job))
}

/// Every job, and every order and payment that must have one.
pub fn check(facts: &Facts, findings: &mut Findings) {
    for job in facts.table("outbox") {
        let (kind, id) = (job.text("kind"), job.text("id"));
        let due = match job.text("state") {
            "ready" => job.int("run_at"),
            "running" | "sending" => job.int("lease_until"),
            _ => i64::MAX,
        };
        findings.must(due.saturating_add(SLACK) > facts.now, LOST, || {
            format!("{kind} {id} is {} and overdue by {} s", job.text("state"), (facts.now - due) / 1_000_000)
        });
        let given_up = job.text("state") == "failed" && UNTIL_DONE.contains(&kind);
        findings.must(!given_up, LOST, || format!("{kind} {id} was given up: {}", job.text("last_error")));
    }
    for order in facts.table("orders") {
        of_order(facts, order, findings);
    }
    for owed in facts.table("refunds_owed").iter().filter(|owed| owed.text("state") == "pending") {
        let id = owed.text("id");
        findings.must(alive(facts, "refund_payment", id), LOST, || format!("nobody gives back {id}"));
    }
    for code in facts.table("codes").iter().filter(|code| code.text("state") == "sending") {
        let id = code.text("id");
        findings.must(alive(facts, "ask_code", id), LOST, || format!("nobody asks what became of code {id}"));
    }
    for payment in facts.table("payments") {
        let (id, no) = (payment.text("id"), payment.text("out_trade_no"));
        if payment.text("state") == "open" {
            let asked = alive(facts, "query_payment", id) || alive(facts, "close_payment", id);
            findings.must(asked, LOST, || format!("nobody asks about the open trade {no}"));
        }
    }
}

fn of_order(facts: &Facts, order: &Row, findings: &mut Findings) {
    let (id, number, status) = (order.text("id"), order.text("number"), order.text("status"));
    let unpaid = ["awaiting_documents", "awaiting_signature", "awaiting_payment"].contains(&status);
    if unpaid && !order.is_null("pay_until") {
        findings.must(alive(facts, "expire_order", id), LOST, || format!("{number} ({status}) has no deadline"));
        let late = order.int("pay_until") + SLACK < facts.now;
        findings.must(!late, LOST, || format!("{number} is {status} after its deadline"));
    }
    if status == "cancelled" {
        for payment in facts.with("payments", "order_id", id) {
            let live = ["opening", "open", "unknown"].contains(&payment.text("state"));
            let closing = alive(facts, "close_payment", payment.text("id"));
            findings.must(!live || closing, LOST, || {
                format!("{number} is cancelled, its trade {} lives on", payment.text("out_trade_no"))
            });
        }
    }
    // Papers of an order that was refused for good are kept as evidence.
    let cancelled = status == "cancelled" && facts.count(id, "review_rejected") == 0;
    let papers = facts.with("documents", "order_id", id);
    let left = papers.filter(|paper| paper.is_null("erased_at") && (!paper.is_null("superseded_at") || cancelled));
    findings.must(left.count() == 0 || alive(facts, "erase_documents", id), LOST, || {
        format!("{number}: papers that nobody erases")
    });
    let told =
        ["review_approved", "review_refused", "dispatched"].map(|kind| facts.count(id, kind)).iter().sum::<usize>();
    let messages = facts.with("outbox", "order_id", id).filter(|job| job.text("kind") == "send_message").count();
    findings.must(messages >= told, LOST, || format!("{number}: {messages} messages for {told} events"));
    let sent = facts.count(id, "dispatched");
    let pins = facts.with("outbox", "order_id", id).filter(|job| job.text("kind") == "notify_dispatch").count();
    findings.must(pins >= sent, LOST, || format!("{number}: {pins} PIN messages for {sent} parcels"));
}
