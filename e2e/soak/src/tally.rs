//! What was done to the hall, counted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Counts of one or many rounds of one engine.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Rounds.
    pub rounds: u64,
    /// Rounds in which something was found.
    #[serde(default)]
    pub failed_rounds: u64,
    /// Kills at a random moment.
    pub kills_at_random: u64,
    /// Kills at a fault point, by point.
    pub kills_at: BTreeMap<String, u64>,
    /// Faults besides kills, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Orders confirmed to a client.
    pub orders: u64,
    /// Orders that came to their end with the parcel.
    pub completed: u64,
    /// Trades that were paid.
    pub paid: u64,
    /// Sums given back.
    #[serde(default)]
    pub refunds: u64,
    /// Messages that arrived.
    pub messages: u64,
    /// Mails that arrived.
    #[serde(default)]
    pub mails: u64,
    /// Links of chains that were hashed again.
    pub links: u64,
    /// Promises to clients that were looked up.
    pub promises: u64,
    /// Messages that the hall gave up and shows to staff.
    pub given_up: u64,
    /// How applicants' visits ended.
    pub ends: BTreeMap<String, u64>,
    /// Answers that were no success.
    pub refusals: BTreeMap<String, u64>,
    /// Milliseconds that starts took, all together and the longest, and how many there were.
    pub start_ms: (u64, u64, u64),
    /// What must not be.
    pub violations: BTreeMap<String, u64>,
    /// Seconds.
    pub seconds: f64,
}

impl Tally {
    /// Kills in all.
    pub fn kills(&self) -> u64 {
        self.kills_at_random + self.kills_at.values().sum::<u64>()
    }

    /// Faults in all, without kills.
    pub fn other_faults(&self) -> u64 {
        self.faults.values().sum()
    }

    /// One more fault of a kind.
    pub fn fault(&mut self, kind: &str) {
        *self.faults.entry(kind.to_owned()).or_default() += 1;
    }

    /// Starts of the backend.
    pub fn starts(&mut self, starts: &[Duration]) {
        for start in starts {
            let ms = u64::try_from(start.as_millis()).unwrap_or_default();
            self.start_ms = (self.start_ms.0 + ms, self.start_ms.1.max(ms), self.start_ms.2 + 1);
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        let sum = |mine: &mut BTreeMap<String, u64>, theirs: &BTreeMap<String, u64>| {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        };
        self.rounds += other.rounds;
        self.failed_rounds += other.failed_rounds;
        self.kills_at_random += other.kills_at_random;
        sum(&mut self.kills_at, &other.kills_at);
        sum(&mut self.faults, &other.faults);
        self.orders += other.orders;
        self.completed += other.completed;
        self.paid += other.paid;
        self.refunds += other.refunds;
        self.messages += other.messages;
        self.mails += other.mails;
        self.links += other.links;
        self.promises += other.promises;
        self.given_up += other.given_up;
        sum(&mut self.ends, &other.ends);
        sum(&mut self.refusals, &other.refusals);
        self.start_ms = (
            self.start_ms.0 + other.start_ms.0,
            self.start_ms.1.max(other.start_ms.1),
            self.start_ms.2 + other.start_ms.2,
        );
        sum(&mut self.violations, &other.violations);
        self.seconds += other.seconds;
    }
}
