//! Transactions on either engine.

use super::Result;
use crate::clock::Clock;
use crate::entropy::{Entropy, new_id};
use crate::fault::{self, Site};
use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, Sqlite, Transaction};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

tokio::task_local! {
    /// Whether the work that is watched has committed anything.
    static COMMITTED: Cell<bool>;
}

/// Does the work, and tells whether anything was committed meanwhile.
pub(crate) async fn watching_commits<T>(work: impl Future<Output = T>) -> (T, bool) {
    COMMITTED
        .scope(Cell::new(false), async {
            let done = work.await;
            (done, COMMITTED.with(Cell::get))
        })
        .await
}

/// The engine's own transaction or connection. Only the macros of `sql.rs` look inside.
pub enum Link {
    /// The embedded database.
    Sqlite(Held<Sqlite>),
    /// The shared database.
    Postgres(Held<Postgres>),
}

/// What is held until the work is done.
pub enum Held<D: Database> {
    /// Everything is of one moment.
    Transaction(Transaction<'static, D>),
    /// Each statement is of its own moment.
    Connection(PoolConnection<D>),
}

impl<D: Database> Held<D> {
    async fn commit(self) -> Result<()> {
        match self {
            Self::Transaction(transaction) => Ok(transaction.commit().await?),
            // Every statement was its own.
            Self::Connection(_) => Ok(()),
        }
    }
}

impl<D: Database> Deref for Held<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        match self {
            Self::Transaction(held) => held,
            Self::Connection(held) => held,
        }
    }
}

impl<D: Database> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        match self {
            Self::Transaction(held) => held,
            Self::Connection(held) => held,
        }
    }
}

/// What a transaction can be read through. Every reading method of the store is on it.
pub struct Conn {
    link: Link,
    clock: Arc<dyn Clock>,
    statements: Arc<AtomicU64>,
}

impl Conn {
    pub(super) fn new(link: Link, clock: Arc<dyn Clock>, statements: Arc<AtomicU64>) -> Self {
        Self { link, clock, statements }
    }

    /// The engine's transaction, for the macros: one call a statement.
    pub fn link(&mut self) -> &mut Link {
        self.statements.fetch_add(1, Ordering::Relaxed);
        &mut self.link
    }

    /// Microseconds UTC by the clock that was handed in.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    async fn commit(self) -> Result<()> {
        match self.link {
            Link::Sqlite(link) => link.commit().await,
            Link::Postgres(link) => link.commit().await,
        }
    }
}

/// For reading; it writes nothing. All of one moment ([`super::Store::read`]), or each statement of its own
/// ([`super::Store::glance`]).
pub struct Reader(pub(super) Conn);

impl Deref for Reader {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A transaction of one use case. Dropped without [`Tx::commit`], nothing of it was written.
///
/// On SQLite it is the only writer. On PostgreSQL it reads what is committed: guard every update with what was read
/// (`WHERE id = $1 AND version = $2`, zero rows is [`super::StoreError::Conflict`]), count limits under [`Tx::lock`].
#[must_use = "a transaction that is not committed writes nothing"]
pub struct Tx {
    conn: Conn,
    entropy: Arc<dyn Entropy>,
    wake: Arc<Notify>,
    enqueued: bool,
}

impl Tx {
    pub(super) fn new(conn: Conn, entropy: Arc<dyn Entropy>, wake: Arc<Notify>) -> Self {
        Self { conn, entropy, wake, enqueued: false }
    }

    /// A new row id, by the clock and the randomness that were handed in.
    pub fn new_id(&self) -> String {
        new_id(&*self.conn.clock, &*self.entropy)
    }

    /// Writes everything, and wakes this process's outbox worker if there is a new job.
    #[cfg_attr(feature = "fault-points", track_caller)]
    pub fn commit(self) -> impl Future<Output = Result<()>> + Send {
        self.commit_at(Site::here())
    }

    /// [`Tx::commit`] in the name of another place in the code.
    pub(super) async fn commit_at(self, site: Site) -> Result<()> {
        fault::pass("commit.before", site);
        self.conn.commit().await?;
        let _ = COMMITTED.try_with(|committed| committed.set(true));
        fault::pass("commit.after", site);
        if self.enqueued {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Remembers that a job was enqueued.
    pub(super) fn job_enqueued(&mut self) {
        self.enqueued = true;
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
