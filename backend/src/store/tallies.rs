//! Limits that hold for every backend together: how often something was done within a window of time.
//!
//! Counting and refusing is one statement, so nothing can slip in between; the row stays locked until the transaction
//! ends, and a transaction that is dropped has counted nothing. Windows are fixed: around a border up to twice the number
//! may pass, which the numbers allow for. Count in the order in which the limits are listed (gate/limits.rs): two
//! transactions then never wait for each other.

use super::{Conn, Result, StoreError, Tx, one, run};
use crate::clock::{DAY, china_day_start};

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name in the table; different limits never share one.
    pub name: &'static str,
    /// Length of the window in microseconds. [`DAY`]: a day in China.
    pub window: i64,
    /// How often within a window.
    pub most: i64,
}

impl Limit {
    /// First microsecond of the window that holds `now`.
    const fn start(self, now: i64) -> i64 {
        if self.window == DAY { china_day_start(now) } else { now - now.rem_euclid(self.window) }
    }

    fn row(self, whom: &str) -> String {
        format!("{}:{whom}", self.name)
    }
}

impl Tx {
    /// Counts `weight` more, and answers how many there are now. [`StoreError::TooMany`] until the window ends when the
    /// limit was reached before. A weight of 0 looks and counts nothing, by the same statement.
    pub async fn tally(&mut self, limit: Limit, whom: &str, weight: i64) -> Result<i64> {
        let now = self.now();
        let start = limit.start(now);
        let end = start + limit.window;
        let counted = one!(
            (i64,),
            self,
            "INSERT INTO tallies (name, window_start, window_end, done)
             SELECT $1, $2, $3, $4 WHERE $5 > 0
             ON CONFLICT (name, window_start) DO UPDATE SET done = tallies.done + excluded.done
             WHERE tallies.done < $5
             RETURNING done",
            limit.row(whom),
            start,
            end,
            weight,
            limit.most
        )?;
        match counted {
            Some((done,)) => Ok(done),
            None => Err(StoreError::TooMany { retry_at: end }),
        }
    }

    /// Counts a subject, once a window however often it comes. [`StoreError::TooMany`] when it is new and the limit was
    /// reached before.
    pub async fn tally_subject(&mut self, limit: Limit, whom: &str, subject: &str) -> Result<()> {
        let now = self.now();
        let start = limit.start(now);
        let name = limit.row(whom);
        let new = run!(
            self,
            "INSERT INTO tally_subjects (name, window_start, subject, window_end) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            name,
            start,
            subject,
            start + limit.window
        )?;
        self.tally(limit, whom, i64::try_from(new).unwrap_or(1)).await.map(drop).or_else(|error| match error {
            // Asked about before: no further subject.
            StoreError::TooMany { .. } if new == 0 => Ok(()),
            other => Err(other),
        })
    }

    /// Forgets windows that ended before `before`.
    pub async fn forget_tallies(&mut self, before: i64) -> Result<u64> {
        let subjects = run!(self, "DELETE FROM tally_subjects WHERE window_end < $1", before)?;
        Ok(subjects + run!(self, "DELETE FROM tallies WHERE window_end < $1", before)?)
    }
}

impl Conn {
    /// How often, in the window that holds now.
    pub async fn tallied(&mut self, limit: Limit, whom: &str) -> Result<i64> {
        let start = limit.start(self.now());
        let done = one!(
            (i64,),
            self,
            "SELECT done FROM tallies WHERE name = $1 AND window_start = $2",
            limit.row(whom),
            start
        )?;
        Ok(done.map_or(0, |(done,)| done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, HOUR, TestClock};

    #[test]
    fn windows_begin_at_midnight_in_china_or_at_whole_lengths() {
        let nine = TestClock::default().now();
        let day = Limit { name: "d", window: DAY, most: 1 };
        assert_eq!(day.start(nine), nine - 9 * HOUR);
        let hour = Limit { name: "h", window: HOUR, most: 1 };
        assert_eq!(hour.start(nine), nine);
        assert_eq!(hour.start(nine + HOUR - 1), nine);
        assert_eq!(hour.start(nine + HOUR), nine + HOUR);
    }
}
