//! Percent encoding and forms, written for this program alone: both ends of the wire must not share their mistakes.

/// Characters that RFC 3986 leaves as they are.
const UNRESERVED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

/// Encodes by RFC 3986.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            let character = char::from(byte);
            if byte.is_ascii() && UNRESERVED.contains(character) {
                character.to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Decodes one name or value of a query or form; `None` if it is not UTF-8 or an escape is broken.
pub fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let mut parts = spaced.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        if !code.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Splits and decodes a query or form.
pub fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// Writes a form.
pub fn form(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Text for HTML.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_and_back() {
        let text = "张 a+b&c=d%~*'";
        assert_eq!(decode(&encode(text)).unwrap(), text);
        assert_eq!(encode("a ~*"), "a%20~%2A");
    }

    #[test]
    fn broken_escapes_are_refused() {
        for text in ["%", "%1", "%zz", "%+1", "%ff", "%张"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
