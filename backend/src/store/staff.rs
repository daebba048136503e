//! Staff accounts, their roles and their sessions.

use super::{Conn, Result, StoreError, Tx, all, one, run};
use shared::api::Role;

/// A member of staff as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Staff {
    /// UUIDv7.
    pub id: String,
    /// Log-in name.
    pub name: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// The TOTP secret, sealed by the vault.
    pub totp_sealed: Vec<u8>,
    /// The last time step whose code was used; it and earlier ones are worthless.
    pub totp_last_step: i64,
    /// When the account was made.
    pub created_at: i64,
    /// No log-in since.
    pub disabled_at: Option<i64>,
}

/// A role in a channel, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRole {
    /// The channel's slug, or `*` for every channel.
    pub channel: String,
    /// The role.
    pub role: Role,
}

/// A logged-in member of staff.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StaffSession {
    /// UUIDv7.
    pub id: String,
    /// Whose.
    pub staff_id: String,
    /// Log-in name.
    pub name: String,
    /// Last used.
    pub seen_at: i64,
    /// Over then, however busy.
    pub expires_at: i64,
}

impl Tx {
    /// Adds a member of staff. The name is taken already → [`StoreError::Conflict`].
    pub async fn insert_staff(&mut self, id: &str, name: &str, password_hash: &str, totp_sealed: &[u8]) -> Result<()> {
        let now = self.now();
        let written = run!(
            self,
            "INSERT INTO staff (id, name, password_hash, totp_sealed, totp_last_step, failed, created_at)
             VALUES ($1, $2, $3, $4, 0, 0, $5) ON CONFLICT (name) DO NOTHING",
            id,
            name,
            password_hash,
            totp_sealed,
            now
        )?;
        if written == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Gives a role; giving it again does no harm.
    pub async fn grant_role(&mut self, staff_id: &str, channel: &str, role: Role) -> Result<()> {
        run!(
            self,
            "INSERT INTO staff_roles (staff_id, channel, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            staff_id,
            channel,
            role.name()
        )?;
        Ok(())
    }

    /// Uses up a one-time code's time step. `false`: this step or a later one was used
    /// already, perhaps a moment ago by somebody else.
    pub async fn use_totp_step(&mut self, staff_id: &str, step: i64) -> Result<bool> {
        let written =
            run!(self, "UPDATE staff SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2", staff_id, step)?;
        Ok(written == 1)
    }

    /// Begins a session for the token with this SHA-256.
    pub async fn begin_staff_session(&mut self, staff_id: &str, token_hash: &[u8], expires_at: i64) -> Result<String> {
        let (id, now) = (self.new_id(), self.now());
        run!(
            self,
            "INSERT INTO staff_sessions (id, token_hash, staff_id, created_at, seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $4, $5)",
            id.as_str(),
            token_hash,
            staff_id,
            now,
            expires_at
        )?;
        Ok(id)
    }

    /// The session was used now.
    pub async fn see_staff_session(&mut self, id: &str) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE staff_sessions SET seen_at = $2 WHERE id = $1", id, now)?;
        Ok(())
    }

    /// Ends every session of a member of staff now; answers how many there were.
    pub async fn end_staff_sessions(&mut self, staff_id: &str) -> Result<u64> {
        let now = self.now();
        run!(self, "UPDATE staff_sessions SET expires_at = $2 WHERE staff_id = $1 AND expires_at > $2", staff_id, now)
    }

    /// Ends a session now.
    pub async fn end_staff_session(&mut self, id: &str) -> Result<()> {
        let now = self.now();
        run!(self, "UPDATE staff_sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $2", id, now)?;
        Ok(())
    }
}

impl Conn {
    /// The member of staff with this log-in name.
    pub async fn staff_by_name(&mut self, name: &str) -> Result<Option<Staff>> {
        one!(Staff, self, "SELECT * FROM staff WHERE name = $1", name)
    }

    /// A member of staff's roles.
    pub async fn staff_roles(&mut self, staff_id: &str) -> Result<Vec<StaffRole>> {
        let rows = all!(
            (String, String),
            self,
            "SELECT channel, role FROM staff_roles WHERE staff_id = $1 ORDER BY channel, role",
            staff_id
        )?;
        rows.into_iter()
            .map(|(channel, role)| {
                let role = Role::from_name(&role).ok_or(StoreError::Corrupt(role))?;
                Ok(StaffRole { channel, role })
            })
            .collect()
    }

    /// The session of the token with this SHA-256, unless it is over, was not used since `idle_since`, or the account
    /// was disabled.
    pub async fn staff_session(&mut self, token_hash: &[u8], idle_since: i64) -> Result<Option<StaffSession>> {
        let now = self.now();
        one!(
            StaffSession,
            self,
            "SELECT staff_sessions.id, staff_sessions.staff_id, staff.name, staff_sessions.seen_at,
                staff_sessions.expires_at
             FROM staff_sessions JOIN staff ON staff.id = staff_sessions.staff_id
             WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3 AND disabled_at IS NULL",
            token_hash,
            now,
            idle_since
        )
    }
}
