-- Evidence: seals over the audit chains, leases, root key versions, erasure. One text for both engines (see 0001).

-- How far a chain is sealed, and since when something waits. NULL: nothing waits, or it is older than the sealer.
ALTER TABLE chain_heads ADD COLUMN sealed_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chain_heads ADD COLUMN unsealed_since BIGINT;
CREATE INDEX chain_heads_unsealed ON chain_heads (unsealed_since) WHERE seq > sealed_seq;

-- Public keys that sign checkpoints. endorsement: the version before signs the next one.
CREATE TABLE audit_keys (
    version BIGINT PRIMARY KEY,
    public_key BYTEA NOT NULL,
    endorsement BYTEA,
    created_at BIGINT NOT NULL
);

-- The leaves of the Merkle tree, in order: heads of chains as they were sealed (audit/merkle.rs). Append-only.
CREATE TABLE audit_leaves (
    position BIGINT PRIMARY KEY,
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
CREATE UNIQUE INDEX audit_leaves_chain ON audit_leaves (chain, seq);

-- Signed tree heads, each continuing the one before (audit/checkpoint.rs). frontier: the roots of the tree's complete
-- subtrees, so that the next checkpoint needs no older leaf.
CREATE TABLE audit_checkpoints (
    number BIGINT PRIMARY KEY,
    key_version BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    at BIGINT NOT NULL,
    signature BYTEA NOT NULL,
    frontier BYTEA NOT NULL
);

-- What one of several backends does at a time (store/leases.rs).
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- Versions of the vault's root key: never the keys, only when they came and went.
CREATE TABLE root_keys (
    version BIGINT PRIMARY KEY,
    added_at BIGINT NOT NULL,
    retired_at BIGINT
);

-- The identity data was destroyed; events and audit stay.
ALTER TABLE orders ADD COLUMN erased_at BIGINT;
CREATE INDEX orders_cancelled ON orders (status_since) WHERE status = 'cancelled' AND erased_at IS NULL;
CREATE INDEX certificates_not_after ON certificates (not_after);

-- What is old enough to be pruned.
CREATE INDEX outbox_done ON outbox (done_at) WHERE state = 'done';
ALTER TABLE locks ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX locks_last ON locks (last_at);
