//! SMS codes: how often they may be asked for, and what became of the message. Trying one is in `code_tries.rs`.

use super::{Conn, Result, StoreError, Tx, Word, one, run, words};

words! {
    /// What a code is good for; it is good for nothing else.
    pub enum CodePurpose {
        /// 签名确认 of one order's content.
        Sign = "sign",
        /// 订单查询 of one holder.
        Query = "query",
        /// Another address for an order's parcel: sent to the operator.
        CorrectMailing = "correct_mailing",
        /// Another operator's phone for an order: sent to the new phone.
        CorrectPhone = "correct_phone",
        /// The same: sent to the legal representative.
        AllowPhone = "allow_phone",
    }
}

words! {
    /// What became of the message.
    pub enum CodeState {
        /// Handed to the provider, or about to be.
        Sending = "sending",
        /// The provider took it.
        Sent = "sent",
        /// The provider refused it.
        Failed = "failed",
        /// The provider did not answer; the message may have arrived.
        Unknown = "unknown",
        /// No message: nobody is known by the number that was asked about. Limits count it like any other.
        Withheld = "withheld",
    }
}

/// A code as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CodeRow {
    /// UUIDv7: the ticket that the page sends back, and the message's id at the provider.
    pub id: String,
    /// What it is good for.
    #[sqlx(try_from = "Word")]
    pub purpose: CodePurpose,
    /// The channel's slug.
    pub channel: String,
    /// The order, for everything but a query.
    pub order_id: Option<String>,
    /// Blind index of what was asked about, for [`CodePurpose::Query`]: limits count by it.
    pub holder_index: Option<String>,
    /// Blind index of the phone.
    pub phone_index: String,
    /// Blind index of the address that asked.
    pub ip_index: String,
    /// The session that asked, and that alone may try it.
    pub session_id: String,
    /// Keyed hash of the code within its row.
    pub code_hash: String,
    /// Hash of the content that it signs; of a query the blind index of the holder whose orders it opens (hex).
    pub content_hash: Option<String>,
    /// What became of the message.
    #[sqlx(try_from = "Word")]
    pub state: CodeState,
    /// Asked for.
    pub created_at: i64,
    /// Worthless afterwards.
    pub expires_at: i64,
    /// Wrong and right tries so far.
    pub tries: i64,
    /// Used.
    pub used_at: Option<i64>,
    /// The challenge whose answer allowed the message.
    pub challenge_id: Option<String>,
}

/// What [`Tx::issue_code`] writes.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// From [`Tx::new_id`]: the hash is bound to it.
    pub id: String,
    /// What it is good for.
    pub purpose: CodePurpose,
    /// The channel's slug.
    pub channel: String,
    /// The order, for everything but a query.
    pub order_id: Option<String>,
    /// Blind index of what was asked about, for [`CodePurpose::Query`]: limits count by it.
    pub holder_index: Option<String>,
    /// Blind index of the phone; of an unknown holder any text that no phone has.
    pub phone_index: String,
    /// Blind index of the address that asked.
    pub ip_index: String,
    /// The session that asks.
    pub session_id: String,
    /// Keyed hash of the code.
    pub code_hash: String,
    /// Hash of the content that it signs; of a query the blind index of the holder whose orders it opens (hex).
    pub content_hash: Option<String>,
    /// Worthless afterwards.
    pub expires_at: i64,
    /// The challenge whose answer allows the message.
    pub challenge_id: Option<String>,
}

/// How often codes may be asked for. Every number counts codes within [`CodeLimits::window`].
#[derive(Clone, Copy, Debug)]
pub struct CodeLimits {
    /// Microseconds between two codes for the same thing (300 s for signatures, 120 s for queries).
    pub resend_after: i64,
    /// Microseconds that the counts below look back.
    pub window: i64,
    /// To one phone.
    pub per_phone: i64,
    /// From one address.
    pub per_ip: i64,
    /// About one order or holder.
    pub per_subject: i64,
}

#[derive(sqlx::FromRow)]
struct Counted {
    by_phone: i64,
    by_ip: i64,
    by_subject: i64,
    first: Option<i64>,
    last: Option<i64>,
}

impl NewCode {
    fn subject(&self) -> &str {
        self.order_id.as_deref().or(self.holder_index.as_deref()).unwrap_or(&self.session_id)
    }
}

impl Tx {
    /// Writes a code down as being sent; commit, then hand the message over, then [`Tx::set_code_state`]. Earlier codes
    /// for the same thing end. [`StoreError::TooMany`] says when it may be asked for again.
    pub async fn issue_code(&mut self, new: &NewCode, limits: CodeLimits) -> Result<()> {
        self.lock(&mut [
            format!("code-phone:{}", new.phone_index),
            format!("code-ip:{}", new.ip_index),
            format!("code-subject:{}", new.subject()),
        ])
        .await?;
        let now = self.now();
        self.refuse_too_many(new, limits, now).await?;
        run!(
            self,
            "UPDATE codes SET expires_at = $5
             WHERE purpose = $1 AND session_id = $2 AND (order_id = $3 OR holder_index = $4)
                AND used_at IS NULL AND expires_at > $5",
            new.purpose.name(),
            new.session_id.as_str(),
            new.order_id.as_deref(),
            new.holder_index.as_deref(),
            now
        )?;
        run!(
            self,
            "INSERT INTO codes (id, purpose, channel, order_id, holder_index, phone_index, ip_index, session_id,
                code_hash, content_hash, state, created_at, expires_at, tries, challenge_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)",
            new.id.as_str(),
            new.purpose.name(),
            new.channel.as_str(),
            new.order_id.as_deref(),
            new.holder_index.as_deref(),
            new.phone_index.as_str(),
            new.ip_index.as_str(),
            new.session_id.as_str(),
            new.code_hash.as_str(),
            new.content_hash.as_deref(),
            CodeState::Sending.name(),
            now,
            new.expires_at,
            new.challenge_id.as_deref()
        )?;
        Ok(())
    }

    async fn refuse_too_many(&mut self, new: &NewCode, limits: CodeLimits, now: i64) -> Result<()> {
        // A message that the provider refused cost nothing and counts for nothing.
        let counted = one!(
            Counted,
            self,
            "SELECT
                (SELECT COUNT(*) FROM codes WHERE phone_index = $1 AND created_at > $5 AND state <> 'failed') AS by_phone,
                (SELECT COUNT(*) FROM codes WHERE ip_index = $2 AND created_at > $5 AND state <> 'failed') AS by_ip,
                (SELECT COUNT(*) FROM codes WHERE (order_id = $3 OR holder_index = $4)
                    AND created_at > $5 AND state <> 'failed') AS by_subject,
                (SELECT MIN(created_at) FROM codes
                    WHERE (phone_index = $1 OR ip_index = $2 OR order_id = $3 OR holder_index = $4)
                    AND created_at > $5 AND state <> 'failed') AS first,
                (SELECT MAX(created_at) FROM codes WHERE purpose = $6 AND (order_id = $3 OR holder_index = $4)
                    AND state <> 'failed') AS last",
            new.phone_index.as_str(),
            new.ip_index.as_str(),
            new.order_id.as_deref(),
            new.holder_index.as_deref(),
            now - limits.window,
            new.purpose.name()
        )?;
        let Some(counted) = counted else {
            return Ok(());
        };
        if let Some(last) = counted.last
            && last + limits.resend_after > now
        {
            return Err(StoreError::TooMany { retry_at: last + limits.resend_after });
        }
        if counted.by_phone >= limits.per_phone
            || counted.by_ip >= limits.per_ip
            || counted.by_subject >= limits.per_subject
        {
            return Err(StoreError::TooMany { retry_at: counted.first.unwrap_or(now) + limits.window });
        }
        Ok(())
    }

    /// What became of the message.
    pub async fn set_code_state(&mut self, id: &str, state: CodeState) -> Result<()> {
        run!(self, "UPDATE codes SET state = $2 WHERE id = $1", id, state.name())?;
        Ok(())
    }

    /// Ends every unused code of an order.
    pub async fn end_codes(&mut self, order_id: &str) -> Result<()> {
        let now = self.now();
        run!(
            self,
            "UPDATE codes SET expires_at = $2 WHERE order_id = $1 AND used_at IS NULL AND expires_at > $2",
            order_id,
            now
        )?;
        Ok(())
    }
}

impl Conn {
    /// The code that was sent to a phone for an answered challenge, unless the provider refused the message.
    pub async fn code_of_challenge(
        &mut self,
        challenge_id: &str,
        purpose: CodePurpose,
        phone_index: &str,
    ) -> Result<Option<CodeRow>> {
        one!(
            CodeRow,
            self,
            "SELECT * FROM codes
             WHERE challenge_id = $1 AND purpose = $2 AND phone_index = $3 AND state <> 'failed'
             ORDER BY created_at DESC, id DESC LIMIT 1",
            challenge_id,
            purpose.name(),
            phone_index
        )
    }

    /// A code by its ticket.
    pub async fn code(&mut self, id: &str) -> Result<Option<CodeRow>> {
        one!(CodeRow, self, "SELECT * FROM codes WHERE id = $1", id)
    }
}
