-- Money that goes back, messages that were given up, and the comparison with the provider's books.

-- state: pending, refused, settled, recorded. What an earlier version owed waits for staff, who may have settled it by
-- hand; asking the provider then would pay twice. out_request_no is our number of the refund at the provider, stored
-- before the provider is called and never changed. caused_by: the staff member whose act made the debt.
ALTER TABLE refunds_owed ADD COLUMN state TEXT NOT NULL DEFAULT 'refused';
ALTER TABLE refunds_owed ADD COLUMN out_request_no TEXT;
ALTER TABLE refunds_owed ADD COLUMN caused_by TEXT;
ALTER TABLE refunds_owed ADD COLUMN asked_at BIGINT;
ALTER TABLE refunds_owed ADD COLUMN last_error TEXT;
ALTER TABLE refunds_owed ADD COLUMN settled_by TEXT;
ALTER TABLE refunds_owed ADD COLUMN note_sealed BYTEA;
UPDATE refunds_owed SET out_request_no = id;
UPDATE refunds_owed SET state = 'recorded' WHERE settled_at IS NOT NULL;
CREATE UNIQUE INDEX refunds_owed_request ON refunds_owed (out_request_no);
CREATE INDEX refunds_owed_order ON refunds_owed (order_id, created_at);
CREATE INDEX refunds_owed_settled ON refunds_owed (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX payments_paid ON payments (paid_at) WHERE paid_at IS NOT NULL;

-- What a message says, in a word, for staff who can't open it; and who took a failed one off the list.
ALTER TABLE outbox ADD COLUMN topic TEXT;
ALTER TABLE outbox ADD COLUMN dismissed_at BIGINT;
CREATE INDEX outbox_failed ON outbox (state, done_at) WHERE state = 'failed';

-- A certificate whose key came back: in the revocation list from then on.
ALTER TABLE certificates ADD COLUMN revoked_at BIGINT;
ALTER TABLE certificates ADD COLUMN revoked_why TEXT;
CREATE INDEX certificates_revoked ON certificates (revoked_at) WHERE revoked_at IS NOT NULL;

-- A day's comparison with the provider's bill, in parts by channel. differences is JSON.
CREATE TABLE reconciliations (
    day TEXT NOT NULL,
    channel TEXT NOT NULL,
    trades BIGINT NOT NULL,
    paid_fen BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    differences TEXT NOT NULL,
    tried_at BIGINT NOT NULL,
    compared_at BIGINT,
    PRIMARY KEY (day, channel)
);

-- The first PIN after dispatch, sealed under the order's data key, so that it can be told again: wiped 30 days after
-- delivery, 90 days after dispatch, when the key comes back, or when its holder has changed it.
ALTER TABLE keys ADD COLUMN pin_sealed BYTEA;

-- Why a key came back, sealed under the order's data key.
ALTER TABLE orders ADD COLUMN return_sealed BYTEA;
