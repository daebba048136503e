//! Migrations: one text, read by each engine in its own types.

use super::{Conn, Result, StoreError, one, run};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

/// Every migration, oldest first; a released one is never edited again.
const MIGRATIONS: &[(i64, &str)] = &[(1, include_str!("schema/0001_first.sql"))];

/// Which words the engine's tables are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The statements of a migration for an engine. No statement of ours holds a `;` inside.
fn statements(text: &str, dialect: Dialect) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("--")).flat_map(|line| [line, "\n"]).collect();
    code.split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
        .map(|statement| match dialect {
            Dialect::Postgres => statement.to_owned(),
            Dialect::Sqlite => {
                let strict = if statement.starts_with("CREATE TABLE") { " STRICT" } else { "" };
                let types = statement.replace(" BYTEA", " BLOB").replace(" BIGINT", " INTEGER");
                format!("{types}{strict}")
            }
        })
        .collect()
}

/// Brings the database up to this program's schema. Safe to run by several backends at once.
pub(super) async fn migrate(conn: &mut Conn, dialect: Dialect) -> Result<()> {
    run!(conn, "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, sha256 TEXT NOT NULL)")?;
    if dialect == Dialect::Postgres {
        // Held until the transaction ends: a second backend waits here and then finds everything done.
        run!(conn, "LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")?;
    }
    for (version, text) in MIGRATIONS {
        let ours = hex::encode(Sha256::digest(text.as_bytes()));
        let done = one!((String,), conn, "SELECT sha256 FROM schema_migrations WHERE version = $1", version)?;
        match done {
            Some((theirs,)) if theirs == ours => {}
            Some(_) => {
                return Err(StoreError::Schema(format!(
                    "migration {version} differs from the one this database was made with"
                )));
            }
            None => {
                for statement in statements(text, dialect) {
                    run!(conn, AssertSqlSafe(statement.clone()))?;
                }
                run!(conn, "INSERT INTO schema_migrations (version, sha256) VALUES ($1, $2)", version, ours.as_str())?;
            }
        }
    }
    let newest = one!((i64,), conn, "SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1")?;
    let known = MIGRATIONS.last().map(|(version, _)| *version);
    if newest.map(|(version,)| version) == known {
        Ok(())
    } else {
        Err(StoreError::Schema("the database was made by a newer version of this program".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_differ_in_types_only() {
        for (_, text) in MIGRATIONS {
            let sqlite = statements(text, Dialect::Sqlite);
            let postgres = statements(text, Dialect::Postgres);
            assert_eq!(sqlite.len(), postgres.len());
            for (sqlite, postgres) in sqlite.iter().zip(&postgres) {
                let back = sqlite.trim_end_matches(" STRICT").replace(" BLOB", " BYTEA").replace(" INTEGER", " BIGINT");
                assert_eq!(&back, postgres);
            }
        }
    }

    #[test]
    fn every_table_is_strict_in_sqlite() {
        for (_, text) in MIGRATIONS {
            assert!(
                statements(text, Dialect::Sqlite)
                    .iter()
                    .all(|statement| statement.starts_with("CREATE TABLE") == statement.ends_with(") STRICT"))
            );
        }
    }
}
