//! Verifies ACS3-HMAC-SHA256, strictly: everything that Aliyun demands to be signed must be signed.

use aws_lc_rs::{digest, hmac};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::Refusal;
use crate::clock;
use crate::wire;

/// Aliyun takes requests up to a quarter of an hour old.
const SKEW_SECONDS: u64 = 900;

/// Headers without which a request is refused.
const REQUIRED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];

/// A signed request, taken apart but not believed yet.
#[derive(Debug)]
pub struct Signed {
    pub key_id: String,
    pub action: String,
    pub version: String,
    pub nonce: String,
    date: String,
    canonical: String,
    signature: Vec<u8>,
}

fn hex_hash(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Takes a request apart.
pub fn read(path: &str, query: &[(String, String)], headers: &HeaderMap, body: &[u8]) -> Result<Signed, Refusal> {
    let one = |name: &str| -> Result<String, Refusal> {
        let mut values = headers.get_all(name).iter();
        match (values.next().map(|value| value.to_str()), values.next()) {
            (Some(Ok(value)), None) => Ok(value.trim().to_owned()),
            (_, _) => Err(Refusal::bad("MissingParameter", "A header that must be signed is missing or sent twice.")),
        }
    };
    let (key_id, names, signature) = authorization(&one("authorization")?)?;
    if !names.is_sorted() {
        return Err(Refusal::bad("IncompleteSignature", "SignedHeaders must be sorted."));
    }
    for name in REQUIRED {
        if !names.iter().any(|signed| signed == name) {
            return Err(Refusal::bad("IncompleteSignature", "A header that must be signed is not."));
        }
    }
    for name in headers.keys() {
        let must = name.as_str().starts_with("x-acs-") || name == "content-type";
        if must && !names.iter().any(|signed| signed == name.as_str()) {
            return Err(Refusal::bad("IncompleteSignature", "A header that must be signed is not."));
        }
    }
    if one("x-acs-content-sha256")? != hex_hash(body) {
        return Err(Refusal::bad("SignatureDoesNotMatch", "x-acs-content-sha256 is not the body's hash."));
    }

    let mut sorted: Vec<(String, String)> =
        query.iter().map(|(name, value)| (wire::encode(name), wire::encode(value))).collect();
    sorted.sort();
    let query: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();

    let mut canonical = format!("POST\n{path}\n{}\n", query.join("&"));
    for name in &names {
        canonical += &format!("{name}:{}\n", one(name)?);
    }
    canonical += &format!("\n{}\n{}", names.join(";"), hex_hash(body));

    Ok(Signed {
        key_id,
        action: one("x-acs-action")?,
        version: one("x-acs-version")?,
        nonce: one("x-acs-signature-nonce")?,
        date: one("x-acs-date")?,
        canonical,
        signature,
    })
}

/// `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=hex`.
fn authorization(text: &str) -> Result<(String, Vec<String>, Vec<u8>), Refusal> {
    let wrong = || Refusal::bad("IncompleteSignature", "The Authorization header can not be read.");
    let parts = text.strip_prefix("ACS3-HMAC-SHA256 ").ok_or_else(wrong)?;
    let mut found = (None, None, None);
    for part in parts.split(',') {
        match part.trim().split_once('=') {
            Some(("Credential", value)) => found.0 = Some(value.to_owned()),
            Some(("SignedHeaders", value)) => found.1 = Some(value.split(';').map(str::to_owned).collect()),
            Some(("Signature", value)) => found.2 = hex::decode(value).ok(),
            Some(_) | None => return Err(wrong()),
        }
    }
    match found {
        (Some(key), Some(names), Some(signature)) => Ok((key, names, signature)),
        (_, _, _) => Err(wrong()),
    }
}

impl Signed {
    /// Is it the secret's signature?
    pub fn verify(&self, secret: &str) -> Result<(), Refusal> {
        let text = format!("ACS3-HMAC-SHA256\n{}", hex_hash(self.canonical.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, text.as_bytes(), &self.signature).map_err(|_| {
            tracing::debug!(canonical = %self.canonical, "what the sandbox made of the request");
            Refusal::bad("SignatureDoesNotMatch", "Specified signature does not match our calculation.")
        })
    }

    /// Is it of our time?
    pub fn check_time(&self, now: Timestamp) -> Result<(), Refusal> {
        let date: Timestamp =
            self.date.strip_suffix('Z').filter(|text| text.len() == 19).and_then(|_| self.date.parse().ok()).ok_or(
                Refusal(
                    StatusCode::BAD_REQUEST,
                    "InvalidTimeStamp.Format",
                    "Specified time stamp or date value is not well formatted.",
                ),
            )?;
        if clock::distance(now, date) > SKEW_SECONDS {
            return Err(Refusal::bad("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
        }
        if self.nonce.len() < 8 {
            return Err(Refusal::bad("MissingParameter", "The nonce is too short."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// The vendor's SDK test: this canonical text, the secret "secret".
    #[test]
    fn the_sdks_known_answer() {
        let canonical = "\n/\nempty=&test=ok\nx-acs-test:http,https\n\nx-acs-test\n\
            55e12e91650d2fec56ec74e1d3e4ddbfce2ef3a65890c2a19ecf88a307e76a23";
        let signed = Signed {
            key_id: String::new(),
            action: String::new(),
            version: String::new(),
            nonce: "12345678".into(),
            date: "2026-11-20T05:00:00Z".into(),
            canonical: canonical.into(),
            signature: hex::decode("4ab59fffe3c5738ff8a2729f90cc04fe18b02a4b15b2102cbaf92f9ff3df2ea3").unwrap(),
        };
        assert!(signed.verify("secret").is_ok());
        assert!(signed.verify("Secret").is_err());
        assert!(signed.check_time("2026-11-20T05:14:59Z".parse().unwrap()).is_ok());
        assert!(signed.check_time("2026-11-20T05:15:01Z".parse().unwrap()).is_err());
    }

    #[test]
    fn a_header_left_out_of_the_signature_is_refused() {
        let mut headers = HeaderMap::new();
        for name in REQUIRED {
            headers.insert(name, "x".parse().unwrap());
        }
        let hash = hex_hash(b"");
        headers.insert("x-acs-content-sha256", hash.parse().unwrap());
        let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-version";
        let authorization = format!("ACS3-HMAC-SHA256 Credential=a,SignedHeaders={names},Signature=00");
        headers.insert("authorization", authorization.parse().unwrap());
        let Err(Refusal(_, code, _)) = read("/", &[], &headers, b"") else {
            panic!("accepted");
        };
        assert_eq!(code, "IncompleteSignature");
    }
}
