//! The hand of a test in the stand-in outside world: phones, the cashier, the providers' faults.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cast::Cast;
use crate::client::plain;

const PAUSE: Duration = Duration::from_millis(100);
/// Pauses before something that must happen by itself is given up: 30 s.
const PATIENCE: u32 = 300;

/// The purposes of messages, by the sandbox's template codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// 签名.
    Sign,
    /// 查询.
    Query,
    /// 修改邮寄信息.
    CorrectMailing,
    /// 修改经办人手机号.
    CorrectPhone,
    /// 鉴证未通过.
    Refused,
    /// 审核通过.
    Approved,
    /// 已发货.
    Dispatched,
    /// 初始密码.
    Pin,
    /// 超时取消.
    Expired,
    /// 审核不通过.
    Rejected,
    /// 退款成功.
    Refunded,
}

impl Purpose {
    const fn template(self) -> &'static str {
        match self {
            Self::Sign => "SMS_490000001",
            Self::Query => "SMS_490000002",
            Self::CorrectMailing => "SMS_490000011",
            Self::CorrectPhone => "SMS_490000012",
            Self::Refused => "SMS_490000004",
            Self::Approved => "SMS_490000005",
            Self::Dispatched => "SMS_490000006",
            Self::Pin => "SMS_490000007",
            Self::Expired => "SMS_490000008",
            Self::Rejected => "SMS_490000009",
            Self::Refunded => "SMS_490000010",
        }
    }
}

/// A text message.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// On which phone.
    pub phone: String,
    /// The registered template.
    pub template_code: String,
    /// As the phone shows it.
    pub text: String,
    /// The variables.
    pub params: BTreeMap<String, String>,
}

impl Message {
    /// A variable of the message: `code`, `pin`, `waybill` …
    pub fn param(&self, name: &str) -> Result<&str> {
        self.params.get(name).map(String::as_str).with_context(|| format!("no {name} in {}", self.text))
    }
}

/// A mail in a mailbox.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// The sender's id of the mail; a repeated one has the same.
    pub message_id: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// Money that the provider gave back.
#[derive(Clone, Debug, Deserialize)]
pub struct GivenBack {
    /// The merchant's number of the refund.
    pub out_request_no: String,
    /// Fen.
    pub amount_fen: i64,
}

/// A trade at the provider.
#[derive(Clone, Debug, Deserialize)]
pub struct Trade {
    /// The merchant's number.
    pub out_trade_no: String,
    /// The last part of the QR code's text.
    pub token: String,
    /// Fen.
    pub amount_fen: i64,
    /// `not_scanned`, `waiting`, `paid`, `closed`.
    pub standing: String,
    /// Money that was given back, oldest first.
    #[serde(default)]
    pub refunds: Vec<GivenBack>,
}

/// The hall's answer to a notification.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivery {
    /// HTTP status, none when there was no answer.
    pub status: Option<u16>,
    /// The answer's beginning.
    pub body: String,
}

/// The outside world's control API.
#[derive(Clone, Debug)]
pub struct Outside {
    http: reqwest::Client,
    base: String,
}

impl Outside {
    /// At an address.
    pub fn at(base: &str) -> Result<Self> {
        Ok(Self { http: plain()?, base: base.to_owned() })
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    async fn get<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<T> {
        let response = self.http.get(format!("{}{path}", self.base)).send().await?;
        ensure!(response.status().is_success(), "{path}: {}", response.status());
        Ok(response.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<reqwest::Response> {
        let response = self.http.post(format!("{}{path}", self.base)).json(body).send().await?;
        let status = response.status();
        if !status.is_success() {
            bail!("{path} {body}: {status} {}", response.text().await?);
        }
        Ok(response)
    }

    /// Who is known.
    pub async fn cast(&self) -> Result<Cast> {
        self.get("/_ctl/people").await
    }

    /// A sample paper.
    pub async fn paper(&self, name: &str) -> Result<Vec<u8>> {
        let response = self.http.get(format!("{}/papers/{name}", self.base)).send().await?;
        ensure!(response.status().is_success(), "{name}: {}", response.status());
        Ok(response.bytes().await?.to_vec())
    }

    /// Messages of one purpose on a phone, oldest first.
    pub async fn messages(&self, phone: &str, purpose: Purpose) -> Result<Vec<Message>> {
        let all: Vec<Message> = self.get(&format!("/_ctl/sms?phone={phone}")).await?;
        Ok(all.into_iter().filter(|message| message.template_code == purpose.template()).collect())
    }

    /// Waits for the message number `count` (from 1) of a purpose on a phone.
    pub async fn message(&self, phone: &str, purpose: Purpose, count: usize) -> Result<Message> {
        for _ in 0..PATIENCE {
            if let Some(message) = self.messages(phone, purpose).await?.into_iter().nth(count - 1) {
                return Ok(message);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("message {count} ({purpose:?}) never came to {phone}")
    }

    /// The newest code that came to a phone.
    pub async fn newest_code(&self, phone: &str, purpose: Purpose) -> Result<String> {
        let count = self.messages(phone, purpose).await?.len().max(1);
        Ok(self.message(phone, purpose, count).await?.param("code")?.to_owned())
    }

    /// Waits for a mail with these words in its subject.
    pub async fn mail(&self, to: &str, subject: &str) -> Result<Mail> {
        for _ in 0..PATIENCE {
            let all: Vec<Mail> = self.get(&format!("/_ctl/mail?to={to}")).await?;
            if let Some(mail) = all.into_iter().find(|mail| mail.subject.contains(subject)) {
                return Ok(mail);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("no mail about {subject} ever came to {to}")
    }

    /// What bills say wrongly from now on.
    pub async fn bill_lies(&self, lies: &Value) -> Result<()> {
        self.post("/_ctl/bill", lies).await.map(drop)
    }

    /// Moves the outside world's clock; the hall's stays.
    pub async fn clock(&self, offset_seconds: i64) -> Result<()> {
        self.post("/_ctl/clock", &json!({ "offset_seconds": offset_seconds })).await.map(drop)
    }

    /// Every trade.
    pub async fn trades(&self) -> Result<Vec<Trade>> {
        let state: Value = self.get("/_ctl/state").await?;
        Ok(serde_json::from_value(state.get("trades").cloned().unwrap_or_default())?)
    }

    /// The trade behind the text of a QR code.
    pub async fn trade(&self, qr: &str) -> Result<Trade> {
        let trades = self.trades().await?;
        trades.into_iter().find(|trade| qr.ends_with(&trade.token)).context("no trade has this QR code")
    }

    /// A phone scans the code, and pays.
    pub async fn pay(&self, out_trade_no: &str) -> Result<()> {
        self.post("/_ctl/pay", &json!({ "out_trade_no": out_trade_no })).await.map(drop)
    }

    /// Money comes although the trade is closed: a race inside the provider.
    pub async fn pay_late(&self, out_trade_no: &str) -> Result<()> {
        self.post("/_ctl/pay", &json!({ "out_trade_no": out_trade_no, "force": true })).await.map(drop)
    }

    /// A phone scans the code, and does not pay yet.
    pub async fn scan(&self, out_trade_no: &str) -> Result<()> {
        self.post("/_ctl/scan", &json!({ "out_trade_no": out_trade_no })).await.map(drop)
    }

    /// Sends one notification now: `genuine`, `again`, `forged`, `tampered`, `unsigned`, `other_amount` …
    pub async fn notify(&self, out_trade_no: &str, kind: &str, claim_paid: bool) -> Result<Delivery> {
        let body = json!({ "out_trade_no": out_trade_no, "kind": kind, "claim_paid": claim_paid });
        Ok(self.post("/_ctl/notify", &body).await?.json().await?)
    }

    /// Stops notifying by itself.
    pub async fn suppress_notices(&self) -> Result<()> {
        self.post("/_ctl/notify/policy", &json!({ "mode": "suppress" })).await.map(drop)
    }

    /// Plans a fault, e.g. `{"service": "company4", "kind": "hang"}`.
    pub async fn fault(&self, fault: &Value) -> Result<()> {
        self.post("/_ctl/faults", fault).await.map(drop)
    }

    /// How often a provider's method was called.
    pub async fn calls(&self, method: &str) -> Result<u64> {
        let state: Value = self.get("/_ctl/state").await?;
        Ok(state.pointer(&format!("/calls/{method}")).and_then(Value::as_u64).unwrap_or_default())
    }
}
