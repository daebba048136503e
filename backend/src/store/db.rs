//! Opening the database and beginning transactions.

use super::schema::{Dialect, migrate, migrate_to};
use super::{Conn, Connections, Held, Link, Reader, Result, StoreError, Tx};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::fault::Site;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgConnection, PgPool, SqliteConnection, SqlitePool};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// How often [`Store::transact`] repeats before it gives up.
const REPEATS: u32 = 8;
/// SQLite connections that read beside the writer.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL of one backend.
const POSTGRES_CONNECTIONS: u32 = 10;
/// The longest wait for a connection: a request then says that the database can't be used.
const WAIT: Duration = Duration::from_secs(10);
/// A connection that nobody used for so long may be dead.
const RESTED: Duration = Duration::from_secs(1);

enum Db {
    /// One connection writes, others read: a reader never waits for a writer (WAL), and a writer never fails because
    /// another one began first.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    wake: Arc<Notify>,
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Opens `sqlite:/path/to/file` (made if missing) or `postgres://…` and brings its schema up to date.
    pub async fn open(url: &str, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let (db, dialect) = connect(url).await?;
        let store =
            Self { db: Arc::new(db), clock, entropy, wake: Arc::new(Notify::new()), statements: Arc::default() };
        store.migrate(dialect).await?;
        Ok(store)
    }

    /// Opens an empty place and gives it the schema that a backup has.
    pub async fn open_empty(url: &str, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, version: i64) -> Result<Self> {
        let (db, dialect) = connect(url).await?;
        let store =
            Self { db: Arc::new(db), clock, entropy, wake: Arc::new(Notify::new()), statements: Arc::default() };
        let mut tx = store.begin().await?;
        if tx.count_tables().await? > 0 {
            return Err(StoreError::Schema("the database is not empty".to_owned()));
        }
        migrate_to(&mut tx, dialect, version).await?;
        tx.commit().await?;
        Ok(store)
    }

    async fn migrate(&self, dialect: Dialect) -> Result<()> {
        let mut repeats = 0;
        loop {
            let mut tx = self.begin().await?;
            match migrate(&mut tx, dialect).await {
                Ok(()) => return tx.commit().await,
                // PostgreSQL: two backends made the same new table at the same moment; the loser looks again.
                Err(StoreError::Database(error) | StoreError::Repeat(error))
                    if repeats < REPEATS
                        && error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
                {
                    repeats += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Begins a use case's transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let link = match &*self.db {
            Db::Sqlite { writer, .. } => Link::Sqlite(Held::Transaction(writer.begin_with("BEGIN IMMEDIATE").await?)),
            Db::Postgres(pool) => Link::Postgres(Held::Transaction(pool.begin().await?)),
        };
        Ok(Tx::new(
            Conn::new(link, self.clock.clone(), self.statements.clone()),
            self.entropy.clone(),
            self.wake.clone(),
        ))
    }

    /// Begins reading: everything read through it is of one moment.
    pub async fn read(&self) -> Result<Reader> {
        let link = match &*self.db {
            Db::Sqlite { reader, .. } => Link::Sqlite(Held::Transaction(reader.begin().await?)),
            Db::Postgres(pool) => Link::Postgres(Held::Transaction(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
            )),
        };
        Ok(Reader(Conn::new(link, self.clock.clone(), self.statements.clone())))
    }

    /// For reading with one statement, or with some that may be of different moments: without a transaction, which costs
    /// two ways to the database more.
    pub async fn glance(&self) -> Result<Reader> {
        let link = match &*self.db {
            Db::Sqlite { reader, .. } => Link::Sqlite(Held::Connection(reader.acquire().await?)),
            Db::Postgres(pool) => Link::Postgres(Held::Connection(pool.acquire().await?)),
        };
        Ok(Reader(Conn::new(link, self.clock.clone(), self.statements.clone())))
    }

    /// Runs one transaction, and repeats it from the start when the database asks for that (PostgreSQL 40001, 40P01).
    /// The work must do nothing outside the transaction.
    #[cfg_attr(feature = "fault-points", track_caller)]
    pub fn transact<T, E, W>(&self, work: W) -> impl Future<Output = Result<T, E>>
    where
        W: for<'a> FnMut(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError> + AsStoreError,
    {
        self.transact_at(Site::here(), work)
    }

    async fn transact_at<T, E, W>(&self, site: Site, mut work: W) -> Result<T, E>
    where
        W: for<'a> FnMut(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError> + AsStoreError,
    {
        let mut repeats = 0;
        loop {
            let mut tx = self.begin().await?;
            let ended = match work(&mut tx).await {
                Ok(value) => tx.commit_at(site).await.map(|()| value).map_err(E::from),
                Err(error) => Err(error),
            };
            match ended {
                Err(error) if error.asks_to_repeat() && repeats < REPEATS => {
                    repeats += 1;
                    tokio::time::sleep(Duration::from_millis(5 << repeats)).await;
                }
                ended => return ended,
            }
        }
    }

    /// [`Store::transact`] for work that borrows from its caller: `attempt(move |tx, _| Box::pin(async move { … }))`.
    #[cfg_attr(feature = "fault-points", track_caller)]
    pub fn attempt<'env, T, E, W>(&self, work: W) -> impl Future<Output = Result<T, E>>
    where
        W: for<'a> FnMut(&'a mut Tx, Borrows<'a, 'env>) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError> + AsStoreError,
    {
        self.attempt_at(Site::here(), work)
    }

    async fn attempt_at<'env, T, E, W>(&self, site: Site, mut work: W) -> Result<T, E>
    where
        W: for<'a> FnMut(&'a mut Tx, Borrows<'a, 'env>) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError> + AsStoreError,
    {
        let mut repeats = 0;
        loop {
            let mut tx = self.begin().await?;
            let ended = match work(&mut tx, PhantomData).await {
                Ok(value) => tx.commit_at(site).await.map(|()| value).map_err(E::from),
                Err(error) => Err(error),
            };
            match ended {
                Err(error) if error.asks_to_repeat() && repeats < REPEATS => {
                    repeats += 1;
                    tokio::time::sleep(Duration::from_millis(5 << repeats)).await;
                }
                ended => return ended,
            }
        }
    }

    /// Microseconds UTC by the clock that was handed in.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The randomness that was handed in.
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// How many statements ran since the database was opened, transactions' own beginnings and ends left out.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether several backends may share this database.
    pub fn is_shared(&self) -> bool {
        match &*self.db {
            Db::Sqlite { .. } => false,
            Db::Postgres(_) => true,
        }
    }

    /// The pools' connections by name.
    pub fn connections(&self) -> Vec<(&'static str, Connections)> {
        fn of<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> Connections {
            let idle = i64::try_from(pool.num_idle()).unwrap_or(i64::MAX);
            Connections { used: i64::from(pool.size()).saturating_sub(idle).max(0), idle }
        }
        match &*self.db {
            Db::Sqlite { writer, reader } => vec![("writer", of(writer)), ("reader", of(reader))],
            Db::Postgres(pool) => vec![("postgres", of(pool))],
        }
    }

    /// Returns when a transaction of this process has enqueued a job.
    pub(crate) async fn job_enqueued(&self) {
        self.wake.notified().await;
    }

    /// Closes every connection; running transactions end first.
    pub async fn close(&self) {
        match &*self.db {
            Db::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// Says that what the work of [`Store::attempt`] borrows lives longer than its transaction.
pub type Borrows<'a, 'env> = PhantomData<&'a &'env ()>;

/// Errors that may hold a [`StoreError`], for [`Store::transact`].
pub trait AsStoreError {
    /// The database asked to repeat the transaction.
    fn asks_to_repeat(&self) -> bool;
}

impl AsStoreError for StoreError {
    fn asks_to_repeat(&self) -> bool {
        matches!(self, Self::Repeat(_))
    }
}

async fn connect(url: &str) -> Result<(Db, Dialect)> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        Ok((open_sqlite(path).await?, Dialect::Sqlite))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok((open_postgres(url).await?, Dialect::Postgres))
    } else {
        Err(StoreError::Address("must begin with sqlite: or postgres://".to_owned()))
    }
}

async fn open_sqlite(path: &str) -> Result<Db> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A paid order must survive a power cut, not only a crash of the program.
        .synchronous(SqliteSynchronous::Full)
        // Waits only for other processes (`certhall staff add` beside a running hall).
        .busy_timeout(Duration::from_secs(5));
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(WAIT)
        // It is in this process: there is nobody to ask whether it lives.
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_sound(connection)))
        .connect_with(options.clone().create_if_missing(true))
        .await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .acquire_timeout(WAIT)
        // It is in this process: there is nobody to ask whether it lives.
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_sound(connection)))
        .connect_with(options.read_only(true))
        .await?;
    Ok(Db::Sqlite { writer, reader })
}

/// SQLite ends a transaction by itself when the disk is full or fails. sqlx's own ROLLBACK fails then, and the connection
/// would count as inside a transaction for ever: such a one is closed, and another one opened.
fn is_sound(connection: &mut SqliteConnection) -> std::future::Ready<sqlx::Result<bool>> {
    std::future::ready(Ok(!connection.is_in_transaction()))
}

/// Asks a connection that rested whether it lives; one that was just given back was asked then.
async fn answers(connection: &mut PgConnection, rested: Duration) -> sqlx::Result<bool> {
    if rested > RESTED {
        connection.ping().await?;
    }
    Ok(true)
}

async fn open_postgres(url: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)?.application_name("certhall");
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| Box::pin(answers(connection, meta.idle_for)))
        .connect_with(options)
        .await?;
    Ok(Db::Postgres(pool))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::clock::TestClock;
    use crate::entropy::SeededEntropy;
    use crate::store::run;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_leaves_no_broken_connection() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hall.db").display());
        let store = Store::open(&url, Arc::new(TestClock::default()), Arc::new(SeededEntropy::new(1))).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        // What a full disk does to it.
        run!(tx, "ROLLBACK").unwrap();
        assert!(tx.commit().await.is_err());
        store.begin().await.unwrap().commit().await.unwrap();
    }
}
