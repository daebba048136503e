//! Who is at the desk, and which orders are on it.

use super::account::EVERY_CHANNEL;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::orders::{Summary, open_json, summary_aad};
use crate::store::{Conn, FoundRow, NewRefund, Order, PaymentState, RefundReason, StaffRole, Tx};
use shared::api::{ErrorCode, Role};

/// A logged-in member of staff.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// Id of the account, written into events.
    pub id: String,
    /// Log-in name.
    pub name: String,
    /// Id of the session.
    pub session: String,
    /// What they may do where.
    pub roles: Vec<StaffRole>,
    /// The session ends then if nothing is done.
    pub idle_until: i64,
    /// The session ends then in any case.
    pub ends_at: i64,
}

impl StaffMember {
    /// Whether they have this role in this channel.
    pub fn may(&self, channel: &str, role: Role) -> bool {
        self.roles_in(channel).any(|mine| mine == role)
    }

    /// Refuses who has none of the roles: 404 where they have no role at all, 403 where they have another.
    pub fn must(&self, channel: &str, roles: &[Role]) -> AppResult<()> {
        if self.roles_in(channel).any(|mine| roles.contains(&mine)) {
            return Ok(());
        }
        let stranger = self.roles_in(channel).next().is_none();
        Err(AppError::new(if stranger { ErrorCode::NotFound } else { ErrorCode::Forbidden }))
    }

    fn roles_in(&self, channel: &str) -> impl Iterator<Item = Role> {
        self.roles
            .iter()
            .filter(move |role| role.channel == channel || role.channel == EVERY_CHANNEL)
            .map(|role| role.role)
    }
}

/// The order, if this member of staff has one of the roles in its channel.
pub(super) async fn order_for(conn: &mut Conn, staff: &StaffMember, number: &str, roles: &[Role]) -> AppResult<Order> {
    let order = conn.order_by_number(number).await?.ok_or_else(|| AppError::new(ErrorCode::NotFound))?;
    staff.must(&order.channel, roles)?;
    Ok(order)
}

/// The order as it was looked at; it has moved on meanwhile → conflict.
pub(super) async fn order_at(
    conn: &mut Conn,
    staff: &StaffMember,
    number: &str,
    role: Role,
    version: i64,
) -> AppResult<Order> {
    let order = order_for(conn, staff, number, &[role]).await?;
    if order.version == version { Ok(order) } else { Err(AppError::new(ErrorCode::Conflict)) }
}

/// The fee of a paid order is owed back. Nothing, where nothing was paid or every payment is owed back already.
pub(super) async fn owe_fee(tx: &mut Tx, order: &Order, reason: RefundReason, staff: &StaffMember) -> AppResult<()> {
    for payment in tx.payments_of_order(&order.id).await? {
        if let (PaymentState::Paid, Some(amount_fen)) = (payment.state, payment.paid_fen) {
            tx.owe_refund(NewRefund {
                order_id: &order.id,
                payment_id: &payment.id,
                amount_fen,
                reason,
                caused_by: Some(&staff.id),
            })
            .await?;
        }
    }
    Ok(())
}

/// What lists show of an order.
pub(super) async fn order_summary(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<Summary> {
    if order.summary_sealed.is_empty() {
        return Ok(Summary::erased());
    }
    let key = hall.data_key(conn, &order.data_key_id).await?;
    open_json(&key, summary_aad(&order.id), &order.summary_sealed)
}

/// The same of an order that was read with its key.
pub(super) fn found_summary(hall: &Hall, row: &FoundRow) -> AppResult<Summary> {
    let Some((wrapped, root_version)) = row.wrapped.clone().zip(row.root_version) else {
        return Ok(Summary::erased());
    };
    let key = hall.unwrap_key(&row.data_key_id, wrapped, root_version)?;
    open_json(&key, summary_aad(&row.id), &row.summary_sealed)
}
