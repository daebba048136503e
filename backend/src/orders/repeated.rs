//! An act that was done already: pressed twice, or sent again because the answer got lost.

use super::codes::code_hash;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{CodePurpose, CodeRow};
use shared::api::ErrorCode;
use shared::field::SmsCode;
use subtle::ConstantTimeEq;

/// A code as it came with the request.
#[derive(Clone, Copy)]
pub struct Came<'a> {
    /// What for.
    pub purpose: CodePurpose,
    /// Its ticket.
    pub ticket: &'a str,
    /// As typed.
    pub typed: &'a str,
}

/// The codes of a request that was refused, if this very request used all of them before: the same tickets, session and
/// order, typed rightly. What they allowed was done then, and is answered again. No try is spent: it opens nothing that the
/// session does not have already.
pub async fn done_before(
    hall: &Hall,
    refusal: &AppError,
    session: &str,
    number: Option<&str>,
    came: &[Came<'_>],
) -> AppResult<Option<Vec<CodeRow>>> {
    // `DocumentsMissing`: the press beside this one has just taken the staged papers over.
    if !matches!(
        refusal.code(),
        ErrorCode::Conflict | ErrorCode::SmsCodeUsedUp | ErrorCode::ConsentChanged | ErrorCode::DocumentsMissing
    ) {
        return Ok(None);
    }
    let mut reader = hall.store.read().await?;
    let order_id = match number {
        Some(number) => match reader.order_of_session(number, session).await? {
            Some(order) => Some(order.id),
            None => return Ok(None),
        },
        None => None,
    };
    let mut used = Vec::with_capacity(came.len());
    for came in came {
        let Ok(typed) = SmsCode::parse(came.typed) else { return Ok(None) };
        let hash = code_hash(hall, came.ticket, typed.as_str());
        let is_it = |code: &CodeRow| {
            let right: bool = code.code_hash.as_bytes().ct_eq(hash.as_bytes()).into();
            let same = code.session_id == session && code.purpose == came.purpose && code.order_id == order_id;
            same && right && code.used_at.is_some()
        };
        match reader.code(came.ticket).await?.filter(is_it) {
            Some(code) => used.push(code),
            None => return Ok(None),
        }
    }
    Ok(Some(used))
}
