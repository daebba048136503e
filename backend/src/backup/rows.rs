//! Tables as lines: `{"table":…,"columns":[[name,kind]…]}`, then a JSON array for each row. Bytes are base64.

use super::BackupError;
use super::manifest::DATABASE;
use crate::store::{Cell, ColumnKind, Table};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A table's first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    table: String,
    columns: Vec<(String, String)>,
}

/// A line of the file.
pub(super) enum Line {
    Table(Table),
    Row(Vec<Value>),
}

pub(super) fn head(table: &Table) -> Result<String, BackupError> {
    let columns = table.columns.iter().map(|(name, kind)| (name.clone(), word(*kind).to_owned())).collect();
    Ok(serde_json::to_string(&Head { table: table.name.clone(), columns })?)
}

pub(super) fn row(cells: Vec<Cell>) -> Result<String, BackupError> {
    let value = |cell| match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => Value::String(text),
        Cell::Int(number) => Value::from(number),
        Cell::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
    };
    Ok(serde_json::to_string(&cells.into_iter().map(value).collect::<Vec<_>>())?)
}

/// Reads a line back. The names of tables and columns are checked against the database before they are used.
pub(super) fn read(line: &str) -> Result<Line, BackupError> {
    let damaged = || BackupError::Damaged(DATABASE.to_owned());
    if line.starts_with('[') {
        return serde_json::from_str(line).map(Line::Row).map_err(|_| damaged());
    }
    let head: Head = serde_json::from_str(line).map_err(|_| damaged())?;
    let columns = head.columns.into_iter().map(|(name, kind)| Some((name, of_word(&kind)?)));
    let columns = columns.collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
    Ok(Line::Table(Table { name: head.table, columns }))
}

/// A row's values, as the table's columns want them.
pub(super) fn cells(table: &Table, row: Vec<Value>) -> Option<Vec<Cell>> {
    if row.len() != table.columns.len() {
        return None;
    }
    let cell = |(value, (_, kind)): (Value, &(String, ColumnKind))| match (value, kind) {
        (Value::Null, _) => Some(Cell::Null),
        (Value::String(text), ColumnKind::Text) => Some(Cell::Text(text)),
        (Value::Number(number), ColumnKind::Int) => number.as_i64().map(Cell::Int),
        (Value::String(bytes), ColumnKind::Bytes) => STANDARD.decode(bytes).ok().map(Cell::Bytes),
        _ => None,
    };
    row.into_iter().zip(&table.columns).map(cell).collect()
}

const fn word(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Int => "int",
        ColumnKind::Bytes => "bytes",
    }
}

fn of_word(word: &str) -> Option<ColumnKind> {
    [ColumnKind::Text, ColumnKind::Int, ColumnKind::Bytes].into_iter().find(|kind| self::word(*kind) == word)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn table() -> Table {
        let columns = [("a", ColumnKind::Text), ("b", ColumnKind::Int), ("c", ColumnKind::Bytes)];
        Table { name: "t".into(), columns: columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec() }
    }

    proptest! {
        #[test]
        fn a_row_is_read_back_as_it_was(
            text in proptest::option::of(".*"), number in proptest::option::of(any::<i64>()),
            bytes in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
        ) {
            let cells = vec![
                text.map_or(Cell::Null, Cell::Text),
                number.map_or(Cell::Null, Cell::Int),
                bytes.map_or(Cell::Null, Cell::Bytes),
            ];
            let line = row(cells.clone()).unwrap();
            prop_assert!(!line.contains('\n'));
            let Line::Row(values) = read(&line).unwrap() else { panic!("no row") };
            prop_assert_eq!(super::cells(&table(), values), Some(cells));
        }

        #[test]
        fn no_line_is_a_panic(line in ".*") {
            if let Ok(Line::Row(values)) = read(&line) {
                let _ = super::cells(&table(), values);
            }
        }
    }

    #[test]
    fn a_table_is_read_back_as_it_was() {
        let Line::Table(read) = read(&head(&table()).unwrap()).unwrap() else { panic!("no table") };
        assert_eq!(read, table());
    }
}
