//! What is sealed under the vault's root key, for its rotation: wrapped data keys, and columns that belong to no order.

use super::{Conn, Link, Result, Tx, all, one, run};

/// Columns that [`crate::vault::Vault::seal`] sealed; their first four bytes are the root key's version. A new column is
/// listed here, or a rotation would lose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootSealed {
    /// Staff's TOTP secrets.
    StaffTotp,
    /// The provider's notices.
    PaymentNotice,
    /// Phones of SMS codes that are asked about.
    AskCode,
    /// What staff found out about a difference of the books.
    DifferenceNote,
}

impl RootSealed {
    /// Every column.
    pub const ALL: [Self; 4] = [Self::StaffTotp, Self::PaymentNotice, Self::AskCode, Self::DifferenceNote];

    /// Its table.
    pub const fn table(self) -> &'static str {
        match self {
            Self::StaffTotp => "staff",
            Self::PaymentNotice => "payment_notices",
            Self::AskCode => "outbox",
            Self::DifferenceNote => "difference_notes",
        }
    }

    /// Its name.
    pub const fn column(self) -> &'static str {
        match self {
            Self::StaffTotp => "totp_sealed",
            Self::PaymentNotice => "raw_sealed",
            Self::AskCode => "payload_sealed",
            Self::DifferenceNote => "note_sealed",
        }
    }
}

impl Tx {
    /// Replaces a sealed column, if it is still what was read.
    pub async fn reseal(&mut self, column: RootSealed, id: &str, old: &[u8], fresh: &[u8]) -> Result<bool> {
        let sql = match column {
            RootSealed::StaffTotp => "UPDATE staff SET totp_sealed = $3 WHERE id = $1 AND totp_sealed = $2",
            RootSealed::PaymentNotice => "UPDATE payment_notices SET raw_sealed = $3 WHERE id = $1 AND raw_sealed = $2",
            RootSealed::AskCode => {
                "UPDATE outbox SET payload_sealed = $3 WHERE id = $1 AND payload_sealed = $2 AND kind = 'ask_code'"
            }
            RootSealed::DifferenceNote => {
                "UPDATE difference_notes SET note_sealed = $3 WHERE id = $1 AND note_sealed = $2"
            }
        };
        Ok(run!(self, sql, id, old, fresh)? == 1)
    }

    /// Makes a version known; `false`: it was.
    pub async fn add_root_version(&mut self, version: i64) -> Result<bool> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO root_keys (version, added_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            version,
            now
        )?;
        Ok(written == 1)
    }

    /// Marks a version as gone: no data key is kept under it any more. `false`: it was marked.
    pub async fn retire_root_version(&mut self, version: i64) -> Result<bool> {
        let now = self.now();
        let written =
            run!(self, "UPDATE root_keys SET retired_at = $2 WHERE version = $1 AND retired_at IS NULL", version, now)?;
        Ok(written == 1)
    }

    /// Nobody writes what the root key seals until this transaction ends.
    pub async fn hold_sealed_tables(&mut self) -> Result<()> {
        match self.link() {
            // The transaction is the only writer.
            Link::Sqlite(_) => {}
            Link::Postgres(_) => {
                run!(
                    self,
                    "LOCK TABLE data_keys, staff, payment_notices, outbox, difference_notes, root_keys IN SHARE MODE"
                )?;
            }
        }
        Ok(())
    }
}

impl Conn {
    /// Rows of a column (id, sealed) that are not under this version.
    pub async fn root_sealed_not_under(
        &mut self,
        column: RootSealed,
        version: u32,
        limit: i64,
    ) -> Result<Vec<(String, Vec<u8>)>> {
        let sql = match column {
            RootSealed::StaffTotp => {
                "SELECT id, totp_sealed FROM staff WHERE substr(totp_sealed, 1, 4) <> $1 ORDER BY id LIMIT $2"
            }
            RootSealed::PaymentNotice => {
                "SELECT id, raw_sealed FROM payment_notices
                 WHERE substr(raw_sealed, 1, 4) <> $1 AND length(raw_sealed) > 0 ORDER BY id LIMIT $2"
            }
            RootSealed::AskCode => {
                "SELECT id, payload_sealed FROM outbox
                 WHERE kind = 'ask_code' AND substr(payload_sealed, 1, 4) <> $1 ORDER BY id LIMIT $2"
            }
            RootSealed::DifferenceNote => {
                "SELECT id, note_sealed FROM difference_notes
                 WHERE substr(note_sealed, 1, 4) <> $1 ORDER BY id LIMIT $2"
            }
        };
        let prefix = version.to_be_bytes().to_vec();
        all!((String, Vec<u8>), self, sql, prefix.as_slice(), limit)
    }

    /// How many rows are not under this version.
    pub async fn rows_not_under(&mut self, version: i64) -> Result<i64> {
        let prefix = prefix(version);
        let rows = one!(
            (i64,),
            self,
            "SELECT (SELECT COUNT(*) FROM data_keys WHERE root_version <> $1)
                + (SELECT COUNT(*) FROM staff WHERE substr(totp_sealed, 1, 4) <> $2)
                + (SELECT COUNT(*) FROM payment_notices
                   WHERE substr(raw_sealed, 1, 4) <> $2 AND length(raw_sealed) > 0)
                + (SELECT COUNT(*) FROM outbox WHERE kind = 'ask_code' AND substr(payload_sealed, 1, 4) <> $2)
                + (SELECT COUNT(*) FROM difference_notes WHERE substr(note_sealed, 1, 4) <> $2)",
            version,
            prefix.as_slice()
        )?;
        Ok(rows.map_or(0, |(rows,)| rows))
    }

    /// How many rows are under this version.
    pub async fn rows_under(&mut self, version: i64) -> Result<i64> {
        let prefix = prefix(version);
        let rows = one!(
            (i64,),
            self,
            "SELECT (SELECT COUNT(*) FROM data_keys WHERE root_version = $1)
                + (SELECT COUNT(*) FROM staff WHERE substr(totp_sealed, 1, 4) = $2)
                + (SELECT COUNT(*) FROM payment_notices WHERE substr(raw_sealed, 1, 4) = $2)
                + (SELECT COUNT(*) FROM outbox WHERE kind = 'ask_code' AND substr(payload_sealed, 1, 4) = $2)
                + (SELECT COUNT(*) FROM difference_notes WHERE substr(note_sealed, 1, 4) = $2)",
            version,
            prefix.as_slice()
        )?;
        Ok(rows.map_or(0, |(rows,)| rows))
    }

    /// When a version was made known, microseconds UTC.
    pub async fn root_version_added(&mut self, version: i64) -> Result<Option<i64>> {
        let at = one!((i64,), self, "SELECT added_at FROM root_keys WHERE version = $1", version)?;
        Ok(at.map(|(at,)| at))
    }
}

/// A version that is no u32 is nobody's.
fn prefix(version: i64) -> Vec<u8> {
    u32::try_from(version).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}
