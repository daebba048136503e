//! Reads how many tests passed and failed from what the test runners print.

use std::ops::AddAssign;

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Ran and passed.
    pub passed: u64,
    /// Ran and failed.
    pub failed: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// A program that runs tests and sums them up in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `12 tests run: 11 passed (1 slow), 1 failed, 2 skipped`
    Nextest,
    /// `test result: ok. 3 passed; 0 failed; …`, once a test program
    Libtest,
    /// `45 passed, 0 failed`
    Oracles,
    /// `12 scenarios (11 passed, 1 failed)`
    Cucumber,
}

impl Runner {
    /// The sum in a log, or nothing when the runner never came as far as its summary.
    pub fn count(self, log: &str) -> Option<Count> {
        let log = plain(log);
        match self {
            Self::Nextest => {
                log.lines().rev().find(|line| line.contains("tests run:") || line.contains("test run:")).map(|line| {
                    Count {
                        passed: before(line, " passed"),
                        failed: before(line, " failed") + before(line, " timed out") + before(line, " exec failed"),
                    }
                })
            }
            Self::Libtest => {
                let mut lines = log.lines().filter(|line| line.starts_with("test result:")).peekable();
                lines.peek()?;
                let mut sum = Count::default();
                for line in lines {
                    sum += Count { passed: before(line, " passed"), failed: before(line, " failed") };
                }
                Some(sum)
            }
            Self::Oracles => {
                let line = log.lines().rev().find(|line| line.contains(" passed, ") && line.ends_with(" failed"))?;
                Some(Count { passed: before(line, " passed"), failed: before(line, " failed") })
            }
            Self::Cucumber => {
                let line = log.lines().rev().find(|line| line.contains(" scenario") && line.contains('('))?;
                Some(Count {
                    passed: before(line, " passed"),
                    failed: before(line, " failed") + before(line, " skipped"),
                })
            }
        }
    }
}

/// The number that stands right before a word; 0 when the word is not there.
fn before(line: &str, word: &str) -> u64 {
    let Some((front, _)) = line.split_once(word) else { return 0 };
    front.rsplit(|letter: char| !letter.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The text without colours.
fn plain(log: &str) -> String {
    let mut pieces = log.split("\u{1b}[");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Count, Runner};

    #[test]
    fn every_runner_is_understood() {
        for (runner, log, passed, failed) in [
            (Runner::Nextest, "     Summary [   0.4s] 12 tests run: 12 passed (1 slow), 3 skipped\n", 12, 0),
            (
                Runner::Nextest,
                "\u{1b}[32m Summary\u{1b}[0m [ 1s] \u{1b}[1m9\u{1b}[0m tests run: \u{1b}[1m6\u{1b}[0m passed, \u{1b}[1m2\u{1b}[0m failed, 1 timed out, 0 skipped",
                6,
                3,
            ),
            (Runner::Nextest, "Summary [ 1s] 1 test run: 1 passed, 0 skipped", 1, 0),
            (
                Runner::Libtest,
                "test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: FAILED. 1 passed; 2 failed;",
                4,
                2,
            ),
            (Runner::Oracles, "FAILED: a flipped byte\n42 passed, 3 failed\n", 42, 3),
            (
                Runner::Cucumber,
                "[Summary]\n1 feature\n12 scenarios (11 passed, 1 failed)\n90 steps (89 passed, 1 failed)",
                11,
                1,
            ),
            (Runner::Cucumber, "1 scenario (1 skipped)", 0, 1),
        ] {
            assert_eq!(runner.count(log), Some(Count { passed, failed }), "{runner:?} {log}");
        }
    }

    #[test]
    fn a_runner_that_broke_off_has_no_sum() {
        for runner in [Runner::Nextest, Runner::Libtest, Runner::Oracles, Runner::Cucumber] {
            assert_eq!(runner.count("error: could not compile"), None);
        }
    }
}
