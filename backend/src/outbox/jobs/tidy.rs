//! Once a day: what is old enough is erased or pruned. Broken off, it goes on at the next try; all of it is idempotent.

use super::Jobs;
use crate::clock::{DAY, SECOND};
use crate::orders::erase::erase_due;
use crate::outbox::{Ended, JobError};
use crate::vault::rotation::{self, RotationError};

/// Rows in one transaction, orders in one run: a run stays far below a job's time.
const BATCH: i64 = 500;
const ORDERS: i64 = 50;
/// Batches in one run.
const BATCHES: u32 = 20;

impl Jobs {
    /// Answers when to come again: at once while something is left, else tomorrow.
    pub(super) async fn tidy(&self, job_id: &str) -> Result<Ended, JobError> {
        let erased = erase_due(&self.store, &self.retention, ORDERS).await?;
        if erased > 0 {
            tracing::info!(orders = erased, "retention: identity data erased");
        }
        let mut left = i64::try_from(erased).unwrap_or(i64::MAX) >= ORDERS;
        left |= self.prune().await?;
        self.rewrap(job_id).await?;
        let wait = if left { SECOND } else { DAY };
        Ok(Ended::Later { at: self.store.now() + wait, why: "once a day".to_owned() })
    }

    /// Finished jobs and unused locks; answers whether some are left.
    async fn prune(&self) -> Result<bool, JobError> {
        let before = self.store.now() - self.retention.finished();
        for _ in 0..BATCHES {
            let mut tx = self.store.begin().await?;
            let pruned = tx.prune_jobs(before, BATCH).await?.max(tx.prune_locks(before, BATCH).await?);
            tx.commit().await?;
            if i64::try_from(pruned).unwrap_or(i64::MAX) < BATCH {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a backend sealed under the older root key while a rotation went over it.
    async fn rewrap(&self, job_id: &str) -> Result<(), JobError> {
        let owner = format!("tidy:{job_id}");
        match rotation::finish(&self.store, &self.vault, self.store.entropy(), &owner).await {
            // A rotation is running: it does the same.
            Ok(_) | Err(RotationError::Busy) => Ok(()),
            Err(RotationError::Store(error)) => Err(error.into()),
            Err(RotationError::Vault(error)) => Err(error.into()),
            Err(error @ (RotationError::Environment | RotationError::TooYoung(_) | RotationError::InUse { .. })) => {
                Err(JobError::Outside(error.to_string()))
            }
        }
    }
}
