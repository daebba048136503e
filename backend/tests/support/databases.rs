//! A PostgreSQL schema of a test's own.
//!
//! Set `CERTHALL_TEST_POSTGRES=postgres://user@host:port/database` to a server where schemas may be made. Without it the
//! PostgreSQL half of each test fails: a suite that skips proves nothing.

use backend::clock::SystemClock;
use backend::entropy::{SystemEntropy, new_id};

const POSTGRES: &str = "CERTHALL_TEST_POSTGRES";

/// `both! { async fn fact(world: World) { … } }` makes the tests `fact::sqlite` and `fact::postgres`.
macro_rules! both {
    ($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block) => {
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            use $crate::world::World;

            async fn story($world: World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                World::in_sqlite(story).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                World::in_postgres(story).await;
            }
        }
    };
}

/// One schema, dropped by [`Schema::drop`].
pub struct Schema {
    name: String,
    url: String,
    admin: sqlx::PgPool,
}

impl Schema {
    /// Makes a schema on the test server.
    pub async fn create() -> Self {
        let server = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!(
                "{POSTGRES} is not set: start a PostgreSQL server and set it to its address, for example \
                 {POSTGRES}=postgres://postgres@127.0.0.1:5432/postgres (`cargo xtask test` does both)"
            )
        });
        let name = format!("t{}", new_id(&SystemClock, &SystemEntropy).replace('-', ""));
        let admin = sqlx::PgPool::connect(&server)
            .await
            .unwrap_or_else(|error| panic!("no PostgreSQL answers at {server} ({POSTGRES}): {error}"));
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&admin).await.unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{name}");
        Self { name, url, admin }
    }

    /// The address of a database that sees this schema only.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Drops it with everything in it.
    pub async fn drop(self) {
        let name = self.name;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP SCHEMA {name} CASCADE"))).execute(&self.admin).await.unwrap();
    }
}

/// Every row of every table of a database as text; bytes in hex.
#[allow(dead_code)]
pub async fn dump(url: &str) -> Vec<(String, Vec<String>)> {
    let mut dumped = Vec::new();
    if let Some(path) = url.strip_prefix("sqlite:") {
        let pool = sqlx::SqlitePool::connect(path).await.unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        for (table,) in sqlx::query_as::<_, (String,)>(tables).fetch_all(&pool).await.unwrap() {
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(columns)).fetch_all(&pool).await.unwrap();
            let texts: Vec<String> = columns
                .iter()
                .map(|(name,)| {
                    format!("CASE typeof({name}) WHEN 'blob' THEN hex({name}) ELSE coalesce({name}, '') END")
                })
                .collect();
            let rows = format!("SELECT {} FROM {table}", texts.join(" || ' ' || "));
            let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(rows)).fetch_all(&pool).await.unwrap();
            dumped.push((table, rows.into_iter().map(|(row,)| row).collect()));
        }
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
        for (table,) in sqlx::query_as::<_, (String,)>(tables).fetch_all(&pool).await.unwrap() {
            let rows = format!("SELECT {table}::text FROM {table}");
            let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(rows)).fetch_all(&pool).await.unwrap();
            dumped.push((table, rows.into_iter().map(|(row,)| row).collect()));
        }
        pool.close().await;
    }
    dumped
}
