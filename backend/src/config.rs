//! The configuration: one TOML file, overridden by environment variables `CERTHALL_…` (sections joined by `__`, e.g.
//! `CERTHALL_DATABASE_URL`, `CERTHALL_GATEWAYS__SMS__SIGN_NAME`). Unknown keys are refused.

use crate::gateways::GatewaysConfig;
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
    /// Names and addresses in the certificates that are issued.
    #[serde(default)]
    pub authority: AuthorityConfig,
    /// The outside services.
    pub gateways: GatewaysConfig,
    /// Trust `X-Forwarded-For` of a proxy on loopback.
    #[serde(default)]
    pub behind_proxy: bool,
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
}

impl Default for AuthorityConfig {
    fn default() -> Self {
        // 2.16.156 is China's arc; the owner sets the arc of the accredited CA.
        Self { organization: "CertHall".into(), base_url: None, policy: "2.16.156.112562.1.1".into() }
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
            .add_source(
                config::Environment::with_prefix("CERTHALL").prefix_separator("_").separator("__").ignore_empty(true),
            )
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| refuse(error.to_string()))?;
        if crate::http::origin_of(&config.public_url).as_deref() != Some(config.public_url.as_str()) {
            return Err(refuse("public_url: scheme, host and port only, without a path or a trailing slash".into()));
        }
        Ok(config)
    }

    /// Where the vault's root key is.
    pub fn root_key_file(&self) -> PathBuf {
        self.root_key_file.clone().unwrap_or_else(|| self.data_dir.join("root-key.toml"))
    }
}
