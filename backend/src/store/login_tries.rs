//! Failed log-ins by the name that was typed, whether anybody has it or not: a lock tells nothing about who works here.

use super::{Conn, Result, Tx, one, run};

impl Tx {
    /// Counts a failed log-in and answers how many there are since the last good one, or since an old lock ended.
    pub async fn count_failed_login(&mut self, name_index: &str) -> Result<i64> {
        let now = self.now();
        let failed = one!(
            (i64,),
            self,
            "INSERT INTO login_tries (name_index, failed, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (name_index) DO UPDATE SET failed = login_tries.failed + 1, last_at = excluded.last_at
             RETURNING failed",
            name_index,
            now
        )?;
        Ok(failed.map_or(0, |(failed,)| failed))
    }

    /// No log-in under this name before `until`.
    pub async fn lock_login(&mut self, name_index: &str, until: i64) -> Result<()> {
        run!(self, "UPDATE login_tries SET locked_until = $2 WHERE name_index = $1", name_index, until)?;
        Ok(())
    }

    /// A good log-in: the failed ones before it are forgotten.
    pub async fn forget_failed_logins(&mut self, name_index: &str) -> Result<()> {
        run!(self, "DELETE FROM login_tries WHERE name_index = $1", name_index)?;
        Ok(())
    }

    /// Forgets names that nobody tried since `before`.
    pub async fn forget_old_logins(&mut self, before: i64) -> Result<u64> {
        run!(self, "DELETE FROM login_tries WHERE last_at < $1", before)
    }
}

impl Conn {
    /// Until when no log-in is taken under this name; in the past: it may be tried.
    pub async fn login_locked_until(&mut self, name_index: &str) -> Result<i64> {
        let row = one!((Option<i64>,), self, "SELECT locked_until FROM login_tries WHERE name_index = $1", name_index)?;
        Ok(row.and_then(|(until,)| until).unwrap_or(0))
    }
}
