-- Pages of long lists: all entries of a group (same scope, effect, kind and source) lie together in the order of their last
-- change, so that a page with any filter begins at its first entry and meets no other. What entry_of_member was for, this is
-- good for, too.
DROP INDEX entry_page;
DROP INDEX entry_of_member;
CREATE INDEX entry_page ON entry (scope_id, effect, kind, source, change_seq, added_by);
