-- Mail addresses become a member's by a code that is mailed to them, and shared by their owners' yes. What was a member's
-- until now stays theirs.

-- 0 theirs, 1 waits for its code, 2 waits for its other owners; only mail addresses wait
ALTER TABLE member_identity ADD COLUMN state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2);
ALTER TABLE member_identity ADD COLUMN code BLOB;          -- SHA-256 of the code; only while it waits for it
ALTER TABLE member_identity ADD COLUMN code_until INTEGER; -- the last day on which it counts

-- Which owners have said yes to whom. Gone once the address is shared.
CREATE TABLE address_consent (
    owner_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    asker_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    norm_key TEXT NOT NULL,
    PRIMARY KEY (owner_id, asker_id, norm_key)
) STRICT, WITHOUT ROWID;

-- How often today something was done that somebody else notices.
CREATE TABLE done_today (
    what TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
