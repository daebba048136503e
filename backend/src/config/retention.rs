//! `[retention]`: how long what is kept.

use crate::clock::DAY;
use serde::Deserialize;

/// The law's minimum (电子签名法, article 24), in years after a certificate ended.
const FEWEST_YEARS: i64 = 5;

/// `[retention]`. What is older is erased or pruned by a job, once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Identity data is erased this long after the last certificate expired or was revoked; at least 5.
    pub identity_years: i64,
    /// Identity data of a cancelled order without a certificate is erased this long after it was cancelled.
    pub cancelled_days: i64,
    /// Finished jobs and unused locks are pruned after this long.
    pub finished_days: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { identity_years: 10, cancelled_days: 365, finished_days: 30 }
    }
}

impl Retention {
    /// What is wrong with it, if anything.
    pub fn fault(&self) -> Option<&'static str> {
        if !(FEWEST_YEARS..=100).contains(&self.identity_years) {
            return Some("retention.identity_years: 5 (the law's minimum) to 100");
        }
        if !(1..=36_500).contains(&self.cancelled_days) {
            return Some("retention.cancelled_days: 1 to 36500");
        }
        if !(7..=36_500).contains(&self.finished_days) {
            return Some("retention.finished_days: 7 to 36500");
        }
        None
    }

    /// Microseconds; a year is counted as 366 days: a day too long is kept rather than a day too short.
    pub const fn identity(&self) -> i64 {
        self.identity_years * 366 * DAY
    }

    /// Microseconds.
    pub const fn cancelled(&self) -> i64 {
        self.cancelled_days * DAY
    }

    /// Microseconds.
    pub const fn finished(&self) -> i64 {
        self.finished_days * DAY
    }
}
