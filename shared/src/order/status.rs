//! Where an order stands.

use serde::{Deserialize, Serialize};

/// Where an order stands. Between confirming and paying there are states of their own, so that a reload or a return
/// days later finds the step that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 待上传资料: confirmed, papers are missing.
    AwaitingDocuments,
    /// 待签名: papers complete, the application is not signed.
    AwaitingSignature,
    /// 已提交，待支付: signed; blocks a second order for the same holder and business.
    AwaitingPayment,
    /// 已支付，待审核.
    AwaitingReview,
    /// 鉴证未通过: the applicant uploads again and signs again.
    ReviewRefused,
    /// 审核通过，制证中: waits for a maker with a blank key.
    AwaitingMaking,
    /// 审核通过，制证中: the key is made and waits for its parcel.
    AwaitingDispatch,
    /// 已发货.
    Dispatched,
    /// 已完成.
    Completed,
    /// 已取消.
    Cancelled,
    /// 已退货: the key came back and its certificate is revoked.
    Returned,
}

impl Status {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 11] = [
        Self::AwaitingDocuments,
        Self::AwaitingSignature,
        Self::AwaitingPayment,
        Self::AwaitingReview,
        Self::ReviewRefused,
        Self::AwaitingMaking,
        Self::AwaitingDispatch,
        Self::Dispatched,
        Self::Completed,
        Self::Cancelled,
        Self::Returned,
    ];

    /// The stable name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingDocuments => "awaiting_documents",
            Self::AwaitingSignature => "awaiting_signature",
            Self::AwaitingPayment => "awaiting_payment",
            Self::AwaitingReview => "awaiting_review",
            Self::ReviewRefused => "review_refused",
            Self::AwaitingMaking => "awaiting_making",
            Self::AwaitingDispatch => "awaiting_dispatch",
            Self::Dispatched => "dispatched",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
        }
    }

    /// Reads [`Status::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The words an applicant sees (spec/rules.md, "Orders").
    pub const fn label(self) -> &'static str {
        match self {
            Self::AwaitingDocuments => "待上传资料",
            Self::AwaitingSignature => "待签名",
            Self::AwaitingPayment => "已提交，待支付",
            Self::AwaitingReview => "已支付，待审核",
            Self::ReviewRefused => "鉴证未通过",
            Self::AwaitingMaking | Self::AwaitingDispatch => "审核通过，制证中",
            Self::Dispatched => "已发货",
            Self::Completed => "已完成",
            Self::Cancelled => "已取消",
            Self::Returned => "已退货",
        }
    }

    /// Finished orders stand in the second list of the query.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Returned => true,
            Self::AwaitingDocuments
            | Self::AwaitingSignature
            | Self::AwaitingPayment
            | Self::AwaitingReview
            | Self::ReviewRefused
            | Self::AwaitingMaking
            | Self::AwaitingDispatch
            | Self::Dispatched => false,
        }
    }

    /// A signed, unfinished order keeps its holder from making a second one for the same business; an unsigned one
    /// can't be used to lock a rival out.
    pub const fn blocks_another(self) -> bool {
        match self {
            Self::AwaitingPayment
            | Self::AwaitingReview
            | Self::ReviewRefused
            | Self::AwaitingMaking
            | Self::AwaitingDispatch
            | Self::Dispatched => true,
            Self::AwaitingDocuments | Self::AwaitingSignature | Self::Completed | Self::Cancelled | Self::Returned => {
                false
            }
        }
    }
}

/// The invoice beside an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// 未开具.
    NotIssued,
    /// 开具中.
    Issuing,
    /// 已开具.
    Issued,
}

impl InvoiceStatus {
    /// The words an applicant sees.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotIssued => "未开具",
            Self::Issuing => "开具中",
            Self::Issued => "已开具",
        }
    }
}

/// The parcel beside an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailingStatus {
    /// 未发货.
    NotSent,
    /// 已发货.
    Sent,
    /// 已签收.
    Received,
}

impl MailingStatus {
    /// The words an applicant sees.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotSent => "未发货",
            Self::Sent => "已发货",
            Self::Received => "已签收",
        }
    }

    /// What an order's status says of its parcel.
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Dispatched => Self::Sent,
            Status::Completed | Status::Returned => Self::Received,
            Status::AwaitingDocuments
            | Status::AwaitingSignature
            | Status::AwaitingPayment
            | Status::AwaitingReview
            | Status::ReviewRefused
            | Status::AwaitingMaking
            | Status::AwaitingDispatch
            | Status::Cancelled => Self::NotSent,
        }
    }
}
