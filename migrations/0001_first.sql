-- The first schema. A column never changes its meaning; dates are days since 1970-01-01.

-- To whom an entry applies: 0 is the household, any other number is the member of that number.
CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    member_id INTEGER UNIQUE REFERENCES member (id) ON DELETE CASCADE,
    CHECK ((id = 0) = (member_id IS NULL)),
    CHECK (member_id IS NULL OR member_id = id)
) STRICT;

CREATE TABLE member (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: a late reader must not take one member for another
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    created INTEGER NOT NULL
) STRICT;

-- Many to many: an address may belong to several members.
CREATE TABLE member_identity (
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), -- 0 mail address, 1 catch-all domain, 2 JID, 3 login
    value TEXT NOT NULL,                                -- as typed
    norm_key TEXT NOT NULL,
    PRIMARY KEY (member_id, kind, norm_key)
) STRICT, WITHOUT ROWID;

-- A correspondent with several identities under one name, as one scope sees them.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    scope_id INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (scope_id, name)
) STRICT;

CREATE TABLE person_identity (
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind IN (0, 2)), -- as in member_identity
    value TEXT NOT NULL,
    norm_key TEXT NOT NULL,
    PRIMARY KEY (person_id, kind, norm_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    row INTEGER PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,              -- opaque and random; shown as e-xxxxx
    scope_id INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    person_id INTEGER REFERENCES person (id) ON DELETE SET NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4), -- 0 address, 1 domain, 2 words, 3 regex, 4 address-sha256
    typed TEXT NOT NULL,
    norm_key TEXT NOT NULL,
    norm_version INTEGER NOT NULL,           -- of the normalisation that made norm_key
    effect INTEGER NOT NULL CHECK (effect BETWEEN 0 AND 1),     -- 0 block, 1 allow
    channels INTEGER NOT NULL CHECK (channels BETWEEN 0 AND 2), -- 0 all, 1 mail, 2 xmpp
    action INTEGER NOT NULL CHECK (action BETWEEN 0 AND 1),     -- 0 drop, 1 refuse
    note TEXT NOT NULL,
    source INTEGER NOT NULL CHECK (source BETWEEN 0 AND 5), -- 0 manual, 1 import, 2 forwarded, 3 client, 4 report, 5 list
    list_id INTEGER,                         -- the subscribed list that it came with; only with source 5
    added_by INTEGER NOT NULL CHECK (added_by BETWEEN 0 AND 1), -- 0 the scope's owner, 1 the admin for a member
    created INTEGER NOT NULL,
    until INTEGER,
    enabled INTEGER NOT NULL CHECK (enabled BETWEEN 0 AND 1),
    change_seq INTEGER NOT NULL,
    CHECK ((source = 5) = (list_id IS NOT NULL))
) STRICT;

-- All that compiling needs, in the order in which it wants it: with a million entries, fetching each row from the table
-- would take five times as long. A scope has a pattern once an effect, apart from what chat clients and subscribed lists
-- bring, and apart from what the admin added for a member (otherwise "already there" would tell the admin what a member
-- has listed); the one writer sees to that.
CREATE INDEX entry_key ON entry (
    norm_key, kind, scope_id, effect, added_by, source, id, channels, action, until, enabled
);
CREATE INDEX entry_change ON entry (change_seq);

-- Removed entries, kept for a while for undo and for whoever catches up by change sequence.
CREATE TABLE tombstone (
    entry_id INTEGER PRIMARY KEY,
    scope_id INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    entry TEXT NOT NULL,                     -- the entry as it was, as JSON
    removed INTEGER NOT NULL,
    change_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX tombstone_change ON tombstone (change_seq);

-- How often an entry decided, and the last day it did: private to the scope's owner, never exported.
CREATE TABLE hit (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    count INTEGER NOT NULL,
    last_on INTEGER NOT NULL
) STRICT;

-- The number of the last change to anything that judging depends on.
CREATE TABLE revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Passwords of the page, as argon2id strings. The admin has no member.
CREATE TABLE sign_in (
    id INTEGER PRIMARY KEY,
    member_id INTEGER UNIQUE REFERENCES member (id) ON DELETE CASCADE,
    password TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_in_admin ON sign_in ((1)) WHERE member_id IS NULL;

INSERT INTO scope (id, member_id) VALUES (0, NULL);
INSERT INTO revision (id, value) VALUES (1, 0);
