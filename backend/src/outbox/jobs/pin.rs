//! Forgetting first PINs.

use super::Jobs;
use crate::outbox::{Ended, JobError};

impl Jobs {
    pub(super) async fn wipe_pin(&self, order_id: &str) -> Result<Ended, JobError> {
        let mut tx = self.store.begin().await?;
        tx.wipe_pin(order_id).await?;
        tx.commit().await?;
        Ok(Ended::Done)
    }
}
