//! SMS codes: six digits, five minutes, five tries, bound to purpose and content; sent at most once for one press.

use crate::clock::{DAY, MINUTE, SECOND};
use crate::fault::{self, Bug};
use crate::gateways::{Outcome, SmsRequest};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{CodeLimits, CodePurpose, CodeState, NewCode};
use crate::store::{RightCode, Tried, Typed};
use crate::vault::BlindColumn;
use shared::api::{CodeSent, ErrorCode};
use shared::field::{Mobile, SmsCode};
use std::net::IpAddr;

/// A code is worthless afterwards.
pub const LIFETIME: i64 = 5 * MINUTE;

/// What a code is asked for.
pub struct Ask<'a> {
    /// Why.
    pub purpose: CodePurpose,
    /// The channel's slug.
    pub channel: &'a str,
    /// The asking session; the code works in no other.
    pub session: &'a str,
    /// The asking address.
    pub address: IpAddr,
    /// The order, for signing.
    pub order_id: Option<&'a str>,
    /// Blind index of the holder, for a query.
    pub holder_index: Option<String>,
    /// What the code agrees to.
    pub content_hash: Option<String>,
    /// Where it goes. `None`: nobody is known by that number; everything else happens all the same.
    pub phone: Option<&'a Mobile>,
    /// The registered template.
    pub template: &'a str,
    /// The template's variables besides `code`.
    pub params: Vec<(String, String)>,
}

/// Seconds between two codes for one purpose (rules.md: 300 for signing, 120 in queries).
pub const fn resend_after_s(purpose: CodePurpose) -> u32 {
    match purpose {
        CodePurpose::Sign => 300,
        CodePurpose::Query => 120,
    }
}

/// A day's codes: enough for somebody who mistypes, too few for somebody who plagues a phone.
const fn limits(purpose: CodePurpose) -> CodeLimits {
    CodeLimits {
        resend_after: resend_after_s(purpose) as i64 * SECOND,
        window: DAY,
        per_phone: 10,
        per_ip: 100,
        per_subject: 10,
    }
}

/// Sends a code: the row is committed as `sending` before the call, so that a crash never sends it again.
pub async fn send(hall: &Hall, ask: Ask<'_>, masked: String) -> AppResult<CodeSent> {
    let digits = six_digits(hall);
    let mut tx = hall.store.begin().await?;
    let id = tx.new_id();
    let number = ask.phone.map_or_else(
        || format!("nobody:{}", ask.holder_index.as_deref().unwrap_or_default()),
        |phone| phone.as_str().to_owned(),
    );
    let resend_after_s = resend_after_s(ask.purpose);
    let code = NewCode {
        id: id.clone(),
        purpose: ask.purpose,
        channel: ask.channel.to_owned(),
        order_id: ask.order_id.map(str::to_owned),
        holder_index: ask.holder_index,
        phone_index: hall.vault.blind(BlindColumn::Phone, &number),
        ip_index: hall.vault.blind(BlindColumn::Ip, &ask.address.to_string()),
        session_id: ask.session.to_owned(),
        code_hash: code_hash(hall, &id, &digits),
        content_hash: ask.content_hash,
        expires_at: hall.now() + LIFETIME,
    };
    tx.issue_code(&code, limits(ask.purpose)).await.map_err(|error| hall.refusal(error))?;
    tx.commit().await?;
    let state = match ask.phone {
        None => CodeState::Withheld,
        Some(phone) => {
            let mut params = ask.params;
            params.push(("code".to_owned(), digits));
            let request = SmsRequest {
                phone: phone.as_str().to_owned(),
                sign_name: hall.config.gateways.sms.sign_name.clone(),
                template_code: ask.template.to_owned(),
                params,
                out_id: id.clone(),
            };
            let mut answer = hall.gateways.sms.send(&request).await;
            if fault::planted(Bug::DoubleCode) && matches!(answer, Outcome::Unknown { .. }) {
                answer = hall.gateways.sms.send(&request).await;
            }
            match answer {
                Outcome::Ok(_) => CodeState::Sent,
                Outcome::Refused { code, message } => {
                    tracing::warn!(%code, %message, "SMS refused");
                    CodeState::Failed
                }
                // It may have arrived: the applicant waits for it and asks again after the interval.
                Outcome::Unknown { reason } => {
                    tracing::warn!(%reason, "SMS unanswered");
                    CodeState::Unknown
                }
            }
        }
    };
    let mut tx = hall.store.begin().await?;
    tx.set_code_state(&id, state).await?;
    tx.commit().await?;
    if state == CodeState::Failed {
        return Err(AppError::with(ErrorCode::ServiceUnavailable, "短信没有发出，请稍后重新获取验证码"));
    }
    let expires_s = u32::try_from(LIFETIME / SECOND).unwrap_or(u32::MAX);
    Ok(CodeSent { ticket: id, phone: masked, resend_after_s, expires_s })
}

/// Tries a code; a wrong try counts even though everything else of the request is undone. The right one is used up by the
/// act that it allows: `Tx::use_code`.
pub async fn try_code(
    hall: &Hall,
    (purpose, order_id): (CodePurpose, Option<&str>),
    session: &str,
    ticket: &str,
    typed: &str,
) -> AppResult<RightCode> {
    let typed =
        SmsCode::parse(typed).map_err(|_| AppError::with(ErrorCode::SmsCodeWrong, "请输入短信中的 6 位数字验证码"))?;
    let code_hash = code_hash(hall, ticket, typed.as_str());
    let typed = Typed { id: ticket, session_id: session, purpose, order_id, code_hash: &code_hash };
    match hall.store.try_code(typed).await? {
        Tried::Right(code) => Ok(code),
        Tried::Wrong { left } => {
            Err(AppError::new(ErrorCode::SmsCodeWrong).tries_left(u32::try_from(left).unwrap_or_default()))
        }
        Tried::Expired => Err(AppError::new(ErrorCode::SmsCodeExpired)),
        Tried::UsedUp => Err(AppError::new(ErrorCode::SmsCodeUsedUp)),
    }
}

fn code_hash(hall: &Hall, id: &str, digits: &str) -> String {
    hall.vault.blind(BlindColumn::Code, &format!("{id}:{digits}"))
}

/// Six digits, each value as likely as any other.
fn six_digits(hall: &Hall) -> String {
    const SPAN: u32 = 1_000_000;
    loop {
        let mut bytes = [0; 4];
        hall.entropy.fill(&mut bytes);
        let value = u32::from_be_bytes(bytes);
        // Above the last whole multiple the low values would be more likely.
        if value < u32::MAX - u32::MAX % SPAN {
            return format!("{:06}", value % SPAN);
        }
    }
}
