//! The certificate for the key pair that was made on the key.
//!
//! Two transactions: the to-be-signed bytes are committed, then they are signed and the certificate committed. A crash
//! between them is mended by asking again: the same request of the same making gets the same certificate.

use super::StaffMember;
use super::desk::order_for;
use crate::audit::must_be_sealed;
use crate::ca::{Subject, UNIT, VerifiedRequest, fingerprint, validity};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{By, Certificate, CertificateState, Conn, Making, MakingState, NewCertificate, Order, Tx};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use shared::api::{CertificateRequest, ErrorCode, IssuedCertificate, Role};
use shared::order::{EventKind, Status};

/// Issues the certificate for the running making's key pair, or answers the one that was issued for this request.
pub async fn issue(
    hall: &Hall,
    staff: &StaffMember,
    number: &str,
    request: &CertificateRequest,
) -> AppResult<IssuedCertificate> {
    let prepared = prepare(hall, staff, number, &request.csr).await?;
    if let (CertificateState::Issued, Some(der)) = (prepared.state, &prepared.der) {
        return Ok(answer(&prepared.serial, der));
    }
    must_be_sealed(hall).await?;
    let der = hall.ca.sign(&prepared.tbs).map_err(AppError::fault)?;
    keep(hall, staff, number, &prepared, der).await
}

/// Fixes the to-be-signed bytes, or finds those of an earlier try.
async fn prepare(hall: &Hall, staff: &StaffMember, number: &str, csr: &str) -> AppResult<Certificate> {
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Maker]).await?;
    let making = running(&mut tx, staff, &order).await?;
    let csr = verified(csr, number)?;
    if let Some(earlier) = tx.certificate_of_making(&making.id).await? {
        if earlier.request_hash == csr.hash() {
            return Ok(earlier);
        }
        // Another key pair was made meanwhile: only a making from its beginning leads on.
        return Err(AppError::new(ErrorCode::CsrRefused));
    }
    tx.lock(&mut [format!("public-key:{}", csr.spki_hash())]).await?;
    if tx.public_key_is_used(&csr.spki_hash()).await? {
        return Err(AppError::new(ErrorCode::CsrRefused));
    }
    let form = hall.open_form(&mut tx, &order).await?;
    let subject = Subject::unit(form.unit().name.as_str(), form.unit().credit_code.as_str());
    let years = hall.channel(&order.channel)?.public.product.years;
    let validity = validity(hall.now(), years).ok_or_else(|| AppError::fault("validity beyond the calendar"))?;
    let prepared = hall.ca.prepare(&UNIT, &subject, &csr, validity, &*hall.entropy).map_err(AppError::fault)?;
    tx.prepare_certificate(NewCertificate {
        order_id: &order.id,
        making_id: &making.id,
        serial: &prepared.serial,
        profile: UNIT.name,
        request_hash: &csr.hash(),
        spki_hash: &prepared.spki_hash,
        tbs: &prepared.tbs,
        not_before: prepared.not_before,
        not_after: prepared.not_after,
    })
    .await?;
    tx.move_making(&making.id, MakingState::Started, MakingState::Issued).await?;
    let stored = tx.certificate(&prepared.serial).await?.ok_or_else(|| AppError::fault("certificate row vanished"))?;
    tx.commit().await?;
    Ok(stored)
}

fn verified(csr: &str, number: &str) -> AppResult<VerifiedRequest> {
    let refused = || AppError::new(ErrorCode::CsrRefused);
    let der = STANDARD.decode(csr).map_err(|_| refused())?;
    VerifiedRequest::verify(&der, number).map_err(|why| {
        tracing::warn!(order = number, %why, "certificate request refused");
        refused()
    })
}

/// Keeps the signed certificate with its event. Of two that signed at the same time the first one counts.
async fn keep(
    hall: &Hall,
    staff: &StaffMember,
    number: &str,
    prepared: &Certificate,
    der: Vec<u8>,
) -> AppResult<IssuedCertificate> {
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Maker]).await?;
    let making = running(&mut tx, staff, &order).await?;
    if making.id != prepared.making_id || !tx.issue_certificate(&prepared.serial, &der).await? {
        return issued_by_another(&mut tx, prepared).await;
    }
    tx.set_certificate_serial(&order.id, &prepared.serial).await?;
    let data = json!({ "making": making.id, "certificate": prepared.serial, "sha256": fingerprint(&der) });
    tx.move_order(&order, EventKind::CertificateIssued, By::maker(&staff.id), &data).await?;
    tx.commit().await?;
    Ok(answer(&prepared.serial, &der))
}

async fn issued_by_another(tx: &mut Tx, prepared: &Certificate) -> AppResult<IssuedCertificate> {
    match tx.certificate(&prepared.serial).await? {
        Some(Certificate { state: CertificateState::Issued, der: Some(der), serial, .. }) => Ok(answer(&serial, &der)),
        Some(_) | None => Err(AppError::new(ErrorCode::Conflict)),
    }
}

/// The order's running making, if it is this person's.
pub(super) async fn running(conn: &mut Conn, staff: &StaffMember, order: &Order) -> AppResult<Making> {
    let conflict = || AppError::new(ErrorCode::Conflict);
    if order.status != Status::AwaitingMaking {
        return Err(conflict());
    }
    conn.live_making(&order.id).await?.filter(|making| making.staff_id == staff.id).ok_or_else(conflict)
}

fn answer(serial: &str, der: &[u8]) -> IssuedCertificate {
    IssuedCertificate { serial: serial.to_owned(), certificate: STANDARD.encode(der) }
}
