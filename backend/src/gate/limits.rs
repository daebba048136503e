//! How often, for whom. The counting is in `store/tallies.rs`, the numbers are in `config.rs`.

use super::config::GateConfig;
use crate::clock::{DAY, HOUR};
use crate::hall::Hall;
use crate::store::{Limit, Result, StoreError, Tx};
use crate::vault::{BlindColumn, Vault};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a request came from, as the database may know it: keyed hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whence {
    /// Keyed hash of the address.
    pub address: String,
    /// Keyed hash of its prefix.
    pub prefix: String,
}

impl Whence {
    /// Hashes an address.
    pub fn of(vault: &Vault, address: IpAddr) -> Self {
        let address = address.to_canonical();
        let index = |text: String| vault.blind(BlindColumn::Ip, &text);
        Self { address: index(address.to_string()), prefix: index(prefix(address)) }
    }
}

/// The /24 of an IPv4 address, the /64 of an IPv6 address: what one customer of a provider, or one office, has.
pub fn prefix(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Who everybody is, in a limit on everybody together.
const EVERYBODY: &str = "everybody";

/// The limits of a hall. Each method counts in the order address, prefix, everybody: two transactions never wait for each
/// other.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a>(&'a GateConfig);

impl<'a> Limits<'a> {
    /// The limits of this hall.
    pub fn of(hall: &'a Hall) -> Self {
        Self(&hall.config.gate)
    }

    /// A challenge is asked for; answers how many the address had this hour.
    pub async fn challenge(self, tx: &mut Tx, whence: &Whence) -> Result<i64> {
        let limit = |name, most| Limit { name, window: HOUR, most };
        let asked = tx.tally(limit("challenge-address", self.0.challenges_per_address), &whence.address, 1).await?;
        tx.tally(limit("challenge-prefix", self.0.challenges_per_prefix), &whence.prefix, 1).await?;
        Ok(asked)
    }

    /// An SMS code is about to be sent. A `withheld` one (nobody is known by that number) costs nothing, so it counts for
    /// the prefix alone; it is refused when a sent one would be. (Phone, subject and address: `store/codes.rs`.)
    pub async fn code(self, tx: &mut Tx, whence: &Whence, withheld: bool) -> Result<()> {
        let limit = |name, most| Limit { name, window: DAY, most };
        tx.tally(limit("code-prefix", self.0.codes_per_prefix), &whence.prefix, 1).await?;
        budget(tx, limit("code-budget", self.0.codes_a_day), i64::from(!withheld)).await
    }

    /// A paid element check is about to be made.
    pub async fn element_check(self, tx: &mut Tx, whence: &Whence) -> Result<()> {
        let limit = |name, most| Limit { name, window: DAY, most };
        tx.tally(limit("check-address", self.0.checks_per_address), &whence.address, 1).await?;
        tx.tally(limit("check-prefix", self.0.checks_per_prefix), &whence.prefix, 1).await?;
        budget(tx, limit("check-budget", self.0.checks_a_day), 1).await
    }

    /// A credit code or order number is asked about (keyed hash). Asking about the same again is no further subject.
    pub async fn subject(self, tx: &mut Tx, whence: &Whence, session: &str, subject: &str) -> Result<()> {
        let limit = |name, most| Limit { name, window: DAY, most };
        tx.tally_subject(limit("subject-session", self.0.subjects_per_session), session, subject).await?;
        tx.tally_subject(limit("subject-address", self.0.subjects_per_address), &whence.address, subject).await?;
        tx.tally_subject(limit("subject-prefix", self.0.subjects_per_prefix), &whence.prefix, subject).await
    }

    /// May this address try a code? Looks only.
    pub async fn may_try_code(self, tx: &mut Tx, whence: &Whence) -> Result<()> {
        tx.tally(self.wrong_codes(), &whence.address, 0).await.map(drop)
    }

    /// A wrong code came from this address.
    pub async fn wrong_code(self, tx: &mut Tx, whence: &Whence) -> Result<()> {
        forgive(tx.tally(self.wrong_codes(), &whence.address, 1).await)
    }

    const fn wrong_codes(self) -> Limit {
        Limit { name: "wrong-code-address", window: DAY, most: self.0.wrong_codes_per_address }
    }

    /// May somebody at this address try to log in? Looks only.
    pub async fn may_log_in(self, tx: &mut Tx, whence: &Whence) -> Result<()> {
        let [address, prefix] = self.failed_logins();
        tx.tally(address, &whence.address, 0).await?;
        tx.tally(prefix, &whence.prefix, 0).await.map(drop)
    }

    /// A log-in failed.
    pub async fn failed_login(self, tx: &mut Tx, whence: &Whence) -> Result<()> {
        let [address, prefix] = self.failed_logins();
        forgive(tx.tally(address, &whence.address, 1).await)?;
        forgive(tx.tally(prefix, &whence.prefix, 1).await)
    }

    const fn failed_logins(self) -> [Limit; 2] {
        [
            Limit { name: "login-address", window: HOUR, most: self.0.failed_logins_per_address },
            Limit { name: "login-prefix", window: HOUR, most: self.0.failed_logins_per_prefix },
        ]
    }
}

/// What was counted after the fact is not refused.
fn forgive(counted: Result<i64>) -> Result<()> {
    match counted {
        Ok(_) | Err(StoreError::TooMany { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Counts against a day's budget; at four fifths and at its end somebody should look.
async fn budget(tx: &mut Tx, limit: Limit, weight: i64) -> Result<()> {
    let counted = tx.tally(limit, EVERYBODY, weight).await;
    let name = limit.name;
    match &counted {
        Ok(done) => {
            #[allow(clippy::cast_precision_loss)]
            metrics::gauge!("certhall_budget_used_ratio", "budget" => name).set(*done as f64 / limit.most as f64);
            if weight > 0 && *done == (limit.most * 4 + 4) / 5 {
                metrics::counter!("certhall_budget_alarms_total", "budget" => name, "level" => "warning").increment(1);
                tracing::warn!(budget = name, done, most = limit.most, "four fifths of a day's budget are used");
            }
        }
        Err(StoreError::TooMany { .. }) => {
            metrics::counter!("certhall_budget_alarms_total", "budget" => name, "level" => "exhausted").increment(1);
            tracing::error!(budget = name, most = limit.most, "a day's budget is used up: everybody is refused");
        }
        Err(_) => {}
    }
    counted.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_what_one_customer_has() {
        let of = |text: &str| prefix(text.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        assert_eq!(of("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
