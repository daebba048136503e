//! Keys (UKeys) that were made, with what only we may know of them.

use super::{Conn, Result, Tx, one, run};

/// A key as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Key {
    /// 介质号.
    pub serial: String,
    /// The order that it was made for last.
    pub order_id: String,
    /// PUK and management key, and until dispatch the initial PIN; sealed under that order's data key.
    pub secrets_sealed: Vec<u8>,
    /// 1: the PIN is still the one that we chose.
    pub pin_initial: i64,
    /// When it was made.
    pub made_at: i64,
    /// The first PIN after dispatch, sealed under the order's data key; wiped after a while.
    pub pin_sealed: Option<Vec<u8>>,
}

impl Tx {
    /// Keeps a key that was made now; made again, it belongs to its newest order.
    pub async fn put_key(&mut self, serial: &str, order_id: &str, secrets_sealed: &[u8]) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "INSERT INTO keys (serial, order_id, secrets_sealed, pin_initial, made_at) VALUES ($1, $2, $3, 1, $4)
             ON CONFLICT (serial) DO UPDATE SET order_id = excluded.order_id,
                secrets_sealed = excluded.secrets_sealed, pin_initial = 1, made_at = excluded.made_at,
                pin_sealed = NULL",
            serial,
            order_id,
            secrets_sealed,
            now
        )?;
        Ok(())
    }

    /// Keeps the first PIN of a key that is on its way, so that it can be told again.
    pub async fn set_key_pin(&mut self, serial: &str, pin_sealed: &[u8]) -> Result<()> {
        run!(self, "UPDATE keys SET pin_sealed = $2 WHERE serial = $1", serial, pin_sealed)?;
        Ok(())
    }

    /// Forgets the first PIN of an order's key.
    pub async fn wipe_pin(&mut self, order_id: &str) -> Result<()> {
        run!(self, "UPDATE keys SET pin_sealed = NULL WHERE order_id = $1", order_id)?;
        Ok(())
    }

    /// Replaces a key's secrets.
    pub async fn set_key_secrets(&mut self, serial: &str, secrets_sealed: &[u8]) -> Result<()> {
        run!(self, "UPDATE keys SET secrets_sealed = $2 WHERE serial = $1", serial, secrets_sealed)?;
        Ok(())
    }
}

impl Conn {
    /// The key with this serial.
    pub async fn key(&mut self, serial: &str) -> Result<Option<Key>> {
        one!(Key, self, "SELECT * FROM keys WHERE serial = $1", serial)
    }
}
