//! Certificates: prepared before they are signed, so that none is ever lost or issued twice.

use super::{Conn, Result, Tx, Word, all, one, run, words};

words! {
    /// Where a certificate stands.
    pub enum CertificateState {
        /// Its bytes are fixed; it was or will be signed.
        Prepared = "prepared",
        /// Signed.
        Issued = "issued",
        /// Its making was abandoned; another one took its place.
        Superseded = "superseded",
    }
}

/// A certificate as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Certificate {
    /// UUIDv7.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The making.
    pub making_id: String,
    /// Serial number, 32 hex digits.
    pub serial: String,
    /// Name of the profile.
    pub profile: String,
    /// SHA-256 of the request, hex.
    pub request_hash: String,
    /// SHA-256 of the public key, hex.
    pub spki_hash: String,
    /// The to-be-signed bytes.
    pub tbs: Vec<u8>,
    /// The certificate, DER, once signed.
    pub der: Option<Vec<u8>>,
    /// Where it stands.
    #[sqlx(try_from = "Word")]
    pub state: CertificateState,
    /// First valid second, microseconds UTC.
    pub not_before: i64,
    /// Last valid second, microseconds UTC.
    pub not_after: i64,
    /// When its bytes were fixed.
    pub prepared_at: i64,
    /// When it was signed.
    pub issued_at: Option<i64>,
    /// When another one took its place.
    pub superseded_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why, as [`RevokedWhy`] says it.
    pub revoked_why: Option<String>,
}

words! {
    /// Why a certificate was revoked after it had reached its holder (RFC 5280, 5.3.1).
    pub enum RevokedWhy {
        /// The key came back; the holder does not use it any more.
        CessationOfOperation = "cessation_of_operation",
    }
}

/// What [`Tx::prepare_certificate`] writes.
#[derive(Clone, Copy, Debug)]
pub struct NewCertificate<'a> {
    /// The order.
    pub order_id: &'a str,
    /// The making.
    pub making_id: &'a str,
    /// Serial number, hex.
    pub serial: &'a str,
    /// Name of the profile.
    pub profile: &'a str,
    /// SHA-256 of the request, hex.
    pub request_hash: &'a str,
    /// SHA-256 of the public key, hex.
    pub spki_hash: &'a str,
    /// The to-be-signed bytes.
    pub tbs: &'a [u8],
    /// First valid second.
    pub not_before: i64,
    /// Last valid second.
    pub not_after: i64,
}

impl Tx {
    /// Keeps what is about to be signed.
    pub async fn prepare_certificate(&mut self, new: NewCertificate<'_>) -> Result<()> {
        let (id, now) = (self.new_id(), self.now());
        run!(
            self,
            "INSERT INTO certificates (id, order_id, making_id, serial, profile, request_hash, spki_hash, tbs, state,
                not_before, not_after, prepared_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'prepared', $9, $10, $11)",
            id,
            new.order_id,
            new.making_id,
            new.serial,
            new.profile,
            new.request_hash,
            new.spki_hash,
            new.tbs,
            new.not_before,
            new.not_after,
            now
        )?;
        Ok(())
    }

    /// Keeps the signed certificate. `false`: it was signed or superseded meanwhile, and this signature is thrown away.
    pub async fn issue_certificate(&mut self, serial: &str, der: &[u8]) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "UPDATE certificates SET der = $2, state = 'issued', issued_at = $3
             WHERE serial = $1 AND state = 'prepared'",
            serial,
            der,
            now
        )?;
        Ok(written == 1)
    }

    /// Revokes the order's certificate; it stays in the revocation list until it expires. Answers the serial numbers that
    /// were not revoked before.
    pub async fn revoke_certificates(&mut self, order_id: &str, why: RevokedWhy) -> Result<Vec<String>> {
        let now = self.now();
        let rows = all!(
            (String,),
            self,
            "UPDATE certificates SET revoked_at = $2, revoked_why = $3
             WHERE order_id = $1 AND state <> 'superseded' AND revoked_at IS NULL RETURNING serial",
            order_id,
            now,
            why.name()
        )?;
        Ok(rows.into_iter().map(|(serial,)| serial).collect())
    }

    /// The order's certificates of abandoned makings will never be delivered. Answers their serial numbers.
    pub async fn supersede_certificates(&mut self, order_id: &str) -> Result<Vec<String>> {
        let now = self.now();
        let rows = all!(
            (String,),
            self,
            "UPDATE certificates SET state = 'superseded', superseded_at = $2
             WHERE order_id = $1 AND state <> 'superseded' RETURNING serial",
            order_id,
            now
        )?;
        Ok(rows.into_iter().map(|(serial,)| serial).collect())
    }
}

impl Conn {
    /// The certificate of a making.
    pub async fn certificate_of_making(&mut self, making_id: &str) -> Result<Option<Certificate>> {
        one!(Certificate, self, "SELECT * FROM certificates WHERE making_id = $1 AND state <> 'superseded'", making_id)
    }

    /// An order's certificates, newest first.
    pub async fn certificates(&mut self, order_id: &str) -> Result<Vec<Certificate>> {
        all!(
            Certificate,
            self,
            "SELECT * FROM certificates WHERE order_id = $1 ORDER BY prepared_at DESC, id DESC",
            order_id
        )
    }

    /// Serial number and time of every certificate that was superseded and has not expired, oldest first. One that was
    /// prepared only is among them: it may have been signed, though the signature was lost.
    pub async fn superseded_certificates(&mut self) -> Result<Vec<(String, i64)>> {
        let now = self.now();
        all!(
            (String, i64),
            self,
            "SELECT serial, superseded_at FROM certificates
             WHERE superseded_at IS NOT NULL AND not_after > $1 ORDER BY superseded_at, serial",
            now
        )
    }

    /// Serial number, time and reason of every certificate that was revoked and has not expired, oldest first.
    pub async fn revoked_certificates(&mut self) -> Result<Vec<(String, i64, RevokedWhy)>> {
        let now = self.now();
        let rows = all!(
            (String, i64, Word),
            self,
            "SELECT serial, revoked_at, revoked_why FROM certificates
             WHERE revoked_at IS NOT NULL AND not_after > $1 ORDER BY revoked_at, serial",
            now
        )?;
        rows.into_iter().map(|(serial, at, why)| Ok((serial, at, RevokedWhy::try_from(why)?))).collect()
    }

    /// Whether any certificate, of whatever state, has this public key.
    pub async fn public_key_is_used(&mut self, spki_hash: &str) -> Result<bool> {
        let row = one!((i64,), self, "SELECT COUNT(*) FROM certificates WHERE spki_hash = $1", spki_hash)?;
        Ok(row.is_some_and(|(count,)| count > 0))
    }

    /// The certificate with this serial number.
    pub async fn certificate(&mut self, serial: &str) -> Result<Option<Certificate>> {
        one!(Certificate, self, "SELECT * FROM certificates WHERE serial = $1", serial)
    }
}
