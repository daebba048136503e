-- What staff found out about a difference of a day's comparison: the words are sealed under the root key, because some
-- differences belong to no order. A comparison that is made again keeps the notes of what is still the same.
CREATE TABLE difference_notes (
    id TEXT PRIMARY KEY,
    day TEXT NOT NULL,
    channel TEXT NOT NULL,
    difference TEXT NOT NULL,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    at BIGINT NOT NULL,
    note_sealed BYTEA NOT NULL,
    UNIQUE (day, channel, difference)
);
CREATE INDEX difference_notes_channel ON difference_notes (channel, day);
