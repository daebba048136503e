//! What can happen to an order.

use serde::{Deserialize, Serialize};

/// The kind of business an order is about (flows.md 1–6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Business {
    /// 证书新办.
    New,
    /// 证书更新.
    Renew,
    /// 证书补办.
    Replace,
    /// 证书解锁.
    Unlock,
    /// 证书变更.
    Change,
    /// 证书吊销.
    Revoke,
}

impl Business {
    /// The stable name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renew => "renew",
            Self::Replace => "replace",
            Self::Unlock => "unlock",
            Self::Change => "change",
            Self::Revoke => "revoke",
        }
    }

    /// As the confirm page says it: 证书新办 …
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "证书新办",
            Self::Renew => "证书更新",
            Self::Replace => "证书补办",
            Self::Unlock => "证书解锁",
            Self::Change => "证书变更",
            Self::Revoke => "证书吊销",
        }
    }

    /// As the order list says it: 初次办理 …
    pub const fn list_label(self) -> &'static str {
        match self {
            Self::New => "初次办理",
            Self::Renew => "证书更新",
            Self::Replace => "丢失补办",
            Self::Unlock => "密码解锁",
            Self::Change => "信息变更",
            Self::Revoke => "证书吊销",
        }
    }

    /// As the pay page says it: 新办数字证书服务 …
    pub const fn pay_label(self) -> &'static str {
        match self {
            Self::New => "新办数字证书服务",
            Self::Renew => "更新数字证书服务",
            Self::Replace => "补办数字证书服务",
            Self::Unlock => "解锁数字证书服务",
            Self::Change => "变更数字证书服务",
            Self::Revoke => "吊销数字证书服务",
        }
    }
}

/// Who may cause an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The order's applicant.
    Applicant,
    /// Staff who review papers (鉴证).
    Reviewer,
    /// Staff who make and post keys (制证).
    Maker,
    /// Staff who settle money (退费).
    Admin,
    /// The product itself: a payment that was re-queried, a deadline.
    System,
}

impl Actor {
    /// Every actor.
    pub const ALL: [Self; 5] = [Self::Applicant, Self::Reviewer, Self::Maker, Self::Admin, Self::System];

    /// The stable name in the event chain.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Reviewer => "reviewer",
            Self::Maker => "maker",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}

/// What happened. The event's data (hashes and ids, never personal values) is stored beside it as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// 确认订单: the order gets its number.
    Confirmed,
    /// 确认申请: all papers of the profile are there.
    DocumentsSubmitted,
    /// Back to the papers before signing.
    DocumentsReopened,
    /// The application was signed with an SMS code.
    Signed,
    /// A payment attempt was opened at the provider.
    PaymentStarted,
    /// The provider, asked by us, says that the amount was paid.
    PaymentSettled,
    /// The profile asks no payment of this order.
    PaymentWaived,
    /// Money came for a cancelled order; staff owe it back.
    LatePaymentRecorded,
    /// 取消订单 by the applicant, before payment.
    Cancelled,
    /// Not paid within the profile's deadline.
    Expired,
    /// 审核通过.
    ReviewApproved,
    /// 鉴证未通过, with a reason and the papers to redo.
    ReviewRefused,
    /// 审核不通过: refused for good; the order ends and the fee is owed back.
    ReviewRejected,
    /// 修改上传资料: papers replaced after a refusal or while waiting for the review, and signed again.
    Corrected,
    /// The parcel's address was corrected, proven by a code to the operator.
    MailingCorrected,
    /// The operator's phone was corrected, proven by codes to the legal representative and to the new phone.
    OperatorPhoneCorrected,
    /// A maker began: secrets for a blank key were sealed.
    MakingStarted,
    /// The certificate was issued for the key's request.
    CertificateIssued,
    /// The certificate read back from the key equals the issued one.
    KeyMade,
    /// Given to the courier, with the waybill number.
    Dispatched,
    /// 已签收.
    Delivered,
    /// The PIN's notice was sent again by staff.
    PinNoticeResent,
    /// 证书退货: the key came back, its certificate is revoked and the fee is owed back.
    Returned,
    /// The provider gave a fee back.
    RefundSettled,
    /// Staff gave a fee back outside the provider, with a note.
    RefundRecorded,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 25] = [
        Self::Confirmed,
        Self::DocumentsSubmitted,
        Self::DocumentsReopened,
        Self::Signed,
        Self::PaymentStarted,
        Self::PaymentSettled,
        Self::PaymentWaived,
        Self::LatePaymentRecorded,
        Self::Cancelled,
        Self::Expired,
        Self::ReviewApproved,
        Self::ReviewRefused,
        Self::ReviewRejected,
        Self::Corrected,
        Self::MailingCorrected,
        Self::OperatorPhoneCorrected,
        Self::MakingStarted,
        Self::CertificateIssued,
        Self::KeyMade,
        Self::Dispatched,
        Self::Delivered,
        Self::PinNoticeResent,
        Self::Returned,
        Self::RefundSettled,
        Self::RefundRecorded,
    ];

    /// The stable name in the event chain.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::DocumentsSubmitted => "documents_submitted",
            Self::DocumentsReopened => "documents_reopened",
            Self::Signed => "signed",
            Self::PaymentStarted => "payment_started",
            Self::PaymentSettled => "payment_settled",
            Self::PaymentWaived => "payment_waived",
            Self::LatePaymentRecorded => "late_payment_recorded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::ReviewApproved => "review_approved",
            Self::ReviewRefused => "review_refused",
            Self::ReviewRejected => "review_rejected",
            Self::Corrected => "corrected",
            Self::MailingCorrected => "mailing_corrected",
            Self::OperatorPhoneCorrected => "operator_phone_corrected",
            Self::MakingStarted => "making_started",
            Self::CertificateIssued => "certificate_issued",
            Self::KeyMade => "key_made",
            Self::Dispatched => "dispatched",
            Self::Delivered => "delivered",
            Self::PinNoticeResent => "pin_notice_resent",
            Self::Returned => "returned",
            Self::RefundSettled => "refund_settled",
            Self::RefundRecorded => "refund_recorded",
        }
    }

    /// Reads [`EventKind::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the applicant reads it in the timeline. The steps of making a key are the desk's own: an interrupted making
    /// is begun again, and what counts is that the key is made.
    pub const fn is_for_applicant(self) -> bool {
        match self {
            Self::MakingStarted | Self::CertificateIssued => false,
            Self::Confirmed
            | Self::DocumentsSubmitted
            | Self::DocumentsReopened
            | Self::Signed
            | Self::PaymentStarted
            | Self::PaymentSettled
            | Self::PaymentWaived
            | Self::LatePaymentRecorded
            | Self::Cancelled
            | Self::Expired
            | Self::ReviewApproved
            | Self::ReviewRefused
            | Self::ReviewRejected
            | Self::Corrected
            | Self::MailingCorrected
            | Self::OperatorPhoneCorrected
            | Self::KeyMade
            | Self::Dispatched
            | Self::Delivered
            | Self::PinNoticeResent
            | Self::Returned
            | Self::RefundSettled
            | Self::RefundRecorded => true,
        }
    }

    /// One line of the timeline that the applicant and staff read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "确认订单",
            Self::DocumentsSubmitted => "提交申请资料",
            Self::DocumentsReopened => "返回修改资料",
            Self::Signed => "签名确认",
            Self::PaymentStarted => "发起支付",
            Self::PaymentSettled => "支付成功",
            Self::PaymentWaived => "免支付",
            Self::LatePaymentRecorded => "取消后收到付款，待退款",
            Self::Cancelled => "取消订单",
            Self::Expired => "超时未支付，系统取消",
            Self::ReviewApproved => "审核通过",
            Self::ReviewRefused => "鉴证未通过",
            Self::ReviewRejected => "审核不通过，订单已取消",
            Self::Corrected => "修改资料并重新签名",
            Self::MailingCorrected => "修改邮寄信息",
            Self::OperatorPhoneCorrected => "修改经办人手机号",
            Self::MakingStarted => "开始制证",
            Self::CertificateIssued => "签发证书",
            Self::KeyMade => "制证完成",
            Self::Dispatched => "已发货",
            Self::Delivered => "已签收",
            Self::PinNoticeResent => "重新发送证书密码",
            Self::Returned => "证书退货",
            Self::RefundSettled => "退款成功",
            Self::RefundRecorded => "已线下退款",
        }
    }
}
