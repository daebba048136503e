//! Erasing an order's identity data, by its age or by an operator's decision.

use crate::audit::Chain;
use crate::config::Retention;
use crate::outbox::Job;
use crate::store::{Order, Store, StoreError, Tx};
use serde_json::json;
use shared::order::Status;

/// Why an order's identity data stays.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No order has this number.
    #[error("there is no order {0}")]
    NoOrder(String),
    /// It is neither cancelled nor overdue.
    #[error("order {number} is not to be erased: it is not cancelled, and {why}")]
    NotDue {
        /// Its number.
        number: String,
        /// What it waits for.
        why: String,
    },
    /// A cancelled order still has money or messages under way.
    #[error("order {0} was cancelled, but is not settled yet: {1}")]
    NotSettled(String, &'static str),
    /// It was erased before.
    #[error("order {0} was erased before")]
    Erased(String),
    /// The reason is empty or too long.
    #[error("a reason of 1 to {LONGEST_REASON} characters is needed; it is kept in the audit: name no person in it")]
    Reason,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 200;

/// On what grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grounds {
    /// It was cancelled, no certificate was ever issued.
    Cancelled,
    /// Its last certificate ended longer ago than identity data is kept.
    Overdue,
}

impl Grounds {
    const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Overdue => "overdue",
        }
    }
}

/// Erases a cancelled or overdue order on an operator's word.
pub async fn erase(store: &Store, retention: &Retention, number: &str, reason: &str) -> Result<(), EraseError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(EraseError::Reason);
    }
    let mut tx = store.begin().await?;
    let order = tx.order_by_number(number).await?.ok_or_else(|| EraseError::NoOrder(number.to_owned()))?;
    let order = tx.lock_order(&order.id).await?.ok_or_else(|| EraseError::NoOrder(number.to_owned()))?;
    let grounds = grounds(&mut tx, retention, &order).await?;
    write(&mut tx, &order, grounds, ("command_line", reason)).await?;
    Ok(tx.commit().await?)
}

/// Erases up to `limit` orders that are due by their age; answers how many. Those cancelled come due, too: without a
/// certificate there is nothing to keep their data for.
pub async fn erase_due(store: &Store, retention: &Retention, limit: i64) -> Result<u64, StoreError> {
    let mut read = store.read().await?;
    let mut due = read.ended_before(store.now() - retention.identity(), limit).await?;
    due.extend(read.cancelled_before(store.now() - retention.cancelled(), limit).await?);
    drop(read);
    let mut erased = 0;
    for one in due {
        let mut tx = store.begin().await?;
        let Some(order) = tx.lock_order(&one.id).await? else { continue };
        match grounds(&mut tx, retention, &order).await {
            Ok(grounds) => {
                write(&mut tx, &order, grounds, ("retention", "")).await.or_else(already)?;
                tx.commit().await?;
                erased += 1;
            }
            Err(EraseError::Store(error)) => return Err(error),
            Err(
                error @ (EraseError::NotDue { .. }
                | EraseError::NotSettled(..)
                | EraseError::NoOrder(_)
                | EraseError::Erased(_)
                | EraseError::Reason),
            ) => tracing::warn!(order = %one.number, %error, "retention: not erased"),
        }
    }
    Ok(erased)
}

/// Somebody was faster: that is fine.
fn already(error: EraseError) -> Result<(), StoreError> {
    match error {
        EraseError::Store(error) => Err(error),
        EraseError::Erased(_)
        | EraseError::NotDue { .. }
        | EraseError::NotSettled(..)
        | EraseError::NoOrder(_)
        | EraseError::Reason => Ok(()),
    }
}

async fn grounds(tx: &mut Tx, retention: &Retention, order: &Order) -> Result<Grounds, EraseError> {
    let number = || order.number.clone();
    if let Some(end) = tx.last_certificate_end(&order.id).await? {
        let until = end.saturating_add(retention.identity());
        return if until < tx.now() {
            Ok(Grounds::Overdue)
        } else {
            let why = format!("its data is kept until {}", crate::clock::china_day(until));
            Err(EraseError::NotDue { number: number(), why })
        };
    }
    if order.status != Status::Cancelled {
        return Err(EraseError::NotDue { number: number(), why: "it has no certificate that ended".to_owned() });
    }
    if !tx.live_payments(&order.id).await?.is_empty() {
        return Err(EraseError::NotSettled(number(), "a trade is open; wait until it is closed"));
    }
    if tx.owes_refund(&order.id).await? {
        return Err(EraseError::NotSettled(number(), "money is owed back"));
    }
    Ok(Grounds::Cancelled)
}

async fn write(
    tx: &mut Tx,
    order: &Order,
    grounds: Grounds,
    (actor_id, reason): (&str, &str),
) -> Result<(), EraseError> {
    if !tx.erase_identity(order).await? {
        return Err(EraseError::Erased(order.number.clone()));
    }
    let data = json!({ "grounds": grounds.name(), "reason": reason });
    tx.note(Chain::Order(&order.id), "identity_erased", "system", actor_id, &data).await?;
    let now = tx.now();
    tx.enqueue(&Job::EraseDocuments { order_id: order.id.clone() }, now).await?;
    Ok(())
}
