//! Leases: what one of several backends does at a time. Rows, because advisory locks do not exist on both engines.

use super::{Result, Tx, run};
use crate::clock::MINUTE;

/// A lease that reaches further into the future than this was written by a clock that was wrong: it does not count.
const LONGEST: i64 = 30 * MINUTE;

impl Tx {
    /// Takes or renews a lease until `until` (microseconds UTC). `false`: somebody else holds it.
    ///
    /// The row stays locked until the transaction ends, so what is written in the same transaction is written by one
    /// holder at a time, even when a lease ran out under a slow one.
    pub async fn take_lease(&mut self, name: &str, owner: &str, until: i64) -> Result<bool> {
        let now = self.now();
        let taken = run!(
            self,
            "INSERT INTO leases (name, owner, until) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
             WHERE leases.owner = excluded.owner OR leases.until <= $4 OR leases.until > $5",
            name,
            owner,
            until,
            now,
            now + LONGEST
        )?;
        Ok(taken == 1)
    }

    /// Gives a lease back, if it is still `owner`'s.
    pub async fn end_lease(&mut self, name: &str, owner: &str) -> Result<()> {
        run!(self, "DELETE FROM leases WHERE name = $1 AND owner = $2", name, owner)?;
        Ok(())
    }
}
