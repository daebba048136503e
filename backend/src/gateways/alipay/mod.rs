//! Alipay gateway v2, RSA2: QR codes made by `alipay.trade.precreate`, `query`, `close`, `refund`, the daily bill, and
//! signed notifications.

pub mod bill;
mod client;
mod notify;
pub mod refund;
pub mod sign;
mod trade;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use self::client::Client;
use super::bill::Bill;
use super::config::{AlipayConfig, ConfigError};
use super::fresh::Freshness;
use super::money;
use super::outcome::{Answer, Doubt, Outcome};
use super::payment::{
    Closing, Notify, NotifyError, PaymentGateway, Precreate, Precreated, Refund, Refunding, TradeState,
};

/// China stands eight hours before UTC the year round; Alipay's wire has local times only.
pub(crate) fn china_time() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// `2026-11-20 13:00:00`, China time.
pub(crate) fn wire_time(at: Timestamp) -> String {
    at.to_zoned(china_time()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A JSON object as the official SDK writes it: names sorted, no spaces, empty values left out.
fn content(fields: &[(&str, &str)]) -> String {
    let filled: BTreeMap<&str, &str> = fields.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
    serde_json::json!(filled).to_string()
}

/// For the fuzz targets: reads a notice as if its signature were right.
#[cfg(fuzzing)]
pub fn fuzz_notice(body: &[u8]) {
    notify::fuzz(body);
}

/// The business part of a query or close call.
pub fn trade_content(out_trade_no: &str) -> String {
    content(&[("out_trade_no", out_trade_no)])
}

/// Said of a day without a bill.
const NO_BILL: [&str; 3] = ["isp.bill_not_exist", "BILL_NOT_EXIST", "bill_not_exist"];

/// The business part of a question for a day's bill.
pub fn bill_content(day: Date) -> String {
    content(&[("bill_date", &day.to_string()), ("bill_type", "trade")])
}

/// Payments by Alipay.
pub struct Alipay {
    client: Client,
    app_id: String,
    seller_id: String,
    product_code: String,
    notify_url: String,
}

impl Alipay {
    /// Builds the adapter.
    ///
    /// # Errors
    /// An address that is none, a key that can't be read, an HTTP client that can't be built.
    pub fn new(config: &AlipayConfig, fresh: Arc<dyn Freshness>) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(config, fresh)?,
            app_id: config.app_id.clone(),
            seller_id: config.seller_id.clone(),
            product_code: config.product_code.clone(),
            notify_url: config.notify_url.clone(),
        })
    }

    /// The business part of a precreate call.
    pub fn precreate_content(&self, request: &Precreate) -> String {
        content(&[
            ("out_trade_no", &request.out_trade_no),
            ("product_code", &self.product_code),
            ("seller_id", &self.seller_id),
            ("subject", &request.subject),
            ("time_expire", &wire_time(request.expires_at)),
            ("total_amount", &money::yuan(request.amount_fen)),
        ])
    }

    /// Every parameter of a call but the signature, and the string that is signed; for comparison with other
    /// implementations.
    pub fn unsigned(&self, method: &str, content: &str, notify: bool) -> (Vec<(&'static str, String)>, String) {
        let notify_url = notify.then_some(self.notify_url.as_str());
        self.client.unsigned(method, content, notify_url)
    }

    /// Signs a canonical string with the app's key (base64).
    pub fn signature(&self, canonical: &str) -> Option<String> {
        self.client.signature(canonical)
    }

    async fn state(&self, out_trade_no: &str) -> Outcome<TradeState> {
        let content = trade_content(out_trade_no);
        match self.client.call("alipay.trade.query", &content, None).await {
            Outcome::Ok(node) => trade::state(&node, out_trade_no),
            Outcome::Refused { code, .. } if code == trade::NOT_EXIST => Outcome::Ok(TradeState::NotScanned),
            Outcome::Refused { code, message } => Outcome::Refused { code, message },
            Outcome::Unknown { reason } => Outcome::Unknown { reason },
        }
    }

    async fn end(&self, out_trade_no: &str) -> Outcome<Closing> {
        let content = trade_content(out_trade_no);
        match self.client.call("alipay.trade.close", &content, None).await {
            Outcome::Ok(_) => Outcome::Ok(Closing::Closed),
            Outcome::Refused { code, .. } if code == trade::NOT_EXIST => Outcome::Ok(Closing::NeverScanned),
            // "Not in a state to be closed" is said of paid and of closed trades alike: look which.
            Outcome::Refused { code, message } if trade::NOT_CLOSABLE.contains(&code.as_str()) => {
                self.state(out_trade_no).await.and_then(|state| match state {
                    TradeState::Paid(_) => Outcome::Ok(Closing::AlreadyPaid),
                    TradeState::Closed => Outcome::Ok(Closing::Closed),
                    TradeState::NotScanned | TradeState::WaitingForPayer => Outcome::refused(code, message),
                })
            }
            Outcome::Refused { code, message } => Outcome::Refused { code, message },
            Outcome::Unknown { reason } => Outcome::Unknown { reason },
        }
    }
}

impl Alipay {
    /// A refund's answer that does not say clearly that money moved is followed by a question.
    async fn give_back(&self, request: &Refund) -> Outcome<Refunding> {
        let content = refund::content(request);
        let answer = self.client.call("alipay.trade.refund", &content, None).await;
        match answer.and_then(|node| refund::made(&node, request)) {
            Outcome::Ok(Refunding::NotDone) => self.given_back(request).await,
            Outcome::Ok(Refunding::Done(done)) => Outcome::Ok(Refunding::Done(done)),
            Outcome::Refused { code, message } => Outcome::Refused { code, message },
            Outcome::Unknown { reason } => Outcome::Unknown { reason },
        }
    }

    async fn given_back(&self, request: &Refund) -> Outcome<Refunding> {
        let content = refund::query_content(request);
        let answer = self.client.call("alipay.trade.fastpay.refund.query", &content, None).await;
        answer.and_then(|node| refund::state(&node, request))
    }

    async fn bill_of(&self, day: Date) -> Outcome<Option<Bill>> {
        let content = bill_content(day);
        let answer = self.client.call("alipay.data.dataservice.bill.downloadurl.query", &content, None).await;
        let node = match answer {
            Outcome::Ok(node) => node,
            Outcome::Refused { code, .. } if NO_BILL.contains(&code.as_str()) => return Outcome::Ok(None),
            Outcome::Refused { code, message } => return Outcome::Refused { code, message },
            Outcome::Unknown { reason } => return Outcome::Unknown { reason },
        };
        let Some(url) = node["bill_download_url"].as_str() else {
            return Outcome::unknown(Doubt::Unreadable("bill_download_url"));
        };
        match self.client.download(url, bill::LONGEST_ZIP).await {
            Ok(bytes) => match bill::read_zip(&bytes) {
                Ok(bill) => Outcome::Ok(Some(bill)),
                Err(error) => Outcome::refused("local.bill", error.to_string()),
            },
            Err(doubt) => Outcome::unknown(doubt),
        }
    }
}

impl PaymentGateway for Alipay {
    fn precreate<'a>(&'a self, request: &'a Precreate) -> Answer<'a, Precreated> {
        Box::pin(async move {
            let content = self.precreate_content(request);
            self.client.call("alipay.trade.precreate", &content, Some(&self.notify_url)).await.and_then(|node| {
                let same = node["out_trade_no"].as_str() == Some(request.out_trade_no.as_str());
                match node["qr_code"].as_str() {
                    Some(code) if same && !code.is_empty() => Outcome::Ok(Precreated { qr_code: code.to_owned() }),
                    Some(_) | None => Outcome::unknown(Doubt::Unreadable("qr_code")),
                }
            })
        })
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, TradeState> {
        Box::pin(self.state(out_trade_no))
    }

    fn close<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, Closing> {
        Box::pin(self.end(out_trade_no))
    }

    fn refund<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        Box::pin(self.give_back(request))
    }

    fn refund_state<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        Box::pin(self.given_back(request))
    }

    fn bill(&self, day: Date) -> Answer<'_, Option<Bill>> {
        Box::pin(self.bill_of(day))
    }

    fn verify_notify(&self, body: &[u8]) -> Result<Notify, NotifyError> {
        notify::verify(body, self.client.provider_key(), &self.app_id, &self.seller_id)
    }

    fn acknowledgement(&self) -> &'static str {
        "success"
    }
}
