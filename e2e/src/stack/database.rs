//! Time that passes in a test without waiting: what was written down grows older.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};

/// Columns that say when something happened or is due. Events and sessions stay: their hashes and log-ins are not what
/// waiting is about.
const AGING: [(&str, &[&str]); 7] = [
    ("challenges", &["expires_at"]),
    ("handovers", &["expires_at"]),
    ("codes", &["created_at", "expires_at"]),
    ("orders", &["pay_until", "created_at", "status_since"]),
    ("payments", &["qr_until", "next_query_at", "created_at"]),
    ("verifications", &["started_at", "finished_at"]),
    ("outbox", &["run_at"]),
];

/// The backend's SQLite file.
#[derive(Debug)]
pub struct Database {
    file: PathBuf,
}

impl Database {
    /// The file, which need not be there yet.
    pub fn at(file: &Path) -> Self {
        Self { file: file.to_owned() }
    }

    /// Lets everything be that much older, beside the running backend.
    pub async fn age(&self, time: Duration) -> Result<()> {
        let micros = i64::try_from(time.as_micros())?;
        let mut script = String::from("BEGIN IMMEDIATE;\n");
        for (table, columns) in AGING {
            let moved: Vec<String> = columns.iter().map(|column| format!("{column} = {column} - {micros}")).collect();
            script.push_str(&format!("UPDATE {table} SET {};\n", moved.join(", ")));
        }
        script.push_str("COMMIT;");
        self.run(script).await
    }

    /// Nobody at the desk has done anything for that time.
    pub async fn idle_staff(&self, time: Duration) -> Result<()> {
        let micros = i64::try_from(time.as_micros())?;
        self.run(format!("UPDATE staff_sessions SET seen_at = seen_at - {micros}")).await
    }

    /// Every session at the desk ends for good after that time.
    pub async fn end_staff_in(&self, time: Duration) -> Result<()> {
        let seconds = time.as_secs();
        self.run(format!("UPDATE staff_sessions SET expires_at = (unixepoch() + {seconds}) * 1000000")).await
    }

    /// So many older orders of the same channel, completed long ago: their personal data is erased.
    pub async fn add_old_orders(&self, number: &str, count: u32) -> Result<()> {
        self.run(format!(
            "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})
             INSERT INTO orders (id, number, channel, profile_version, business, status, version, holder_index, session_id,
                draft_id, data_key_id, form_sealed, summary_sealed, content_hash, product, price_fen, consent_version,
                created_at, status_since, operator_index, legal_rep_index)
             SELECT 'old-' || n, printf('20250102U%06d', n), channel, profile_version, business, 'completed', 9, 'old-' || n,
                session_id, 'old-' || n, 'erased', x'', x'', '', product, price_fen, consent_version,
                1735800000000000 + n * 60000000, 1735800000000000, '', ''
             FROM orders, counted WHERE number = '{number}'"
        ))
        .await
    }

    /// How many sessions applicants have begun.
    pub async fn sessions(&self) -> Result<i64> {
        let mut connection = self.open().await?;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM applicant_sessions").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(count)
    }

    async fn run(&self, script: String) -> Result<()> {
        let mut connection = self.open().await?;
        connection.execute(sqlx::AssertSqlSafe(script)).await?;
        connection.close().await?;
        Ok(())
    }

    async fn open(&self) -> Result<SqliteConnection> {
        // Copies of a row stand alone: what they would refer to was never there.
        let options = SqliteConnectOptions::new().filename(&self.file).foreign_keys(false);
        Ok(SqliteConnection::connect_with(&options.busy_timeout(Duration::from_secs(20))).await?)
    }
}
