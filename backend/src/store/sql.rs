//! One SQL text, two engines: `run!`, `one!` and `all!` send the same text with the same arguments to whichever
//! database the transaction is on.
//!
//! The text is a literal with `$1`, `$2` …; arguments are cloned or borrowed values that both engines can bind (`&str`, `String`,
//! `i64`, `&[u8]`, `Vec<u8>`, and `Option`s of them). Work out every argument before the call: the first operand is
//! borrowed mutably.

/// Runs a statement; answers how many rows it touched: `run!(self, "UPDATE … WHERE id = $1", id)?`.
macro_rules! run {
    ($on:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $on.link() {
            $crate::store::Link::Sqlite(link) => sqlx::query($sql)$(.bind($argument))*
                .execute(&mut **link).await.map(|done| done.rows_affected()),
            $crate::store::Link::Postgres(link) => sqlx::query($sql)$(.bind($argument))*
                .execute(&mut **link).await.map(|done| done.rows_affected()),
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Reads at most one row as a `FromRow` type (a struct, or a tuple such as `(i64,)`): `one!(Draft, self, "SELECT …", id)?`.
macro_rules! one {
    ($row:ty, $on:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $on.link() {
            $crate::store::Link::Sqlite(link) => sqlx::query_as::<_, $row>($sql)$(.bind($argument))*
                .fetch_optional(&mut **link).await,
            $crate::store::Link::Postgres(link) => sqlx::query_as::<_, $row>($sql)$(.bind($argument))*
                .fetch_optional(&mut **link).await,
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Reads all rows: `all!(Document, self, "SELECT … ORDER BY …", order_id)?`.
macro_rules! all {
    ($row:ty, $on:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $on.link() {
            $crate::store::Link::Sqlite(link) => sqlx::query_as::<_, $row>($sql)$(.bind($argument))*
                .fetch_all(&mut **link).await,
            $crate::store::Link::Postgres(link) => sqlx::query_as::<_, $row>($sql)$(.bind($argument))*
                .fetch_all(&mut **link).await,
        }
        .map_err($crate::store::StoreError::from)
    };
}

pub(crate) use {all, one, run};
