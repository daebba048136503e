//! An authenticator app: RFC 6238 with SHA-1, 30 seconds, six digits.

use anyhow::{Context as _, Result, bail, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Seconds of one code.
const STEP: u64 = 30;

/// The secret of one account.
#[derive(Clone, Debug)]
pub struct Authenticator {
    secret: Vec<u8>,
}

impl Authenticator {
    /// Scans an `otpauth://` address.
    pub fn scan(address: &str) -> Result<Self> {
        let secret = address.split(['?', '&']).find_map(|part| part.strip_prefix("secret="));
        Ok(Self { secret: base32(secret.context("no secret= in the address")?.trim())? })
    }

    /// The step that the clock stands in.
    #[expect(clippy::disallowed_methods, reason = "an authenticator app has a clock of its own")]
    pub fn now() -> u64 {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        time.map_or(0, |time| time.as_secs()) / STEP
    }

    /// The code of a step.
    pub fn code(&self, step: u64) -> Result<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret)?;
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = usize::from(hash.last().context("a hash has bytes")? & 15);
        let word = hash.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        Ok(format!("{:06}", (word.context("SHA-1 has 20 bytes")? & 0x7fff_ffff) % 1_000_000))
    }
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut pool, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'2'..=b'7' => letter - b'2' + 26,
            _ => bail!("{text:?} is not base32"),
        };
        pool = (pool << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((pool >> bits) & 0xff)?);
            pool &= (1 << bits) - 1;
        }
    }
    ensure!(!bytes.is_empty(), "an empty secret");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let app = Authenticator::scan("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6").unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(app.code(seconds / STEP).unwrap(), code);
        }
    }
}
