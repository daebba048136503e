//! 电子邮箱.

use super::{FieldError, text};

text_newtype! {
    /// An e-mail address of RFC 5321: dot-string before the `@`, a domain of at least two labels after it. Quoted local
    /// parts and address literals are refused: in a form they are typing mistakes.
    Email
}

impl Email {
    /// Reads an address; full-width signs (`＠`, `。`) are forgiven, the domain becomes lower case.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let address = Self::normalize(input);
        if address.is_empty() {
            return Err(FieldError::Required);
        }
        if let Some(ch) = address.chars().find(|c| *c != '@' && *c != '.' && !is_atext(*c)) {
            return Err(FieldError::BadCharacter { ch });
        }
        // A path is at most 256 octets with its angle brackets (RFC 5321, 4.5.3.1.3).
        if address.len() > 254 {
            return Err(FieldError::TooLong { max: 254 });
        }
        let Some((local, domain)) = address.split_once('@') else {
            return Err(FieldError::Format);
        };
        if local.is_empty() || local.len() > 64 || local.split('.').any(str::is_empty) || !is_domain(domain) {
            return Err(FieldError::Format);
        }
        Ok(Self(address))
    }

    /// Half-width without spaces, the domain in lower case.
    pub fn normalize(input: &str) -> String {
        let address = text::compact(input).replace('。', ".");
        match address.rsplit_once('@') {
            Some((local, domain)) => [local, "@", &domain.to_ascii_lowercase()].concat(),
            None => address,
        }
    }

    /// `z***@example.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        let shown = if local.len() > 1 { local.get(..1).unwrap_or_default() } else { "" };
        [shown, "***@", domain].concat()
    }
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Labels of letters, digits and inner hyphens; the last one is no number.
fn is_domain(domain: &str) -> bool {
    let labels_fit = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let last = domain.rsplit('.').next().unwrap_or_default();
    labels_fit && domain.contains('.') && last.len() >= 2 && !last.bytes().all(|b| b.is_ascii_digit())
}
