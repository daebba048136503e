//! One call: sign, send, verify the answer's bytes, then read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::sign::{Empties, Signer, Verifier, canonical};
use super::wire_time;
use crate::gateways::config::{AlipayConfig, ConfigError};
use crate::gateways::encoding;
use crate::gateways::fresh::Freshness;
use crate::gateways::outcome::{Doubt, Outcome};
use crate::gateways::transport;

pub struct Client {
    http: reqwest::Client,
    url: reqwest::Url,
    app_id: String,
    ours: Signer,
    theirs: Verifier,
    fresh: Arc<dyn Freshness>,
}

/// The part that every answer node has.
#[derive(Deserialize)]
struct Verdict {
    code: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    sub_code: String,
    #[serde(default)]
    sub_msg: String,
}

impl Client {
    pub fn new(config: &AlipayConfig, fresh: Arc<dyn Freshness>) -> Result<Self, ConfigError> {
        let url = reqwest::Url::parse(&config.gateway_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(ConfigError::Url { key: "alipay.gateway_url" })?;
        Ok(Self {
            http: transport::client(config.timeouts)?,
            url,
            app_id: config.app_id.clone(),
            ours: Signer::read(config.app_private_key.expose_secret())
                .ok_or(ConfigError::Key { key: "alipay.app_private_key" })?,
            theirs: Verifier::read(&config.alipay_public_key)
                .ok_or(ConfigError::Key { key: "alipay.alipay_public_key" })?,
            fresh,
        })
    }

    pub fn provider_key(&self) -> &Verifier {
        &self.theirs
    }

    pub fn signature(&self, canonical: &str) -> Option<String> {
        self.ours.sign(canonical)
    }

    pub fn unsigned(
        &self,
        method: &str,
        content: &str,
        notify_url: Option<&str>,
    ) -> (Vec<(&'static str, String)>, String) {
        let mut params = vec![
            ("app_id", self.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "json".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("timestamp", wire_time(self.fresh.now())),
            ("version", "1.0".to_owned()),
            ("biz_content", content.to_owned()),
        ];
        if let Some(url) = notify_url {
            params.push(("notify_url", url.to_owned()));
        }
        params.retain(|(_, value)| !value.is_empty());
        let text = canonical(&params, &["sign"], Empties::Drop);
        (params, text)
    }

    /// Common parameters go into the address, as the official SDKs do: Alipay reads `charset` before the body.
    pub async fn call(&self, method: &str, content: &str, notify_url: Option<&str>) -> Outcome<Value> {
        let (params, text) = self.unsigned(method, content, notify_url);
        let Some(signature) = self.ours.sign(&text) else {
            return Outcome::refused("local.signature", "our key can't sign");
        };
        let common = params
            .iter()
            .filter(|(name, _)| *name != "biz_content")
            .map(|(name, value)| (*name, value.as_str()))
            .chain([("sign", signature.as_str())]);
        let mut url = self.url.clone();
        url.set_query(Some(&encoding::form(common)));
        let call = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded;charset=utf-8")
            .body(encoding::form([("biz_content", content)]));
        let outcome = match transport::exchange(method, call).await {
            Ok((200, body)) => read(&body, method, &self.theirs),
            Ok((status, _)) => Outcome::unknown(Doubt::Http(status)),
            Err(doubt) => Outcome::unknown(doubt),
        };
        outcome.counted("alipay", method)
    }
}

impl Client {
    /// Fetches a file from an address that a signed answer told; never in clear where the gateway is not.
    pub async fn download(&self, address: &str, longest: usize) -> Result<Vec<u8>, Doubt> {
        let url = reqwest::Url::parse(address)
            .ok()
            .filter(|url| url.has_host() && (url.scheme() == "https" || url.scheme() == self.url.scheme()))
            .ok_or(Doubt::Unreadable("bill_download_url"))?;
        match transport::download("alipay.bill", self.http.get(url), longest).await? {
            (200, body) => Ok(body),
            (status, _) => Err(Doubt::Http(status)),
        }
    }
}

/// Reads an answer. The signed bytes are the node's own bytes in the answer, never a re-serialisation of it.
pub fn read(body: &[u8], method: &str, theirs: &Verifier) -> Outcome<Value> {
    let Ok(parts) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(body) else {
        return Outcome::unknown(Doubt::Unreadable("not a JSON object"));
    };
    let node_name = format!("{}_response", method.replace('.', "_"));
    let Some(node) = parts.get(&node_name).or_else(|| parts.get("error_response")) else {
        return Outcome::unknown(Doubt::Unreadable("no answer node"));
    };
    let signature = parts.get("sign").and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let signed = match signature {
        Some(signature) if theirs.verify(node.get().as_bytes(), &signature) => true,
        Some(_) => return Outcome::unknown(Doubt::Signature),
        None => false,
    };
    let (Ok(verdict), Ok(value)) =
        (serde_json::from_str::<Verdict>(node.get()), serde_json::from_str::<Value>(node.get()))
    else {
        return Outcome::unknown(Doubt::Unreadable("code"));
    };
    judge(verdict, value, signed)
}

fn judge(verdict: Verdict, value: Value, signed: bool) -> Outcome<Value> {
    let word = if verdict.sub_code.is_empty() { &verdict.code } else { &verdict.sub_code };
    let text = if verdict.sub_msg.is_empty() { &verdict.msg } else { &verdict.sub_msg };
    match verdict.code.as_str() {
        // Faults of the call itself (app, signature, parameters, permission) may come without a signature.
        "20001" | "40001" | "40002" | "40003" | "40005" | "40006" => Outcome::refused(word, text),
        // What says something about a trade must be signed: a forged "no such trade" would cancel a paid order.
        _ if !signed => Outcome::unknown(Doubt::Signature),
        "10000" => Outcome::Ok(value),
        "40004" if !is_system_error(&verdict.sub_code) => Outcome::refused(word, text),
        // 20000 (unavailable), 10003 (in process), system errors and whatever comes next: ask again.
        _ => Outcome::unknown(Doubt::Provider(word.clone())),
    }
}

fn is_system_error(sub_code: &str) -> bool {
    matches!(sub_code, "ACQ.SYSTEM_ERROR" | "AQC.SYSTEM_ERROR" | "aop.ACQ.SYSTEM_ERROR" | "isp.unknow-error")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::sign::tests::keys;
    use super::*;
    use proptest::prelude::*;

    const METHOD: &str = "alipay.trade.query";

    fn answer(node: &str, sign: Option<&str>) -> Vec<u8> {
        let sign = sign.map_or_else(String::new, |sign| format!(",\"sign\":\"{sign}\""));
        format!("{{\"alipay_trade_query_response\":{node}{sign}}}").into_bytes()
    }

    #[test]
    fn the_nodes_own_bytes_are_verified_not_what_a_library_would_write() {
        let (ours, theirs) = keys();
        let node = r#"{ "code":"10000" , "qr_code":"https:\/\/qr.alipay.com\/a", "\u4e2d":1.50}"#;
        let sign = ours.sign(node).unwrap();
        assert!(matches!(read(&answer(node, Some(&sign)), METHOD, &theirs), Outcome::Ok(_)));
        let rewritten = node.replace(" , ", ",");
        assert_eq!(read(&answer(&rewritten, Some(&sign)), METHOD, &theirs), Outcome::unknown(Doubt::Signature));
    }

    #[test]
    fn what_is_said_of_a_trade_must_be_signed() {
        let (ours, theirs) = keys();
        let node = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"x"}"#;
        assert_eq!(read(&answer(node, None), METHOD, &theirs), Outcome::unknown(Doubt::Signature));
        let sign = ours.sign(node).unwrap();
        assert_eq!(read(&answer(node, Some(&sign)), METHOD, &theirs), Outcome::refused("ACQ.TRADE_NOT_EXIST", "x"));
    }

    #[test]
    fn a_fault_of_the_call_may_be_unsigned() {
        let (_, theirs) = keys();
        let body = br#"{"error_response":{"code":"40002","msg":"Invalid","sub_code":"isv.invalid-app-id"}}"#;
        assert_eq!(read(body, METHOD, &theirs), Outcome::refused("isv.invalid-app-id", "Invalid"));
    }

    #[test]
    fn a_provider_that_does_not_know_is_asked_again() {
        let (ours, theirs) = keys();
        for node in [
            r#"{"code":"20000","msg":"Service Currently Unavailable"}"#,
            r#"{"code":"10003","msg":"in process"}"#,
            r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#,
        ] {
            let sign = ours.sign(node).unwrap();
            let seen = read(&answer(node, Some(&sign)), METHOD, &theirs);
            assert!(matches!(seen, Outcome::Unknown { reason: Doubt::Provider(_) }), "{node}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (_, theirs) = keys();
            let _ = read(&body, METHOD, &theirs);
        }

        #[test]
        fn nothing_unsigned_is_a_success(code in "[0-9]{1,6}") {
            let (_, theirs) = keys();
            let node = format!("{{\"code\":\"{code}\"}}");
            prop_assert!(!matches!(read(&answer(&node, None), METHOD, &theirs), Outcome::Ok(_)));
        }
    }
}
