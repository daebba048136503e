//! Every table as rows of plain values, for a backup that either engine can take in again.

use super::schema::{MIGRATIONS, fingerprint};
use super::{Conn, Link, Result, StoreError, Tx, all, one};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

/// What one run of a backend needs and another must not find: who holds what, who lives.
const PASSING: [&str; 2] = ["leases", "heartbeats"];
/// Values in one INSERT; SQLite takes 32766.
const MOST_VALUES: usize = 8000;
/// Rows in one INSERT.
const MOST_ROWS: usize = 100;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// TEXT.
    Text,
    /// BIGINT.
    Int,
    /// BYTEA.
    Bytes,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Null,
    /// TEXT.
    Text(String),
    /// BIGINT.
    Int(i64),
    /// BYTEA.
    Bytes(Vec<u8>),
}

/// A table of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<(String, ColumnKind)>,
}

/// The tables of all migrations, each after those that it refers to: the order in which they were made.
fn names() -> Vec<&'static str> {
    MIGRATIONS
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split([' ', '(']).next())
        .filter(|name| !PASSING.contains(name))
        .collect()
}

impl Conn {
    /// Migrations that this database has: number and fingerprint.
    pub async fn migrations(&mut self) -> Result<Vec<(i64, String)>> {
        all!((i64, String), self, "SELECT version, sha256 FROM schema_migrations ORDER BY version")
    }

    /// Whether a paper's image must be in the object store: nobody superseded or erased it.
    pub async fn paper_is_wanted(&mut self, object_key: &str) -> Result<bool> {
        let row = one!(
            (i64,),
            self,
            "SELECT bytes FROM documents WHERE object_key = $1 AND superseded_at IS NULL AND erased_at IS NULL",
            object_key
        )?;
        Ok(row.is_some())
    }

    /// How many tables there are; 0 in an empty place.
    pub async fn count_tables(&mut self) -> Result<i64> {
        const SQLITE: &str =
            "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'";
        const POSTGRES: &str = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()";
        let sql = match self.link() {
            Link::Sqlite(_) => SQLITE,
            Link::Postgres(_) => POSTGRES,
        };
        Ok(one!((i64,), self, sql)?.map_or(0, |(count,)| count))
    }

    /// Every table that a backup holds, each after those that it refers to.
    pub async fn tables(&mut self) -> Result<Vec<Table>> {
        const SQLITE: &str = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
        const POSTGRES: &str = "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
        let sql = match self.link() {
            Link::Sqlite(_) => SQLITE,
            Link::Postgres(_) => POSTGRES,
        };
        let mut tables = Vec::new();
        for name in names() {
            let columns = all!((String, String), self, sql, name)?;
            let columns = columns.into_iter().map(|(column, kind)| {
                let kind = match kind.to_ascii_lowercase().as_str() {
                    "text" => ColumnKind::Text,
                    "bigint" | "integer" => ColumnKind::Int,
                    "bytea" | "blob" => ColumnKind::Bytes,
                    other => return Err(StoreError::Schema(format!("{name}.{column} is {other}"))),
                };
                Ok((column, kind))
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            if !columns.is_empty() {
                tables.push(Table { name: name.to_owned(), columns });
            }
        }
        Ok(tables)
    }

    /// Hands each row of a table to `take`, one at a time.
    pub async fn dump<E: From<StoreError>>(
        &mut self,
        table: &Table,
        mut take: impl FnMut(Vec<Cell>) -> Result<(), E> + Send,
    ) -> Result<u64, E> {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), table.name);
        let mut count = 0;
        match self.link() {
            Link::Sqlite(link) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **link);
                while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
                    take(cells(table, &row).map_err(StoreError::from)?)?;
                    count += 1;
                }
            }
            Link::Postgres(link) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **link);
                while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
                    take(cells(table, &row).map_err(StoreError::from)?)?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}

fn cells<'r, R: Row>(table: &Table, row: &'r R) -> std::result::Result<Vec<Cell>, sqlx::Error>
where
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let cell = |(at, (_, kind)): (usize, &(String, ColumnKind))| {
        Ok(match kind {
            ColumnKind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Cell::Null, Cell::Text),
            ColumnKind::Int => row.try_get::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Int),
            ColumnKind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map_or(Cell::Null, Cell::Bytes),
        })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

/// Binds every value of every row, in order; NULL has its column's type.
macro_rules! bind_all {
    ($query:expr, $table:expr, $rows:expr) => {{
        let mut query = $query;
        for row in $rows {
            for (cell, (_, kind)) in row.into_iter().zip(&$table.columns) {
                query = match (cell, kind) {
                    (Cell::Text(text), _) => query.bind(text),
                    (Cell::Int(number), _) => query.bind(number),
                    (Cell::Bytes(bytes), _) => query.bind(bytes),
                    (Cell::Null, ColumnKind::Text) => query.bind(None::<String>),
                    (Cell::Null, ColumnKind::Int) => query.bind(None::<i64>),
                    (Cell::Null, ColumnKind::Bytes) => query.bind(None::<Vec<u8>>),
                };
            }
        }
        query
    }};
}

impl Tx {
    /// How many rows [`Tx::load`] takes at a time.
    pub fn rows_at_a_time(table: &Table) -> usize {
        (MOST_VALUES / table.columns.len().max(1)).clamp(1, MOST_ROWS)
    }

    /// Adds rows to a table; each has a value for every column.
    pub async fn load(&mut self, table: &Table, rows: Vec<Vec<Cell>>) -> Result<()> {
        if rows.iter().any(|row| row.len() != table.columns.len()) {
            return Err(StoreError::Corrupt(format!("a row of {} has other columns than the table", table.name)));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut place = 0;
        let tuples: Vec<String> = rows
            .iter()
            .map(|row| {
                let places: Vec<String> = row
                    .iter()
                    .map(|_| {
                        place += 1;
                        format!("${place}")
                    })
                    .collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql =
            AssertSqlSafe(format!("INSERT INTO {} ({}) VALUES {}", table.name, names.join(", "), tuples.join(", ")));
        match self.link() {
            Link::Sqlite(link) => {
                bind_all!(sqlx::query(sql), table, rows).execute(&mut **link).await.map_err(StoreError::from)?;
            }
            Link::Postgres(link) => {
                bind_all!(sqlx::query(sql), table, rows).execute(&mut **link).await.map_err(StoreError::from)?;
            }
        }
        Ok(())
    }
}

/// Whether this program knows all of these migrations, as they were.
pub fn knows_migrations(migrations: &[(i64, String)]) -> Result<()> {
    for (version, theirs) in migrations {
        match MIGRATIONS.iter().find(|(ours, _)| ours == version) {
            Some((_, text)) if fingerprint(text) == *theirs => {}
            Some(_) => return Err(StoreError::Schema(format!("migration {version} differs from this program's"))),
            None => {
                return Err(StoreError::Schema(format!(
                    "migration {version} belongs to a newer version of this program"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn tables_come_after_those_that_they_refer_to() {
        let names = names();
        let place = |name: &str| names.iter().position(|table| *table == name);
        assert!(place("applicant_sessions") < place("drafts") && place("orders") < place("documents"));
        assert!(place("events").is_some() && place("audit_checkpoints").is_some());
        assert_eq!((place("leases"), place("schema_migrations")), (None, None));
    }
}
