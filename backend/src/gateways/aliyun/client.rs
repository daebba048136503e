//! One RPC call: sign, send, read `Code`.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::Value;

use super::acs3::{Acs3Request, Signed, canonical_query, hex_sha256};
use crate::gateways::config::{AliyunKey, ConfigError, Timeouts};
use crate::gateways::fresh::Freshness;
use crate::gateways::outcome::{Doubt, Outcome};
use crate::gateways::transport;

/// A client for one Aliyun product.
pub struct RpcClient {
    http: reqwest::Client,
    base: reqwest::Url,
    host: String,
    key: AliyunKey,
    fresh: Arc<dyn Freshness>,
}

/// The part that every answer has. Success is `"OK"` or `"200"`, by product.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Code", default)]
    code: Option<Value>,
    #[serde(rename = "Message", default)]
    message: Option<String>,
}

impl RpcClient {
    pub fn new(
        base_url: &str,
        name: &'static str,
        key: &AliyunKey,
        timeouts: Timeouts,
        fresh: Arc<dyn Freshness>,
    ) -> Result<Self, ConfigError> {
        let wrong = ConfigError::Url { key: name };
        let Ok(base) = reqwest::Url::parse(base_url) else {
            return Err(wrong);
        };
        let Some(host) = base.host_str().filter(|_| matches!(base.scheme(), "http" | "https")) else {
            return Err(wrong);
        };
        // The header that HTTP itself will send: the port only where it isn't the scheme's own.
        let host = match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self { http: transport::client(timeouts)?, base, host, key: key.clone(), fresh })
    }

    /// A call as it is sent, and its signature.
    pub fn signed<'a>(
        &self,
        action: &'a str,
        version: &'a str,
        query: Vec<(&'a str, String)>,
    ) -> (Acs3Request<'a>, Signed) {
        let headers = vec![
            ("host", self.host.clone()),
            ("x-acs-action", action.to_owned()),
            ("x-acs-content-sha256", hex_sha256(b"")),
            ("x-acs-date", utc(self.fresh.now())),
            ("x-acs-signature-nonce", self.fresh.nonce()),
            ("x-acs-version", version.to_owned()),
        ];
        let request = Acs3Request { method: "POST", path: "/", query, headers, body: b"" };
        let signed = request.sign(&self.key.id, self.key.secret.expose_secret());
        (request, signed)
    }

    /// Calls and gives the answer's JSON where its code says success.
    pub async fn call(&self, action: &str, version: &str, query: Vec<(&str, String)>) -> Outcome<Value> {
        let (request, signed) = self.signed(action, version, query);
        let mut url = self.base.clone();
        url.set_path(request.path);
        url.set_query(Some(&canonical_query(&request.query)));
        let mut call =
            self.http.post(url).header("accept", "application/json").header("authorization", signed.authorization);
        for (name, value) in &request.headers {
            if *name != "host" {
                call = call.header(*name, value);
            }
        }
        let outcome = match transport::exchange(action, call).await {
            Ok((status, body)) => read(status, &body),
            Err(doubt) => Outcome::unknown(doubt),
        };
        outcome.counted("aliyun", action)
    }
}

/// `2026-11-20T05:00:00Z`.
pub fn utc(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Tells success, refusal and doubt apart. Refusals come with status 200 (business) or 4xx (signature, parameters).
fn read(status: u16, body: &[u8]) -> Outcome<Value> {
    if status >= 500 {
        return Outcome::unknown(Doubt::Http(status));
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Outcome::unknown(Doubt::Unreadable("not JSON"));
    };
    let Ok(envelope) = Envelope::deserialize(&value) else {
        return Outcome::unknown(Doubt::Unreadable("no Code"));
    };
    let code = match envelope.code {
        Some(Value::String(code)) => code,
        Some(Value::Number(code)) => code.to_string(),
        _ => return Outcome::unknown(Doubt::Unreadable("no Code")),
    };
    let message = envelope.message.unwrap_or_default();
    match code.as_str() {
        "OK" | "200" if status < 300 => Outcome::Ok(value),
        // Their own words for "we don't know either".
        "SYSTEM_ERROR" | "isp.SYSTEM_ERROR" | "InternalError" | "ServiceUnavailable" | "500" => {
            Outcome::unknown(Doubt::Provider(code))
        }
        _ => Outcome::refused(code, message),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn answers_are_told_apart() {
        assert!(read(200, br#"{"Code":"OK"}"#).ok().is_some());
        assert!(read(200, br#"{"Code":"200"}"#).ok().is_some());
        assert_eq!(
            read(200, br#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"m"}"#),
            Outcome::refused("isv.BUSINESS_LIMIT_CONTROL", "m")
        );
        assert_eq!(
            read(400, br#"{"Code":"SignatureDoesNotMatch","Message":"m"}"#),
            Outcome::refused("SignatureDoesNotMatch", "m")
        );
        assert_eq!(read(503, b"<html>"), Outcome::unknown(Doubt::Http(503)));
        assert_eq!(read(200, b"<html>"), Outcome::unknown(Doubt::Unreadable("not JSON")));
        assert_eq!(
            read(200, br#"{"Code":"isp.SYSTEM_ERROR"}"#),
            Outcome::unknown(Doubt::Provider("isp.SYSTEM_ERROR".into()))
        );
    }

    #[test]
    fn times_are_utc_seconds() {
        let now: Timestamp = "2026-11-20T13:00:00.75+08:00".parse().unwrap();
        assert_eq!(utc(now), "2026-11-20T05:00:00Z");
    }

    proptest! {
        #[test]
        fn no_answer_panics(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(status, &body);
        }
    }
}
