//! A PostgreSQL schema of a test's own.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, PgPool};

const POSTGRES: &str = "CERTHALL_TEST_POSTGRES";

/// A schema; [`Schema::drop`] takes it away with everything in it.
#[derive(Debug)]
pub struct Schema {
    name: String,
    url: String,
    admin: PgPool,
}

impl Schema {
    /// Makes one on the test server.
    pub async fn create() -> Result<Self> {
        let server = std::env::var(POSTGRES).with_context(|| {
            format!(
                "{POSTGRES} is not set: `cargo xtask test` starts a PostgreSQL server and sets it; by hand, set it to \
                     the address of a server where schemas may be made"
            )
        })?;
        let admin = PgPool::connect(&server).await.with_context(|| format!("no PostgreSQL answers at {POSTGRES}"))?;
        let (taken,): (i64,) = sqlx::query_as("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(&admin)
            .await?;
        let name = format!("house_{}_{taken}", std::process::id());
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&admin).await?;
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{name}");
        Ok(Self { name, url, admin })
    }

    /// The address of a database that sees this schema only.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Drops it.
    pub async fn drop(self) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", self.name))).execute(&self.admin).await?;
        Ok(())
    }
}
