//! How much of what there is, and whether the database takes anything: for those who run the hall.

use super::{Conn, Result, Tx, all, one, run};

/// How many rows of a table stand in a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Level {
    /// `orders`, `payments` or `outbox`.
    pub part: String,
    /// The kind of job or way of payment; empty for orders.
    pub name: String,
    /// The state.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// Connections of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Open and at work.
    pub used: i64,
    /// Open and free.
    pub idle: i64,
}

impl Conn {
    /// Orders by status, payments by way and state, jobs that are not done by kind and state.
    pub async fn levels(&mut self) -> Result<Vec<Level>> {
        all!(
            Level,
            self,
            "SELECT 'orders' AS part, '' AS name, status AS state, COUNT(*) AS count FROM orders GROUP BY status
             UNION ALL SELECT 'payments', way, state, COUNT(*) FROM payments GROUP BY way, state
             UNION ALL SELECT 'outbox', kind, state, COUNT(*) FROM outbox
                WHERE state IN ('ready', 'running', 'sending', 'failed') GROUP BY kind, state"
        )
    }

    /// Since when the oldest job that is due has waited, microseconds UTC.
    pub async fn oldest_due_job(&mut self) -> Result<Option<i64>> {
        let now = self.now();
        let oldest =
            one!((Option<i64>,), self, "SELECT MIN(run_at) FROM outbox WHERE state = 'ready' AND run_at <= $1", now)?;
        Ok(oldest.and_then(|(run_at,)| run_at))
    }

    /// The newest migration that the database has seen.
    pub async fn schema_version(&mut self) -> Result<i64> {
        let newest = one!((i64,), self, "SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1")?;
        Ok(newest.map_or(0, |(version,)| version))
    }
}

impl Tx {
    /// A backend says that it lives; shows that the database takes what is written.
    pub async fn beat(&mut self, backend: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO heartbeats (backend, at) VALUES ($1, $2) ON CONFLICT (backend) DO UPDATE SET at = excluded.at",
            backend,
            now
        )?;
        Ok(())
    }

    /// Forgets backends that have not been heard of since `before`.
    pub async fn forget_heartbeats(&mut self, before: i64) -> Result<()> {
        run!(self, "DELETE FROM heartbeats WHERE at < $1", before)?;
        Ok(())
    }
}
