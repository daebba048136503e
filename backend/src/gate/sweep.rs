//! Forgets what no limit needs any more: old challenges, windows that ended, dead tokens.

use crate::clock::{DAY, HOUR};
use crate::hall::Hall;
use crate::store::Result;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often. Several backends doing it at once do no harm.
const EVERY: Duration = Duration::from_mins(10);

/// Forgets once; answers how many rows went.
pub async fn sweep(hall: &Hall) -> Result<u64> {
    let mut gone = 0;
    let now = hall.now();
    // A transaction for each table: none is locked for long, and two sweepers never wait for each other.
    let mut tx = hall.store.begin().await?;
    gone += tx.forget_challenges(now - HOUR).await?;
    tx.commit().await?;
    let mut tx = hall.store.begin().await?;
    gone += tx.forget_tallies(now - HOUR).await?;
    tx.commit().await?;
    let mut tx = hall.store.begin().await?;
    gone += tx.forget_tokens(now - HOUR).await?;
    tx.commit().await?;
    let mut tx = hall.store.begin().await?;
    gone += tx.forget_old_logins(now - DAY).await?;
    tx.commit().await?;
    Ok(gone)
}

/// Sweeps now and then until `stop`.
pub async fn sweep_until(hall: Hall, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if let Err(error) = sweep(&hall).await {
            tracing::warn!(%error, "the gate's old rows stay for now");
        }
    }
}
