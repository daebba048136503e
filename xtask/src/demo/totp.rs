//! Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, six digits), as an authenticator app shows them.

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds that a code is valid.
pub const STEP: u64 = 30;

/// The code for a time in seconds since 1970; `secret` in base32.
pub fn code(secret: &str, seconds: u64) -> Result<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(&base32(secret)?)?;
    mac.update(&(seconds / STEP).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last().context("a hash is not empty")? & 0x0f);
    let number = hash.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let number = number.context("SHA-1 has 20 bytes")? & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

/// The value of `secret=` in an `otpauth://` address.
pub fn secret_of(address: &str) -> Option<&str> {
    address.split(['?', '&']).find_map(|part| part.strip_prefix("secret="))
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut pool, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'2'..=b'7' => letter - b'2' + 26,
            _ => anyhow::bail!("`{text}` is not base32"),
        };
        pool = (pool << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(pool >> bits & 0xff)?);
            pool &= (1 << bits) - 1;
        }
    }
    ensure!(!bytes.is_empty(), "an empty secret");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{code, secret_of};

    /// RFC 6238, appendix B, the last six digits; the secret is "12345678901234567890".
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds).unwrap(), expected);
        }
        assert!(code("0189", 59).is_err());
    }

    #[test]
    fn the_secret_is_found_in_the_address() {
        let address = "otpauth://totp/CertHall:anna?secret=ABC234&issuer=CertHall";
        assert_eq!(secret_of(address), Some("ABC234"));
        assert_eq!(secret_of("otpauth://totp/x"), None);
    }
}
