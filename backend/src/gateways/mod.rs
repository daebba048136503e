//! The outside world: one trait for each service, one adapter that speaks a provider's real wire format.
//!
//! Use cases hold `Arc<dyn SmsGateway>`, `Arc<dyn ElementCheck>`, `Arc<dyn PaymentGateway>` and never a provider's type.
//! Every call ends in an [`Outcome`]; what a provider says about the *content* (a mismatch, a trade nobody scanned) is
//! `Ok` with a verdict, what it says about the *call* (quota, bad parameter) is `Refused`, and silence is `Unknown`.
//!
//! Write the attempt, with the merchant's own id, to the database before calling; after `Unknown` ask the query method,
//! and never send again under a new id.

pub mod alipay;
pub mod aliyun;
pub mod bill;
pub mod config;
pub mod elements;
pub mod encoding;
pub mod fresh;
pub mod mail;
pub mod money;
pub mod outcome;
pub mod payment;
pub mod sms;
mod smtp;
mod transport;

use std::sync::Arc;

pub use bill::{Bill, BillKind, BillLine};
pub use config::{GatewaysConfig, Timeouts};
pub use elements::{CompanyFour, CompanyVerdict, ElementCheck, PersonThree, PersonVerdict};
pub use fresh::Freshness;
pub use mail::{Mail, MailGateway, MailReceipt};
pub use outcome::{Answer, Doubt, Outcome};
pub use payment::{
    Closing, Notify, NotifyError, Paid, PaymentGateway, Precreate, Precreated, Refund, Refunded, Refunding, TradeState,
};
pub use sms::{SmsDelivery, SmsGateway, SmsQuery, SmsReceipt, SmsRequest};

/// The gateways of one hall, as the configuration describes them.
#[derive(Clone)]
pub struct Gateways {
    /// Text messages.
    pub sms: Arc<dyn SmsGateway>,
    /// Checks of companies and persons against the registers.
    pub elements: Arc<dyn ElementCheck>,
    /// Payments by QR code.
    pub payment: Arc<dyn PaymentGateway>,
    /// Mail, where a server is configured.
    pub mail: Option<Arc<dyn MailGateway>>,
}

impl Gateways {
    /// Builds the adapters: Aliyun for messages and element checks, Alipay for payments, SMTP for mail.
    ///
    /// # Errors
    /// A key that can't be read, or an HTTP client that can't be built.
    pub fn from_config(config: &GatewaysConfig, fresh: Arc<dyn Freshness>) -> Result<Self, config::ConfigError> {
        Ok(Self {
            sms: Arc::new(aliyun::AliyunSms::new(&config.sms, Arc::clone(&fresh))?),
            elements: Arc::new(aliyun::AliyunElements::new(&config.elements, Arc::clone(&fresh))?),
            payment: Arc::new(alipay::Alipay::new(&config.alipay, Arc::clone(&fresh))?),
            mail: match &config.mail {
                Some(mail) => Some(Arc::new(smtp::SmtpMail::new(mail, fresh)?)),
                None => None,
            },
        })
    }
}
