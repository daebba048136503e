//! Money back: `alipay.trade.refund` and `alipay.trade.fastpay.refund.query`.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::trade::{fen, find, invalid, text, yuan};
use super::{Refusal, notify, object};
use crate::clock;
use crate::server::Shared;
use crate::world::{Refund, Standing};

/// A trade can be refunded for a year.
const REFUNDABLE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// `alipay.trade.refund`: the same number with the same sum gives nothing twice.
pub fn refund(shared: &Shared, biz: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let amount_fen = fen(text(biz, "refund_amount")).ok_or_else(|| invalid("refund_amount"))?;
    let number = text(biz, "out_request_no");
    if number.len() > 64 || text(biz, "refund_reason").chars().count() > 256 {
        return Err(invalid("out_request_no"));
    }
    let (trade, changed) = shared.memory.change(|world| {
        let now = world.now();
        let trade = find(world, biz)?;
        let paid_at = match (trade.standing, trade.paid_at) {
            (Standing::Paid, Some(at)) => at,
            (Standing::Closed, _) => return Err(Refusal::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")),
            (_, _) => return Err(Refusal::business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")),
        };
        // Without a number of its own a refund is one of the whole sum, and the trade's number is its number.
        let request = if number.is_empty() { trade.out_trade_no.clone() } else { number.to_owned() };
        if let Some(made) = trade.refunds.iter().find(|refund| refund.out_request_no == request) {
            if made.amount_fen != amount_fen {
                return Err(Refusal::business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"));
            }
            return Ok((trade.clone(), false));
        }
        if trade.refunded_fen() == trade.amount_fen {
            return Err(Refusal::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"));
        }
        if trade.refunded_fen() + amount_fen > trade.amount_fen {
            return Err(Refusal::business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"));
        }
        if now.duration_since(paid_at) > REFUNDABLE {
            return Err(Refusal::business("ACQ.TRADE_HAS_FINISHED", "交易已经完结"));
        }
        if number.is_empty() && amount_fen != trade.amount_fen {
            return Err(invalid("out_request_no"));
        }
        trade.refunds.push(Refund { out_request_no: request, amount_fen, at: now });
        Ok((trade.clone(), true))
    })?;
    if changed {
        notify::start(shared, &trade);
    }
    let mut node = object(json!({
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "buyer_logon_id": "139****0001",
        "fund_change": if changed { "Y" } else { "N" },
        "refund_fee": yuan(trade.refunded_fen()),
        "send_back_fee": yuan(if changed { amount_fen } else { 0 }),
    }));
    if let (true, Some(last)) = (changed, trade.refunds.last()) {
        node.insert("gmt_refund_pay".into(), json!(clock::local(last.at)));
    }
    Ok(node)
}

/// `alipay.trade.fastpay.refund.query`: success without a status means that there is no such refund.
pub fn query(shared: &Shared, biz: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let number = text(biz, "out_request_no");
    if number.is_empty() {
        return Err(invalid("out_request_no"));
    }
    let wanted = |option: &str| {
        biz.get("query_options").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == option))
    };
    shared.memory.change(|world| {
        let trade = find(world, biz)?;
        let Some(made) = trade.refunds.iter().find(|refund| refund.out_request_no == number) else {
            return Ok(Map::new());
        };
        let mut node = object(json!({
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "out_request_no": made.out_request_no,
            "total_amount": yuan(trade.amount_fen),
            "refund_amount": yuan(made.amount_fen),
            "refund_status": "REFUND_SUCCESS",
        }));
        if wanted("gmt_refund_pay") {
            node.insert("gmt_refund_pay".into(), json!(clock::local(made.at)));
        }
        Ok(node)
    })
}
