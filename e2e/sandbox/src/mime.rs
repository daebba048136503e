//! Reads a mail as a mailbox would: header words (RFC 2047), parts (RFC 2046), base64 and quoted-printable.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A mail taken apart.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Header fields in order, names in lower case, words decoded.
    pub headers: Vec<(String, String)>,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

impl Parts {
    /// A header field's words, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Takes a mail apart. What can't be read stays as it is.
pub fn read(raw: &str) -> Parts {
    let (headers, body) = entity(raw);
    let mut parts = Parts {
        headers: headers.iter().map(|(name, value)| (name.clone(), words(value))).collect(),
        ..Parts::default()
    };
    collect(&headers, body, &mut parts, 0);
    parts
}

fn collect(headers: &[(String, String)], body: &str, parts: &mut Parts, depth: usize) {
    let get = |name: &str| headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let kind = get("content-type").to_ascii_lowercase();
    if kind.starts_with("multipart/") && depth < 8 {
        let Some(boundary) = parameter(get("content-type"), "boundary") else { return };
        let fence = format!("--{boundary}");
        for part in body.split(fence.as_str()).skip(1) {
            if part.starts_with("--") {
                break;
            }
            let (headers, body) = entity(part.trim_start_matches("\r\n"));
            collect(&headers, body, parts, depth + 1);
        }
        return;
    }
    let text = decoded(get("content-transfer-encoding"), body);
    if kind.starts_with("text/html") {
        parts.html = text;
    } else if kind.is_empty() || kind.starts_with("text/plain") {
        parts.text = text;
    }
}

/// Header fields, unfolded, and what follows the empty line.
fn entity(raw: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (headers, body)
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

fn decoded(encoding: &str, body: &str) -> String {
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => {
            let bare: String = body.chars().filter(|c| !c.is_whitespace()).collect();
            BASE64_STANDARD.decode(bare).unwrap_or_else(|_| body.as_bytes().to_vec())
        }
        "quoted-printable" => quoted(body, false),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
}

fn quoted(text: &str, underscores: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match first {
            b'=' if rest.starts_with(b"\r\n") => rest = rest.get(2..).unwrap_or_default(),
            b'=' => {
                let code = rest.get(..2).and_then(|code| std::str::from_utf8(code).ok());
                match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
                    Some(byte) => {
                        out.push(byte);
                        rest = rest.get(2..).unwrap_or_default();
                    }
                    None => out.push(b'='),
                }
            }
            b'_' if underscores => out.push(b' '),
            byte => out.push(*byte),
        }
    }
    out
}

/// Header words: `=?utf-8?b?…?=`, those next to each other without the space between them.
fn words(value: &str) -> String {
    let mut out = String::new();
    let (mut rest, mut after_word) = (value, false);
    while let Some((before, more)) = rest.split_once("=?") {
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        let mut fields = more.splitn(3, '?');
        let (charset, kind, tail) = (fields.next(), fields.next(), fields.next());
        let word = tail.and_then(|tail| tail.split_once("?="));
        let bytes = match (charset, kind, word) {
            (Some(charset), Some("B" | "b"), Some((word, _))) if charset.eq_ignore_ascii_case("utf-8") => {
                BASE64_STANDARD.decode(word).ok()
            }
            (Some(charset), Some("Q" | "q"), Some((word, _))) if charset.eq_ignore_ascii_case("utf-8") => {
                Some(quoted(word, true))
            }
            (_, _, _) => None,
        };
        if let (Some(bytes), Some((_, tail))) = (bytes, word) {
            out.push_str(&String::from_utf8_lossy(&bytes));
            (rest, after_word) = (tail, true);
        } else {
            out.push_str("=?");
            (rest, after_word) = (more, false);
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_joined() {
        assert_eq!(words("=?utf-8?b?5a6h5qC4?= =?utf-8?q?_=E9=80=9A?= end"), "审核 通 end");
        assert_eq!(words("plain =? text"), "plain =? text");
    }

    #[test]
    fn parts_are_found_and_decoded() {
        let raw = "Subject: =?utf-8?b?5a6h5qC4?=\r\nContent-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n\
            --x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n5a6h\r\n5qC4\r\n\
            --x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E5=AE=\r\n=A1</p>\r\n--x--\r\n";
        let parts = read(raw);
        assert_eq!((parts.header("subject"), parts.text.as_str(), parts.html.as_str()), ("审核", "审核", "<p>审</p>"));
    }
}
