-- The gate: image codes and proofs of work, limits, sessions with several tokens. One text for both engines (see 0001).

-- Of the image's digits only a keyed hash. spent_for: keyed hash of the act that the answer was good for; empty: a wrong
-- answer used it up.
CREATE TABLE challenges (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    answer_hash TEXT NOT NULL,
    salt TEXT NOT NULL,
    bits BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT,
    spent_for TEXT
);
CREATE INDEX challenges_expires ON challenges (expires_at);

-- The challenge whose answer allowed the message: the same press sent again finds its first code.
ALTER TABLE codes ADD COLUMN challenge_id TEXT;
CREATE INDEX codes_challenge ON codes (challenge_id) WHERE challenge_id IS NOT NULL;

-- How often something was done within a window of time. name: the limit, and a keyed hash of whom it is about.
CREATE TABLE tallies (
    name TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    window_end BIGINT NOT NULL,
    done BIGINT NOT NULL,
    PRIMARY KEY (name, window_start)
);
CREATE INDEX tallies_end ON tallies (window_end);

-- What was asked about within a window, for limits on different subjects: a keyed hash of each.
CREATE TABLE tally_subjects (
    name TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    subject TEXT NOT NULL,
    window_end BIGINT NOT NULL,
    PRIMARY KEY (name, window_start, subject)
);
CREATE INDEX tally_subjects_end ON tally_subjects (window_end);

-- Tokens of a session: a new one replaces the older ones once it is used. applicant_sessions.token_hash stays the first
-- token's and is not looked at any more.
CREATE TABLE session_tokens (
    token_hash BYTEA PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES applicant_sessions (id),
    issued_at BIGINT NOT NULL,
    used_at BIGINT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_tokens_session ON session_tokens (session_id, issued_at);
CREATE INDEX session_tokens_expires ON session_tokens (expires_at);
INSERT INTO session_tokens (token_hash, session_id, issued_at, used_at, expires_at)
    SELECT token_hash, id, created_at, created_at, expires_at FROM applicant_sessions;

-- Failed log-ins by the name that was typed (keyed hash), whether anybody has it or not.
CREATE TABLE login_tries (
    name_index TEXT PRIMARY KEY,
    failed BIGINT NOT NULL,
    locked_until BIGINT,
    last_at BIGINT NOT NULL
);
