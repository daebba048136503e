//! Money: who paid is served or gets it back, and nobody pays twice.

use std::collections::BTreeMap;

use super::{Facts, Findings};
use crate::ledger::Inner;

/// Statuses that only a paid order comes to.
const PAID: [&str; 6] =
    ["awaiting_review", "review_refused", "awaiting_making", "awaiting_dispatch", "dispatched", "completed"];

/// Every paid trade, every payment and every order that counts as paid.
pub fn check(facts: &Facts, _ledger: &Inner, findings: &mut Findings) {
    trades(facts, findings);
    refunds(facts, findings);
    let mut settled: BTreeMap<&str, u64> = BTreeMap::new();
    for order in facts.table("orders") {
        let (number, id) = (order.text("number"), order.text("id"));
        let times = facts.count(id, "payment_settled");
        findings.must(times <= 1, "an order was settled twice", || number.to_owned());
        if PAID.contains(&order.text("status")) && order.int("price_fen") > 0 {
            findings.must(times == 1, "an unpaid order went on", || number.to_owned());
        }
        *settled.entry(number).or_default() += u64::try_from(times).unwrap_or_default();
    }
}

fn trades(facts: &Facts, findings: &mut Findings) {
    let mut taken: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for trade in facts.trades.iter().filter(|trade| trade.is_paid()) {
        let no = trade.out_trade_no.as_str();
        let Some(payment) = facts.with("payments", "out_trade_no", no).next() else {
            findings.broken("money came that nobody wrote down", no);
            continue;
        };
        let known = payment.text("state") == "paid" && payment.int("paid_fen") == trade.amount_fen;
        findings.must(known, "money came that nobody wrote down", || format!("{no} is {}", payment.text("state")));
        let (id, order) = (payment.text("id"), payment.text("order_id"));
        taken.entry(order).or_default().push(no);
        let settles = facts
            .events_of(order)
            .iter()
            .filter(|event| event.text("kind") == "payment_settled" && event.text("data").contains(id))
            .count();
        let refund = facts.with("refunds_owed", "payment_id", id).next();
        let unwanted =
            refund.is_some_and(|refund| ["late", "paid_twice", "other_amount"].contains(&refund.text("reason")));
        findings.must((settles == 1) != unwanted, "money belongs to no order and to nobody", || {
            format!("{no}: settles {settles} orders, owed back: {unwanted}")
        });
        if let Some(refund) = refund {
            findings.must(refund.int("amount_fen") == trade.amount_fen, "another sum is owed back than came", || {
                no.to_owned()
            });
        }
    }
    for (order, trades) in taken {
        findings.must(trades.len() == 1, "double charge: an order was paid more than once", || {
            format!("{order}: {trades:?}")
        });
    }
    for payment in facts.table("payments").iter().filter(|payment| payment.text("state") == "paid") {
        let no = payment.text("out_trade_no");
        let real = facts.trades.iter().any(|trade| trade.out_trade_no == no && trade.is_paid());
        findings.must(real, "a payment counts as paid that nobody paid", || no.to_owned());
    }
}

/// Money given back: once, as the books say, and never more than came.
fn refunds(facts: &Facts, findings: &mut Findings) {
    for trade in &facts.trades {
        let no = trade.out_trade_no.as_str();
        let given: i64 = trade.refunds.iter().map(|refund| refund.amount_fen).sum();
        findings.must(given <= trade.amount_fen, "more was given back than came", || no.to_owned());
        for refund in &trade.refunds {
            let mut owed = facts.with("refunds_owed", "out_request_no", &refund.out_request_no);
            let same = owed
                .next()
                .is_some_and(|owed| owed.int("amount_fen") == refund.amount_fen && owed.text("state") == "settled");
            findings.must(same, "money was given back that nobody wrote down", || {
                format!("{no}: {}", refund.out_request_no)
            });
        }
    }
    for owed in facts.table("refunds_owed").iter().filter(|owed| owed.text("state") == "settled") {
        let request = owed.text("out_request_no");
        let mut given = facts.trades.iter().flat_map(|trade| &trade.refunds);
        let real = given.any(|refund| refund.out_request_no == request);
        findings.must(real, "a refund counts as made that nobody got", || request.to_owned());
    }
}
