//! Logging in and out.

use super::account::{EVERY_CHANNEL, NOBODY, password_is_right, totp_aad};
use super::{StaffMember, totp};
use crate::audit::Chain;
use crate::clock::{HOUR, MINUTE, SECOND};
use crate::hall::Hall;
use crate::http::{AppError, AppResult, new_token, token_hash};
use crate::store::{Staff, Tx};
use serde_json::json;
use shared::api::{ChannelRole, ErrorCode, StaffLogin, StaffMe};
use tokio::sync::Semaphore;

/// Failed log-ins in a row until the account is locked.
const MAX_FAILED: i64 = 5;
/// How long it stays locked, after each further failure again.
const LOCKED_FOR: i64 = 15 * MINUTE;
/// A session ends then, however busy.
const LIFETIME: i64 = 12 * HOUR;
/// A session ends when it was not used for so long.
const IDLE: i64 = HOUR;
/// How exactly a session's last use is kept; one write a request would be too many.
const SEEN_EVERY: i64 = MINUTE;

/// Passwords that are verified at once. Each takes 19 MiB and a core: a flood of guesses must not take them all.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Logs in: password and one-time code, both right, the code never used before. Answers the session's token.
pub async fn log_in(hall: &Hall, login: &StaffLogin) -> AppResult<String> {
    let known = hall.store.read().await?.staff_by_name(&login.name).await?;
    let hash = known.as_ref().map_or_else(|| NOBODY.to_owned(), |staff| staff.password_hash.clone());
    let password = login.password.clone();
    let turn = AT_ONCE.acquire().await.map_err(AppError::fault)?;
    let right =
        tokio::task::spawn_blocking(move || password_is_right(&password, &hash)).await.map_err(AppError::fault)?;
    drop(turn);
    let Some(staff) = known.filter(|staff| staff.disabled_at.is_none()) else {
        return Err(AppError::new(ErrorCode::LoginRefused));
    };
    let mut tx = hall.store.begin().await?;
    // One at a time for each account: guesses sent together are counted one by one.
    tx.lock(&mut [format!("staff:{}", staff.id)]).await?;
    let staff = tx.staff_by_name(&login.name).await?.ok_or_else(|| AppError::new(ErrorCode::LoginRefused))?;
    if let Some(until) = staff.locked_until.filter(|until| *until > hall.now()) {
        return Err(locked(until - hall.now()));
    }
    let secret = hall.vault.open(totp_aad(&staff.id), &staff.totp_sealed)?;
    let step = totp::accept(&secret, &login.code, hall.now(), staff.totp_last_step).filter(|_| right);
    let accepted = match step {
        Some(step) => tx.use_totp_step(&staff.id, step).await?,
        None => false,
    };
    if !accepted {
        return refuse(hall, tx, &staff).await;
    }
    let token = new_token(&*hall.entropy);
    let session = tx.begin_staff_session(&staff.id, &token_hash(&token), hall.now() + LIFETIME).await?;
    tx.note(Chain::Staff(&staff.id), "logged_in", "staff", &staff.id, &json!({ "session": session })).await?;
    tx.commit().await?;
    Ok(token)
}

async fn refuse(hall: &Hall, mut tx: Tx, staff: &Staff) -> AppResult<String> {
    let failed = tx.count_failed_login(&staff.id).await?;
    let lock = failed >= MAX_FAILED;
    if lock {
        tx.lock_staff(&staff.id, hall.now() + LOCKED_FOR).await?;
    }
    let data = json!({ "failed": failed, "locked": lock });
    tx.note(Chain::Staff(&staff.id), "login_failed", "staff", &staff.id, &data).await?;
    tx.commit().await?;
    Err(if lock { locked(LOCKED_FOR) } else { AppError::new(ErrorCode::LoginRefused) })
}

fn locked(micros: i64) -> AppError {
    let seconds = u32::try_from(micros.max(0).unsigned_abs().div_ceil(SECOND.unsigned_abs())).unwrap_or(u32::MAX);
    AppError::with(
        ErrorCode::TooMany,
        format!("登录失败次数过多，账号已临时锁定，请在 {} 分钟后重试", seconds.div_ceil(60)),
    )
    .retry_after(seconds)
}

/// Logs out.
pub async fn log_out(hall: &Hall, staff: &StaffMember) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    tx.end_staff_session(&staff.session).await?;
    tx.note(Chain::Staff(&staff.id), "logged_out", "staff", &staff.id, &json!({ "session": staff.session })).await?;
    Ok(tx.commit().await?)
}

/// Who holds this token, with the roles as they are now.
pub async fn member_of_token(hall: &Hall, token: &str) -> AppResult<StaffMember> {
    let mut reader = hall.store.read().await?;
    let session = reader
        .staff_session(&token_hash(token), hall.now() - IDLE)
        .await?
        .ok_or_else(|| AppError::new(ErrorCode::LoginRequired))?;
    let roles = reader.staff_roles(&session.staff_id).await?;
    drop(reader);
    if session.seen_at + SEEN_EVERY <= hall.now() {
        let mut tx = hall.store.begin().await?;
        tx.see_staff_session(&session.id).await?;
        tx.commit().await?;
    }
    Ok(StaffMember { id: session.staff_id, name: session.name, session: session.id, roles })
}

/// Name and roles, `*` written out.
pub fn me(hall: &Hall, staff: &StaffMember) -> StaffMe {
    let mut roles: Vec<ChannelRole> = Vec::new();
    for mine in &staff.roles {
        let channels = hall
            .channels
            .iter()
            .filter(|channel| [channel.profile.slug.as_str(), EVERY_CHANNEL].contains(&mine.channel.as_str()));
        for channel in channels {
            let (slug, title) = (channel.profile.slug.clone(), channel.profile.title.clone());
            let role = ChannelRole { channel: slug, title, role: mine.role };
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
    }
    StaffMe { name: staff.name.clone(), roles }
}
