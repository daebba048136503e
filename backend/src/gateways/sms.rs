//! Text messages.

use std::fmt;

use jiff::civil::Date;

use super::outcome::Answer;

/// A provider of text messages by registered template.
pub trait SmsGateway: Send + Sync {
    /// Hands one message to the provider. At most once: after `Unknown` ask [`SmsGateway::query`], never send again.
    ///
    /// `Refused` codes are the provider's (Aliyun: `isv.BUSINESS_LIMIT_CONTROL`, `isv.MOBILE_NUMBER_ILLEGAL`, …).
    fn send<'a>(&'a self, request: &'a SmsRequest) -> Answer<'a, SmsReceipt>;

    /// Asks what became of the message that was sent with `out_id`.
    fn query<'a>(&'a self, query: &'a SmsQuery) -> Answer<'a, SmsDelivery>;
}

/// One message to one phone.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsRequest {
    /// Mainland mobile number, 11 digits.
    pub phone: String,
    /// The registered signature shown in 【】.
    pub sign_name: String,
    /// The registered template (`SMS_…`).
    pub template_code: String,
    /// The template's variables, in order of appearance.
    pub params: Vec<(String, String)>,
    /// Our own id of this message, unique for ever, stored before the call.
    pub out_id: String,
}

impl fmt::Debug for SmsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsRequest")
            .field("phone", &"[hidden]")
            .field("template_code", &self.template_code)
            .field("params", &"[hidden]")
            .field("out_id", &self.out_id)
            .finish_non_exhaustive()
    }
}

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsReceipt {
    /// The provider's id of the message (Aliyun: `BizId`).
    pub provider_id: String,
}

/// Which message is meant: providers look up by phone and day, we choose by `out_id`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsQuery {
    /// The phone it went to.
    pub phone: String,
    /// The day of sending, China time.
    pub day: Date,
    /// Our id.
    pub out_id: String,
}

impl fmt::Debug for SmsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsQuery")
            .field("phone", &"[hidden]")
            .field("day", &self.day)
            .field("out_id", &self.out_id)
            .finish()
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsDelivery {
    /// The provider never got it.
    NotFound,
    /// Taken, no receipt from the network yet.
    Waiting,
    /// On the phone.
    Delivered,
    /// The network refused it; the provider's code.
    Failed {
        /// The provider's code, e.g. `MOBILE_NOT_ON_SERVICE`.
        code: String,
    },
}
