//! Who may speak with the bridge: checks of `Host` and `Origin`, before any upgrade.

use axum::http::{HeaderMap, HeaderName, header};

use crate::config::{Config, Portal};

/// The one value of a header; none when it is absent, twice, or not text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether the request was addressed to this computer by name. A page that rebinds its own name to
/// 127.0.0.1 sends that name.
pub fn host_is_ours(headers: &HeaderMap, port: u16) -> bool {
    only(headers, header::HOST).is_some_and(|host| {
        ["127.0.0.1", "[::1]", "localhost"].iter().any(|ours| host.strip_prefix(ours) == Some(&format!(":{port}")))
    })
}

/// The portal whose page sends this; by its exact origin.
pub fn portal<'a>(headers: &HeaderMap, config: &'a Config) -> Option<&'a Portal> {
    config.portal(only(headers, header::ORIGIN)?)
}

/// Whether the bridge's own window sends this.
pub fn is_own_window(headers: &HeaderMap, own: &str) -> bool {
    only(headers, header::ORIGIN) == Some(own)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::bridge::vectors::BACKEND_KEY;

    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_this_computers_names_are_hosts() {
        for host in ["127.0.0.1:21451", "localhost:21451", "[::1]:21451"] {
            assert!(host_is_ours(&headers(header::HOST, &[host]), 21451), "{host}");
        }
        for host in [
            "127.0.0.1",
            "127.0.0.1:21452",
            "127.0.0.2:21451",
            "rebind.example:21451",
            "::1:21451",
            "localhost.example:21451",
            "localhost:214510",
            "LOCALHOST:21451",
            "",
            "0.0.0.0:21451",
        ] {
            assert!(!host_is_ours(&headers(header::HOST, &[host]), 21451), "{host}");
        }
        assert!(!host_is_ours(&HeaderMap::new(), 21451));
        let two = headers(header::HOST, &["localhost:21451", "evil.example"]);
        assert!(!host_is_ours(&two, 21451));
    }

    #[test]
    fn an_origin_must_match_to_the_letter() {
        let portal_at = "https://hall.example:8443";
        let config =
            Config { phrase: None, portals: vec![Portal::parse("大厅", portal_at, &[BACKEND_KEY]).unwrap()] };
        assert!(portal(&headers(header::ORIGIN, &[portal_at]), &config).is_some());
        for origin in [
            "null",
            "",
            "*",
            "http://hall.example:8443",
            "https://hall.example",
            "https://hall.example:443",
            "https://hall.example:84430",
            "https://hall.example:8443/",
            "https://HALL.example:8443",
            "HTTPS://hall.example:8443",
            "https://evilhall.example:8443",
            "https://hall.example:8443.evil.example",
            "https://hall.example.evil:8443",
            "https://a.hall.example:8443",
            "https://hall.example:8443 ",
            "https://hall.example:8443,x",
            "hall.example:8443",
            "https://hall.example@evil.example:8443",
            "wss://hall.example:8443",
        ] {
            let found = portal(&headers(header::ORIGIN, &[origin]), &config);
            assert!(found.is_none(), "{origin:?}");
        }
        assert!(portal(&HeaderMap::new(), &config).is_none());
        assert!(portal(&headers(header::ORIGIN, &[portal_at, portal_at]), &config).is_none());
    }
}
