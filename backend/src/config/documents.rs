//! `[documents]`: where uploaded papers are kept. They are sealed before they get there.

use crate::gateways::Timeouts;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// `[documents]`. Without a table below it: a folder in `data_dir`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsConfig {
    /// A bucket, for several backends.
    pub s3: Option<S3Config>,
}

/// `[documents.s3]`: a bucket of a service that speaks S3.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// The service's address; without it AWS' own of the region. Without TLS on loopback only.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The bucket; it must be there.
    pub bucket: String,
    /// Access key id.
    pub key_id: String,
    /// Secret access key; better from the environment (`CERTHALL_DOCUMENTS__S3__SECRET`).
    pub secret: SecretString,
    /// How long to wait.
    #[serde(default = "patient")]
    pub timeouts: Timeouts,
}

/// Longer than the other services get: a photo has a megabyte.
const fn patient() -> Timeouts {
    Timeouts { connect_ms: 2_000, total_ms: 20_000 }
}

impl S3Config {
    /// What is wrong with it, if anything.
    pub fn fault(&self) -> Option<&'static str> {
        let empty = [&self.region, &self.bucket, &self.key_id].into_iter().any(|text| text.trim().is_empty());
        if empty || self.secret.expose_secret().is_empty() {
            return Some("documents.s3: region, bucket, key_id and secret must not be empty");
        }
        let Some(endpoint) = &self.endpoint else { return None };
        let Ok(url) = reqwest::Url::parse(endpoint) else {
            return Some("documents.s3.endpoint: an address such as https://s3.example");
        };
        let local = url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host));
        match url.scheme() {
            "https" => None,
            "http" if local => None,
            _ => Some("documents.s3.endpoint: https, or http on this machine"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(endpoint: &str) -> S3Config {
        S3Config {
            endpoint: Some(endpoint.to_owned()),
            region: "cn-south-1".to_owned(),
            bucket: "papers".to_owned(),
            key_id: "id".to_owned(),
            secret: "secret".to_owned().into(),
            timeouts: patient(),
        }
    }

    #[test]
    fn papers_travel_in_clear_on_this_machine_only() {
        assert_eq!(s3("https://s3.example").fault(), None);
        assert_eq!(s3("http://127.0.0.1:9000").fault(), None);
        assert!(s3("http://s3.example").fault().is_some());
        assert!(s3("s3.example").fault().is_some());
    }

    #[test]
    fn an_empty_bucket_is_named() {
        let config = S3Config { bucket: " ".to_owned(), ..s3("https://s3.example") };
        assert!(config.fault().is_some_and(|fault| fault.contains("bucket")));
    }
}
