//! What the worker asks of those who do the jobs.

use super::Job;
use crate::store::{AsStoreError, JobRow, Store, StoreError};
use crate::vault::VaultError;
use futures_util::future::BoxFuture;

/// How a job ended without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is done; its payload is wiped.
    Done,
    /// Nothing is wrong, it has to wait: looked at again at `at` (microseconds UTC).
    Later {
        /// When.
        at: i64,
        /// What for.
        why: String,
    },
    /// It can't be done; staff have to look at it.
    GaveUp {
        /// Why.
        why: String,
    },
}

/// Why a job has to be tried again later. Holds no personal values: it is stored and logged.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The payload does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The object store.
    #[error("object store: {0}")]
    Objects(#[from] object_store::Error),
    /// Somebody outside did not answer, or not as hoped.
    #[error("{0}")]
    Outside(String),
    /// Another worker holds the job now.
    #[error("the lease was lost")]
    LeaseLost,
}

impl AsStoreError for JobError {
    fn asks_to_repeat(&self) -> bool {
        matches!(self, Self::Store(error) if error.asks_to_repeat())
    }
}

/// Does jobs.
pub trait JobHandler: Send + Sync {
    /// Does a job. One of [`super::Delivery::AtMostOnce`] calls [`Lease::mark_sending`] right before its effect, when everything
    /// that can fail before it is done.
    fn run<'a>(&'a self, job: &'a Job, row: &'a JobRow, lease: &'a Lease) -> BoxFuture<'a, Result<Ended, JobError>>;

    /// Asks what became of a job that was marked as sending; it must not have the effect again.
    fn ask<'a>(&'a self, job: &'a Job, row: &'a JobRow) -> BoxFuture<'a, Result<Ended, JobError>>;
}

/// A worker's hold on one job.
pub struct Lease {
    store: Store,
    job_id: String,
    owner: String,
}

impl Lease {
    /// The hold of `owner` on a job.
    pub fn new(store: Store, job_id: &str, owner: &str) -> Self {
        Self { store, job_id: job_id.to_owned(), owner: owner.to_owned() }
    }

    /// Writes down, and commits, that the effect happens now or has happened. From here on the job is only asked about.
    pub async fn mark_sending(&self) -> Result<(), JobError> {
        let mut tx = self.store.begin().await?;
        if !tx.mark_sending(&self.job_id, &self.owner).await? {
            return Err(JobError::LeaseLost);
        }
        Ok(tx.commit().await?)
    }

    /// The provider said, authentically, that it did not do it: the job may be done again.
    pub async fn unmark_sending(&self) -> Result<(), JobError> {
        let mut tx = self.store.begin().await?;
        if !tx.unmark_sending(&self.job_id, &self.owner).await? {
            return Err(JobError::LeaseLost);
        }
        Ok(tx.commit().await?)
    }
}
