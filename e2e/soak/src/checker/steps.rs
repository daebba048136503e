//! Statuses follow the table of legal steps: the checker's own copy of docs/ORDER.md.

use super::{Facts, Findings};

/// Where a step may begin, where it leads (`=`: it stays), and who does it.
const STEPS: [(&str, &[&str], &str, &str); 25] = [
    ("confirmed", &[""], "awaiting_documents", "applicant"),
    ("documents_submitted", &["awaiting_documents"], "awaiting_signature", "applicant"),
    ("documents_reopened", &["awaiting_signature"], "awaiting_documents", "applicant"),
    ("signed", &["awaiting_signature"], "awaiting_payment", "applicant"),
    ("payment_started", &["awaiting_payment"], "=", "applicant"),
    ("payment_settled", &["awaiting_payment"], "awaiting_review", "system"),
    ("payment_waived", &["awaiting_payment"], "awaiting_review", "system"),
    ("late_payment_recorded", &["cancelled"], "=", "system"),
    ("cancelled", UNPAID, "cancelled", "applicant"),
    ("expired", UNPAID, "cancelled", "system"),
    ("review_approved", &["awaiting_review"], "awaiting_making", "reviewer"),
    ("review_refused", &["awaiting_review"], "review_refused", "reviewer"),
    ("review_rejected", &["awaiting_review", "review_refused"], "cancelled", "reviewer"),
    ("corrected", &["awaiting_review", "review_refused"], "awaiting_review", "applicant"),
    ("mailing_corrected", UNSENT, "=", "applicant"),
    ("operator_phone_corrected", UNSENT, "=", "applicant"),
    ("making_started", &["awaiting_making"], "=", "maker"),
    ("certificate_issued", &["awaiting_making"], "=", "maker"),
    ("key_made", &["awaiting_making"], "awaiting_dispatch", "maker"),
    ("dispatched", &["awaiting_dispatch"], "dispatched", "maker"),
    ("delivered", &["dispatched"], "completed", "maker"),
    ("pin_notice_resent", &["dispatched", "completed"], "=", "maker"),
    ("returned", &["awaiting_dispatch", "dispatched", "completed"], "returned", "maker"),
    ("refund_settled", ANY, "=", "system"),
    ("refund_recorded", ANY, "=", "admin"),
];

const UNPAID: &[&str] = &["awaiting_documents", "awaiting_signature", "awaiting_payment"];
const UNSENT: &[&str] = &["awaiting_review", "review_refused", "awaiting_making", "awaiting_dispatch"];
const ANY: &[&str] = &[
    "awaiting_documents",
    "awaiting_signature",
    "awaiting_payment",
    "awaiting_review",
    "review_refused",
    "awaiting_making",
    "awaiting_dispatch",
    "dispatched",
    "completed",
    "cancelled",
    "returned",
];

/// Every order's events lead from nothing to its status by legal steps, each once where it may come once.
pub fn check(facts: &Facts, findings: &mut Findings) {
    const RULE: &str = "a step that the table does not know";
    for order in facts.table("orders") {
        let number = order.text("number");
        let mut status = String::new();
        for event in facts.events_of(order.text("id")) {
            let kind = event.text("kind");
            let Some((_, from, to, by)) = STEPS.iter().find(|(name, ..)| *name == kind) else {
                // A note: it moves nothing.
                findings.must(event.is_null("status_to"), RULE, || format!("{number}: {kind} moved the order"));
                continue;
            };
            let to = if *to == "=" { status.as_str() } else { to };
            let legal = from.contains(&status.as_str())
                && event.text("status_from") == status
                && event.text("status_to") == to
                && event.text("actor") == *by;
            findings.must(legal, RULE, || format!("{number}: {kind} in {status:?} by {}", event.text("actor")));
            event.text("status_to").clone_into(&mut status);
        }
        findings.must(status == order.text("status"), "an order's status is not where its events lead", || {
            format!("{number}: {} instead of {status}", order.text("status"))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Row};
    use super::*;

    fn found(status: &str, steps: &[(&str, &str, Option<&str>, &str)]) -> usize {
        let text = |text: &str| Cell::Text(text.to_owned());
        let events = steps.iter().zip(1..).map(|((kind, actor, from, to), seq)| {
            Row::of([
                ("chain", text("order:1")),
                ("seq", Cell::Int(seq)),
                ("kind", text(kind)),
                ("actor", text(actor)),
                ("status_from", from.map_or(Cell::Null, text)),
                ("status_to", text(to)),
            ])
        });
        let order = Row::of([("id", text("1")), ("number", text("N")), ("status", text(status))]);
        let facts = Facts::of([("orders", vec![order]), ("events", events.collect())]);
        let mut findings = Findings::default();
        check(&facts, &mut findings);
        findings.violations.len()
    }

    #[test]
    fn legal_steps_pass_and_others_are_named() {
        let (papers, sign) = ("awaiting_documents", "awaiting_signature");
        let confirmed = ("confirmed", "applicant", None, papers);
        assert_eq!(found(sign, &[confirmed, ("documents_submitted", "applicant", Some(papers), sign)]), 0);
        // By somebody else, from elsewhere, and a status that no event led to.
        assert_eq!(found(sign, &[confirmed, ("documents_submitted", "maker", Some(papers), sign)]), 1);
        assert_eq!(found("dispatched", &[confirmed, ("dispatched", "maker", Some(papers), "dispatched")]), 1);
        assert_eq!(found("completed", &[confirmed]), 1);
    }
}
