//! Rows that have served their purpose: finished jobs, and locks that nobody took for long.

use super::{Result, Tx, run};

impl Tx {
    /// Deletes up to `limit` jobs that were done before `before`. Those that failed stay for staff.
    pub async fn prune_jobs(&mut self, before: i64, limit: i64) -> Result<u64> {
        run!(
            self,
            "DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox WHERE state = 'done' AND done_at < $1 ORDER BY done_at LIMIT $2)",
            before,
            limit
        )
    }

    /// Deletes up to `limit` locks that were taken last before `before`. One that is being taken stays.
    pub async fn prune_locks(&mut self, before: i64, limit: i64) -> Result<u64> {
        run!(
            self,
            "DELETE FROM locks WHERE last_at < $1 AND name IN (
                SELECT name FROM locks WHERE last_at < $1 ORDER BY last_at LIMIT $2)",
            before,
            limit
        )
    }
}
