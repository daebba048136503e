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
        let options = SqliteConnectOptions::new().filename(&self.file).busy_timeout(Duration::from_secs(20));
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let micros = i64::try_from(time.as_micros())?;
        let mut script = String::from("BEGIN IMMEDIATE;\n");
        for (table, columns) in AGING {
            let moved: Vec<String> = columns.iter().map(|column| format!("{column} = {column} - {micros}")).collect();
            script.push_str(&format!("UPDATE {table} SET {};\n", moved.join(", ")));
        }
        script.push_str("COMMIT;");
        connection.execute(sqlx::AssertSqlSafe(script)).await?;
        connection.close().await?;
        Ok(())
    }
}
