//! Wrapped data keys. Erasing a person is deleting the key: what it sealed can never be opened again.

use super::{Conn, Result, StoreError, Tx, all, one, run};

/// A wrapped data key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DataKeyRow {
    /// UUIDv7.
    pub id: String,
    /// The key, wrapped under a root key.
    pub wrapped: Vec<u8>,
    /// Which root key.
    pub root_version: i64,
    /// Made.
    pub created_at: i64,
}

impl Tx {
    /// Keeps a new data key under `id` (from [`Tx::new_id`]: the wrapping is bound to it).
    pub async fn insert_data_key(&mut self, id: &str, wrapped: &[u8], root_version: i64) -> Result<()> {
        let now = self.now();
        // A backend that did not read its root key file again after a rotation must not lose what it seals.
        let written = run!(
            self,
            "INSERT INTO data_keys (id, wrapped, root_version, created_at)
             SELECT $1, $2, $3, $4
             WHERE NOT EXISTS (SELECT 1 FROM root_keys WHERE version = $3 AND retired_at IS NOT NULL)",
            id,
            wrapped,
            root_version,
            now
        )?;
        if written == 1 {
            Ok(())
        } else {
            Err(StoreError::Corrupt(format!(
                "root key version {root_version} was retired: give this backend the new file"
            )))
        }
    }

    /// Wraps a data key anew, if it is still wrapped under `old_version`.
    pub async fn rewrap_data_key(
        &mut self,
        id: &str,
        old_version: i64,
        wrapped: &[u8],
        root_version: i64,
    ) -> Result<bool> {
        let written = run!(
            self,
            "UPDATE data_keys SET wrapped = $3, root_version = $4 WHERE id = $1 AND root_version = $2",
            id,
            old_version,
            wrapped,
            root_version
        )?;
        Ok(written == 1)
    }

    /// Destroys a data key. What it sealed is lost for ever; that is the purpose.
    pub async fn destroy_data_key(&mut self, id: &str) -> Result<bool> {
        Ok(run!(self, "DELETE FROM data_keys WHERE id = $1", id)? == 1)
    }
}

impl Conn {
    /// A wrapped data key; `None` when it was destroyed.
    pub async fn data_key(&mut self, id: &str) -> Result<Option<DataKeyRow>> {
        one!(DataKeyRow, self, "SELECT * FROM data_keys WHERE id = $1", id)
    }

    /// The next keys after an id.
    pub async fn data_keys_after(&mut self, id: &str, limit: i64) -> Result<Vec<DataKeyRow>> {
        all!(DataKeyRow, self, "SELECT * FROM data_keys WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
    }

    /// Keys that are not wrapped under this version of the root key.
    pub async fn data_keys_not_under(&mut self, root_version: i64, limit: i64) -> Result<Vec<DataKeyRow>> {
        all!(
            DataKeyRow,
            self,
            "SELECT * FROM data_keys WHERE root_version <> $1 ORDER BY id LIMIT $2",
            root_version,
            limit
        )
    }
}
