//! Staff's requests and answers about money, messages and searching.

use crate::order::Status;
use serde::{Deserialize, Serialize};

/// `POST /api/staff/orders/{number}/reject` (审核不通过): refused for good; the order ends, the fee is given back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reject {
    /// [`super::OrderView::version`] that was looked at.
    pub version: i64,
    /// Which kind of reason: all that the text message and the mail tell.
    #[serde(default)]
    pub category: RejectCategory,
    /// Why, in words for the applicant; shown in the hall only.
    pub reason: String,
}

/// Which kind of reason an order is refused for good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RejectCategory {
    /// The papers are not genuine or not valid.
    Papers,
    /// The persons or the unit are not who they say.
    Identity,
    /// The unit can't have this certificate.
    NotEligible,
    /// Anything else.
    #[default]
    Other,
}

impl RejectCategory {
    /// Every category.
    pub const ALL: [Self; 4] = [Self::Papers, Self::Identity, Self::NotEligible, Self::Other];

    /// The words that are seen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Papers => "申请资料无效",
            Self::Identity => "身份信息不符",
            Self::NotEligible => "不符合办理条件",
            Self::Other => "未通过审核",
        }
    }
}

/// `POST /api/staff/orders/{number}/return` (证书退货): the key is back; its certificate is revoked, the fee is given back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReturnKey {
    /// [`super::OrderView::version`] that was looked at.
    pub version: i64,
    /// Serial (介质号) of the key that came back, as typed; must be the order's.
    pub key_serial: String,
    /// Why, in words.
    pub reason: String,
}

/// `POST /api/staff/orders/{number}/pin-notice`: the PIN once more to the legal representative. At most three times an
/// order; each is audited.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResendPin {
    /// [`super::OrderView::version`] that was looked at.
    pub version: i64,
    /// How it was made sure that the holder asked, in words.
    pub reason: String,
}

/// Why money is owed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// 审核不通过.
    Rejected,
    /// Paid after the order was cancelled.
    LatePayment,
    /// Paid twice.
    PaidTwice,
    /// Another amount was paid than was asked for.
    OtherAmount,
    /// 证书退货.
    Returned,
}

impl RefundReason {
    /// The words staff see.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rejected => "审核不通过",
            Self::LatePayment => "取消后收到付款",
            Self::PaidTwice => "重复支付",
            Self::OtherAmount => "支付金额不符",
            Self::Returned => "证书退货",
        }
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// The provider is being asked, again and again if need be.
    Pending,
    /// The provider refused for good; staff must act.
    Refused,
    /// 退款成功.
    Settled,
    /// 已线下退款.
    Recorded,
}

impl RefundState {
    /// The words that are seen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "退款中",
            Self::Refused => "退款失败，待处理",
            Self::Settled => "退款成功",
            Self::Recorded => "已线下退款",
        }
    }
}

/// One line of `GET /api/staff/refunds?channel=&open=true|false` (role admin), oldest first.
/// `POST /api/staff/refunds/{id}/retry` (no body) asks the provider again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefundRow {
    /// Its id.
    pub id: String,
    /// 订单号.
    pub number: String,
    /// 单位名称.
    pub unit_name: String,
    /// In fen.
    pub amount_fen: i64,
    /// Why.
    pub reason: RefundReason,
    /// Where it stands.
    pub state: RefundState,
    /// Owed since, microseconds UTC.
    pub since: i64,
    /// What the provider said last.
    pub last_error: Option<String>,
}

/// `POST /api/staff/refunds/{id}/record`: given back outside the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordRefund {
    /// How, with the transfer's number.
    pub note: String,
}

/// A refund as the order's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefundView {
    /// In fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub state: RefundState,
    /// When it was settled, microseconds UTC.
    pub settled_at: Option<i64>,
}

/// One line of `GET /api/staff/messages/failed?channel=` (roles maker, admin): a text message or mail that was given up.
/// `POST /api/staff/messages/{id}/dismiss` takes it off the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FailedMessage {
    /// Its id.
    pub id: String,
    /// 订单号.
    pub number: String,
    /// What it said: 证书密码, 审核结果 …
    pub what: String,
    /// `sms` or `mail`.
    pub way: String,
    /// Given up, microseconds UTC.
    pub since: i64,
    /// What the provider said.
    pub error: String,
}

/// `GET /api/staff/reconciliations?channel=` (role admin): the last thirty days' comparisons with the provider's bill,
/// newest first. `POST /api/staff/reconciliations/{day}?channel=` (no body) runs one again; a day has one bill for every
/// channel, so all of them are compared again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    /// The day in China, `2026-11-20`.
    pub day: String,
    /// Payments of the channel's orders in the bill.
    pub trades: u32,
    /// Paid in fen, by the bill.
    pub paid_fen: i64,
    /// Given back in fen, by the bill.
    pub refunded_fen: i64,
    /// Compared, microseconds UTC; `None`: the bill could not be had yet.
    pub compared_at: Option<i64>,
    /// What differs. What no order of any channel explains stands in every channel's list.
    pub differences: Vec<Difference>,
}

/// One difference between the bill and our books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Merchant's trade number.
    pub out_trade_no: String,
    /// 订单号, where it is known.
    pub number: Option<String>,
    /// What differs.
    pub kind: DifferenceKind,
    /// In our books, in fen.
    pub ours_fen: Option<i64>,
    /// In the bill, in fen.
    pub theirs_fen: Option<i64>,
    /// What staff found out about it; the difference counts as settled then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<DifferenceNote>,
}

/// What somebody found out about a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DifferenceNote {
    /// In words.
    pub text: String,
    /// Log-in name of who wrote it.
    pub by: String,
    /// When, microseconds UTC.
    pub at: i64,
}

/// `POST /api/staff/reconciliations/{day}/notes?channel=` (role admin): what was found out about one difference of the list.
/// The first note stands ([`super::ErrorCode::Conflict`] for a second one, and for a difference that is no longer listed).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SettleDifference {
    /// The difference as it was shown.
    pub difference: Difference,
    /// What was found out, in words.
    pub note: String,
}

/// How the bill and our books differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// In the bill only.
    NotOurs,
    /// In our books only.
    NotTheirs,
    /// The amounts differ.
    Amount,
}

impl DifferenceKind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotOurs => "not_ours",
            Self::NotTheirs => "not_theirs",
            Self::Amount => "amount",
        }
    }

    /// The words staff see.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotOurs => "账单有，系统无",
            Self::NotTheirs => "系统有，账单无",
            Self::Amount => "金额不一致",
        }
    }
}

/// `GET /api/staff/orders?channel=&q=&status=&before=`: orders newest first, 50 at a time. `q` is an order number, a
/// 统一社会信用代码, a phone of operator or legal representative, a key's serial (介质号) or a waybill number, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundOrders {
    /// The orders.
    pub rows: Vec<FoundOrder>,
    /// `before` of the next page; `None`: that was all.
    pub next: Option<String>,
}

/// One found order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundOrder {
    /// 订单号.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// 单位名称.
    pub unit_name: String,
    /// 申请时间, microseconds UTC.
    pub created_at: i64,
}
