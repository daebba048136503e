//! Notifications: signed, repeated until acknowledged, and wrong on demand.

use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::trade::{status, yuan};
use crate::chance;
use crate::clock;
use crate::keys;
use crate::server::Shared;
use crate::wire;
use crate::world::{Delivery, NotifyPolicy, Standing, Trade};

/// Seconds before each try. The real one repeats after 4 m, 10 m, 10 m, 1 h, 2 h, 6 h, 15 h; this is the same, 120 times
/// faster.
const SCHEDULE: [u64; 8] = [0, 2, 5, 5, 30, 60, 180, 450];

/// What a notification is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// As it should be, the last id once more if there was one.
    Again,
    /// As it should be, with a new id.
    Genuine,
    /// Signed with a stranger's key.
    Forged,
    /// Signed, then its amount changed.
    Tampered,
    /// Without a signature.
    Unsigned,
    /// Rightly signed, with another amount.
    OtherAmount,
    /// Rightly signed, for another app.
    OtherApp,
    /// Rightly signed, for another seller.
    OtherSeller,
    /// Rightly signed, for a trade that the merchant never made.
    OtherTrade,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Genuine => "genuine",
            Self::Forged => "forged",
            Self::Tampered => "tampered",
            Self::Unsigned => "unsigned",
            Self::OtherAmount => "other_amount",
            Self::OtherApp => "other_app",
            Self::OtherSeller => "other_seller",
            Self::OtherTrade => "other_trade",
        }
    }
}

fn new_id() -> String {
    chance::hex(17).unwrap_or_default()
}

/// The form of a notification about the trade as it stands now.
pub fn form(shared: &Shared, trade: &Trade, kind: Kind, notify_id: &str) -> String {
    let now = shared.memory.change(|world| world.now());
    let amount = yuan(if kind == Kind::OtherAmount { 1 } else { trade.amount_fen });
    let owned = str::to_owned;
    let mut pairs: Vec<(String, String)> = [
        ("app_id", shared.keys.app_id.clone()),
        ("auth_app_id", shared.keys.app_id.clone()),
        ("buyer_id", owned("2088722026112001")),
        ("buyer_logon_id", owned("139****0001")),
        ("charset", owned("utf-8")),
        ("gmt_create", clock::local(trade.scanned_at.unwrap_or(now))),
        ("notify_id", owned(notify_id)),
        ("notify_time", clock::local(now)),
        ("notify_type", owned("trade_status_sync")),
        ("out_trade_no", trade.out_trade_no.clone()),
        ("seller_id", shared.keys.seller_id.clone()),
        ("subject", trade.subject.clone()),
        ("total_amount", amount.clone()),
        ("trade_no", trade.trade_no.clone()),
        ("trade_status", owned(status(trade))),
        ("version", owned("1.0")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let (Standing::Paid, Some(at)) = (trade.standing, trade.paid_at) {
        let fund = format!("[{{\"amount\":\"{amount}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]");
        for (name, value) in [
            ("gmt_payment", clock::local(at)),
            ("receipt_amount", amount.clone()),
            ("buyer_pay_amount", amount.clone()),
            ("invoice_amount", amount.clone()),
            ("point_amount", owned("0.00")),
            ("fund_bill_list", fund),
        ] {
            pairs.push((name.to_owned(), value));
        }
    }
    if let Some(last) = trade.refunds.last() {
        let back = yuan(trade.refunded_fen());
        for (name, value) in [
            ("gmt_refund", format!("{}.000", clock::local(last.at))),
            ("refund_fee", back),
            ("out_biz_no", last.out_request_no.clone()),
        ] {
            pairs.push((name.to_owned(), value));
        }
    }
    let set = |pairs: &mut Vec<(String, String)>, name: &str, value: &str| {
        for pair in pairs.iter_mut().filter(|(key, _)| key == name) {
            value.clone_into(&mut pair.1);
        }
    };
    match kind {
        Kind::OtherApp => {
            set(&mut pairs, "app_id", "2021009999999999");
            set(&mut pairs, "auth_app_id", "2021009999999999");
        }
        Kind::OtherSeller => set(&mut pairs, "seller_id", "2088999999999999"),
        Kind::OtherTrade => set(&mut pairs, "out_trade_no", "NOBODY_MADE_THIS_1"),
        Kind::Again | Kind::Genuine | Kind::Forged | Kind::Tampered | Kind::Unsigned | Kind::OtherAmount => {}
    }
    pairs.sort();
    let text = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let key = if kind == Kind::Forged { &shared.keys.stranger } else { &shared.keys.alipay };
    let signature = keys::sign(key, text.as_bytes());
    if kind == Kind::Tampered {
        set(&mut pairs, "total_amount", "0.01");
    }
    if kind != Kind::Unsigned {
        pairs.push(("sign".to_owned(), signature));
    }
    pairs.push(("sign_type".to_owned(), "RSA2".to_owned()));
    wire::form(&pairs)
}

/// Begins to notify about a change, as the policy says.
pub fn start(shared: &Shared, trade: &Trade) {
    if trade.notify_url.is_none() {
        return;
    }
    let wait = match shared.memory.change(|world| world.notify) {
        NotifyPolicy::Suppress => return,
        NotifyPolicy::Normal => Duration::ZERO,
        NotifyPolicy::Delay { ms } => Duration::from_millis(ms),
    };
    let (shared, trade) = (shared.clone(), trade.clone());
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        let id = new_id();
        for seconds in SCHEDULE {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            match deliver(&shared, &trade, Kind::Genuine, &id).await {
                Ok(delivery) if acknowledged(&delivery) => return,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a notification can't be sent"),
            }
        }
    });
}

fn acknowledged(delivery: &Delivery) -> bool {
    delivery.status == Some(200) && delivery.body == "success"
}

/// Sends one notification now.
///
/// `claim_paid`: say `TRADE_SUCCESS` whatever the trade's standing is.
pub async fn once(shared: &Shared, out_trade_no: &str, kind: Kind, claim_paid: bool) -> anyhow::Result<Delivery> {
    let (trade, last) = shared.memory.change(|world| {
        let last = world
            .deliveries
            .iter()
            .rev()
            .find(|delivery| delivery.out_trade_no == out_trade_no && delivery.kind == "genuine")
            .map(|delivery| delivery.notify_id.clone());
        (world.trades.get(out_trade_no).cloned(), last)
    });
    let mut trade = trade.context("no such trade")?;
    if claim_paid {
        trade.standing = Standing::Paid;
        trade.paid_at = trade.paid_at.or(Some(trade.code_made_at));
    }
    let id = match kind {
        Kind::Again => last.unwrap_or_else(new_id),
        Kind::Genuine
        | Kind::Forged
        | Kind::Tampered
        | Kind::Unsigned
        | Kind::OtherAmount
        | Kind::OtherApp
        | Kind::OtherSeller
        | Kind::OtherTrade => new_id(),
    };
    deliver(shared, &trade, kind, &id).await
}

async fn deliver(shared: &Shared, trade: &Trade, kind: Kind, notify_id: &str) -> anyhow::Result<Delivery> {
    let url = trade.notify_url.as_deref().context("the trade has no notify_url")?;
    let answer = shared
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
        .body(form(shared, trade, kind, notify_id))
        .send()
        .await;
    let (status, body) = match answer {
        Ok(answer) => (Some(answer.status().as_u16()), answer.text().await.unwrap_or_default()),
        Err(error) => (None, error.to_string()),
    };
    let delivery = shared.memory.change(|world| {
        let delivery = Delivery {
            notify_id: notify_id.to_owned(),
            out_trade_no: trade.out_trade_no.clone(),
            kind: kind.name().to_owned(),
            at: world.now(),
            status,
            body: body.chars().take(200).collect(),
        };
        world.deliveries.push(delivery.clone());
        delivery
    });
    Ok(delivery)
}
