-- Reports of spam and abuse (XEP-0377) that members let the household's admin know of, until the admin has decided.

-- 0 nothing, 1 address and reason, 2 what they wrote, too
ALTER TABLE member ADD COLUMN shares_reports INTEGER NOT NULL DEFAULT 0 CHECK (shares_reports BETWEEN 0 AND 2);

CREATE TABLE report (
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    typed TEXT NOT NULL,                                        -- who is reported, as an entry would have it
    channels INTEGER NOT NULL CHECK (channels BETWEEN 0 AND 2), -- where the entry would count, as in entry
    reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 2),     -- 0 spam, 1 abuse, 2 something else
    words TEXT NOT NULL,                                        -- the member's; empty unless they share them
    made INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,                            -- whether the admin has heard that there is something
    PRIMARY KEY (member_id, typed)
) STRICT, WITHOUT ROWID;
