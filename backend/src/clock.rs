//! Time is handed in: the only place that reads the machine's clock.

use std::sync::atomic::{AtomicI64, Ordering};

/// One second in microseconds, the unit of every time in the product.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// Twenty-four hours in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// China has one time zone, UTC+8, without summer time.
const CHINA: i64 = 8 * HOUR;

/// Tells the time. Held as `Arc<dyn Clock>`; tests hold a [`TestClock`].
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01 UTC.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_microsecond() + crate::fault::clock_offset()
    }
}

/// A clock that stands still until it is told to go on.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Starts at `micros` UTC.
    pub const fn at(micros: i64) -> Self {
        Self(AtomicI64::new(micros))
    }

    /// Goes on by `micros`.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    /// 2026-11-20 09:00 in China.
    fn default() -> Self {
        Self::at(1_795_136_400 * SECOND)
    }
}

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The first microsecond of the day in China that `at` belongs to: daily limits are counted from there.
pub const fn china_day_start(at: i64) -> i64 {
    at - (at + CHINA).rem_euclid(DAY)
}

/// The day in China as `YYYYMMDD`, the head of an order number.
pub fn china_day(at: i64) -> String {
    let days = (at + CHINA).div_euclid(DAY);
    let date = i32::try_from(days)
        .ok()
        .and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).ok())
        .unwrap_or(jiff::civil::Date::MAX);
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_china() {
        let midnight = 1_795_104_000 * SECOND; // 2026-11-20 00:00 +08:00
        assert_eq!(china_day(midnight), "20261120");
        assert_eq!(china_day(midnight - 1), "20261119");
        assert_eq!(china_day_start(midnight), midnight);
        assert_eq!(china_day_start(midnight + 5 * HOUR), midnight);
        assert_eq!(china_day_start(midnight - 1), midnight - DAY);
    }

    #[test]
    fn the_test_clock_starts_at_nine_in_the_morning() {
        let clock = TestClock::default();
        assert_eq!(china_day(clock.now()), "20261120");
        assert_eq!(clock.now() - china_day_start(clock.now()), 9 * HOUR);
    }
}
