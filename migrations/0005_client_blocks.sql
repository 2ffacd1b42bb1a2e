-- What members block by the button of their chat client (XEP-0191), as it was when it was last mirrored.
CREATE TABLE client_block (
    account TEXT NOT NULL,     -- bare JID, as the chat server writes it
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    jid TEXT NOT NULL,         -- who is blocked, as the chat server writes it
    made TEXT NOT NULL,        -- when, as the chat server says
    entry_id INTEGER NOT NULL, -- the entry that it became; it may be gone
    PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_block_entry ON client_block (entry_id);
CREATE INDEX client_block_member ON client_block (member_id);
