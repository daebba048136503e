//! Staff accounts, made by the command line: `certhall staff add`.

use super::totp;
use crate::audit::Chain;
use crate::entropy::Entropy;
use crate::hall::Hall;
use crate::store::StoreError;
use crate::vault::{Aad, VaultError};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use serde_json::json;
use shared::api::Role;
use zeroize::Zeroizing;

/// `*` in a role: every channel, also those that come later.
pub const EVERY_CHANNEL: &str = "*";

const SHORTEST_PASSWORD: usize = 12;
const LONGEST_PASSWORD: usize = 128;

/// Why an account is not made.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Log-in names are 2 to 32 of `a-z 0-9 . _ -`.
    #[error("the name must be 2 to 32 of a-z, 0-9, '.', '_' and '-'")]
    Name,
    /// Somebody has it.
    #[error("the name is taken")]
    Taken,
    /// Too short or too long.
    #[error("the password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")]
    Password,
    /// No such channel.
    #[error("there is no channel {0}")]
    Channel(String),
    /// Argon2 failed.
    #[error("the password could not be hashed")]
    Hash,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an account with roles in a channel (`*`: in all). Answers the address for an authenticator app; it is told
/// this once and never again.
pub async fn add(hall: &Hall, name: &str, password: &str, channel: &str, roles: &[Role]) -> Result<String, AddError> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if !(2..=32).contains(&name.len()) || !name.chars().all(letters) {
        return Err(AddError::Name);
    }
    if channel != EVERY_CHANNEL && hall.channels.get(channel).is_none() {
        return Err(AddError::Channel(channel.to_owned()));
    }
    let password_hash = hash_password(&*hall.entropy, password)?;
    let mut secret = Zeroizing::new([0u8; totp::SECRET_BYTES]);
    hall.entropy.fill(&mut *secret);
    let mut tx = hall.store.begin().await?;
    let id = tx.new_id();
    let sealed = hall.vault.seal(&*hall.entropy, totp_aad(&id), &*secret)?;
    tx.insert_staff(&id, name, &password_hash, &sealed).await.map_err(|error| match error {
        StoreError::Conflict => AddError::Taken,
        other => AddError::Store(other),
    })?;
    for role in roles {
        tx.grant_role(&id, channel, *role).await?;
    }
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    tx.note(
        Chain::Staff(&id),
        "account_added",
        "system",
        "command_line",
        &json!({ "channel": channel, "roles": names }),
    )
    .await?;
    tx.commit().await?;
    Ok(totp::address(name, &*secret))
}

/// Where a TOTP secret belongs.
pub(super) const fn totp_aad(staff_id: &str) -> Aad<'_> {
    Aad { table: "staff", column: "totp_sealed", row: staff_id }
}

/// Argon2id with the crate's recommended cost (19 MiB, two passes), as a PHC string.
fn hash_password(entropy: &dyn Entropy, password: &str) -> Result<String, AddError> {
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Err(AddError::Password);
    }
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| AddError::Hash)?;
    Ok(hash.to_string())
}

/// Whether the password is right. Takes a tenth of a second on purpose: call it where it blocks nobody.
pub(super) fn password_is_right(password: &str, hash: &str) -> bool {
    if password.chars().count() > LONGEST_PASSWORD {
        return false;
    }
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of nobody's password: verifying against it takes as long as against a real one, so that the time does not
/// tell which names exist.
pub(super) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5MDA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
