//! What `alipay.trade.refund` and `alipay.trade.fastpay.refund.query` say.

use serde_json::{Value, json};

use super::trade::instant;
use crate::gateways::money;
use crate::gateways::outcome::{Doubt, Outcome};
use crate::gateways::payment::{Refund, Refunded, Refunding};

/// The business part of a refund call.
pub fn content(request: &Refund) -> String {
    super::content(&[
        ("out_request_no", &request.out_request_no),
        ("out_trade_no", &request.out_trade_no),
        ("refund_amount", &money::yuan(request.amount_fen)),
        ("refund_reason", &request.reason),
    ])
}

/// The business part of a question about a refund.
pub fn query_content(request: &Refund) -> String {
    json!({
        "out_request_no": request.out_request_no,
        "out_trade_no": request.out_trade_no,
        "query_options": ["gmt_refund_pay"],
    })
    .to_string()
}

/// Reads a refund's answer node. `fund_change` says whether money moved by this call; `N` is also said of a refund that
/// was made before under the same number, so it decides nothing.
pub fn made(node: &Value, request: &Refund) -> Outcome<Refunding> {
    if node["out_trade_no"].as_str() != Some(request.out_trade_no.as_str()) {
        return Outcome::unknown(Doubt::Unreadable("out_trade_no"));
    }
    match node["fund_change"].as_str() {
        Some("Y") => {}
        Some("N") => return Outcome::Ok(Refunding::NotDone),
        Some(_) | None => return Outcome::unknown(Doubt::Unreadable("fund_change")),
    }
    // The sum of all refunds of the trade; of ours there is only one, of the whole sum.
    match node["refund_fee"].as_str().and_then(money::fen) {
        Some(fen) if fen >= request.amount_fen => Outcome::Ok(Refunding::Done(Refunded {
            amount_fen: request.amount_fen,
            at: node["gmt_refund_pay"].as_str().and_then(instant),
        })),
        Some(_) | None => Outcome::unknown(Doubt::Unreadable("refund_fee")),
    }
}

/// Reads a question's answer node. Success without a `refund_status` means that there is no such refund.
pub fn state(node: &Value, request: &Refund) -> Outcome<Refunding> {
    match node["refund_status"].as_str() {
        None | Some("") => return Outcome::Ok(Refunding::NotDone),
        Some("REFUND_SUCCESS") => {}
        Some(_) => return Outcome::unknown(Doubt::Unreadable("refund_status")),
    }
    let same = |name: &str, ours: &str| node[name].as_str() == Some(ours);
    if !same("out_trade_no", &request.out_trade_no) || !same("out_request_no", &request.out_request_no) {
        return Outcome::unknown(Doubt::Unreadable("out_request_no"));
    }
    match node["refund_amount"].as_str().and_then(money::fen) {
        Some(amount_fen) => {
            Outcome::Ok(Refunding::Done(Refunded { amount_fen, at: node["gmt_refund_pay"].as_str().and_then(instant) }))
        }
        None => Outcome::unknown(Doubt::Unreadable("refund_amount")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Refund {
        Refund {
            out_trade_no: "T1".into(), out_request_no: "R1".into(), amount_fen: 25_000, reason: "证书退货".into()
        }
    }

    fn done(at: Option<&str>) -> Outcome<Refunding> {
        let at = at.and_then(|at| at.parse().ok());
        Outcome::Ok(Refunding::Done(Refunded { amount_fen: 25_000, at }))
    }

    #[test]
    fn contents_are_as_the_official_sdk_writes_them() {
        assert_eq!(
            content(&request()),
            r#"{"out_request_no":"R1","out_trade_no":"T1","refund_amount":"250.00","refund_reason":"证书退货"}"#
        );
        assert_eq!(
            query_content(&request()),
            r#"{"out_request_no":"R1","out_trade_no":"T1","query_options":["gmt_refund_pay"]}"#
        );
    }

    #[test]
    fn money_that_moved_is_told_apart_from_money_that_did_not() {
        let mut node = json!({"out_trade_no": "T1", "fund_change": "Y", "refund_fee": "250.00",
            "gmt_refund_pay": "2026-11-20 13:00:00"});
        assert_eq!(made(&node, &request()), done(Some("2026-11-20T05:00:00Z")));
        node["fund_change"] = json!("N");
        assert_eq!(made(&node, &request()), Outcome::Ok(Refunding::NotDone));
        node["fund_change"] = json!("Y");
        node["refund_fee"] = json!("249.99");
        assert!(matches!(made(&node, &request()), Outcome::Unknown { .. }));
    }

    #[test]
    fn a_refund_that_is_not_there_has_no_status() {
        assert_eq!(state(&json!({"code": "10000"}), &request()), Outcome::Ok(Refunding::NotDone));
        let node = json!({"out_trade_no": "T1", "out_request_no": "R1", "refund_status": "REFUND_SUCCESS",
            "refund_amount": "250.00"});
        assert_eq!(state(&node, &request()), done(None));
    }

    #[test]
    fn an_answer_about_another_refund_is_no_answer() {
        let node = json!({"out_trade_no": "T1", "out_request_no": "R2", "refund_status": "REFUND_SUCCESS",
            "refund_amount": "250.00"});
        assert!(matches!(state(&node, &request()), Outcome::Unknown { .. }));
    }
}
