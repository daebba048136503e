//! The worker: claims due jobs, does several at once, and ends cleanly.

use super::{Ended, JobError, JobHandler, Lease};
use crate::clock::{MINUTE, SECOND};
use crate::fault::{self, Bug};
use crate::store::{JobRow, JobState, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How fast a worker works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Jobs at once.
    pub at_once: usize,
    /// Looks for due jobs of other backends at least this often.
    pub poll: Duration,
    /// A job that takes longer is broken off and tried again. Shorter than the lease.
    pub job_time: Duration,
    /// Afterwards another worker may take the job. Microseconds.
    pub lease: i64,
    /// Running jobs get this long to end when the worker is stopped.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            at_once: 4,
            poll: Duration::from_secs(1),
            job_time: Duration::from_mins(1),
            lease: 2 * MINUTE,
            grace: Duration::from_secs(20),
        }
    }
}

/// The longest wait between two tries.
const LONGEST_WAIT: i64 = 10 * MINUTE;

/// The wait after the n-th failed try: 2 s, 4 s, 8 s … 10 minutes.
pub(super) fn back_off(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20)).unwrap_or(20);
    (SECOND << doublings).min(LONGEST_WAIT)
}

/// One worker. Any number may run on one database.
pub struct Outbox {
    store: Store,
    handler: Arc<dyn JobHandler>,
    owner: String,
    pace: Pace,
}

impl Outbox {
    /// A worker; `owner` names it in leases and is not used by any other (a new id).
    pub fn new(store: Store, handler: Arc<dyn JobHandler>, owner: String, pace: Pace) -> Self {
        Self { store, handler, owner, pace }
    }

    /// Works until `shutdown`: then nothing new is begun, and running jobs get their grace. What is broken off is taken up
    /// by another worker, or by the next start, when its lease is over.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut running = JoinSet::new();
        while !shutdown.is_cancelled() {
            let free = self.pace.at_once.saturating_sub(running.len());
            let begun = match self.begin(free, &mut running).await {
                Ok(begun) => begun,
                Err(error) => {
                    tracing::warn!(%error, "outbox: no jobs can be claimed");
                    0
                }
            };
            if begun > 0 && begun == free {
                // There may be more; wait for a free hand only.
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    _ = running.join_next() => {}
                }
                continue;
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = running.join_next(), if !running.is_empty() => {}
                () = self.store.job_enqueued() => {}
                () = tokio::time::sleep(self.pace.poll) => {}
            }
        }
        let ended = tokio::time::timeout(self.pace.grace, async { while running.join_next().await.is_some() {} });
        if ended.await.is_err() {
            tracing::warn!(jobs = running.len(), "outbox: stopped before these jobs ended; their leases will run out");
        }
    }

    /// Does every job that is due now and returns how many: for tests and one-shot commands.
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        loop {
            let mut running = JoinSet::new();
            let begun = self.begin(self.pace.at_once, &mut running).await?;
            if begun == 0 {
                return Ok(done);
            }
            while running.join_next().await.is_some() {}
            done += begun;
        }
    }

    async fn begin(&self, free: usize, running: &mut JoinSet<()>) -> Result<usize, StoreError> {
        if free == 0 {
            return Ok(0);
        }
        if !self.store.read().await?.has_due_jobs().await? {
            return Ok(0);
        }
        let limit = i64::try_from(free).unwrap_or(1);
        let until = self.store.now() + self.pace.lease;
        let mut tx = self.store.begin().await?;
        let mut rows = tx.claim_jobs(&self.owner, until, limit).await?;
        if fault::planted(Bug::LostJob) {
            for row in rows.extract_if(.., |row| row.attempts > 1) {
                tx.finish_job(&row.id, &self.owner).await?;
            }
        }
        tx.commit().await?;
        let begun = rows.len();
        for row in rows {
            let hand = Hand {
                store: self.store.clone(),
                handler: self.handler.clone(),
                owner: self.owner.clone(),
                time: self.pace.job_time,
            };
            running.spawn(async move { hand.work(row).await });
        }
        Ok(begun)
    }
}

/// What does one job.
struct Hand {
    store: Store,
    handler: Arc<dyn JobHandler>,
    owner: String,
    time: Duration,
}

impl Hand {
    async fn work(&self, row: JobRow) {
        let outcome = tokio::time::timeout(self.time, self.attempt(&row))
            .await
            .unwrap_or_else(|_| Err(JobError::Outside("the job took too long".to_owned())));
        if let Err(error) = self.write_down(&row, outcome).await {
            // The lease runs out and the job is looked at again.
            tracing::error!(job = %row.id, kind = %row.kind, %error, "outbox: the outcome can't be written down");
        }
    }

    async fn attempt(&self, row: &JobRow) -> Result<Ended, JobError> {
        let job = match row.job() {
            Ok(job) => job,
            Err(error) => return Ok(Ended::GaveUp { why: error.to_string() }),
        };
        match row.state {
            JobState::Sending => self.handler.ask(&job, row).await,
            JobState::Ready | JobState::Running | JobState::Done | JobState::Failed => {
                let lease = Lease::new(self.store.clone(), &row.id, &self.owner);
                self.handler.run(&job, row, &lease).await
            }
        }
    }

    async fn write_down(&self, row: &JobRow, outcome: Result<Ended, JobError>) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let kept = match outcome {
            Ok(Ended::Done) => tx.finish_job(&row.id, &self.owner).await?,
            Ok(Ended::Later { at, why }) => tx.retry_job(&row.id, &self.owner, at, &why, false).await?,
            Ok(Ended::GaveUp { why }) => {
                tracing::error!(job = %row.id, kind = %row.kind, %why, "outbox: given up");
                tx.fail_job(&row.id, &self.owner, &why).await?
            }
            Err(JobError::LeaseLost) => false,
            Err(error) => {
                let why = error.to_string();
                tracing::warn!(job = %row.id, kind = %row.kind, attempts = row.attempts, %why, "outbox: tried in vain");
                let at = tx.now() + back_off(row.attempts);
                tx.retry_job(&row.id, &self.owner, at, &why, true).await?
            }
        };
        if !kept {
            tracing::warn!(job = %row.id, kind = %row.kind, "outbox: another worker has this job by now");
        }
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_below_ten_minutes() {
        assert_eq!([1, 2, 3].map(back_off), [2 * SECOND, 4 * SECOND, 8 * SECOND]);
        assert_eq!([0, 10, 1000].map(back_off), [2 * SECOND, LONGEST_WAIT, LONGEST_WAIT]);
    }
}
