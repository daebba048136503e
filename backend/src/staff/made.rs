//! 制证完成: the key holds the certificate, read back from it.

use super::StaffMember;
use super::certificate::running;
use super::desk::order_for;
use super::making::{check_serial, refuse_made_key};
use super::secrets::{KeySecrets, key_aad};
use crate::ca::fingerprint;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{By, Certificate, CertificateState, Conn, MakingState, Order};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use shared::api::{ErrorCode, KeyMade, Role};
use shared::order::{EventKind, Status};

/// Ends the making. What was read back must be what was issued, byte for byte. Told twice (the first answer was lost),
/// nothing happens the second time.
pub async fn made(hall: &Hall, staff: &StaffMember, number: &str, key: &KeyMade) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Maker]).await?;
    check_serial(&key.key_serial)?;
    let mismatch = || AppError::new(ErrorCode::CertificateMismatch);
    let read_back = STANDARD.decode(&key.certificate).map_err(|_| mismatch())?;
    if was_told(&mut tx, &order, key, &read_back).await? {
        return Ok(());
    }
    let making = running(&mut tx, staff, &order).await?;
    let issued = tx.certificate_of_making(&making.id).await?.filter(|row| row.state == CertificateState::Issued);
    let certificate = issued.filter(|row| row.der.as_ref() == Some(&read_back)).ok_or_else(mismatch)?;
    if making.key_serial.as_ref().is_some_and(|begun| *begun != key.key_serial) {
        return Err(AppError::with(ErrorCode::CertificateMismatch, "UKey 在制证途中被更换，请重新制证"));
    }
    refuse_made_key(&mut tx, &key.key_serial).await?;
    let secrets = KeySecrets::of_making(hall, &mut tx, &making).await?;
    let secrets = secrets.ok_or_else(|| AppError::fault("a running making without secrets"))?;
    let data_key = hall.data_key(&mut tx, &order.data_key_id).await?;
    let sealed = secrets.seal(hall, &data_key, key_aad(&key.key_serial))?;
    tx.put_key(&key.key_serial, &order.id, &sealed).await?;
    tx.move_making(&making.id, MakingState::Issued, MakingState::Made).await?;
    tx.wipe_making_secrets(&making.id).await?;
    tx.set_key_serial(&order.id, &key.key_serial).await?;
    let data = json!({
        "making": making.id,
        "key": key.key_serial,
        "certificate": certificate.serial,
        "sha256": fingerprint(&read_back),
    });
    tx.move_order(&order, EventKind::KeyMade, By::maker(&staff.id), &data).await?;
    Ok(tx.commit().await?)
}

async fn was_told(conn: &mut Conn, order: &Order, key: &KeyMade, read_back: &[u8]) -> AppResult<bool> {
    if order.status != Status::AwaitingDispatch || order.key_serial.as_ref() != Some(&key.key_serial) {
        return Ok(false);
    }
    let issued = conn.certificates(&order.id).await?;
    let same = |row: &Certificate| row.state == CertificateState::Issued && row.der.as_deref() == Some(read_back);
    Ok(issued.iter().any(same))
}
