//! Logging in and out.

use super::account::{EVERY_CHANNEL, NOBODY, password_is_right, totp_aad};
use super::{StaffMember, totp};
use crate::audit::Chain;
use crate::clock::{HOUR, MINUTE, SECOND};
use crate::gate::{Limits, Whence};
use crate::hall::Hall;
use crate::http::{AppError, AppResult, new_token, token_hash};
use crate::store::Tx;
use crate::vault::BlindColumn;
use serde_json::json;
use shared::api::{ChannelRole, ErrorCode, StaffLogin, StaffMe};
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// Failed log-ins in a row until a name is locked.
const MAX_FAILED: i64 = 5;
/// How long it stays locked, after each further failure again.
const LOCKED_FOR: i64 = 15 * MINUTE;
/// A session ends then, however busy.
const LIFETIME: i64 = 8 * HOUR;
/// A session ends when it was not used for so long.
const IDLE: i64 = 15 * MINUTE;
/// How exactly a session's last use is kept; one write a request would be too many.
const SEEN_EVERY: i64 = 10 * SECOND;
/// The audit chain of names that nobody has.
const NOBODYS_CHAIN: &str = "unknown";

/// Passwords that are verified at once. Each takes 19 MiB and a core: a flood of guesses must not take them all.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Logs in: password and one-time code, both right, the code never used before. Answers the session's token.
///
/// A name that nobody has takes the same way as one with a wrong password: the same hash is computed, the same statements
/// run, and it is locked after as many tries.
pub async fn log_in(hall: &Hall, address: IpAddr, login: &StaffLogin) -> AppResult<String> {
    let whence = Whence::of(&hall.vault, address);
    let mut tx = hall.store.begin().await?;
    Limits::of(hall).may_log_in(&mut tx, &whence).await.map_err(|error| hall.refusal(error))?;
    let known = tx.staff_by_name(&login.name).await?;
    drop(tx);
    let hash = known.as_ref().map_or_else(|| NOBODY.to_owned(), |staff| staff.password_hash.clone());
    let password = login.password.clone();
    let turn = AT_ONCE.acquire().await.map_err(AppError::fault)?;
    let right =
        tokio::task::spawn_blocking(move || password_is_right(&password, &hash)).await.map_err(AppError::fault)?;
    drop(turn);
    let name = hall.vault.blind(BlindColumn::LoginName, &login.name);
    let mut tx = hall.store.begin().await?;
    // One at a time for each name: guesses sent together are counted one by one.
    tx.lock(&mut [format!("staff:{name}")]).await?;
    let locked_until = tx.login_locked_until(&name).await?;
    if locked_until > hall.now() {
        return Err(locked(locked_until - hall.now()));
    }
    let staff = tx.staff_by_name(&login.name).await?.filter(|staff| staff.disabled_at.is_none());
    let step = match &staff {
        Some(staff) => {
            let secret = hall.vault.open(totp_aad(&staff.id), &staff.totp_sealed)?;
            totp::accept(&secret, &login.code, hall.now(), staff.totp_last_step).filter(|_| right)
        }
        None => None,
    };
    if let (Some(staff), Some(step)) = (&staff, step)
        && tx.use_totp_step(&staff.id, step).await?
    {
        tx.forget_failed_logins(&name).await?;
        let token = new_token(&*hall.entropy);
        let session = tx.begin_staff_session(&staff.id, &token_hash(&token), hall.now() + LIFETIME).await?;
        tx.note(Chain::Staff(&staff.id), "logged_in", "staff", &staff.id, &json!({ "session": session })).await?;
        tx.commit().await?;
        return Ok(token);
    }
    refuse(hall, tx, &whence, &name, staff.as_ref().map_or(NOBODYS_CHAIN, |staff| &staff.id)).await
}

/// Counts a failure for the name and for where it came from. `name`: its keyed hash.
async fn refuse(hall: &Hall, mut tx: Tx, whence: &Whence, name: &str, who: &str) -> AppResult<String> {
    let failed = tx.count_failed_login(name).await?;
    let lock = failed >= MAX_FAILED;
    if lock {
        tx.lock_login(name, hall.now() + LOCKED_FOR).await?;
    }
    let data = json!({ "failed": failed, "locked": lock, "name": name });
    tx.note(Chain::Staff(who), "login_failed", "staff", who, &data).await?;
    Limits::of(hall).failed_login(&mut tx, whence).await?;
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

/// Ends every session of this person: one was left open somewhere, or a cookie got into other hands.
pub async fn log_out_everywhere(hall: &Hall, staff: &StaffMember) -> AppResult<()> {
    let mut tx = hall.store.begin().await?;
    let ended = tx.end_staff_sessions(&staff.id).await?;
    tx.note(Chain::Staff(&staff.id), "logged_out_everywhere", "staff", &staff.id, &json!({ "sessions": ended }))
        .await?;
    Ok(tx.commit().await?)
}

/// What a request says about its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Somebody did something.
    OfLife,
    /// The page asked by itself: the session does not last longer for it.
    OfPage,
}

/// Who holds this token, with the roles as they are now.
pub async fn member_of_token(hall: &Hall, token: &str, sign: Sign) -> AppResult<StaffMember> {
    let mut reader = hall.store.read().await?;
    let session = reader
        .staff_session(&token_hash(token), hall.now() - IDLE)
        .await?
        .ok_or_else(|| AppError::new(ErrorCode::LoginRequired))?;
    let roles = reader.staff_roles(&session.staff_id).await?;
    drop(reader);
    let mut seen_at = session.seen_at;
    if sign == Sign::OfLife && seen_at + SEEN_EVERY <= hall.now() {
        let mut tx = hall.store.begin().await?;
        tx.see_staff_session(&session.id).await?;
        tx.commit().await?;
        seen_at = hall.now();
    }
    Ok(StaffMember {
        id: session.staff_id,
        name: session.name,
        session: session.id,
        roles,
        idle_until: seen_at + IDLE,
        ends_at: session.expires_at,
    })
}

/// Name and roles, `*` written out, and how long the session lasts.
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
    let seconds = |until: i64| u32::try_from((until - hall.now()).max(0) / SECOND).unwrap_or(u32::MAX);
    StaffMe {
        name: staff.name.clone(),
        roles,
        idle_s: seconds(staff.idle_until.min(staff.ends_at)),
        ends_s: seconds(staff.ends_at),
    }
}
