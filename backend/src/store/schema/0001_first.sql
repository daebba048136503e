-- One text for both engines. Types: TEXT, BIGINT, BYTEA; SQLite reads BIGINT as INTEGER, BYTEA as BLOB, and every
-- table as STRICT (store/schema.rs). Ids are UUIDv7 text, times microseconds UTC, money fen. "_sealed" columns hold
-- ciphertext (vault/); "_index" columns and code_hash hold keyed hashes (blind indexes, hex).

CREATE TABLE applicant_sessions (
    id TEXT PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Erasing a person's data is deleting the key's row (rules.md, "Kept evidence and privacy").
CREATE TABLE data_keys (
    id TEXT PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    root_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE drafts (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    channel TEXT NOT NULL,
    business TEXT NOT NULL,
    data_key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    content_hash TEXT,
    checked_at BIGINT,
    order_id TEXT,
    saved_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX drafts_open ON drafts (session_id, channel, business) WHERE order_id IS NULL;

CREATE TABLE verifications (
    id TEXT PRIMARY KEY,
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    order_id TEXT,
    kind TEXT NOT NULL,
    unit_index TEXT NOT NULL,
    person_index TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX verifications_unit ON verifications (unit_index, started_at);
CREATE INDEX verifications_person ON verifications (person_index, started_at);
CREATE INDEX verifications_draft ON verifications (draft_id, started_at);
CREATE INDEX verifications_order ON verifications (order_id, started_at);

-- The last number given out, for each day in China and series letter.
CREATE TABLE order_numbers (
    day TEXT NOT NULL,
    series TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (day, series)
);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    profile_version TEXT NOT NULL,
    business TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    holder_index TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    draft_id TEXT NOT NULL UNIQUE REFERENCES drafts (id),
    data_key_id TEXT NOT NULL,
    form_sealed BYTEA NOT NULL,
    summary_sealed BYTEA NOT NULL,
    content_hash TEXT NOT NULL,
    product TEXT NOT NULL,
    price_fen BIGINT NOT NULL,
    consent_version TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    pay_until BIGINT,
    status_since BIGINT NOT NULL,
    reviewed_at BIGINT,
    reviewer_id TEXT,
    maker_id TEXT,
    refusal_sealed BYTEA,
    key_serial TEXT,
    certificate_serial TEXT,
    carrier TEXT,
    waybill TEXT,
    dispatched_at BIGINT
);
CREATE INDEX orders_queue ON orders (channel, status, status_since);
CREATE INDEX orders_session ON orders (session_id, created_at);
CREATE INDEX orders_holder ON orders (channel, holder_index, created_at);

-- Sessions that passed a query code for an order.
CREATE TABLE order_access (
    order_id TEXT NOT NULL REFERENCES orders (id),
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, session_id)
);
CREATE INDEX order_access_session ON order_access (session_id);

-- The one signed, unfinished order of a holder for a business in a channel.
CREATE TABLE active_holders (
    channel TEXT NOT NULL,
    business TEXT NOT NULL,
    holder_index TEXT NOT NULL,
    order_id TEXT NOT NULL UNIQUE REFERENCES orders (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (channel, business, holder_index)
);

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL,
    object_key TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    superseded_at BIGINT,
    erased_at BIGINT
);
CREATE UNIQUE INDEX documents_current ON documents (order_id, kind) WHERE superseded_at IS NULL;
CREATE INDEX documents_order ON documents (order_id, created_at);

CREATE TABLE codes (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    order_id TEXT REFERENCES orders (id),
    holder_index TEXT,
    phone_index TEXT NOT NULL,
    ip_index TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    code_hash TEXT NOT NULL,
    content_hash TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX codes_phone ON codes (phone_index, created_at);
CREATE INDEX codes_ip ON codes (ip_index, created_at);
CREATE INDEX codes_order ON codes (order_id, created_at);
CREATE INDEX codes_holder ON codes (holder_index, created_at);
CREATE INDEX codes_session ON codes (session_id, created_at);

CREATE TABLE signatures (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    code_id TEXT NOT NULL UNIQUE REFERENCES codes (id),
    at BIGINT NOT NULL,
    phone_sealed BYTEA NOT NULL,
    ip_sealed BYTEA NOT NULL,
    consent_version TEXT NOT NULL,
    consent_hash TEXT NOT NULL,
    content_hash TEXT NOT NULL
);
CREATE INDEX signatures_order ON signatures (order_id, at);

CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    way TEXT NOT NULL,
    out_trade_no TEXT NOT NULL UNIQUE,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    qr TEXT,
    qr_until BIGINT,
    trade_no TEXT,
    paid_fen BIGINT,
    paid_at BIGINT,
    next_query_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX payments_order ON payments (order_id, created_at);
-- A second attempt may only begin when the first one is known to be over.
CREATE UNIQUE INDEX payments_live ON payments (order_id, way) WHERE state IN ('opening', 'open', 'unknown');

CREATE TABLE payment_notices (
    id TEXT PRIMARY KEY,
    dedupe TEXT NOT NULL UNIQUE,
    payment_id TEXT REFERENCES payments (id),
    raw_sealed BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX payment_notices_payment ON payment_notices (payment_id);

CREATE TABLE refunds_owed (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    payment_id TEXT NOT NULL UNIQUE REFERENCES payments (id),
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX refunds_owed_open ON refunds_owed (settled_at, created_at);

-- The last link of each chain; its row is locked while a link is added, so chains never fork.
CREATE TABLE chain_heads (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Append-only. hash covers every other column but id (audit/chain.rs).
CREATE TABLE events (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    status_from TEXT,
    status_to TEXT,
    data TEXT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    order_id TEXT,
    payload_sealed BYTEA,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    sending_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX outbox_due ON outbox (state, run_at);
CREATE INDEX outbox_leases ON outbox (state, lease_until);
CREATE INDEX outbox_order ON outbox (order_id);
-- One waiting job of a kind about a subject: enqueueing again only brings it forward.
CREATE UNIQUE INDEX outbox_waiting ON outbox (kind, subject_id) WHERE state = 'ready';

-- Rows that are locked to count and insert without a race: "phone:…", "unit:…" (store/lock.rs).
CREATE TABLE locks (
    name TEXT PRIMARY KEY,
    taken BIGINT NOT NULL
);

CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    totp_sealed BYTEA NOT NULL,
    totp_last_step BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    locked_until BIGINT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE staff_roles (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    channel TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (staff_id, channel, role)
);

CREATE TABLE staff_sessions (
    id TEXT PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE makings (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    staff_id TEXT NOT NULL REFERENCES staff (id),
    nonce TEXT NOT NULL,
    key_serial TEXT,
    secrets_sealed BYTEA,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX makings_order ON makings (order_id, started_at);
CREATE UNIQUE INDEX makings_live ON makings (order_id) WHERE state IN ('started', 'issued');

CREATE TABLE keys (
    serial TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    secrets_sealed BYTEA NOT NULL,
    pin_initial BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX keys_order ON keys (order_id);

CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    making_id TEXT NOT NULL REFERENCES makings (id),
    serial TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    spki_hash TEXT NOT NULL,
    tbs BYTEA NOT NULL,
    der BYTEA,
    state TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    prepared_at BIGINT NOT NULL,
    issued_at BIGINT,
    superseded_at BIGINT
);
CREATE INDEX certificates_superseded ON certificates (superseded_at) WHERE superseded_at IS NOT NULL;
CREATE INDEX certificates_public_key ON certificates (spki_hash);
CREATE INDEX certificates_making ON certificates (making_id);
CREATE INDEX certificates_order ON certificates (order_id, prepared_at);
