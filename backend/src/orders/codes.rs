//! SMS codes: six digits, five minutes, five tries, bound to purpose and content; sent at most once for one press.

use crate::clock::{DAY, MINUTE, SECOND};
use crate::fault::{self, Bug};
use crate::gate::{GateConfig, Limits, Press, Proven, Whence};
use crate::gateways::{Outcome, SmsRequest};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::outbox::{Job, code_phone_aad};
use crate::store::{CodeLimits, CodePurpose, CodeState, NewCode};
use crate::store::{RightCode, Tried, Typed};
use crate::vault::BlindColumn;
use shared::api::{CodeSent, ErrorCode};
use shared::field::{Mobile, SmsCode};
use std::net::IpAddr;

/// A code is worthless afterwards.
pub const LIFETIME: i64 = 5 * MINUTE;
/// Longer than the call to the provider takes: afterwards whoever made it is dead, or it was not answered.
const ASK_AFTER: i64 = MINUTE;

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
        CodePurpose::Query | CodePurpose::CorrectMailing | CodePurpose::CorrectPhone | CodePurpose::AllowPhone => 120,
    }
}

/// A day's codes: enough for somebody who mistypes, too few for somebody who plagues a phone.
const fn limits(purpose: CodePurpose, gate: &GateConfig) -> CodeLimits {
    CodeLimits {
        resend_after: resend_after_s(purpose) as i64 * SECOND,
        window: DAY,
        per_phone: 10,
        per_ip: gate.codes_per_address,
        per_subject: 10,
    }
}

/// Sends a code for an answered challenge. The row is committed as `sending` before the call, so that a crash never sends
/// it again; what became of a message whose sender died is asked by [`Job::AskCode`]. The same press sent again is answered
/// with the first one's code, and nothing is sent.
pub async fn send_proven(hall: &Hall, ask: Ask<'_>, masked: String, proof: &Proven) -> AppResult<CodeSent> {
    let digits = six_digits(hall);
    let whence = Whence::of(&hall.vault, ask.address);
    let number = ask.phone.map_or_else(
        || format!("nobody:{}", ask.holder_index.as_deref().unwrap_or_default()),
        |phone| phone.as_str().to_owned(),
    );
    let phone_index = hall.vault.blind(BlindColumn::Phone, &number);
    let mut tx = hall.store.begin().await?;
    if proof.spend(&mut tx).await? == Press::Again
        && let Some(code) = tx.code_of_challenge(proof.challenge(), ask.purpose, &phone_index).await?
    {
        return Ok(sent(code.id, masked, code.purpose, hall.now() - code.created_at));
    }
    let limits_of_all = Limits::of(hall);
    if let (CodePurpose::Query, Some(subject)) = (ask.purpose, &ask.holder_index) {
        let searched = hall.vault.blind(BlindColumn::Searched, subject);
        limits_of_all.subject(&mut tx, &whence, ask.session, &searched).await.map_err(|error| hall.refusal(error))?;
    }
    let id = tx.new_id();
    let code = NewCode {
        id: id.clone(),
        purpose: ask.purpose,
        channel: ask.channel.to_owned(),
        order_id: ask.order_id.map(str::to_owned),
        holder_index: ask.holder_index,
        phone_index,
        ip_index: whence.address.clone(),
        session_id: ask.session.to_owned(),
        code_hash: code_hash(hall, &id, &digits),
        content_hash: ask.content_hash,
        expires_at: hall.now() + LIFETIME,
        challenge_id: Some(proof.challenge().to_owned()),
    };
    tx.issue_code(&code, limits(ask.purpose, &hall.config.gate)).await.map_err(|error| hall.refusal(error))?;
    limits_of_all.code(&mut tx, &whence, ask.phone.is_none()).await.map_err(|error| hall.refusal(error))?;
    let job = tx.new_id();
    let sealed = hall.vault.seal(&*hall.entropy, code_phone_aad(&job), number.as_bytes())?;
    let at = tx.now() + ASK_AFTER;
    tx.enqueue_sealed(&job, &Job::AskCode { code_id: id.clone() }, at, &sealed).await?;
    tx.commit().await?;
    let mut params = ask.params;
    params.push(("code".to_owned(), digits));
    let message = ask.phone.map(|phone| SmsRequest {
        phone: phone.as_str().to_owned(),
        sign_name: hall.config.gateways.sms.sign_name.clone(),
        template_code: ask.template.to_owned(),
        params,
        out_id: id.clone(),
    });
    let hand_over = hand_over(hall.clone(), id.clone(), message);
    match ask.purpose {
        // The provider's time would tell whether anybody is known by that number, so the answer does not wait for it.
        CodePurpose::Query => {
            hall.errand(async move {
                if let Err(error) = hand_over.await {
                    tracing::error!(%error, "what became of a message was not written down");
                }
            });
        }
        CodePurpose::Sign | CodePurpose::CorrectMailing | CodePurpose::CorrectPhone | CodePurpose::AllowPhone => {
            if hand_over.await? == CodeState::Failed {
                return Err(AppError::with(ErrorCode::ServiceUnavailable, "短信没有发出，请稍后重新获取验证码"));
            }
        }
    }
    Ok(sent(id, masked, ask.purpose, 0))
}

/// Gives the message to the provider, once, and writes down what came of it. `None`: nobody is known by that number.
async fn hand_over(hall: Hall, id: String, message: Option<SmsRequest>) -> AppResult<CodeState> {
    let state = match message {
        None => CodeState::Withheld,
        Some(message) => {
            let mut answer = hall.gateways.sms.send(&message).await;
            if fault::planted(Bug::DoubleCode) && matches!(answer, Outcome::Unknown { .. }) {
                answer = hall.gateways.sms.send(&message).await;
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
    Ok(state)
}

/// The answer about a code that was asked for `age` microseconds ago.
fn sent(ticket: String, phone: String, purpose: CodePurpose, age: i64) -> CodeSent {
    let seconds = |micros: i64| u32::try_from(micros.max(0) / SECOND).unwrap_or(u32::MAX);
    let resend_after_s = resend_after_s(purpose).saturating_sub(seconds(age));
    CodeSent { ticket, phone, resend_after_s, expires_s: seconds(LIFETIME - age) }
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
    // Whoever asked for the code is whose tries are counted, over all codes together.
    let asked_from = hall.store.read().await?.code(ticket).await?.map(|code| code.ip_index);
    let whence = asked_from.map(|address| Whence { prefix: address.clone(), address });
    if let Some(whence) = &whence {
        let mut tx = hall.store.begin().await?;
        Limits::of(hall).may_try_code(&mut tx, whence).await.map_err(|error| hall.refusal(error))?;
    }
    let typed = Typed { id: ticket, session_id: session, purpose, order_id, code_hash: &code_hash };
    match hall.store.try_code(typed).await? {
        Tried::Right(code) => Ok(code),
        Tried::Wrong { left } => {
            if let Some(whence) = &whence {
                let mut tx = hall.store.begin().await?;
                Limits::of(hall).wrong_code(&mut tx, whence).await?;
                tx.commit().await?;
            }
            Err(AppError::new(ErrorCode::SmsCodeWrong).tries_left(u32::try_from(left).unwrap_or_default()))
        }
        Tried::Expired => Err(AppError::new(ErrorCode::SmsCodeExpired)),
        Tried::UsedUp => Err(AppError::new(ErrorCode::SmsCodeUsedUp)),
    }
}

/// What is kept of a code: six digits alone would be guessed from a plain hash.
pub(super) fn code_hash(hall: &Hall, id: &str, digits: &str) -> String {
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
