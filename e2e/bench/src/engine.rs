//! The two databases that are measured, each empty at the beginning.

use crate::Places;
use anyhow::Result;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// The shared one.
    Postgres,
}

impl Engine {
    /// Those that can be measured here.
    pub fn available(places: &Places) -> Vec<Self> {
        let postgres = places.postgres.as_ref().map(|_| Self::Postgres);
        [Some(Self::Sqlite), postgres].into_iter().flatten().collect()
    }

    /// As the tables say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// An empty database: its address.
    pub async fn fresh(self, places: &Places, folder: &Path, name: &str) -> Result<String> {
        match (self, &places.postgres) {
            (Self::Sqlite, _) => Ok(format!("sqlite:{}", folder.join(format!("{name}.db")).display())),
            (Self::Postgres, Some(server)) => {
                let pool = PgPoolOptions::new().max_connections(1).connect(server).await?;
                let drop = format!("DROP DATABASE IF EXISTS certhall_bench_{name} WITH (FORCE)");
                sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&pool).await?;
                let create = format!("CREATE DATABASE certhall_bench_{name}");
                sqlx::query(sqlx::AssertSqlSafe(create)).execute(&pool).await?;
                let (base, _) = server.rsplit_once('/').unwrap_or((server, ""));
                Ok(format!("{base}/certhall_bench_{name}"))
            }
            (Self::Postgres, None) => anyhow::bail!("--postgres is missing"),
        }
    }
}

/// A pool with the same settings as the product's own.
#[derive(Clone)]
pub enum Pool {
    /// One writer.
    Sqlite(SqlitePool),
    /// Ten connections.
    Postgres(PgPool),
}

impl Pool {
    /// Opens one; `writers` is the number of SQLite connections.
    pub async fn open(database: &str, writers: u32) -> Result<Self> {
        if let Some(file) = database.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::from_str(file)?
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10));
            let options = options.filename(file);
            Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(writers).connect_with(options).await?))
        } else {
            Ok(Self::Postgres(PgPoolOptions::new().max_connections(10).connect(database).await?))
        }
    }

    /// What PostgreSQL's autovacuum does within a minute of so many rows: without it, when it comes decides the figures.
    pub async fn settle(&self) -> Result<()> {
        if let Self::Postgres(pool) = self {
            sqlx::query("VACUUM ANALYZE").execute(pool).await?;
            sqlx::query("CHECKPOINT").execute(pool).await?;
        }
        Ok(())
    }
}
