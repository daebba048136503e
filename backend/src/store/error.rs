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
    /// The database itself: connection, disk, constraint.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

/// PostgreSQL: serialization failure, deadlock. SQLite: busy (another process writes), and its snapshot variant.
const REPEAT: [&str; 4] = ["40001", "40P01", "5", "517"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| REPEAT.contains(&code.as_ref())) {
            Self::Repeat(error)
        } else {
            Self::Database(error)
        }
    }
}
