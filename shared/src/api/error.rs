//! What a refused request says.

use crate::channel::Consent;
use crate::form::FormErrors;
use serde::{Deserialize, Serialize};

/// The body of every answer with a status of 400 and above.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// What happened, for programs.
    pub code: ErrorCode,
    /// What happened and what to do next, in Chinese, for people.
    pub message: String,
    /// Errors at fields, for [`ErrorCode::Form`] and the failed verifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<FormErrors>,
    /// Seconds to wait before another try, for [`ErrorCode::TooMany`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Tries left, for [`ErrorCode::SmsCodeWrong`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// The owner's own unfinished order, for [`ErrorCode::OrderExists`]: 继续办理.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The text to be read and agreed to now, for [`ErrorCode::ConsentChanged`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request can't be read.
    BadRequest,
    /// Not logged in, or the session is over.
    LoginRequired,
    /// Name, password or one-time code is wrong, or the code was used already.
    LoginRefused,
    /// This member of staff may not do this.
    Forbidden,
    /// No such thing, or it is somebody else's.
    NotFound,
    /// Fields are wrong: `fields`.
    Form,
    /// 企业四要素校验失败.
    UnitMismatch,
    /// 法定代表人三要素校验失败.
    LegalRepMismatch,
    /// 经办人三要素校验失败.
    OperatorMismatch,
    /// An outside service did not answer; nothing was lost.
    ServiceUnavailable,
    /// The form was changed after it was checked.
    NotChecked,
    /// 已有办理中的订单.
    OrderExists,
    /// The order has moved on meanwhile; load it again.
    Conflict,
    /// Asked too often: `retryAfterS`.
    TooMany,
    /// The image code or proof of work is missing, wrong, used or too old; ask for a new one.
    ProofNeeded,
    /// The SMS code is wrong: `triesLeft`.
    SmsCodeWrong,
    /// The SMS code is older than five minutes.
    SmsCodeExpired,
    /// The SMS code was used, or tried too often, or never asked for.
    SmsCodeUsedUp,
    /// The consent was not given.
    ConsentMissing,
    /// The text that was shown is no longer the one to be agreed to: `consent`.
    ConsentChanged,
    /// The file is larger than the profile allows.
    FileTooLarge,
    /// The file is none of the allowed image types.
    FileType,
    /// The image has too many pixels.
    ImageTooManyPixels,
    /// The image is cut off or damaged.
    ImageDamaged,
    /// The hand-over's address is used up or too old; show a new QR code.
    HandoverOver,
    /// The provider refused to give the money back, or it was given back already.
    RefundRefused,
    /// Papers are missing.
    DocumentsMissing,
    /// The certificate request is refused (signature, key, algorithm).
    CsrRefused,
    /// What was read from the key is not what was issued for this order.
    CertificateMismatch,
    /// The same person reviewed this order and may not make it, or the other way round.
    FourEyes,
    /// What is asked for can't be recorded as evidence now (no event can be written, or the seals are behind), so it was
    /// not done. Status 503.
    AuditUnavailable,
    /// A fault of ours; it was logged.
    Internal,
}
