//! The outbox's rows: enqueued in a use case's transaction, claimed by lease, ended by the worker that holds the lease.

use super::{Conn, Link, Result, StoreError, Tx, Word, all, one, run, words};
use crate::outbox::Job;

words! {
    /// Where a job stands.
    pub enum JobState {
        /// Waits for `run_at`.
        Ready = "ready",
        /// A worker holds it until `lease_until`.
        Running = "running",
        /// A message was or will be handed to the provider at any moment: it may never be handed over again.
        Sending = "sending",
        /// Done.
        Done = "done",
        /// Given up; staff have to look at it.
        Failed = "failed",
    }
}

/// A job as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct JobRow {
    /// UUIDv7; also the id of a message at its provider.
    pub id: String,
    /// [`Job::name`].
    pub kind: String,
    /// [`Job::subject_id`].
    pub subject_id: String,
    /// The order, where the job is about one.
    pub order_id: Option<String>,
    /// What the job needs and nobody may read; wiped when done.
    pub payload_sealed: Option<Vec<u8>>,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub state: JobState,
    /// How often it was begun.
    pub attempts: i64,
    /// Not before.
    pub run_at: i64,
    /// The worker that holds it.
    pub lease_owner: Option<String>,
    /// Until then; afterwards anybody may take it.
    pub lease_until: Option<i64>,
    /// When it was marked as sending.
    pub sending_at: Option<i64>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Enqueued.
    pub created_at: i64,
    /// Done or given up.
    pub done_at: Option<i64>,
}

impl JobRow {
    /// The job that this row is.
    pub fn job(&self) -> Result<Job> {
        Job::from_row(&self.kind, &self.subject_id, self.order_id.as_deref())
            .ok_or_else(|| StoreError::Corrupt(format!("job kind {}", self.kind)))
    }
}

impl Tx {
    /// Enqueues a job to run at `run_at` (now: [`Conn::now`]). One that waits already for the same subject is brought
    /// forward instead, so enqueueing twice does no harm.
    pub async fn enqueue(&mut self, job: &Job, run_at: i64) -> Result<()> {
        let (id, now) = (self.new_id(), self.now());
        run!(
            self,
            "INSERT INTO outbox (id, kind, subject_id, order_id, state, attempts, run_at, created_at)
             VALUES ($1, $2, $3, $4, 'ready', 0, $5, $6)
             ON CONFLICT (kind, subject_id) WHERE state = 'ready' DO UPDATE
             SET run_at = CASE WHEN excluded.run_at < outbox.run_at THEN excluded.run_at ELSE outbox.run_at END",
            id,
            job.name(),
            job.subject_id(),
            job.order_id(),
            run_at,
            now
        )?;
        self.job_enqueued();
        Ok(())
    }

    /// Enqueues a job with a sealed payload. `id` comes from [`Tx::new_id`]: the payload is bound to it
    /// (table `outbox`, column `payload_sealed`, row `id`).
    pub async fn enqueue_sealed(&mut self, id: &str, job: &Job, run_at: i64, payload_sealed: &[u8]) -> Result<()> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO outbox (id, kind, subject_id, order_id, payload_sealed, state, attempts, run_at, created_at)
             VALUES ($1, $2, $3, $4, $5, 'ready', 0, $6, $7)
             ON CONFLICT DO NOTHING",
            id,
            job.name(),
            job.subject_id(),
            job.order_id(),
            payload_sealed,
            run_at,
            now
        )?;
        self.job_enqueued();
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Takes up to `limit` due jobs for `owner`, and jobs whose lease is over (their worker died). A job that was
    /// sending stays so.
    pub async fn claim_jobs(&mut self, owner: &str, lease_until: i64, limit: i64) -> Result<Vec<JobRow>> {
        const POSTGRES: &str = "UPDATE outbox
             SET state = CASE WHEN state = 'ready' THEN 'running' ELSE state END,
                 attempts = attempts + 1, lease_owner = $1, lease_until = $2
             WHERE id IN (
                SELECT id FROM outbox
                WHERE (state = 'ready' AND run_at <= $3) OR (state IN ('running', 'sending') AND lease_until <= $3)
                ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING *";
        const SQLITE: &str = "UPDATE outbox
             SET state = CASE WHEN state = 'ready' THEN 'running' ELSE state END,
                 attempts = attempts + 1, lease_owner = $1, lease_until = $2
             WHERE id IN (
                SELECT id FROM outbox
                WHERE (state = 'ready' AND run_at <= $3) OR (state IN ('running', 'sending') AND lease_until <= $3)
                ORDER BY run_at, id LIMIT $4)
             RETURNING *";
        let now = self.now();
        let claim = match self.link() {
            Link::Sqlite(_) => SQLITE,
            Link::Postgres(_) => POSTGRES,
        };
        let mut rows = all!(JobRow, self, claim, owner, lease_until, now, limit)?;
        rows.sort_by(|a, b| (a.run_at, &a.id).cmp(&(b.run_at, &b.id)));
        Ok(rows)
    }

    /// From here on the message counts as sent: commit, then hand it over. `false`: the lease was lost.
    pub async fn mark_sending(&mut self, id: &str, owner: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE outbox SET state = 'sending', sending_at = $3
             WHERE id = $1 AND lease_owner = $2 AND state = 'running'",
            id,
            owner,
            now
        )?;
        Ok(written == 1)
    }

    /// The provider says that it did not take the message: it may be handed over again. `false`: the lease was lost.
    pub async fn unmark_sending(&mut self, id: &str, owner: &str) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE outbox SET state = 'running', sending_at = NULL
             WHERE id = $1 AND lease_owner = $2 AND state = 'sending'",
            id,
            owner
        )?;
        Ok(written == 1)
    }

    /// The job is done; its payload is wiped. `false`: the lease was lost.
    pub async fn finish_job(&mut self, id: &str, owner: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE outbox SET state = 'done', done_at = $3, payload_sealed = NULL, lease_owner = NULL,
                lease_until = NULL
             WHERE id = $1 AND lease_owner = $2",
            id,
            owner,
            now
        )?;
        Ok(written == 1)
    }

    /// The job is to be looked at again at `run_at`. One that was sending stays so: it is asked about, not repeated.
    /// `counted`: it failed, and its attempts go on counting; otherwise it just has to wait and counts from zero.
    pub async fn retry_job(&mut self, id: &str, owner: &str, run_at: i64, why: &str, counted: bool) -> Result<bool> {
        // Another one that waits for the same subject will do the work.
        let doubled = one!(
            (i64,),
            self,
            "SELECT COUNT(*) FROM outbox AS mine JOIN outbox AS other
                ON other.kind = mine.kind AND other.subject_id = mine.subject_id
             WHERE mine.id = $1 AND mine.state = 'running' AND other.state = 'ready'",
            id
        )?;
        if doubled.is_some_and(|(count,)| count > 0) {
            return self.finish_job(id, owner).await;
        }
        let written = run!(
            self,
            "UPDATE outbox SET
                state = CASE WHEN state = 'running' THEN 'ready' ELSE state END,
                run_at = $3, lease_owner = NULL, last_error = $4,
                lease_until = CASE WHEN state = 'sending' THEN $3 ELSE NULL END,
                attempts = CASE WHEN $5 = 1 THEN attempts ELSE 0 END
             WHERE id = $1 AND lease_owner = $2 AND state IN ('running', 'sending')",
            id,
            owner,
            run_at,
            why,
            i64::from(counted)
        )?;
        Ok(written == 1)
    }

    /// The job is given up. The payload stays sealed until staff have decided.
    pub async fn fail_job(&mut self, id: &str, owner: &str, why: &str) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE outbox SET state = 'failed', done_at = $3, last_error = $4, lease_owner = NULL,
                lease_until = NULL
             WHERE id = $1 AND lease_owner = $2",
            id,
            owner,
            now,
            why
        )?;
        Ok(written == 1)
    }
}

impl Conn {
    /// Whether [`Tx::claim_jobs`] would find anything: asked first, so that an idle worker never keeps writers waiting.
    pub async fn has_due_jobs(&mut self) -> Result<bool> {
        let now = self.now();
        let due = one!(
            (i64,),
            self,
            "SELECT COUNT(*) FROM (
                SELECT 1 FROM outbox
                WHERE (state = 'ready' AND run_at <= $1) OR (state IN ('running', 'sending') AND lease_until <= $1)
                LIMIT 1) AS due",
            now
        )?;
        Ok(due.is_some_and(|(count,)| count > 0))
    }

    /// A job by its id.
    pub async fn job(&mut self, id: &str) -> Result<Option<JobRow>> {
        one!(JobRow, self, "SELECT * FROM outbox WHERE id = $1", id)
    }

    /// Jobs about a subject, oldest first.
    pub async fn jobs_about(&mut self, subject_id: &str) -> Result<Vec<JobRow>> {
        all!(JobRow, self, "SELECT * FROM outbox WHERE subject_id = $1 ORDER BY created_at, id", subject_id)
    }

    /// Jobs that were given up and wait for staff, oldest first.
    pub async fn failed_jobs(&mut self, limit: i64) -> Result<Vec<JobRow>> {
        all!(JobRow, self, "SELECT * FROM outbox WHERE state = 'failed' ORDER BY done_at, id LIMIT $1", limit)
    }
}
