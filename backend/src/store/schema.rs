//! Migrations: one text, read by each engine in its own types.

use super::{Conn, Result, StoreError, one, run};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

/// Every migration, oldest first; a released one is never edited again.
pub(super) const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("schema/0001_first.sql")),
    (2, include_str!("schema/0002_services.sql")),
    (3, include_str!("schema/0003_gate.sql")),
    (4, include_str!("schema/0004_evidence.sql")),
    (5, include_str!("schema/0005_money.sql")),
    (6, include_str!("schema/0006_operations.sql")),
    (7, include_str!("schema/0007_desk.sql")),
    (8, include_str!("schema/0008_sessions.sql")),
];

/// The newest version that this program knows.
pub fn newest_migration() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

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

/// A migration's text in short: hex of its SHA-256.
pub(super) fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Brings an empty database to the schema that a backup has: up to this version and no further.
pub(super) async fn migrate_to(conn: &mut Conn, dialect: Dialect, version: i64) -> Result<()> {
    run_migrations(conn, dialect, version).await
}

/// Brings the database up to this program's schema. Safe to run by several backends at once.
pub(super) async fn migrate(conn: &mut Conn, dialect: Dialect) -> Result<()> {
    run_migrations(conn, dialect, newest_migration()).await?;
    let (theirs, ours) = (conn.schema_version().await?, newest_migration());
    if theirs == ours {
        Ok(())
    } else {
        Err(StoreError::Schema(format!(
            "the database is at version {theirs}, made by a newer program; this one knows version {ours}. Start the newer \
             program, or restore a backup from before it"
        )))
    }
}

async fn run_migrations(conn: &mut Conn, dialect: Dialect, up_to: i64) -> Result<()> {
    run!(conn, "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, sha256 TEXT NOT NULL)")?;
    if dialect == Dialect::Postgres {
        // Held until the transaction ends: a second backend waits here and then finds everything done.
        run!(conn, "LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")?;
    }
    for (version, text) in MIGRATIONS.iter().filter(|(version, _)| *version <= up_to) {
        let ours = fingerprint(text);
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of what was released: databases out there were made with exactly these texts. A version is added here when
    /// it is released, and never changed.
    const RELEASED: [(i64, &str); 8] = [
        (1, "d31342438f75f3bfa2a7df224f082e4583d73b732a846491eb461fba1fa07844"),
        (2, "4f1b164460a5cdaeb33e9e4eaa14afbcb0acd3703f4ed89bd5531ece3218472d"),
        (3, "4e249d258bf219b7c7f2994b5603a1a657739b8fb50063e0bd8fe2370dcc6456"),
        (4, "80adf0549d7182dd91dd49d0e34811015927493bdb1ea390d25bf490130e7f79"),
        (5, "ec97461284a20a4b72c3ac73ac91dd85070731f6f4c2519905a47888cf8cc9ab"),
        (6, "82262ce5cddd7413154e29708edd2b07420bc26cbcef663a88655b36829d1690"),
        (7, "9ad3b34fdd0b25706271891b01f54c1b11102ac7fec3b3f1b63810b470106a51"),
        (8, "220540d01488049c07c1268ecc4b80464e4d44d53df5b5ec894d8581207b4fc4"),
    ];

    #[test]
    fn a_released_migration_is_never_edited() {
        for (version, hash) in RELEASED {
            let (_, text) = MIGRATIONS.iter().find(|(ours, _)| *ours == version).expect("released, so it is there");
            assert_eq!(hex::encode(Sha256::digest(text.as_bytes())), hash, "migration {version} was edited");
        }
    }

    #[test]
    fn versions_count_up_from_one() {
        let versions: Vec<_> = MIGRATIONS.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=newest_migration()).collect::<Vec<_>>());
    }

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
