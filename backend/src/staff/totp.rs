//! Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, 6 digits, 30 seconds, which every authenticator app knows.

use crate::clock::SECOND;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Length of a time step in seconds.
const STEP_SECONDS: i64 = 30;
/// Steps before and after the current one whose code is taken: clocks differ, people type slowly.
const DRIFT: i64 = 1;
/// Bytes of a secret: as many as SHA-1's result (RFC 4226, R6).
pub const SECRET_BYTES: usize = 20;

/// The time step of a moment (microseconds UTC).
pub const fn step_at(now: i64) -> i64 {
    now.div_euclid(STEP_SECONDS * SECOND)
}

/// The code of a time step.
pub fn code(secret: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { unreachable!("HMAC takes a key of any length") };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // RFC 4226, 5.3: the last four bits say where to read 31 bits.
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The step whose code was typed, if it is near `now` and later than `last_used`: no code works twice.
pub fn accept(secret: &[u8], typed: &str, now: i64, last_used: i64) -> Option<i64> {
    let current = step_at(now);
    (current - DRIFT..=current + DRIFT)
        .filter(|step| bool::from(code(secret, *step).as_bytes().ct_eq(typed.as_bytes())))
        .find(|step| *step > last_used)
}

/// What an authenticator app reads from a QR code or an address (Google's "Key Uri Format").
pub fn address(name: &str, secret: &[u8]) -> String {
    format!(
        "otpauth://totp/CertHall:{name}?secret={}&issuer=CertHall&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        base32(secret)
    )
}

/// RFC 4648 base32 without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut block = [0u8; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        for letter in 0..(chunk.len() * 8).div_ceil(5) {
            let five = (bits >> (35 - 5 * letter)) & 0x1f;
            out.push(char::from(ALPHABET[usize::try_from(five).unwrap_or(0)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B; its eight digits end with our six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step_at(second * SECOND)), expected, "{second}");
        }
    }

    /// RFC 4648, part 10, without the padding.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, coded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_code_works_once_and_near_its_time_only() {
        let (secret, now) = (b"12345678901234567890", 1_234_567_890 * SECOND);
        let step = step_at(now);
        let typed = code(secret, step);
        assert_eq!(accept(secret, &typed, now, 0), Some(step));
        assert_eq!(accept(secret, &typed, now, step), None, "used already");
        assert_eq!(accept(secret, &typed, now + 30 * SECOND, 0), Some(step));
        assert_eq!(accept(secret, &typed, now - 30 * SECOND, 0), Some(step));
        assert_eq!(accept(secret, &typed, now + 60 * SECOND, 0), None);
        assert_eq!(accept(secret, &typed, now - 60 * SECOND, 0), None);
        for wrong in ["", "00592", "0059240", "abcdef"] {
            assert_eq!(accept(secret, wrong, now, 0), None);
        }
    }
}
