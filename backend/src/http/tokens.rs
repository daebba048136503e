//! Whose request it is, and what it asks for, with one look into the database.

use super::AppResult;
use super::session::{COOKIE, Visit, cookie_of, header_of, token_hash};
use crate::hall::Hall;
use crate::store::{self, ApplicantSession, Conn, Listed, Standing};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::api::SESSION_WANTED;
use std::convert::Infallible;

/// The session's tokens that came with a request; most have one, some none.
pub struct Tokens {
    hashes: Vec<Vec<u8>>,
    visit: Option<Visit>,
}

/// What is read beside the session.
pub trait Look: Sync {
    /// It, as far as the session may see it.
    type Found: Send;

    /// The session of a token, and it.
    fn look(
        &self,
        conn: &mut Conn,
        token_hash: &[u8],
    ) -> impl Future<Output = store::Result<Option<(ApplicantSession, Self::Found)>>> + Send;
}

impl FromRequestParts<Hall> for Tokens {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Hall) -> Result<Self, Infallible> {
        let told = header_of(&parts.headers).filter(|token| token != SESSION_WANTED);
        let tokens = [told, cookie_of(&parts.headers, COOKIE)];
        let hashes = tokens.iter().flatten().map(|token| token_hash(token)).collect();
        Ok(Self { hashes, visit: parts.extensions.get::<Visit>().cloned() })
    }
}

impl Tokens {
    /// The id of the session that one of them belongs to, and what was looked for.
    pub async fn find<L: Look>(self, hall: &Hall, what: &L) -> AppResult<Option<(String, L::Found)>> {
        let Some((hash, session, found)) = self.first(hall, what).await? else { return Ok(None) };
        if session.token_used_at.is_none() {
            let mut tx = hall.store.begin().await?;
            tx.use_token(hash, &session).await?;
            tx.commit().await?;
        }
        let id = session.id.clone();
        if let Some(visit) = self.visit {
            visit.met(session);
        }
        Ok(Some((id, found)))
    }

    async fn first<L: Look>(&self, hall: &Hall, what: &L) -> AppResult<Option<(&[u8], ApplicantSession, L::Found)>> {
        if self.hashes.is_empty() {
            return Ok(None);
        }
        let mut reader = hall.store.glance().await?;
        for hash in &self.hashes {
            if let Some((session, found)) = what.look(&mut reader, hash).await? {
                return Ok(Some((hash, session, found)));
            }
        }
        Ok(None)
    }
}

/// Nothing but the session.
pub struct Itself;

impl Look for Itself {
    type Found = ();

    async fn look(&self, conn: &mut Conn, token_hash: &[u8]) -> store::Result<Option<(ApplicantSession, ())>> {
        Ok(conn.session_of_token(token_hash).await?.map(|session| (session, ())))
    }
}

/// Its orders in a channel.
pub struct OrdersIn<'a>(pub &'a str);

impl Look for OrdersIn<'_> {
    type Found = Listed;

    async fn look(&self, conn: &mut Conn, token_hash: &[u8]) -> store::Result<Option<(ApplicantSession, Listed)>> {
        conn.session_with_orders(token_hash, self.0).await
    }
}

/// Where an order stands, by its number.
pub struct StandingOf<'a>(pub &'a str);

impl Look for StandingOf<'_> {
    type Found = Option<Standing>;

    async fn look(
        &self,
        conn: &mut Conn,
        token_hash: &[u8],
    ) -> store::Result<Option<(ApplicantSession, Option<Standing>)>> {
        conn.session_with_standing(token_hash, self.0).await
    }
}
