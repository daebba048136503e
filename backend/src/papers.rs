//! Where uploaded papers are kept: a folder, or a bucket that several backends share.

use crate::config::{Config, S3Config};
use anyhow::Context;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;

/// Opens what the configuration names.
pub fn open(config: &Config) -> anyhow::Result<Arc<dyn ObjectStore>> {
    if let Some(s3) = &config.documents.s3 {
        return Ok(Arc::new(bucket(s3)?));
    }
    let folder = config.data_dir.join("documents");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(&folder)?))
}

fn bucket(config: &S3Config) -> anyhow::Result<object_store::aws::AmazonS3> {
    let timeout = Duration::from_millis(config.timeouts.total_ms);
    let options = ClientOptions::new()
        .with_connect_timeout(Duration::from_millis(config.timeouts.connect_ms))
        .with_timeout(timeout)
        // The configuration's check lets it stand for loopback only.
        .with_allow_http(config.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://")));
    // Every key is written once and never again, so a repeated put does no harm.
    let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: timeout };
    let mut builder = AmazonS3Builder::new()
        .with_region(&config.region)
        .with_bucket_name(&config.bucket)
        .with_access_key_id(&config.key_id)
        .with_secret_access_key(config.secret.expose_secret())
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    builder.build().context("documents.s3")
}
