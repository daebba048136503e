//! Reading all chains page by page, for the audit's check and export. Ranges of chains, never single ones, so that a
//! chain without a head or without links is met too. Names are ordered as the database orders them.

use super::events::Event;
use super::seals::LeafRow;
use super::{Conn, Result, all, one};

/// The end of a chain, and how far it is said to be sealed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HeadRow {
    /// The chain's name.
    pub chain: String,
    /// Its last link; 0 when it never got one.
    pub seq: i64,
    /// That link's hash.
    pub hash: Vec<u8>,
    /// The last link that a leaf is said to hold.
    pub sealed_seq: i64,
}

impl Conn {
    /// The next ends of chains after a name.
    pub async fn heads_after(&mut self, chain: &str, limit: i64) -> Result<Vec<HeadRow>> {
        all!(
            HeadRow,
            self,
            "SELECT chain, seq, hash, sealed_seq FROM chain_heads WHERE chain > $1 ORDER BY chain LIMIT $2",
            chain,
            limit
        )
    }

    /// The end of one chain.
    pub async fn head(&mut self, chain: &str) -> Result<Option<HeadRow>> {
        one!(HeadRow, self, "SELECT chain, seq, hash, sealed_seq FROM chain_heads WHERE chain = $1", chain)
    }

    /// The next links after a place, up to and with chain `last` (`None`: to the end of all).
    pub async fn events_after(
        &mut self,
        (chain, seq): (&str, i64),
        last: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Event>> {
        match last {
            Some(last) => all!(
                Event,
                self,
                "SELECT * FROM events WHERE (chain, seq) > ($1, $2) AND chain <= $3 ORDER BY chain, seq LIMIT $4",
                chain,
                seq,
                last,
                limit
            ),
            None => all!(
                Event,
                self,
                "SELECT * FROM events WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT $3",
                chain,
                seq,
                limit
            ),
        }
    }

    /// The next leaves after a place, in the order of chains, up to and with chain `last`.
    pub async fn leaves_after(
        &mut self,
        (chain, seq): (&str, i64),
        last: Option<&str>,
        limit: i64,
    ) -> Result<Vec<LeafRow>> {
        match last {
            Some(last) => all!(
                LeafRow,
                self,
                "SELECT * FROM audit_leaves WHERE (chain, seq) > ($1, $2) AND chain <= $3
                 ORDER BY chain, seq LIMIT $4",
                chain,
                seq,
                last,
                limit
            ),
            None => all!(
                LeafRow,
                self,
                "SELECT * FROM audit_leaves WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT $3",
                chain,
                seq,
                limit
            ),
        }
    }

    /// The next chains, after a name, that have a leaf at or after a place in the tree, or wait to be sealed.
    pub async fn chains_moved_since(&mut self, position: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let rows = all!(
            (String,),
            self,
            "SELECT chain FROM audit_leaves WHERE position >= $1 AND chain > $2
             UNION SELECT chain FROM chain_heads WHERE seq > sealed_seq AND chain > $2
             ORDER BY chain LIMIT $3",
            position,
            after,
            limit
        )?;
        Ok(rows.into_iter().map(|(chain,)| chain).collect())
    }

    /// The last leaf of a chain before a place in the tree.
    pub async fn leaf_before(&mut self, chain: &str, position: i64) -> Result<Option<LeafRow>> {
        one!(
            LeafRow,
            self,
            "SELECT * FROM audit_leaves WHERE chain = $1 AND position < $2 ORDER BY seq DESC LIMIT 1",
            chain,
            position
        )
    }
}
