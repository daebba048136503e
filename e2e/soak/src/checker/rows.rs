//! Tables as they are in the database, whichever engine it is: read with SQL of the checker's own.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Column as _, Connection as _, Row as _, TypeInfo as _, ValueRef as _};

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One row, by column.
#[derive(Clone, Debug, Default)]
pub struct Row(BTreeMap<String, Cell>);

impl Row {
    /// A row made by hand.
    #[cfg(test)]
    pub fn of<const N: usize>(cells: [(&str, Cell); N]) -> Self {
        Self(cells.into_iter().map(|(column, cell)| (column.to_owned(), cell)).collect())
    }

    /// A text; empty where there is none.
    pub fn text(&self, column: &str) -> &str {
        match self.0.get(column) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }

    /// A number; 0 where there is none.
    pub fn int(&self, column: &str) -> i64 {
        match self.0.get(column) {
            Some(Cell::Int(number)) => *number,
            _ => 0,
        }
    }

    /// Bytes; none where there are none.
    pub fn bytes(&self, column: &str) -> &[u8] {
        match self.0.get(column) {
            Some(Cell::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    /// A text, if there is one.
    pub fn maybe(&self, column: &str) -> Option<&str> {
        match self.0.get(column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is there.
    pub fn is_null(&self, column: &str) -> bool {
        matches!(self.0.get(column), Some(Cell::Null) | None)
    }
}

/// A connection of the checker's own.
pub enum Database {
    /// A file.
    Sqlite(SqliteConnection),
    /// A server.
    Postgres(PgConnection),
}

impl Database {
    /// Opens `sqlite:FILE` or `postgres://…`.
    pub async fn open(address: &str) -> Result<Self> {
        Ok(match address.strip_prefix("sqlite:") {
            Some(file) => {
                let options =
                    SqliteConnectOptions::new().filename(file).busy_timeout(std::time::Duration::from_secs(20));
                Self::Sqlite(SqliteConnection::connect_with(&options).await?)
            }
            None => Self::Postgres(PgConnection::connect(address).await?),
        })
    }

    /// Rows of a query.
    pub async fn rows(&mut self, query: &str) -> Result<Vec<Row>> {
        let query = sqlx::raw_sql(AssertSqlSafe(query.to_owned()));
        match self {
            Self::Sqlite(connection) => query.fetch_all(connection).await?.iter().map(sqlite_row).collect(),
            Self::Postgres(connection) => query.fetch_all(connection).await?.iter().map(postgres_row).collect(),
        }
    }

    /// A whole table.
    pub async fn table(&mut self, name: &str) -> Result<Vec<Row>> {
        self.rows(&format!("SELECT * FROM {name}")).await.with_context(|| format!("table {name}"))
    }
}

fn sqlite_row(row: &sqlx::sqlite::SqliteRow) -> Result<Row> {
    let mut cells = BTreeMap::new();
    for (place, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(place)?;
        let cell = if raw.is_null() {
            Cell::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" => Cell::Int(row.try_get(place)?),
                "TEXT" => Cell::Text(row.try_get(place)?),
                "BLOB" => Cell::Bytes(row.try_get(place)?),
                other => bail!("column {} is {other}", column.name()),
            }
        };
        cells.insert(column.name().to_owned(), cell);
    }
    Ok(Row(cells))
}

fn postgres_row(row: &sqlx::postgres::PgRow) -> Result<Row> {
    let mut cells = BTreeMap::new();
    for (place, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(place)?;
        let cell = if raw.is_null() {
            Cell::Null
        } else {
            // The simple protocol answers in text; the values are decoded by their declared type.
            match column.type_info().name() {
                "INT8" => Cell::Int(row.try_get(place)?),
                "TEXT" => Cell::Text(row.try_get(place)?),
                "BYTEA" => Cell::Bytes(row.try_get(place)?),
                other => bail!("column {} is {other}", column.name()),
            }
        };
        cells.insert(column.name().to_owned(), cell);
    }
    Ok(Row(cells))
}
