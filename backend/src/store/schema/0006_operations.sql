-- A backend that lives says so (`/ready`): each keeps one row.
CREATE TABLE heartbeats (
    backend TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

-- Counted for /metrics.
CREATE INDEX payments_state ON payments (way, state);
