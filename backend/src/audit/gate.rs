//! What must leave evidence is not done while no evidence can be kept.

use crate::clock::SECOND;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::StoreError;
use shared::api::ErrorCode;

/// Issuing and review stop when the sealer is further behind than this. Microseconds.
pub const LONGEST_SEAL_LAG: i64 = 60 * SECOND;

/// How long the longest waiting link of all chains waits to be sealed, by this backend's clock; 0 when none does.
/// Microseconds. Measured in the database: it holds for every backend that shares it.
pub async fn seal_lag(hall: &Hall) -> Result<i64, StoreError> {
    let since = hall.store.read().await?.unsealed_since().await?;
    Ok(since.map_or(0, |since| (hall.now() - since).max(0)))
}

/// Refuses with [`ErrorCode::AuditUnavailable`] while the sealer is too far behind.
pub async fn must_be_sealed(hall: &Hall) -> AppResult<()> {
    let lag = seal_lag(hall).await?;
    if lag <= LONGEST_SEAL_LAG {
        return Ok(());
    }
    tracing::error!(lag_s = lag / SECOND, "audit: the sealer is behind; issuing and review are refused");
    Err(AppError::with(
        ErrorCode::AuditUnavailable,
        format!(
            "审计封存已落后 {} 秒，为保证操作可追溯，审核和制证暂停，本次操作没有生效；请稍后重试，多次失败请联系系统管理员检查审计封存",
            lag / SECOND
        ),
    ))
}
