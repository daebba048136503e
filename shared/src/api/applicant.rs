//! The applicant's requests and answers.

use super::{FoundDraft, RefundView};
use crate::channel::{DocumentKind, PaymentWay};
use crate::form::UnitDraft;
use crate::order::{Business, EventKind, InvoiceStatus, MailingStatus, Status};
use serde::{Deserialize, Serialize};

/// `GET /api/drafts/{channel}/{business}`: what was typed so far in this browser.
/// `PUT` takes the same `UnitDraft` and answers 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SavedDraft {
    /// As typed.
    pub draft: UnitDraft,
    /// When, microseconds UTC.
    pub saved_at: i64,
}

/// `POST /api/drafts/{channel}/{business}/check` (下一步, body: `UnitDraft`): every field was parsed and the unit, the
/// legal representative and the operator were verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// The form as it was understood (normalised), to be shown read-only.
    pub draft: UnitDraft,
    /// Hash of the form's content (hex); 确认订单 sends it back, so that nothing unseen is confirmed.
    pub content: String,
    /// Certificate type, e.g. 单位证书.
    pub certificate: String,
    /// 商品名称.
    pub product: String,
    /// Price in fen.
    pub price_fen: i64,
    /// 证书有效期 begins (shown; the CA sets the final times), microseconds UTC.
    pub valid_from: i64,
    /// 证书有效期 ends.
    pub valid_to: i64,
}

/// `POST /api/orders` (确认订单). Idempotent for the same draft: a double click answers the same order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewOrder {
    /// The channel's slug.
    pub channel: String,
    /// The business.
    pub business: Business,
    /// [`Checked::content`].
    pub content: String,
}

/// One order as its owner sees it. Answer of `POST /api/orders`, `GET /api/orders/{number}` and of each step:
/// `POST …/cancel`, `PUT` (body: the file) and `DELETE …/documents/{kind}`, `POST …/documents/{submit|reopen}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// 订单号.
    pub number: String,
    /// The channel's slug.
    pub channel: String,
    /// The business.
    pub business: Business,
    /// Where it stands.
    pub status: Status,
    /// Increases with every change; staff send it back so that nobody overwrites another's act.
    pub version: i64,
    /// 商品名称.
    pub product: String,
    /// Price in fen, pinned when the order was made.
    pub price_fen: i64,
    /// 单位名称 (= 证书名称).
    pub unit_name: String,
    /// 部门.
    pub department: String,
    /// 统一社会信用代码, masked.
    pub credit_code: String,
    /// 经办人姓名, masked.
    pub operator_name: String,
    /// 经办人手机号, masked.
    pub operator_phone: String,
    /// 申请时间.
    pub created_at: i64,
    /// Unpaid orders are cancelled then.
    pub pay_until: Option<i64>,
    /// 审核时间.
    pub reviewed_at: Option<i64>,
    /// 发票状态.
    pub invoice: InvoiceStatus,
    /// 邮寄信息.
    pub mailing: MailingStatus,
    /// Courier's name once dispatched.
    pub carrier: Option<String>,
    /// 运单号 once dispatched.
    pub waybill: Option<String>,
    /// 介质号 once the key is made.
    pub key_serial: Option<String>,
    /// Certificate serial number (hex) once issued.
    pub certificate_serial: Option<String>,
    /// 密码获取方式 in words.
    pub pin_way: String,
    /// Why the review refused, with the papers to redo; while it stands.
    pub refusal: Option<RefusalView>,
    /// Papers that were uploaded.
    pub documents: Vec<DocumentView>,
    /// Papers for 修改上传资料 while the review waits ([`Status::AwaitingReview`]): uploads and deletions act on these only,
    /// and they take the old ones' place when the correction is signed (确认申请, code, signature, as the first time).
    /// Nothing to do for giving up. After a refusal uploads are in `documents` at once.
    #[serde(default)]
    pub staged: Vec<DocumentView>,
    /// The fee on its way back.
    #[serde(default)]
    pub refund: Option<RefundView>,
    /// What happened, oldest first; for the applicant without the desk's own steps ([`EventKind::is_for_applicant`]).
    pub timeline: Vec<TimelineEntry>,
}

/// Why the review refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefusalView {
    /// The reviewer's words.
    pub reason: String,
    /// The papers to upload again.
    pub documents: Vec<DocumentKind>,
}

/// A paper that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
    /// What it shows.
    pub kind: DocumentKind,
    /// Its id: `GET /api/orders/{number}/documents/{id}` gives the image.
    pub id: String,
    /// Bytes as stored.
    pub bytes: u64,
    /// Pixels as stored.
    pub width: u32,
    /// Pixels as stored.
    pub height: u32,
    /// The last signature brought it, or none has covered it yet; after a refusal only the latter. What the review asked
    /// for must be fresh.
    pub fresh: bool,
}

/// One line of the timeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    /// What.
    pub event: EventKind,
    /// When, microseconds UTC.
    pub at: i64,
}

/// `POST …/signature/code` and `POST /api/query`: where an SMS code was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CodeSent {
    /// Ticket of this code, to be sent back with it.
    pub ticket: String,
    /// Masked phone.
    pub phone: String,
    /// Seconds until it may be asked for again.
    pub resend_after_s: u32,
    /// Seconds until the code is worthless.
    pub expires_s: u32,
}

/// `POST /api/orders/{number}/signature`: 证书申请签名确认. The same request again (its answer got lost) answers the order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// [`CodeSent::ticket`].
    pub ticket: String,
    /// The code from the SMS, as typed.
    pub code: String,
    /// The tick.
    pub agreed: bool,
    /// Version of the consent text that was shown.
    pub consent_version: String,
}

/// `POST /api/orders/{number}/payment`: opens (or finds again) a payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PayWith {
    /// How.
    pub way: PaymentWay,
}

/// What the pay page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cashier {
    /// How.
    pub way: PaymentWay,
    /// The text of the QR code.
    pub qr: String,
    /// The amount in fen.
    pub amount_fen: i64,
    /// The QR code can be refreshed afterwards.
    pub qr_until: i64,
    /// The order is cancelled then.
    pub pay_until: i64,
}

/// `GET /api/orders/{number}/payment`: polled by the pay page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PaymentState {
    /// Where the order stands.
    pub status: Status,
    /// Paid in fen, once paid.
    pub paid_fen: Option<i64>,
}

/// `POST /api/query`: 订单查询, first half ([`super::PROOF_HEADER`]). The answer is the same, in the same time, for a code
/// nobody knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueryFor {
    /// The channel's slug.
    pub channel: String,
    /// 统一社会信用代码 or 订单号, as typed.
    pub subject: String,
}

/// `POST /api/query/confirm`: second half; afterwards the session may see the orders and checked drafts whose operator has
/// the phone that got the code. The same request again answers the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueryCode {
    /// [`CodeSent::ticket`].
    pub ticket: String,
    /// The code as typed.
    pub code: String,
}

/// `GET /api/orders?channel=`: orders of this session, newest first, the newest 200.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderList {
    /// Checked forms that were not confirmed, of the operators whose code this session passed, and forms of this session
    /// that made room for another one.
    #[serde(default)]
    pub drafts: Vec<FoundDraft>,
    /// 未完成订单.
    pub unfinished: Vec<OrderLine>,
    /// 已完成订单.
    pub finished: Vec<OrderLine>,
}

/// An order in a list; [`OrderView`] has the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// 订单号.
    pub number: String,
    /// 业务类型.
    pub business: Business,
    /// 订单状态.
    pub status: Status,
    /// 证书名称 (= 单位名称).
    pub unit_name: String,
    /// 申请时间.
    pub created_at: i64,
    /// 发票信息.
    pub invoice: InvoiceStatus,
    /// 邮寄信息.
    pub mailing: MailingStatus,
    /// Courier's name once dispatched.
    pub carrier: Option<String>,
    /// 运单号 once dispatched.
    pub waybill: Option<String>,
    /// 介质号 once the key is made.
    pub key_serial: Option<String>,
    /// 密码获取方式 in words.
    pub pin_way: String,
}

/// `GET /api/channels/{slug}/guide` and `…/agreements/{id}`: a text in full.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Text {
    /// Its title.
    pub title: String,
    /// HTML that the backend made from the channel's own Markdown.
    pub html: String,
}
