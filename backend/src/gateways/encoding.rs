//! Percent encoding by RFC 3986 and its strict inverse for forms.

use std::fmt::Write as _;

/// RFC 3986: everything but the unreserved characters `A-Z a-z 0-9 - _ . ~` as `%XX` of its UTF-8 bytes.
/// A space becomes `%20`, `*` becomes `%2A`, `~` stays: Aliyun's canonical form, and valid in any form body.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `k=v&k=v`, both sides percent-encoded, in the order given.
pub fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&percent(key));
        out.push('=');
        out.push_str(&percent(value));
    }
    out
}

/// Reads `application/x-www-form-urlencoded` strictly: a broken escape or bytes that are no UTF-8 give `None`, because
/// what can't be read exactly can't be verified.
pub fn parse_form(body: &[u8]) -> Option<Vec<(String, String)>> {
    if body.is_empty() {
        return Some(Vec::new());
    }
    body.split(|byte| *byte == b'&')
        .map(|pair| {
            let cut = pair.iter().position(|byte| *byte == b'=');
            let (key, value) = match cut {
                Some(at) => (pair.get(..at)?, pair.get(at + 1..)?),
                None => (pair, &b""[..]),
            };
            Some((decode(key)?, decode(value)?))
        })
        .collect()
}

fn decode(raw: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*bytes.next()?)? << 4 | hex_digit(*bytes.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn space_star_and_tilde_as_aliyun_wants_them() {
        assert_eq!(percent("a b*c~d/+"), "a%20b%2Ac~d%2F%2B");
        assert_eq!(percent("张"), "%E5%BC%A0");
    }

    #[test]
    fn a_broken_escape_is_not_guessed() {
        assert_eq!(parse_form(b"a=%4"), None);
        assert_eq!(parse_form(b"a=%zz"), None);
        assert_eq!(parse_form(b"a=%ff"), None);
    }

    #[test]
    fn plus_is_a_space_and_a_bare_name_is_empty() {
        let pairs = parse_form(b"a=1+2&b").unwrap();
        assert_eq!(pairs, [("a".into(), "1 2".into()), ("b".into(), String::new())]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(pairs in proptest::collection::vec((".+", ".*"), 1..8)) {
            let written = form(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())));
            prop_assert_eq!(parse_form(written.as_bytes()).unwrap(), pairs);
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_form(&body);
        }
    }
}
