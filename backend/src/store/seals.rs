//! What the sealer writes: leaves, checkpoints, and how far each chain is sealed.

use super::{Conn, Link, Result, Tx, all, one, run};

/// The end of a chain that is to be sealed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UnsealedHead {
    /// The chain's name.
    pub chain: String,
    /// Its last link.
    pub seq: i64,
    /// That link's hash.
    pub hash: Vec<u8>,
}

/// A leaf of the tree: the end of a chain as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LeafRow {
    /// Place in the tree, from 0.
    pub position: i64,
    /// The chain's name.
    pub chain: String,
    /// The link.
    pub seq: i64,
    /// The link's hash.
    pub hash: Vec<u8>,
}

/// A signed checkpoint as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CheckpointRow {
    /// From 1, without gaps.
    pub number: i64,
    /// Which audit key signed it.
    pub key_version: i64,
    /// Hash of the checkpoint before; zeros for the first.
    pub previous: Vec<u8>,
    /// Leaves in the tree.
    pub size: i64,
    /// The tree's root.
    pub root: Vec<u8>,
    /// Microseconds UTC.
    pub at: i64,
    /// Ed25519, 64 bytes.
    pub signature: Vec<u8>,
    /// The roots of the complete subtrees, largest first, 32 bytes each.
    pub frontier: Vec<u8>,
}

/// A public key that signs checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditKeyRow {
    /// From 1.
    pub version: i64,
    /// Ed25519, 32 bytes.
    pub public_key: Vec<u8>,
    /// The version before signs this one.
    pub endorsement: Option<Vec<u8>>,
    /// Microseconds UTC.
    pub created_at: i64,
}

impl Tx {
    /// Ends of chains that moved since they were sealed, longest waiting first. Their rows are locked; those that another
    /// transaction is just writing are left for the next time, so the sealer never waits for anybody.
    pub async fn claim_unsealed(&mut self, limit: i64) -> Result<Vec<UnsealedHead>> {
        const POSTGRES: &str = "SELECT chain, seq, hash FROM chain_heads WHERE seq > sealed_seq
             ORDER BY unsealed_since, chain LIMIT $1 FOR UPDATE SKIP LOCKED";
        const SQLITE: &str = "SELECT chain, seq, hash FROM chain_heads WHERE seq > sealed_seq
             ORDER BY unsealed_since, chain LIMIT $1";
        let claim = match self.link() {
            Link::Sqlite(_) => SQLITE,
            Link::Postgres(_) => POSTGRES,
        };
        all!(UnsealedHead, self, claim, limit)
    }

    /// Adds a leaf and marks its chain as sealed that far.
    pub async fn insert_leaf(&mut self, position: i64, head: &UnsealedHead) -> Result<()> {
        run!(
            self,
            "INSERT INTO audit_leaves (position, chain, seq, hash) VALUES ($1, $2, $3, $4)",
            position,
            head.chain.as_str(),
            head.seq,
            head.hash.as_slice()
        )?;
        run!(
            self,
            "UPDATE chain_heads SET sealed_seq = $2, unsealed_since = NULL WHERE chain = $1",
            head.chain.as_str(),
            head.seq
        )?;
        Ok(())
    }

    /// Adds a checkpoint; a number is given once.
    pub async fn insert_checkpoint(&mut self, row: &CheckpointRow) -> Result<()> {
        run!(
            self,
            "INSERT INTO audit_checkpoints (number, key_version, previous, size, root, at, signature, frontier)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            row.number,
            row.key_version,
            row.previous.as_slice(),
            row.size,
            row.root.as_slice(),
            row.at,
            row.signature.as_slice(),
            row.frontier.as_slice()
        )?;
        Ok(())
    }

    /// Makes a public key known.
    pub async fn insert_audit_key(&mut self, row: &AuditKeyRow) -> Result<()> {
        run!(
            self,
            "INSERT INTO audit_keys (version, public_key, endorsement, created_at) VALUES ($1, $2, $3, $4)",
            row.version,
            row.public_key.as_slice(),
            row.endorsement.as_deref(),
            row.created_at
        )?;
        Ok(())
    }
}

impl Conn {
    /// Whether a chain moved since it was sealed.
    pub async fn has_unsealed(&mut self) -> Result<bool> {
        let some = one!((i64,), self, "SELECT seq FROM chain_heads WHERE seq > sealed_seq LIMIT 1")?;
        Ok(some.is_some())
    }

    /// How many chains wait to be sealed.
    pub async fn count_unsealed(&mut self) -> Result<i64> {
        let count = one!((i64,), self, "SELECT COUNT(*) FROM chain_heads WHERE seq > sealed_seq")?;
        Ok(count.map_or(0, |(count,)| count))
    }

    /// Since when the longest waiting link waits to be sealed, microseconds UTC.
    pub async fn unsealed_since(&mut self) -> Result<Option<i64>> {
        let since = one!(
            (i64,),
            self,
            "SELECT unsealed_since FROM chain_heads WHERE seq > sealed_seq AND unsealed_since IS NOT NULL
             ORDER BY unsealed_since LIMIT 1"
        )?;
        Ok(since.map(|(since,)| since))
    }

    /// The newest checkpoint.
    pub async fn last_checkpoint(&mut self) -> Result<Option<CheckpointRow>> {
        one!(CheckpointRow, self, "SELECT * FROM audit_checkpoints ORDER BY number DESC LIMIT 1")
    }

    /// A checkpoint by its number.
    pub async fn checkpoint(&mut self, number: i64) -> Result<Option<CheckpointRow>> {
        one!(CheckpointRow, self, "SELECT * FROM audit_checkpoints WHERE number = $1", number)
    }

    /// The next checkpoints after a number.
    pub async fn checkpoints_after(&mut self, number: i64, limit: i64) -> Result<Vec<CheckpointRow>> {
        all!(
            CheckpointRow,
            self,
            "SELECT * FROM audit_checkpoints WHERE number > $1 ORDER BY number LIMIT $2",
            number,
            limit
        )
    }

    /// The next leaves from a place in the tree on.
    pub async fn leaves_from(&mut self, position: i64, limit: i64) -> Result<Vec<LeafRow>> {
        all!(
            LeafRow,
            self,
            "SELECT * FROM audit_leaves WHERE position >= $1 ORDER BY position LIMIT $2",
            position,
            limit
        )
    }

    /// Every public key that signs or signed checkpoints.
    pub async fn audit_keys(&mut self) -> Result<Vec<AuditKeyRow>> {
        all!(AuditKeyRow, self, "SELECT * FROM audit_keys ORDER BY version")
    }
}
