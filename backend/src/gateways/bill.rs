//! A provider's books of one day, to be compared with ours.

use jiff::Timestamp;

/// What a provider says happened on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bill {
    /// Payments and refunds, in the bill's order.
    pub lines: Vec<BillLine>,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// What happened.
    pub kind: BillKind,
    /// Merchant's trade number.
    pub out_trade_no: String,
    /// The provider's trade number.
    pub trade_no: String,
    /// Fen, never negative.
    pub amount_fen: i64,
    /// When it was complete, if told.
    pub at: Option<Timestamp>,
}

/// What a line of a bill tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillKind {
    /// Money came.
    Paid,
    /// Money was given back.
    Refunded {
        /// Our number of the refund; empty when it was made by hand at the provider.
        out_request_no: String,
    },
}
