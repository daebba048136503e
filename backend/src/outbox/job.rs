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
    /// Tells the legal representative the PIN once more (sealed payload), once a press.
    ResendPin {
        /// The message: the job's own id.
        message_id: String,
        /// The order.
        order_id: String,
    },
    /// Forgets a PIN that its holder has had for long.
    WipePin {
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
    /// Asks the provider what became of an SMS code whose sender died or was not answered (sealed payload: the phone).
    AskCode {
        /// The code.
        code_id: String,
    },
    /// The same by mail: may come twice under one Message-ID, never holds a secret.
    SendMail {
        /// The mail: the job's own id.
        message_id: String,
        /// The order.
        order_id: String,
    },
    /// Gives a payment back under one number, until the provider says that it did or refuses for good.
    RefundPayment {
        /// The refund.
        refund_id: String,
    },
    /// Compares a day's books with the provider's.
    ReconcileDay {
        /// The day in China, `2026-11-20`.
        day: String,
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
    /// Once a day: erases identity data that is overdue, prunes finished rows, wraps stragglers under the newest root key.
    Tidy,
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
            Self::ResendPin { .. } => "resend_pin",
            Self::WipePin { .. } => "wipe_pin",
            Self::SendMessage { .. } => "send_message",
            Self::SendMail { .. } => "send_mail",
            Self::RefundPayment { .. } => "refund_payment",
            Self::ReconcileDay { .. } => "reconcile_day",
            Self::AskCode { .. } => "ask_code",
            Self::QueryPayment { .. } => "query_payment",
            Self::ClosePayment { .. } => "close_payment",
            Self::ExpireOrder { .. } => "expire_order",
            Self::EraseDocuments { .. } => "erase_documents",
            Self::Tidy => "tidy",
        }
    }

    /// Id of what it is about.
    pub fn subject_id(&self) -> &str {
        match self {
            Self::NotifyDispatch { order_id }
            | Self::WipePin { order_id }
            | Self::ExpireOrder { order_id }
            | Self::EraseDocuments { order_id } => order_id,
            Self::SendMessage { message_id, .. }
            | Self::SendMail { message_id, .. }
            | Self::ResendPin { message_id, .. } => message_id,
            Self::RefundPayment { refund_id } => refund_id,
            Self::ReconcileDay { day } => day,
            Self::AskCode { code_id } => code_id,
            Self::QueryPayment { payment_id } | Self::ClosePayment { payment_id } => payment_id,
            Self::Tidy => "hall",
        }
    }

    /// The order it is about, where the job says so.
    pub fn order_id(&self) -> Option<&str> {
        match self {
            Self::NotifyDispatch { order_id }
            | Self::ResendPin { order_id, .. }
            | Self::WipePin { order_id }
            | Self::SendMessage { order_id, .. }
            | Self::SendMail { order_id, .. }
            | Self::ExpireOrder { order_id }
            | Self::EraseDocuments { order_id } => Some(order_id),
            Self::AskCode { .. }
            | Self::QueryPayment { .. }
            | Self::ClosePayment { .. }
            | Self::RefundPayment { .. }
            | Self::ReconcileDay { .. }
            | Self::Tidy => None,
        }
    }

    /// How often its effect may happen.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::NotifyDispatch { .. } | Self::ResendPin { .. } | Self::SendMessage { .. } => Delivery::AtMostOnce,
            Self::AskCode { .. }
            | Self::WipePin { .. }
            | Self::SendMail { .. }
            | Self::RefundPayment { .. }
            | Self::ReconcileDay { .. }
            | Self::QueryPayment { .. }
            | Self::ClosePayment { .. }
            | Self::ExpireOrder { .. }
            | Self::EraseDocuments { .. }
            | Self::Tidy => Delivery::AtLeastOnce,
        }
    }

    /// Reads [`Job::name`], [`Job::subject_id`] and [`Job::order_id`] back.
    pub fn from_row(kind: &str, subject_id: &str, order_id: Option<&str>) -> Option<Self> {
        let id = || subject_id.to_owned();
        let order = || order_id.unwrap_or_default().to_owned();
        let candidates = [
            Self::NotifyDispatch { order_id: id() },
            Self::ResendPin { message_id: id(), order_id: order() },
            Self::WipePin { order_id: id() },
            Self::SendMessage { message_id: id(), order_id: order() },
            Self::SendMail { message_id: id(), order_id: order() },
            Self::RefundPayment { refund_id: id() },
            Self::ReconcileDay { day: id() },
            Self::AskCode { code_id: id() },
            Self::QueryPayment { payment_id: id() },
            Self::ClosePayment { payment_id: id() },
            Self::ExpireOrder { order_id: id() },
            Self::EraseDocuments { order_id: id() },
            Self::Tidy,
        ];
        candidates.into_iter().find(|job| job.name() == kind)
    }
}
