//! The outside world's time: the machine's, moved by what a test asks for.

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};

/// The machine's time moved by `offset_seconds`.
#[expect(clippy::disallowed_methods, reason = "this module is the clock")]
pub fn now(offset_seconds: i64) -> Timestamp {
    Timestamp::now().checked_add(SignedDuration::from_secs(offset_seconds)).unwrap_or(Timestamp::MAX)
}

/// China stands eight hours before UTC the year round.
pub fn china() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// `2026-11-20 13:00:00`, China time.
pub fn local(at: Timestamp) -> String {
    at.to_zoned(china()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads `2026-11-20 13:00:00` or `2026-11-20 13:00` as China time.
pub fn read_local(text: &str) -> Option<Timestamp> {
    let full = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
    if full.len() != 19 || full.as_bytes().get(10) != Some(&b' ') {
        return None;
    }
    let local: jiff::civil::DateTime = full.parse().ok()?;
    Some(local.to_zoned(china()).ok()?.timestamp())
}

/// Seconds between two instants, without sign.
pub fn distance(a: Timestamp, b: Timestamp) -> u64 {
    a.as_second().abs_diff(b.as_second())
}
