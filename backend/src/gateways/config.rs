//! The gateways' part of the configuration. Unknown keys are refused, secrets print as `[REDACTED]`.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// `[gateways]`: every outside service that the hall talks to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaysConfig {
    /// Text messages (Aliyun dysmsapi).
    pub sms: SmsConfig,
    /// Element checks (Aliyun dytnsapi and cloudauth).
    pub elements: ElementsConfig,
    /// Payments (Alipay).
    pub alipay: AlipayConfig,
    /// Mail (SMTP). Without this table no mail is sent, whatever a channel's profile says.
    #[serde(default)]
    pub mail: Option<MailConfig>,
}

/// How long to wait for a provider, in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect_ms: u64,
    /// Until the whole answer is here.
    pub total_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 2_000, total_ms: 8_000 }
    }
}

impl Timeouts {
    pub(crate) fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    pub(crate) fn total(self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}

/// An Aliyun access key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliyunKey {
    /// AccessKey ID.
    pub id: String,
    /// AccessKey secret.
    pub secret: SecretString,
}

/// `[gateways.sms]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    /// `https://dysmsapi.aliyuncs.com`.
    pub base_url: String,
    /// The access key.
    pub key: AliyunKey,
    /// The registered signature.
    pub sign_name: String,
    /// The registered templates.
    pub templates: SmsTemplates,
    /// How long to wait.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// The registered template of each purpose; the comment lists its variables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsTemplates {
    /// Code to sign an application: `order`, `code`.
    pub sign: String,
    /// Code to see one's orders: `code`.
    pub query: String,
    /// Code to take over or cancel an unfinished order: `order`, `code`.
    pub takeover: String,
    /// Code to correct the parcel's address: `order`, `code`.
    pub correct_mailing: String,
    /// Code to correct the operator's phone, to the legal representative and to the new phone: `order`, `phone` (the new
    /// one, masked), `code`.
    pub correct_phone: String,
    /// Review refused: `order`, `reason`.
    pub refused: String,
    /// Review passed: `order`.
    pub approved: String,
    /// Dispatched: `order`, `carrier`, `waybill`.
    pub dispatched: String,
    /// First PIN, to the legal representative: `order`, `pin`.
    pub pin: String,
    /// Cancelled because it was not paid in time: `order`.
    pub expired: String,
    /// Refused for good, the fee goes back: `order`, `reason` (a category, never the reviewer's words).
    pub rejected: String,
    /// The fee was given back: `order`, `amount` (yuan).
    pub refunded: String,
}

/// `[gateways.elements]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElementsConfig {
    /// `https://dytnsapi.aliyuncs.com`: company four elements.
    pub company_url: String,
    /// `https://cloudauth.aliyuncs.com`: phone three elements.
    pub person_url: String,
    /// The access key for both.
    pub key: AliyunKey,
    /// The authorisation code of the company product (`AuthCode`).
    pub auth_code: SecretString,
    /// How long to wait.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// `[gateways.alipay]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipayConfig {
    /// `https://openapi.alipay.com/gateway.do`.
    pub gateway_url: String,
    /// Our app.
    pub app_id: String,
    /// Our seller id (2088…); notifications for another seller are refused.
    pub seller_id: String,
    /// `FACE_TO_FACE_PAYMENT` or `QR_CODE_OFFLINE`, as the contract says.
    pub product_code: String,
    /// Where notifications are sent, reachable for Alipay.
    pub notify_url: String,
    /// Our RSA private key, PKCS#8 PEM.
    pub app_private_key: SecretString,
    /// Alipay's RSA public key, SPKI PEM.
    pub alipay_public_key: String,
    /// How long to wait.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// `[gateways.mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Name or address of the mail server.
    pub host: String,
    /// 587 with `starttls`, 465 with `tls`.
    pub port: u16,
    /// How the connection is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// Log-in name; without it nobody logs in.
    #[serde(default)]
    pub user: Option<String>,
    /// Password.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// The sender's address.
    pub from: String,
    /// The name beside the sender's address, e.g. 数字证书服务大厅.
    #[serde(default)]
    pub from_name: Option<String>,
    /// Where answers go, if not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Our own name as told to the server (EHLO). Default: the domain of `from`.
    #[serde(default)]
    pub local_name: Option<String>,
    /// A PEM file with the certificate of a private mail server's authority, beside the system's own.
    #[serde(default)]
    pub authority_file: Option<std::path::PathBuf>,
    /// How long to wait.
    #[serde(default = "mail_timeouts")]
    pub timeouts: Timeouts,
}

/// A mail server takes its time: greylisting, content filters.
fn mail_timeouts() -> Timeouts {
    Timeouts { connect_ms: 5_000, total_ms: 30_000 }
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS after STARTTLS; without it nothing is sent (RFC 3207).
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None; for a server on this machine only.
    None,
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address that is no URL of a host.
    #[error("gateways: {key} is not an http(s) address")]
    Url {
        /// The key in the file.
        key: &'static str,
    },
    /// A key that can't be read.
    #[error("gateways: {key} is not a readable RSA key in PEM")]
    Key {
        /// The key in the file.
        key: &'static str,
    },
    /// A value of `[gateways.mail]` that can't be used.
    #[error("gateways: mail.{key}: {reason}")]
    Mail {
        /// The key in the file.
        key: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// The HTTP client can't be built (no trust roots, …).
    #[error("gateways: the HTTP client can't be built: {0}")]
    Client(String),
}
