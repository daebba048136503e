//! The outside world's control API, and what the checker reads from it.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use e2e::cast::{Company, Person, Unit};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A text message that arrived on a phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Sms {
    /// The registered template.
    pub template_code: String,
    /// The variables.
    pub params: BTreeMap<String, String>,
    /// The sender's own id.
    pub out_id: String,
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
    /// Money that was given back.
    pub refunds: Vec<Refund>,
}

/// Money that was given back.
#[derive(Clone, Debug, Deserialize)]
pub struct Refund {
    /// The merchant's number of the refund.
    pub out_request_no: String,
    /// Fen.
    pub amount_fen: i64,
}

/// A mail in a mailbox.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// The sender's id of it, with the domain.
    pub message_id: String,
}

impl Trade {
    /// Money was taken from somebody.
    pub fn is_paid(&self) -> bool {
        self.standing == "paid"
    }
}

#[derive(Deserialize)]
struct Member {
    company: Company,
    legal: Person,
    operator: Person,
}

/// The control API.
#[derive(Clone, Debug)]
pub struct Control {
    http: reqwest::Client,
    base: String,
}

impl Control {
    /// At an address.
    pub fn at(base: &str) -> Result<Self> {
        Ok(Self { http: e2e::client::plain()?, base: base.to_owned() })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let response = self.http.get(format!("{}{path}", self.base)).send().await?;
        ensure!(response.status().is_success(), "{path}: {}", response.status());
        Ok(response.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<()> {
        let response = self.http.post(format!("{}{path}", self.base)).json(body).send().await?;
        let status = response.status();
        if !status.is_success() {
            bail!("{path} {body}: {status}");
        }
        Ok(())
    }

    /// A member of the crowd, with this number.
    pub async fn unit(&self, number: u32) -> Result<Unit> {
        let mut members: Vec<Member> = self.get(&format!("/_ctl/crowd?first={number}&count=1")).await?;
        let Some(Member { company, legal, operator }) = members.pop() else { bail!("the crowd has no {number}") };
        Ok(Unit { company, number: 0, legal, operator, operator_number: 0 })
    }

    /// Messages on a phone, oldest first.
    pub async fn sms_of(&self, phone: &str) -> Result<Vec<Sms>> {
        self.get(&format!("/_ctl/sms?phone={phone}")).await
    }

    /// Every message, oldest first.
    pub async fn all_sms(&self) -> Result<Vec<Sms>> {
        self.get("/_ctl/sms").await
    }

    /// Every mail, oldest first.
    pub async fn all_mail(&self) -> Result<Vec<Mail>> {
        self.get("/_ctl/mail").await
    }

    /// Every trade.
    pub async fn trades(&self) -> Result<Vec<Trade>> {
        let state: Value = self.get("/_ctl/state").await?;
        Ok(serde_json::from_value(state.get("trades").cloned().unwrap_or_default())?)
    }

    /// Scans and pays. An error: closed, paid already, code too old.
    pub async fn pay(&self, out_trade_no: &str) -> Result<()> {
        self.post("/_ctl/pay", &json!({ "out_trade_no": out_trade_no })).await
    }

    /// Sends one notification now.
    pub async fn notify(&self, out_trade_no: &str, kind: &str) -> Result<()> {
        self.post("/_ctl/notify", &json!({ "out_trade_no": out_trade_no, "kind": kind })).await
    }

    /// How notifications are sent from now on.
    pub async fn notices(&self, policy: &Value) -> Result<()> {
        self.post("/_ctl/notify/policy", policy).await
    }

    /// The next calls of a service go wrong.
    pub async fn fault(&self, fault: &Value) -> Result<()> {
        self.post("/_ctl/faults", fault).await
    }

    /// Nothing goes wrong any more.
    pub async fn well(&self) -> Result<()> {
        self.http.delete(format!("{}/_ctl/faults", self.base)).send().await?.error_for_status()?;
        self.notices(&json!({ "mode": "normal" })).await
    }

    /// Moves this world's clock.
    pub async fn set_clock(&self, offset_seconds: i64) -> Result<()> {
        self.post("/_ctl/clock", &json!({ "offset_seconds": offset_seconds })).await
    }
}
