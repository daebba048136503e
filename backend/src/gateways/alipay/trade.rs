//! What `alipay.trade.query` says.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::china_time;
use crate::gateways::money;
use crate::gateways::outcome::{Doubt, Outcome};
use crate::gateways::payment::{Paid, TradeState};

/// Said of a trade that nobody scanned yet: precreate makes a code, only scanning makes the trade.
pub const NOT_EXIST: &str = "ACQ.TRADE_NOT_EXIST";

/// Said by close of a trade that is paid, or closed already.
pub const NOT_CLOSABLE: [&str; 3] =
    ["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"];

/// Reads a query's answer node; it must be about the trade that was asked for.
pub fn state(node: &Value, out_trade_no: &str) -> Outcome<TradeState> {
    if node["out_trade_no"].as_str() != Some(out_trade_no) {
        return Outcome::unknown(Doubt::Unreadable("out_trade_no"));
    }
    match node["trade_status"].as_str() {
        Some("WAIT_BUYER_PAY") => Outcome::Ok(TradeState::WaitingForPayer),
        Some("TRADE_CLOSED") => Outcome::Ok(TradeState::Closed),
        // Finished is paid and past the refund period.
        Some("TRADE_SUCCESS" | "TRADE_FINISHED") => paid(node),
        Some(_) | None => Outcome::unknown(Doubt::Unreadable("trade_status")),
    }
}

fn paid(node: &Value) -> Outcome<TradeState> {
    let Some(trade_no) = node["trade_no"].as_str().filter(|number| !number.is_empty()) else {
        return Outcome::unknown(Doubt::Unreadable("trade_no"));
    };
    let Some(amount_fen) = node["total_amount"].as_str().and_then(money::fen) else {
        return Outcome::unknown(Doubt::Unreadable("total_amount"));
    };
    Outcome::Ok(TradeState::Paid(Paid {
        trade_no: trade_no.to_owned(),
        amount_fen,
        paid_at: node["send_pay_date"].as_str().and_then(instant),
    }))
}

/// `2026-11-20 13:00:00` in China time.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(china_time()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_paid_trade_tells_number_amount_and_time() {
        let node = json!({"out_trade_no": "T1", "trade_status": "TRADE_SUCCESS", "trade_no": "2026",
            "total_amount": "250.00", "send_pay_date": "2026-11-20 13:00:00"});
        assert_eq!(
            state(&node, "T1"),
            Outcome::Ok(TradeState::Paid(Paid {
                trade_no: "2026".into(),
                amount_fen: 25_000,
                paid_at: Some("2026-11-20T05:00:00Z".parse().unwrap()),
            }))
        );
    }

    #[test]
    fn an_answer_about_another_trade_is_no_answer() {
        let node = json!({"out_trade_no": "T2", "trade_status": "TRADE_SUCCESS"});
        assert!(matches!(state(&node, "T1"), Outcome::Unknown { .. }));
    }

    #[test]
    fn an_amount_that_is_none_is_not_guessed() {
        let node =
            json!({"out_trade_no": "T1", "trade_status": "TRADE_SUCCESS", "trade_no": "2026", "total_amount": "1e3"});
        assert!(matches!(state(&node, "T1"), Outcome::Unknown { .. }));
    }
}
