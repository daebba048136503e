//! Appending to the chains, and reading them.

use super::{Conn, Result, StoreError, Tx, all, one, run};
use crate::audit::Chain;
use crate::audit::chain::{Break, Entry, GENESIS, Stored, verify};
use serde_json::Value;
use shared::order::{Actor, EventKind, Status};

/// Who moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By<'a> {
    /// In which part.
    pub actor: Actor,
    /// The session's id, the staff member's id, or `system`.
    pub id: &'a str,
}

impl<'a> By<'a> {
    /// The product itself.
    pub const SYSTEM: By<'static> = By { actor: Actor::System, id: "system" };

    /// The applicant in this session.
    pub const fn applicant(session_id: &'a str) -> Self {
        Self { actor: Actor::Applicant, id: session_id }
    }

    /// A member of staff who reviews.
    pub const fn reviewer(staff_id: &'a str) -> Self {
        Self { actor: Actor::Reviewer, id: staff_id }
    }

    /// A member of staff who makes and posts keys.
    pub const fn maker(staff_id: &'a str) -> Self {
        Self { actor: Actor::Maker, id: staff_id }
    }

    /// A member of staff who settles money.
    pub const fn admin(staff_id: &'a str) -> Self {
        Self { actor: Actor::Admin, id: staff_id }
    }
}

/// A link as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// The chain's name.
    pub chain: String,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// The row's id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// In which part.
    pub actor: String,
    /// Session or staff id, or `system`.
    pub actor_id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// The order's status before.
    pub status_from: Option<String>,
    /// The order's status afterwards.
    pub status_to: Option<String>,
    /// JSON: ids and hashes, never personal values.
    pub data: String,
    /// The link before.
    pub prev_hash: Vec<u8>,
    /// This link.
    pub hash: Vec<u8>,
}

impl Event {
    /// The order's step, if it is one (notes have kinds of their own).
    pub fn step(&self) -> Option<EventKind> {
        EventKind::from_name(&self.kind)
    }

    /// The link as the chain's check reads it.
    pub fn stored(&self) -> Stored<'_> {
        Stored {
            entry: Entry {
                chain: &self.chain,
                seq: self.seq,
                kind: &self.kind,
                actor: &self.actor,
                actor_id: &self.actor_id,
                at: self.at,
                from: self.status_from.as_deref(),
                to: self.status_to.as_deref(),
                data: &self.data,
            },
            previous: &self.prev_hash,
            hash: &self.hash,
        }
    }
}

/// What [`Tx::append`] writes.
pub(super) struct Happened<'a> {
    pub kind: &'a str,
    pub actor: &'a str,
    pub actor_id: &'a str,
    pub from: Option<Status>,
    pub to: Option<Status>,
    pub data: &'a Value,
}

impl Tx {
    /// Adds what moves no order: a login, a look at unmasked data, a change of roles. `data` holds ids and hashes only.
    pub async fn note(
        &mut self,
        chain: Chain<'_>,
        kind: &str,
        actor: &str,
        actor_id: &str,
        data: &Value,
    ) -> Result<()> {
        let happened = Happened { kind, actor, actor_id, from: None, to: None, data };
        self.append(chain, &happened).await
    }

    pub(super) async fn append(&mut self, chain: Chain<'_>, what: &Happened<'_>) -> Result<()> {
        self.append_link(chain, what).await.map_err(unrecorded)
    }

    async fn append_link(&mut self, chain: Chain<'_>, what: &Happened<'_>) -> Result<()> {
        let chain = chain.name();
        // Takes the head's row until the end of the transaction: chains never fork.
        let head = one!(
            (i64, Vec<u8>),
            self,
            "INSERT INTO chain_heads (chain, seq, hash) VALUES ($1, 0, $2)
             ON CONFLICT (chain) DO UPDATE SET seq = chain_heads.seq
             RETURNING seq, hash",
            chain.as_str(),
            GENESIS.as_slice()
        )?;
        let (last, previous) = head.ok_or_else(|| StoreError::Corrupt(format!("{chain} has no head")))?;
        let previous: [u8; 32] =
            previous.try_into().map_err(|_| StoreError::Corrupt(format!("{chain} has a short hash")))?;
        let hash = self.insert_link(&chain, last + 1, &previous, what).await?;
        let now = self.now();
        run!(
            self,
            "UPDATE chain_heads SET seq = $2, hash = $3, unsealed_since = COALESCE(unsealed_since, $4) WHERE chain = $1",
            chain.as_str(),
            last + 1,
            hash.as_slice(),
            now
        )?;
        Ok(())
    }

    /// As [`Tx::append`], for a chain that this transaction's own new row is the reason of: nobody else can have begun it.
    pub(super) async fn begin_chain(&mut self, chain: Chain<'_>, what: &Happened<'_>) -> Result<()> {
        self.first_link(chain, what).await.map_err(unrecorded)
    }

    async fn first_link(&mut self, chain: Chain<'_>, what: &Happened<'_>) -> Result<()> {
        let chain = chain.name();
        let hash = self.insert_link(&chain, 1, &GENESIS, what).await?;
        let now = self.now();
        run!(
            self,
            "INSERT INTO chain_heads (chain, seq, hash, unsealed_since) VALUES ($1, 1, $2, $3)",
            chain.as_str(),
            hash.as_slice(),
            now
        )?;
        Ok(())
    }

    /// Writes the link with this number; answers its hash.
    async fn insert_link(
        &mut self,
        chain: &str,
        seq: i64,
        previous: &[u8; 32],
        what: &Happened<'_>,
    ) -> Result<[u8; 32]> {
        let data = what.data.to_string();
        let entry = Entry {
            chain,
            seq,
            kind: what.kind,
            actor: what.actor,
            actor_id: what.actor_id,
            at: self.now(),
            from: what.from.map(Status::name),
            to: what.to.map(Status::name),
            data: &data,
        };
        let hash = entry.hash(previous);
        let id = self.new_id();
        run!(
            self,
            "INSERT INTO events (chain, seq, id, kind, actor, actor_id, at, status_from, status_to, data, prev_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            entry.chain,
            entry.seq,
            id,
            entry.kind,
            entry.actor,
            entry.actor_id,
            entry.at,
            entry.from,
            entry.to,
            entry.data,
            previous.as_slice(),
            hash.as_slice()
        )?;
        Ok(hash)
    }
}

/// Nothing is done that can't be recorded, and the refusal says that this was why.
fn unrecorded(error: StoreError) -> StoreError {
    match error {
        StoreError::Repeat(_) => error,
        cause => StoreError::Unrecorded(Box::new(cause)),
    }
}

impl Conn {
    /// A chain, oldest first.
    pub async fn events(&mut self, chain: Chain<'_>) -> Result<Vec<Event>> {
        self.events_named(&chain.name()).await
    }

    /// What members of staff did to an order: kind, time, log-in name; oldest first.
    pub async fn done_by_staff(&mut self, order_id: &str) -> Result<Vec<(String, i64, String)>> {
        let chain = Chain::Order(order_id).name();
        all!(
            (String, i64, String),
            self,
            "SELECT events.kind, events.at, staff.name FROM events JOIN staff ON staff.id = events.actor_id
             WHERE events.chain = $1 ORDER BY events.seq",
            chain.as_str()
        )
    }

    async fn events_named(&mut self, chain: &str) -> Result<Vec<Event>> {
        all!(Event, self, "SELECT * FROM events WHERE chain = $1 ORDER BY seq", chain)
    }

    /// The names of all chains that have a head or a link.
    pub async fn chains(&mut self) -> Result<Vec<String>> {
        let rows =
            all!((String,), self, "SELECT chain FROM chain_heads UNION SELECT chain FROM events ORDER BY chain")?;
        Ok(rows.into_iter().map(|(chain,)| chain).collect())
    }

    /// Checks a chain by name. The inner result says how many links there are, or where it is broken.
    pub async fn verify_chain(&mut self, chain: &str) -> Result<std::result::Result<i64, Break>> {
        let head = one!((i64, Vec<u8>), self, "SELECT seq, hash FROM chain_heads WHERE chain = $1", chain)?;
        let (seq, hash) = head.unwrap_or((0, GENESIS.to_vec()));
        let events = self.events_named(chain).await?;
        Ok(verify(chain, events.iter().map(Event::stored), (seq, &hash)))
    }
}
