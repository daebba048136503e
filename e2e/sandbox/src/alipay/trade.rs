//! Trades. A precreated code is no trade yet: only scanning it makes one.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{Refusal, notify, object};
use crate::chance;
use crate::clock;
use crate::server::Shared;
use crate::world::{Standing, Trade, World};

/// A code's life.
const CODE_SECONDS: i64 = 7_200;

/// Fen as yuan.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Yuan as fen: two decimals at most, from 0.01 to 100 000 000.
pub fn fen(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let part = match part.len() {
        1 => format!("{part}0"),
        2 => part.to_owned(),
        _ => return None,
    };
    let digits = format!("{whole}{part}");
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|fen| (1..=10_000_000_000).contains(fen))
}

pub(super) fn text<'a>(biz: &'a Map<String, Value>, name: &str) -> &'a str {
    biz.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn invalid(what: &str) -> Refusal {
    Refusal::business("ACQ.INVALID_PARAMETER", &format!("参数无效：{what}"))
}

/// `alipay.trade.precreate`.
pub fn precreate(
    shared: &Shared,
    biz: &Map<String, Value>,
    notify_url: Option<String>,
) -> Result<Map<String, Value>, Refusal> {
    let number = text(biz, "out_trade_no");
    let subject = text(biz, "subject");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if number.is_empty() || number.len() > 64 || !number.chars().all(plain) {
        return Err(invalid("out_trade_no"));
    }
    if subject.is_empty() || subject.chars().count() > 256 || subject.contains(['/', '=', '&']) {
        return Err(invalid("subject"));
    }
    let amount_fen = fen(text(biz, "total_amount")).ok_or_else(|| invalid("total_amount"))?;
    if !matches!(text(biz, "product_code"), "FACE_TO_FACE_PAYMENT" | "QR_CODE_OFFLINE") {
        return Err(invalid("product_code"));
    }
    let seller = text(biz, "seller_id");
    if !seller.is_empty() && seller != shared.keys.seller_id {
        return Err(invalid("seller_id"));
    }
    let expires_at = match text(biz, "time_expire") {
        "" => None,
        time => Some(clock::read_local(time).ok_or_else(|| invalid("time_expire"))?),
    };
    let token = chance::hex(12).map_err(|_| Refusal::business("ACQ.SYSTEM_ERROR", "系统错误"))?;
    let token = shared.memory.change(|world| {
        let now = world.now();
        if expires_at.is_some_and(|expires| expires <= now) {
            return Err(invalid("time_expire"));
        }
        if let Some(trade) = world.trades.get_mut(number) {
            return again(trade, amount_fen, now);
        }
        let trade_no = format!("{}22001{:015}", now.to_zoned(clock::china()).strftime("%Y%m%d"), world.next_number());
        let trade = Trade {
            out_trade_no: number.to_owned(),
            trade_no,
            token: format!("bax{token}"),
            amount_fen,
            subject: subject.to_owned(),
            notify_url,
            standing: Standing::NotScanned,
            code_made_at: now,
            expires_at,
            scanned_at: None,
            paid_at: None,
            refunds: Vec::new(),
        };
        let token = trade.token.clone();
        world.trades.insert(number.to_owned(), trade);
        Ok(token)
    })?;
    let qr_code = format!("{}/cashier/{token}", shared.base_url);
    Ok(object(json!({ "out_trade_no": number, "qr_code": qr_code })))
}

/// The same number once more: a fresh code for the same sum, else a refusal.
fn again(trade: &mut Trade, amount_fen: i64, now: jiff::Timestamp) -> Result<String, Refusal> {
    match trade.standing {
        Standing::Paid => Err(Refusal::business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")),
        Standing::Closed => Err(Refusal::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")),
        Standing::NotScanned | Standing::Waiting if trade.amount_fen != amount_fen => {
            Err(Refusal::business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"))
        }
        Standing::NotScanned | Standing::Waiting => {
            trade.code_made_at = now;
            Ok(trade.token.clone())
        }
    }
}

/// The trade that a query or close is about: there is none before the code was scanned.
pub(super) fn find<'a>(world: &'a mut World, biz: &Map<String, Value>) -> Result<&'a mut Trade, Refusal> {
    let (number, trade_no) = (text(biz, "out_trade_no"), text(biz, "trade_no"));
    if number.is_empty() && trade_no.is_empty() {
        return Err(invalid("out_trade_no"));
    }
    world
        .trades
        .values_mut()
        // Where both are given, trade_no decides.
        .find(|trade| if trade_no.is_empty() { trade.out_trade_no == number } else { trade.trade_no == trade_no })
        .filter(|trade| trade.scanned_at.is_some())
        .ok_or_else(|| Refusal::business("ACQ.TRADE_NOT_EXIST", "交易不存在"))
}

/// `alipay.trade.query`.
pub fn query(shared: &Shared, biz: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    shared.memory.change(|world| {
        let trade = find(world, biz)?;
        let mut node = object(json!({
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "trade_status": status(trade),
            "total_amount": yuan(trade.amount_fen),
            "buyer_logon_id": "139****0001",
            "buyer_user_id": "2088722026112001",
        }));
        if let Some(at) = trade.paid_at {
            node.insert("send_pay_date".into(), json!(clock::local(at)));
            node.insert("buyer_pay_amount".into(), json!(yuan(trade.amount_fen)));
            node.insert("receipt_amount".into(), json!(yuan(trade.amount_fen)));
        }
        Ok(node)
    })
}

/// `alipay.trade.close`.
pub fn close(shared: &Shared, biz: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let closed = shared.memory.change(|world| {
        let trade = find(world, biz)?;
        match trade.standing {
            Standing::NotScanned | Standing::Waiting => {
                trade.standing = Standing::Closed;
                Ok(trade.clone())
            }
            Standing::Paid | Standing::Closed => Err(Refusal::business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")),
        }
    })?;
    notify::start(shared, &closed);
    Ok(object(json!({ "out_trade_no": closed.out_trade_no, "trade_no": closed.trade_no })))
}

/// Alipay's word for a trade's standing.
pub fn status(trade: &Trade) -> &'static str {
    match trade.standing {
        Standing::NotScanned | Standing::Waiting => "WAIT_BUYER_PAY",
        // Wholly given back: closed, as the real one says.
        Standing::Paid if trade.refunded_fen() == trade.amount_fen => "TRADE_CLOSED",
        Standing::Paid => "TRADE_SUCCESS",
        Standing::Closed => "TRADE_CLOSED",
    }
}

/// Why a phone can't pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CantPay {
    /// No such code.
    Unknown,
    /// The code is over two hours old.
    CodeTooOld,
    /// The trade is closed or past its time.
    Closed,
    /// Paid already.
    Paid,
}

/// A phone opens the code: this makes the trade.
pub fn scan(world: &mut World, token: &str) -> Result<Trade, CantPay> {
    let now = world.now();
    let trade = world.by_token(token).ok_or(CantPay::Unknown)?;
    match trade.standing {
        Standing::Closed => return Err(CantPay::Closed),
        Standing::Paid => return Err(CantPay::Paid),
        Standing::Waiting => {}
        Standing::NotScanned => {
            if now.duration_since(trade.code_made_at) > SignedDuration::from_secs(CODE_SECONDS) {
                return Err(CantPay::CodeTooOld);
            }
            if trade.expires_at.is_some_and(|expires| expires <= now) {
                return Err(CantPay::Closed);
            }
            trade.standing = Standing::Waiting;
            trade.scanned_at = Some(now);
        }
    }
    Ok(trade.clone())
}

/// The payer confirms.
pub fn pay(world: &mut World, token: &str) -> Result<Trade, CantPay> {
    scan(world, token)?;
    let now = world.now();
    let trade = world.by_token(token).ok_or(CantPay::Unknown)?;
    trade.standing = Standing::Paid;
    trade.paid_at = Some(now);
    Ok(trade.clone())
}

/// What no phone can do, but a race inside the provider can: money for a trade that was closed.
pub fn force_pay(world: &mut World, out_trade_no: &str) -> Option<Trade> {
    let now = world.now();
    let trade = world.trades.get_mut(out_trade_no)?;
    trade.scanned_at = trade.scanned_at.or(Some(now));
    trade.paid_at = trade.paid_at.or(Some(now));
    trade.standing = Standing::Paid;
    Some(trade.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        assert_eq!(fen("250.00"), Some(25_000));
        assert_eq!(fen("0.1"), Some(10));
        assert_eq!(yuan(1), "0.01");
        for text in ["", "0", "0.00", "1.", ".1", "-1", "1e3", "1.234", "100000000.01"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }
}
