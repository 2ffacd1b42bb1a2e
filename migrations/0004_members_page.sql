-- Members on the settings page.

-- 1: the member came back by a link, without proof of being who made the entry: in force, and not shown to them.
ALTER TABLE entry ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden BETWEEN 0 AND 1);

ALTER TABLE sign_in ADD COLUMN recovery TEXT;     -- the recovery code, as an argon2id string
ALTER TABLE sign_in ADD COLUMN last_on INTEGER;   -- the day of the last sign-in
-- What proves whose the hidden entries are; only while there are some.
ALTER TABLE sign_in ADD COLUMN old_password TEXT;
ALTER TABLE sign_in ADD COLUMN old_recovery TEXT;

ALTER TABLE member ADD COLUMN link_made INTEGER NOT NULL DEFAULT 0; -- whether there ever was a link
ALTER TABLE member ADD COLUMN leaving_asked INTEGER;                -- the day on which the admin removed them
ALTER TABLE member ADD COLUMN leaving_told INTEGER;                 -- the day on which they were told

CREATE TABLE sign_in_link (
    member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
    token BLOB NOT NULL,                      -- SHA-256 of it
    until INTEGER NOT NULL                    -- seconds since 1970
) STRICT;

-- What a member finds on their page about their own account.
CREATE TABLE member_news (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), -- 0 link, 1 leaving, 2 staying
    made INTEGER NOT NULL
) STRICT;
CREATE INDEX member_news_of ON member_news (member_id);

-- Messages to members that are still to be sent. Kept until they are.
CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind IN (0, 2)), -- 0 mail, 2 chat, as in member_identity
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    tells_leaving INTEGER NOT NULL CHECK (tells_leaving BETWEEN 0 AND 1),
    made INTEGER NOT NULL
) STRICT;
