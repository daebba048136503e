//! Erasing papers that nobody needs any more: all of a cancelled order, superseded ones of any other. Those of an order
//! that was refused for good are evidence.

use super::Jobs;
use crate::fault;
use crate::outbox::{Ended, JobError};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use shared::order::{EventKind, Status};

impl Jobs {
    pub(super) async fn erase_documents(&self, order_id: &str) -> Result<Ended, JobError> {
        let mut tx = self.store.begin().await?;
        let Some(order) = tx.lock_order(order_id).await? else {
            return Ok(Ended::GaveUp { why: "there is no such order".to_owned() });
        };
        let rejected = tx.times_happened(order_id, EventKind::ReviewRejected.name()).await? > 0;
        if order.status == Status::Cancelled && !rejected {
            tx.supersede_documents(order_id).await?;
        }
        let papers = tx.documents_to_erase(order_id).await?;
        tx.commit().await?;
        for paper in papers {
            fault::point("object delete", "before");
            match self.documents.delete(&Path::from(paper.object_key.as_str())).await {
                // Gone already: an earlier try got as far as here.
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let mut tx = self.store.begin().await?;
            tx.set_document_erased(&paper.id).await?;
            tx.commit().await?;
        }
        Ok(Ended::Done)
    }
}
