-- What applicants may do after the order was made, and finding orders again. One text for both engines (see 0001).

-- Drafts found again by a code to their operator: blind indexes of credit code and operator's phone, written when the
-- check passed, and kept while both stay what they were. A draft that made room for another one is set aside.
ALTER TABLE drafts ADD COLUMN holder_index TEXT;
ALTER TABLE drafts ADD COLUMN operator_index TEXT;
ALTER TABLE drafts ADD COLUMN set_aside_at BIGINT;
DROP INDEX drafts_open;
CREATE UNIQUE INDEX drafts_open ON drafts (session_id, channel, business)
    WHERE order_id IS NULL AND set_aside_at IS NULL;
CREATE INDEX drafts_content ON drafts (session_id, content_hash);
CREATE INDEX drafts_aside ON drafts (session_id, set_aside_at) WHERE set_aside_at IS NOT NULL;
CREATE INDEX drafts_found ON drafts (channel, holder_index, operator_index) WHERE order_id IS NULL;

-- Sessions that passed a query code for a draft. phone_index: the phone that got the code; worthless once the draft names
-- another one.
CREATE TABLE draft_access (
    draft_id TEXT NOT NULL REFERENCES drafts (id),
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    phone_index TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (draft_id, session_id)
);
CREATE INDEX draft_access_session ON draft_access (session_id);

-- Blind indexes of the phones on record. Orders of an older version get them at the first start (orders/indexes.rs).
ALTER TABLE orders ADD COLUMN operator_index TEXT;
ALTER TABLE orders ADD COLUMN legal_rep_index TEXT;
CREATE INDEX orders_unindexed ON orders (id) WHERE operator_index IS NULL;

-- Lists and searches of staff: newest first is by number, which holds day and counter. Each index ends with it: SQLite
-- would else rather walk a channel's orders from the newest than sort what an index finds.
CREATE INDEX orders_channel ON orders (channel, number);
CREATE INDEX orders_status ON orders (channel, status, number);
CREATE INDEX orders_operator ON orders (channel, operator_index, number);
CREATE INDEX orders_legal_rep ON orders (channel, legal_rep_index, number);
DROP INDEX orders_holder;
CREATE INDEX orders_holder ON orders (channel, holder_index, number);
CREATE INDEX orders_key ON orders (channel, key_serial, number) WHERE key_serial IS NOT NULL;
CREATE INDEX orders_waybill ON orders (channel, waybill, number) WHERE waybill IS NOT NULL;
-- As before, with the id that breaks ties.
DROP INDEX orders_queue;
CREATE INDEX orders_queue ON orders (channel, status, status_since, id);

-- signed_at: when a signature first covered the paper. staged_at: uploaded while the review waits; it takes the place of
-- the current one when the correction is signed.
ALTER TABLE documents ADD COLUMN signed_at BIGINT;
ALTER TABLE documents ADD COLUMN staged_at BIGINT;
DROP INDEX documents_current;
CREATE UNIQUE INDEX documents_current ON documents (order_id, kind)
    WHERE superseded_at IS NULL AND staged_at IS NULL;
CREATE UNIQUE INDEX documents_staged ON documents (order_id, kind)
    WHERE superseded_at IS NULL AND staged_at IS NOT NULL;
UPDATE documents SET signed_at = created_at WHERE EXISTS (
    SELECT 1 FROM orders WHERE orders.id = documents.order_id
        AND orders.status NOT IN ('awaiting_documents', 'awaiting_signature')
        AND (orders.status <> 'review_refused' OR documents.created_at <= orders.reviewed_at));

-- Addresses for the applicant's own phone, which takes the photos.
CREATE TABLE handovers (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX handovers_order ON handovers (order_id, created_at);
