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
    /// The HTTP client can't be built (no trust roots, …).
    #[error("gateways: the HTTP client can't be built: {0}")]
    Client(String),
}
