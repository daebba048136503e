//! The kinds of jobs.

use serde::{Deserialize, Serialize};

/// A job: a kind and what it is about. Anything secret travels sealed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Job {
    /// Tells the legal representative the PIN (sealed payload), once.
    NotifyDispatch {
        /// The order.
        order_id: String,
    },
    /// Tells the operator what became of the order (sealed payload), once.
    SendMessage {
        /// The message: the job's own id.
        message_id: String,
        /// The order.
        order_id: String,
    },
    /// Asks the provider how a payment stands, until it is settled or closed.
    QueryPayment {
        /// The payment.
        payment_id: String,
    },
    /// Ends a trade of an order that was cancelled; money that came meanwhile is recorded.
    ClosePayment {
        /// The payment.
        payment_id: String,
    },
    /// At the deadline: query, close, cancel.
    ExpireOrder {
        /// The order.
        order_id: String,
    },
    /// Erases the papers of a cancelled order, and superseded ones of any other.
    EraseDocuments {
        /// The order.
        order_id: String,
    },
}

/// How often a job's effect may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Repeated until it succeeds; repeating does no harm.
    AtLeastOnce,
    /// Marked as sending, committed, then done; afterwards only asked about, never repeated.
    AtMostOnce,
}

impl Job {
    /// The word in column `kind`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotifyDispatch { .. } => "notify_dispatch",
            Self::SendMessage { .. } => "send_message",
            Self::QueryPayment { .. } => "query_payment",
            Self::ClosePayment { .. } => "close_payment",
            Self::ExpireOrder { .. } => "expire_order",
            Self::EraseDocuments { .. } => "erase_documents",
        }
    }

    /// Id of what it is about.
    pub fn subject_id(&self) -> &str {
        match self {
            Self::NotifyDispatch { order_id } | Self::ExpireOrder { order_id } | Self::EraseDocuments { order_id } => {
                order_id
            }
            Self::SendMessage { message_id, .. } => message_id,
            Self::QueryPayment { payment_id } | Self::ClosePayment { payment_id } => payment_id,
        }
    }

    /// The order it is about, where the job says so.
    pub fn order_id(&self) -> Option<&str> {
        match self {
            Self::NotifyDispatch { order_id }
            | Self::SendMessage { order_id, .. }
            | Self::ExpireOrder { order_id }
            | Self::EraseDocuments { order_id } => Some(order_id),
            Self::QueryPayment { .. } | Self::ClosePayment { .. } => None,
        }
    }

    /// How often its effect may happen.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::NotifyDispatch { .. } | Self::SendMessage { .. } => Delivery::AtMostOnce,
            Self::QueryPayment { .. }
            | Self::ClosePayment { .. }
            | Self::ExpireOrder { .. }
            | Self::EraseDocuments { .. } => Delivery::AtLeastOnce,
        }
    }

    /// Reads [`Job::name`], [`Job::subject_id`] and [`Job::order_id`] back.
    pub fn from_row(kind: &str, subject_id: &str, order_id: Option<&str>) -> Option<Self> {
        let id = || subject_id.to_owned();
        let candidates = [
            Self::NotifyDispatch { order_id: id() },
            Self::SendMessage { message_id: id(), order_id: order_id.unwrap_or_default().to_owned() },
            Self::QueryPayment { payment_id: id() },
            Self::ClosePayment { payment_id: id() },
            Self::ExpireOrder { order_id: id() },
            Self::EraseDocuments { order_id: id() },
        ];
        candidates.into_iter().find(|job| job.name() == kind)
    }
}
