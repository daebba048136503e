//! 证书退货: the key is back at the desk.

use super::StaffMember;
use super::desk::{order_at, owe_fee};
use super::review::reason_of;
use super::secrets::{KeySecrets, key_aad};
use crate::audit::{Chain, must_be_sealed};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{By, RefundReason, RevokedWhy};
use crate::vault::Aad;
use serde_json::json;
use shared::api::{ErrorCode, ReturnKey, Role};
use shared::order::EventKind;

/// Revokes the certificate, forgets the PIN, gives the fee back; the holder may apply anew. The typed serial must be the
/// one of the order's key: a wrong parcel must not end somebody's certificate.
pub async fn return_key(hall: &Hall, staff: &StaffMember, number: &str, back: &ReturnKey) -> AppResult<()> {
    must_be_sealed(hall).await?;
    let reason = reason_of(&back.reason)?;
    hall.store
        .attempt(move |tx, _| {
            Box::pin(async move {
                let order = order_at(tx, staff, number, Role::Maker, back.version).await?;
                let typed: String = back.key_serial.chars().filter(|c| !c.is_whitespace()).collect();
                if order.key_serial.as_ref().is_none_or(|serial| !serial.eq_ignore_ascii_case(&typed)) {
                    return Err(AppError::with(
                        ErrorCode::BadRequest,
                        "介质号与本订单的 UKey 不一致，请核对 UKey 上的介质号后重新填写",
                    ));
                }
                let key = hall.data_key(tx, &order.data_key_id).await?;
                let sealed = hall.seal_json(&key, return_aad(&order.id), &reason)?;
                tx.set_return_reason(&order.id, &sealed).await?;
                let revoked = tx.revoke_certificates(&order.id, RevokedWhy::CessationOfOperation).await?;
                let dropped = tx.drop_pin_messages(&order.id).await?;
                tx.wipe_pin(&order.id).await?;
                if let Some(serial) = &order.key_serial
                    && let Some(secrets) = KeySecrets::of_key(hall, tx, &order, serial).await?
                {
                    // A parcel that never left: the PIN is still beside PUK and management key.
                    tx.set_key_secrets(serial, &secrets.without_pin().seal(hall, &key, key_aad(serial))?).await?;
                }
                tx.end_codes(&order.id).await?;
                let data = json!({ "key": order.key_serial, "revoked": revoked, "notices_dropped": dropped });
                let order = tx.move_order(&order, EventKind::Returned, By::maker(&staff.id), &data).await?;
                owe_fee(tx, &order, RefundReason::Returned, staff).await?;
                let revoked = json!({ "certificates": revoked, "reason": RevokedWhy::CessationOfOperation.name() });
                tx.note(Chain::Order(&order.id), "certificate_revoked", "maker", &staff.id, &revoked).await?;
                Ok(())
            })
        })
        .await
}

/// Where the reason of a return belongs.
const fn return_aad(order_id: &str) -> Aad<'_> {
    Aad { table: "orders", column: "return_sealed", row: order_id }
}
