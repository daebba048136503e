//! Payments by QR code.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::bill::Bill;
use super::outcome::Answer;

/// A provider of payments where the payer scans a QR code.
///
/// A notification is a hint, never a proof: verify it, store it, then ask [`PaymentGateway::query`] and compare the
/// amount before an order counts as paid.
pub trait PaymentGateway: Send + Sync {
    /// Makes the QR code for one merchant order. Repeating with the same `out_trade_no` and amount is safe.
    fn precreate<'a>(&'a self, request: &'a Precreate) -> Answer<'a, Precreated>;

    /// How the trade stands.
    fn query<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, TradeState>;

    /// Ends an unpaid trade so that it can't be paid any more.
    fn close<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, Closing>;

    /// Gives the money of a trade back. Repeating with the same `out_request_no` and sum is safe: it is given once.
    fn refund<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding>;

    /// What became of a refund, whether or not [`PaymentGateway::refund`] ever reached the provider.
    fn refund_state<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding>;

    /// What the provider's books say of a past day in China; `None`: it has no bill of that day (not yet, or because
    /// nothing happened).
    fn bill(&self, day: Date) -> Answer<'_, Option<Bill>>;

    /// Verifies a notification's bytes exactly as they arrived, then reads them.
    ///
    /// # Errors
    /// [`NotifyError`]: not ours, not signed by the provider, or unreadable. Answer it with anything but the
    /// acknowledgement.
    fn verify_notify(&self, body: &[u8]) -> Result<Notify, NotifyError>;

    /// The exact body that tells the provider to stop repeating a notification.
    fn acknowledgement(&self) -> &'static str;
}

/// A payment to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precreate {
    /// Our trade number: 1–64 characters of letters, digits, `_`, unique for ever, stored before the call.
    pub out_trade_no: String,
    /// Fen, more than zero.
    pub amount_fen: i64,
    /// What the payer reads, e.g. 数字证书服务.
    pub subject: String,
    /// When the provider shall refuse to take money any more (whole minutes).
    pub expires_at: Timestamp,
}

/// The provider's QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precreated {
    /// The text to draw as a QR code (an URL).
    pub qr_code: String,
}

/// How a trade stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TradeState {
    /// Nobody scanned the code yet. Normal; it does not mean that the code is dead.
    NotScanned,
    /// Scanned, not paid.
    WaitingForPayer,
    /// Money is there.
    Paid(Paid),
    /// Closed: not paid, or paid and wholly refunded.
    Closed,
}

/// A payment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The provider's number of the trade.
    pub trade_no: String,
    /// Fen, as the provider says: compare, don't trust.
    pub amount_fen: i64,
    /// When the money came, if told.
    pub paid_at: Option<Timestamp>,
}

/// Money to give back: always the whole sum that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Our number of the trade.
    pub out_trade_no: String,
    /// Our number of this refund: unique for ever, stored before the call, the same at each try.
    pub out_request_no: String,
    /// Fen, more than zero.
    pub amount_fen: i64,
    /// What the payer reads, e.g. 审核不通过.
    pub reason: String,
}

/// How a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunding {
    /// The money is on its way to the payer.
    Done(Refunded),
    /// The provider gave nothing back under this number so far.
    NotDone,
}

/// Money that the provider gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Fen, as the provider says: compare, don't trust.
    pub amount_fen: i64,
    /// When, if told.
    pub at: Option<Timestamp>,
}

/// How a request to close ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Closed now or before.
    Closed,
    /// Never scanned, so there is nothing to close; the code dies by its `expires_at`.
    NeverScanned,
    /// Too late: it is paid. Query it.
    AlreadyPaid,
}

/// A notification whose signature, app and seller are right.
#[derive(Clone, PartialEq, Eq)]
pub struct Notify {
    /// The provider's id of this notification; repeats carry the same id.
    pub notify_id: String,
    /// Our trade number.
    pub out_trade_no: String,
    /// The provider's trade number.
    pub trade_no: String,
    /// The provider's word for the state (`TRADE_SUCCESS`, …).
    pub trade_status: String,
    /// Fen, as notified: compare with the order.
    pub amount_fen: i64,
    /// Equal for notifications that say the same thing, whatever their id.
    pub dedupe_key: String,
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("notify_id", &self.notify_id)
            .field("out_trade_no", &self.out_trade_no)
            .field("trade_status", &self.trade_status)
            .field("amount_fen", &self.amount_fen)
            .finish_non_exhaustive()
    }
}

/// Why a notification is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// Not a form in UTF-8, or a name twice.
    #[error("the notification is not a readable form")]
    Unreadable,
    /// A field that must be there is not.
    #[error("the notification has no {0}")]
    Missing(&'static str),
    /// Not RSA2.
    #[error("the notification's signature type is not RSA2")]
    SignType,
    /// Not signed by the provider.
    #[error("the notification's signature is wrong")]
    Signature,
    /// Meant for another app.
    #[error("the notification is for another app")]
    OtherApp,
    /// Meant for another seller.
    #[error("the notification is for another seller")]
    OtherSeller,
    /// The amount is not a sum of money.
    #[error("the notification's amount is not a sum of money")]
    Amount,
}
