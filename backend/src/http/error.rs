//! A refused request: status, code, and words that say what happened and what to do.

use super::again::AskedToRepeat;
use crate::store::{AsStoreError, StoreError};
use crate::vault::VaultError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::api::{ApiError, ErrorCode};
use shared::channel::Consent;
use shared::form::FormErrors;

/// What a use case or handler refuses with.
#[derive(Debug)]
pub struct AppError(Box<ApiError>, Again);

/// Whether the database asked to repeat the transaction ([`crate::store::Store::attempt`]).
type Again = bool;

/// The result of a use case.
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// A refusal with its usual words.
    pub fn new(code: ErrorCode) -> Self {
        Self::with(code, usual_words(code))
    }

    /// A refusal with words of its own.
    pub fn with(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(
            Box::new(ApiError {
                code,
                message: message.into(),
                fields: None,
                retry_after_s: None,
                tries_left: None,
                order: None,
                consent: None,
            }),
            false,
        )
    }

    /// Adds errors at fields.
    #[must_use]
    pub fn fields(mut self, fields: FormErrors) -> Self {
        self.0.fields = Some(fields);
        self
    }

    /// Adds the wait before another try.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Adds the tries that are left.
    #[must_use]
    pub fn tries_left(mut self, tries: u32) -> Self {
        self.0.tries_left = Some(tries);
        self
    }

    /// Adds the owner's own order.
    #[must_use]
    pub fn order(mut self, number: String) -> Self {
        self.0.order = Some(number);
        self
    }

    /// Adds the text to be agreed to now.
    #[must_use]
    pub fn consent(mut self, consent: Consent) -> Self {
        self.0.consent = Some(consent);
        self
    }

    /// Other words for the same refusal.
    #[must_use]
    pub fn words(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// What happened.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// A fault of ours: the cause is logged, the applicant is told to try again.
    pub fn internal(cause: &(dyn std::fmt::Display + '_)) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(ErrorCode::Internal)
    }

    /// What we stand on ourselves (database, disk) can't be used just now: nothing is wrong with the request.
    fn busy(retry_after_s: u32) -> Self {
        Self::with(ErrorCode::ServiceUnavailable, "系统暂时繁忙，这一步没有完成；此前的内容都已保存，请稍后重试")
            .retry_after(retry_after_s)
    }

    /// The object store can't be used just now (full, gone), for `map_err`.
    pub fn storage(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the object store can't be used");
        Self::busy(5)
    }

    /// A fault of ours, for `map_err`.
    pub fn fault(cause: impl std::fmt::Display) -> Self {
        Self::internal(&cause)
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.0.code, self.0.message)
    }
}

impl std::error::Error for AppError {}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let (retry_after, repeat) = (self.0.retry_after_s, self.1);
        let mut response = (status(self.0.code), Json(self.0)).into_response();
        if repeat {
            response.extensions_mut().insert(AskedToRepeat);
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        ErrorCode::LoginRequired | ErrorCode::LoginRefused => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::FourEyes => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::HandoverOver => StatusCode::NOT_FOUND,
        ErrorCode::Form
        | ErrorCode::UnitMismatch
        | ErrorCode::LegalRepMismatch
        | ErrorCode::OperatorMismatch
        | ErrorCode::ProofNeeded
        | ErrorCode::SmsCodeWrong
        | ErrorCode::SmsCodeExpired
        | ErrorCode::SmsCodeUsedUp
        | ErrorCode::ConsentMissing
        | ErrorCode::ImageTooManyPixels
        | ErrorCode::ImageDamaged
        | ErrorCode::DocumentsMissing
        | ErrorCode::CsrRefused
        | ErrorCode::CertificateMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::FileType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::ServiceUnavailable | ErrorCode::AuditUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::NotChecked
        | ErrorCode::OrderExists
        | ErrorCode::Conflict
        | ErrorCode::ConsentChanged
        | ErrorCode::RefundRefused => StatusCode::CONFLICT,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The usual words of a refusal.
fn usual_words(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadRequest => "请求内容无法识别，请刷新页面后重试",
        ErrorCode::LoginRequired => "登录已失效，请重新登录",
        ErrorCode::LoginRefused => "用户名、密码或动态口令不正确；每个动态口令只能使用一次，请等待下一个口令后重试",
        ErrorCode::Forbidden => "您没有办理此项操作的权限，请联系管理员",
        ErrorCode::NotFound => "没有找到该内容，请核对后重试，或通过“订单查询”进入",
        ErrorCode::Form => "有内容需要修改，请按提示逐项更正",
        ErrorCode::UnitMismatch => {
            "企业四要素校验失败：请检查单位名称、统一社会信用代码、法定代表人姓名和证件号码是否正确，如含字母，请注意大写"
        }
        ErrorCode::LegalRepMismatch => {
            "法定代表人三要素校验失败：请检查法定代表人姓名、身份证号和手机号是否做过实名认证，手机号须为本人实名登记"
        }
        ErrorCode::OperatorMismatch => {
            "经办人三要素校验失败：请检查经办人姓名、身份证号和手机号是否做过实名认证，手机号须为本人实名登记"
        }
        ErrorCode::ServiceUnavailable => "外部服务暂时没有回应，您填写的内容已保存，请稍后重试",
        ErrorCode::NotChecked => "申请信息在核验之后有改动，请返回填写页再次点击“下一步”",
        ErrorCode::OrderExists => {
            "该单位已有办理中的订单。如由您办理，请从首页“订单查询”进入继续办理或取消；否则请联系本单位法定代表人"
        }
        ErrorCode::Conflict => "订单状态已变化，页面内容已过时，请刷新后再操作",
        ErrorCode::TooMany => "操作过于频繁，请稍后再试",
        ErrorCode::ProofNeeded => "图片验证码不正确或已失效，请按新的图片重新填写",
        ErrorCode::HandoverOver => "二维码已失效，请在电脑页面上刷新二维码后重新扫码",
        ErrorCode::RefundRefused => "支付渠道没有受理这笔退款，请核对后重试，或改为线下退款并登记",
        ErrorCode::SmsCodeWrong => "验证码不正确，请核对短信后重新输入",
        ErrorCode::SmsCodeExpired => "验证码已过期，请重新获取",
        ErrorCode::SmsCodeUsedUp => "验证码已失效，请重新获取",
        ErrorCode::ConsentMissing => "请阅读并勾选同意后再确定",
        ErrorCode::ConsentChanged => {
            "确认内容已更新。请阅读以上新的内容，重新勾选同意，再点击“确定”；已填写和已上传的内容都在"
        }
        ErrorCode::FileTooLarge => "图片超过大小限制，请缩小后重新上传",
        ErrorCode::FileType => "文件不是支持的图片格式，请上传 gif、jpg、png 或 jpeg 图片",
        ErrorCode::ImageTooManyPixels => "图片像素过大（超过 1600 万像素），请缩小后重新上传",
        ErrorCode::ImageDamaged => "图片不完整或已损坏，请重新拍摄或扫描后上传",
        ErrorCode::DocumentsMissing => "还有资料没有上传，请补齐后再确认申请",
        ErrorCode::CsrRefused => "UKey 生成的证书请求未通过检查，请更换 UKey 后重新制证",
        ErrorCode::CertificateMismatch => "UKey 中的证书与签发的证书不一致，请重新制证",
        ErrorCode::FourEyes => "同一订单的审核和制证不能由同一人完成，请由其他人员办理",
        ErrorCode::AuditUnavailable => {
            "操作记录暂时无法写入，本次操作没有生效，您填写的内容不会丢失；请稍后重试，多次失败请联系系统管理员检查数据库和审计封存"
        }
        ErrorCode::Internal => "系统出现故障，已记录，您填写的内容不会丢失，请稍后重试",
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Refused(_) => Self::new(ErrorCode::Conflict),
            StoreError::HolderActive { .. } => Self::new(ErrorCode::OrderExists),
            StoreError::TooMany { .. } => Self::new(ErrorCode::TooMany),
            StoreError::Unrecorded(cause) => {
                tracing::error!(%cause, "the event can't be recorded: nothing was done");
                Self::new(ErrorCode::AuditUnavailable)
            }
            StoreError::Repeat(cause) => {
                tracing::warn!(%cause, "the database asks to repeat the transaction");
                Self(Self::busy(1).0, true)
            }
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the database can't be used");
                Self::busy(5)
            }
            StoreError::NumbersUsedUp
            | StoreError::Corrupt(_)
            | StoreError::Address(_)
            | StoreError::Schema(_)
            | StoreError::Database(_) => Self::internal(&error),
        }
    }
}

impl AsStoreError for AppError {
    fn asks_to_repeat(&self) -> bool {
        self.1
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        Self::internal(&error)
    }
}
