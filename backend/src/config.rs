//! The configuration: one TOML file, overridden by environment variables `CERTHALL_…` (sections joined by `__`, e.g.
//! `CERTHALL_DATABASE_URL`, `CERTHALL_GATEWAYS__SMS__SIGN_NAME`). Unknown keys are refused.

mod documents;
mod http;
mod keys;
mod retention;

pub use documents::{DocumentsConfig, S3Config};
pub use http::HttpConfig;
pub use retention::Retention;

use crate::gate::GateConfig;
use crate::gateways::GatewaysConfig;
use secrecy::SecretString;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that a hall needs to know before it starts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen. Loopback: a proxy that speaks TLS stands in front.
    pub listen: SocketAddr,
    /// The address that applicants see, without a path: `https://hall.example`.
    pub public_url: String,
    /// `sqlite:/var/lib/certhall/hall.db` or `postgres://…`.
    pub database_url: String,
    /// Where keys, uploads and the embedded database live.
    pub data_dir: PathBuf,
    /// The channels' folders.
    pub channels_dir: PathBuf,
    /// The built page: `hall/` and `staff/` with their manifests.
    pub page_dir: PathBuf,
    /// The vault's root key; made at the first start. Default: `<data_dir>/root-key.toml`.
    #[serde(default)]
    pub root_key_file: Option<PathBuf>,
    /// The root keys themselves, in the file's format; for the environment (`CERTHALL_ROOT_KEYS`). The file is not read then.
    #[serde(default)]
    pub root_keys: Option<SecretString>,
    /// Names and addresses in the certificates that are issued.
    #[serde(default)]
    pub authority: AuthorityConfig,
    /// Where uploaded papers are kept.
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// The outside services.
    pub gateways: GatewaysConfig,
    /// Limits (`[gate]`).
    #[serde(default)]
    pub gate: GateConfig,
    /// Trust `X-Forwarded-For` of a proxy on loopback.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Where Prometheus reads `/metrics`; loopback or a network of our own. Nothing is measured without it.
    #[serde(default)]
    pub metrics_listen: Option<SocketAddr>,
    /// How logs are written.
    #[serde(default)]
    pub log: LogFormat,
    /// Limits of the listener.
    #[serde(default)]
    pub http: HttpConfig,
    /// How long what is kept.
    #[serde(default)]
    pub retention: Retention,
}

/// How logs are written, to standard error. How much: `RUST_LOG`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[authority]`: what the embedded CA writes into certificates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorityConfig {
    /// Organisation (O) of the CA certificates.
    pub organization: String,
    /// Where CRLs and CA certificates will be fetched, without a trailing slash. Default: `public_url`.
    pub base_url: Option<String>,
    /// Certificate policy, dotted decimal.
    pub policy: String,
    /// Opens the CA's key files; better from the environment (`CERTHALL_AUTHORITY__PASSPHRASE`) than from this file.
    /// Default: one made at the first start and kept beside them, which protects a copied key file only.
    pub passphrase: Option<SecretString>,
}

impl Default for AuthorityConfig {
    fn default() -> Self {
        // The arc for examples of RFC 5612: the owner sets the accredited CA's own.
        let policy = "1.3.6.1.4.1.32473.1.1".into();
        Self { organization: "CertHall".into(), base_url: None, policy, passphrase: None }
    }
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Key and reason.
    pub reason: String,
}

impl Config {
    /// Reads the file and the environment.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let refuse = |reason: String| ConfigError { file: file.to_owned(), reason };
        let config: Self = config::Config::builder()
            .add_source(config::File::from(file).format(config::FileFormat::Toml))
            .add_source(environment(std::env::vars()))
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| refuse(error.to_string()))?;
        if crate::http::origin_of(&config.public_url).as_deref() != Some(config.public_url.as_str()) {
            return Err(refuse("public_url: scheme, host and port only, without a path or a trailing slash".into()));
        }
        if let Some(fault) = config.retention.fault() {
            return Err(refuse(fault.into()));
        }
        if let Some(fault) = config.documents.s3.as_ref().and_then(S3Config::fault) {
            return Err(refuse(fault.into()));
        }
        if let Some(fault) = config.gate.fault() {
            return Err(refuse(fault.into()));
        }
        Ok(config)
    }

    /// Where the vault's root key is.
    pub fn root_key_file(&self) -> PathBuf {
        self.root_key_file.clone().unwrap_or_else(|| self.data_dir.join("root-key.toml"))
    }

    /// Where the keys are that sign the audit's checkpoints; made at the first start. Every backend of a hall has the same.
    pub fn audit_key_file(&self) -> PathBuf {
        self.data_dir.join("audit-key.toml")
    }
}

/// The environment's part. Other programs of the product have variables with the same prefix, so only names that begin
/// like a key of [`Config`] are taken; a wrong key below them is refused like one in the file.
fn environment(variables: impl Iterator<Item = (String, String)>) -> config::Environment {
    let keys = keys::of::<Config>();
    let ours = variables.filter(|(name, _)| {
        let key = name.strip_prefix("CERTHALL_").and_then(|key| key.split("__").next());
        key.is_some_and(|key| keys.iter().any(|known| known.eq_ignore_ascii_case(key)))
    });
    config::Environment::with_prefix("CERTHALL")
        .prefix_separator("_")
        .separator("__")
        .ignore_empty(true)
        .source(Some(ours.collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const FILE: &str = r#"
        listen = "127.0.0.1:0"
        public_url = "http://127.0.0.1:8710"
        database_url = "sqlite:/nowhere/hall.db"
        data_dir = "/nowhere"
        channels_dir = "/nowhere"
        page_dir = "/nowhere"
        [gateways.sms]
        base_url = "http://127.0.0.1:1"
        key = { id = "i", secret = "s" }
        sign_name = "n"
        templates = { sign = "1", query = "2", takeover = "3", correct_mailing = "9", correct_phone = "10", refused = "4", approved = "5", dispatched = "6", pin = "7", expired = "8", rejected = "9", refunded = "10" }
        [gateways.elements]
        company_url = "http://127.0.0.1:1"
        person_url = "http://127.0.0.1:1"
        key = { id = "i", secret = "s" }
        auth_code = "a"
        [gateways.alipay]
        gateway_url = "http://127.0.0.1:1"
        app_id = "a"
        seller_id = "2088"
        product_code = "QR_CODE_OFFLINE"
        notify_url = "http://127.0.0.1:1"
        app_private_key = ""
        alipay_public_key = ""
    "#;

    fn load(file: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("certhall.toml");
        std::fs::write(&path, file).unwrap();
        Config::load(&path)
    }

    #[test]
    fn a_complete_file_is_read() {
        let config = load(FILE).unwrap();
        assert_eq!(config.root_key_file(), PathBuf::from("/nowhere/root-key.toml"));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = load(&FILE.replace("listen =", "lisen = 1\nlisten =")).unwrap_err().to_string();
        assert!(error.contains("lisen"), "{error}");
        let error = load(&FILE.replace("sign_name", "signature")).unwrap_err().to_string();
        assert!(error.contains("signature"), "{error}");
    }

    #[test]
    fn the_public_address_is_an_origin() {
        for bad in ["http://127.0.0.1:8710/", "hall.example", "https://hall.example/x", "ftp://hall.example"] {
            let error = load(&FILE.replace("http://127.0.0.1:8710", bad)).unwrap_err().to_string();
            assert!(error.contains("public_url"), "{bad}: {error}");
        }
    }

    #[test]
    fn variables_of_other_programs_are_left_alone() {
        let variables =
            [("CERTHALL_CACHE", "/c"), ("CERTHALL_LISTEN", "127.0.0.1:9"), ("CERTHALL_GATEWAYS__SMS__SIGN_NAME", "x")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let source = environment(variables.into_iter());
        let values = config::Source::collect(&source).unwrap();
        assert!(!values.contains_key("cache"), "{values:?}");
        assert!(values.contains_key("listen"));
    }
}
