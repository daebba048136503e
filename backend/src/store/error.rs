//! What can go wrong in the store.

use shared::order::Refusal;

/// Why the store did not do it. Nothing was written: the transaction is to be dropped.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row has moved on since it was read (version, status or state differ). Load it again. HTTP 409.
    #[error("the row was changed meanwhile")]
    Conflict,
    /// The order's table of steps does not allow this. HTTP 409.
    #[error("the step is not allowed now ({0:?})")]
    Refused(Refusal),
    /// The holder has another signed, unfinished order for this business (`已有办理中的订单`). HTTP 409.
    #[error("the holder has an unfinished order")]
    HolderActive {
        /// The id of that order.
        order_id: String,
    },
    /// A limit of the database was reached. HTTP 429.
    #[error("asked too often")]
    TooMany {
        /// When it may be asked again, microseconds UTC.
        retry_at: i64,
    },
    /// The day's numbers are used up.
    #[error("no order number is left today")]
    NumbersUsedUp,
    /// Two transactions were in each other's way; repeating it will help. [`super::Store::transact`] does.
    #[error("the database asks to repeat the transaction")]
    Repeat(#[source] sqlx::Error),
    /// A row that no version of this program writes.
    #[error("unreadable row: {0}")]
    Corrupt(String),
    /// The address of the database is not one that the store knows.
    #[error("database address: {0}")]
    Address(String),
    /// The database was made by another version of this program.
    #[error("database schema: {0}")]
    Schema(String),
    /// The audit's event could not be written, so what it tells of was not done either. HTTP 503.
    #[error("the event can't be recorded: {0}")]
    Unrecorded(#[source] Box<StoreError>),
    /// The database can't be used just now: no connection, no room, stopping. HTTP 503.
    #[error("the database can't be used: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The database itself: a constraint, a statement that it does not know.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

/// PostgreSQL: serialization failure, deadlock. SQLite: its snapshot is too old to write.
const REPEAT: [&str; 3] = ["40001", "40P01", "517"];

/// Whether the database will take the same again once it is well: PostgreSQL's classes 08 (connection), 53 (no room, no
/// memory, too many connections), 57P (stopping, starting) and 58 (the system under it), and a transaction that was read
/// only while it was recovering; SQLite's BUSY (another process wrote for longer than we wait), LOCKED, IOERR, FULL and
/// CANTOPEN, in the low byte of its codes.
fn is_passing(code: &str) -> bool {
    let sqlite =
        code.parse::<u32>().is_ok_and(|number| code.len() < 5 && [5, 6, 10, 13, 14].contains(&(number & 0xff)));
    sqlite || (code.len() == 5 && ["08", "53", "57P", "58", "25006"].iter().any(|class| code.starts_with(class)))
}

/// Whether the database could not even be asked.
fn is_unreachable(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
    )
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.as_ref().is_some_and(|code| REPEAT.contains(&code.as_ref())) {
            Self::Repeat(error)
        } else if is_unreachable(&error) || code.is_some_and(|code| is_passing(&code)) {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_is_wrong() {
        for code in
            ["08006", "53100", "53200", "57P01", "57P03", "58030", "25006", "5", "261", "10", "13", "14", "778", "3338"]
        {
            assert!(is_passing(code), "{code}");
        }
        // Constraints, syntax, missing tables; SQLite: CONSTRAINT_UNIQUE, MISUSE, CORRUPT.
        for code in ["23505", "42601", "42P01", "57014", "2067", "21", "11", "1", ""] {
            assert!(!is_passing(code), "{code}");
        }
        assert!(matches!(StoreError::from(sqlx::Error::PoolTimedOut), StoreError::Unavailable(_)));
        assert!(matches!(StoreError::from(sqlx::Error::RowNotFound), StoreError::Database(_)));
    }
}
