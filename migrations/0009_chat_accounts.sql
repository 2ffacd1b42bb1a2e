-- A chat account proves whose its member's list is: the chat server says who writes.

-- 1: whoever has the secrets, or had the old ones, came by a link that was given to the member's own chat account.
ALTER TABLE sign_in ADD COLUMN by_account INTEGER NOT NULL DEFAULT 0 CHECK (by_account BETWEEN 0 AND 1);
-- 1: the account has changed the list since, and what it lists is hidden from whoever has the secrets.
ALTER TABLE sign_in ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted BETWEEN 0 AND 1);
-- 1: the link was given to the member's own chat account.
ALTER TABLE sign_in_link ADD COLUMN to_account INTEGER NOT NULL DEFAULT 0 CHECK (to_account BETWEEN 0 AND 1);
