//! The configuration: which portals this bridge serves. `bridge.example.toml` shows one.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

use crate::text::from_base64;

/// The file as it is written. Unknown keys are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    phrase: Option<String>,
    #[serde(default)]
    portals: Vec<PortalEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalEntry {
    name: String,
    origin: String,
    keys: Vec<String>,
}

/// The configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The recognition phrase, if the administrator chose one; else it is made at the first start.
    pub phrase: Option<String>,
    /// At least one portal.
    pub portals: Vec<Portal>,
}

/// A site that may use this bridge.
#[derive(Debug, Clone)]
pub struct Portal {
    /// Its name, shown in the window.
    pub name: String,
    /// Its origin, compared byte by byte with the browser's `Origin`.
    pub origin: String,
    /// Its backend's keys: tickets signed by any of them count.
    pub keys: Vec<VerifyingKey>,
}

impl Config {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    /// Checks the text of a file.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        ensure!(!file.portals.is_empty(), "no [[portals]]: the bridge would serve nobody");
        let mut portals: Vec<Portal> = Vec::new();
        for entry in file.portals {
            let keys: Vec<&str> = entry.keys.iter().map(String::as_str).collect();
            let portal = Portal::parse(&entry.name, &entry.origin, &keys)
                .with_context(|| format!("portal {:?}", entry.origin))?;
            ensure!(
                portals.iter().all(|other| other.origin != portal.origin),
                "portal {:?} is there twice",
                portal.origin
            );
            portals.push(portal);
        }
        if let Some(phrase) = &file.phrase {
            ensure!((2..=40).contains(&phrase.chars().count()), "phrase: 2 to 40 characters");
        }
        Ok(Self { phrase: file.phrase, portals })
    }

    /// The portal with exactly this origin.
    pub fn portal(&self, origin: &str) -> Option<&Portal> {
        self.portals.iter().find(|portal| portal.origin == origin)
    }
}

impl Portal {
    /// A portal; `keys` are Ed25519 public keys in standard base64.
    pub fn parse(name: &str, origin: &str, keys: &[&str]) -> Result<Self> {
        ensure!((1..=60).contains(&name.chars().count()), "name: 1 to 60 characters");
        check_origin(origin)?;
        ensure!(!keys.is_empty(), "keys: none, no ticket could ever be valid");
        let keys = keys.iter().map(|key| public_key(key)).collect::<Result<_>>()?;
        Ok(Self { name: name.to_owned(), origin: origin.to_owned(), keys })
    }
}

fn public_key(text: &str) -> Result<VerifyingKey> {
    let bytes = from_base64(text)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .with_context(|| format!("key {text:?} is not 32 bytes in base64"))?;
    let key = VerifyingKey::from_bytes(&bytes)
        .ok()
        .filter(|key| !key.is_weak())
        .with_context(|| format!("key {text:?} is no Ed25519 public key"))?;
    Ok(key)
}

/// The form in which browsers send origins: `scheme://host[:port]`, lower case, no default port.
/// Plain http is for a portal on this computer only.
fn check_origin(origin: &str) -> Result<()> {
    let (default_port, rest) = match origin.split_once("://") {
        Some(("https", rest)) => (":443", rest),
        Some(("http", rest)) => {
            let local = ["127.0.0.1", "localhost", "[::1]"];
            let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
            ensure!(
                local.contains(&rest) || local.contains(&host),
                "origin: http is allowed for 127.0.0.1, [::1] and localhost only"
            );
            (":80", rest)
        }
        Some(_) | None => bail!("origin: must begin with https://"),
    };
    let host_like = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
    ensure!(!rest.is_empty() && rest.chars().all(host_like), "origin: host and port, lower case, nothing after");
    ensure!(!rest.ends_with(default_port), "origin: browsers leave the default port out");
    ensure!(!rest.ends_with(':') && !rest.ends_with('.'), "origin: ends wrongly");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::bridge::vectors::BACKEND_KEY;

    use super::*;

    fn with_origin(origin: &str) -> Result<Portal> {
        Portal::parse("大厅", origin, &[BACKEND_KEY])
    }

    #[test]
    fn a_configuration_is_read() {
        let config = Config::parse(&format!(
            "phrase = '清风 明月'\n[[portals]]\nname = '证书大厅'\norigin = 'https://hall.example'\nkeys = ['{BACKEND_KEY}']\n"
        ))
        .unwrap();
        assert_eq!(config.portal("https://hall.example").unwrap().name, "证书大厅");
        assert!(config.portal("https://hall.example.evil").is_none());
    }

    #[test]
    fn the_example_is_valid() {
        assert!(Config::parse(include_str!("../bridge.example.toml")).is_ok());
    }

    #[test]
    fn what_could_serve_nobody_or_anybody_is_refused() {
        for text in ["", "portals = []", "[[portals]]\nname='a'\norigin='https://a.example'\nkeys=[]\n", "other = 1"] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_have_the_browsers_form() {
        for good in [
            "https://hall.example",
            "https://hall.example:8443",
            "http://127.0.0.1:8710",
            "http://localhost",
            "http://[::1]:8710",
        ] {
            assert!(with_origin(good).is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "hall.example",
            "http://hall.example",
            "https://hall.example/",
            "https://Hall.example",
            "https://hall.example:443",
            "http://127.0.0.1:80",
            "https://user@hall.example",
            "https://",
            "https://*.example",
            "http://127.0.0.1.evil.example",
        ] {
            assert!(with_origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_real_keys() {
        for bad in ["", "AAAA", "!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert!(Portal::parse("a", "https://a.example", &[bad]).is_err(), "{bad}");
        }
    }
}
