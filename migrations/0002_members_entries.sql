-- Members look at their own few entries from their chat clients, however long the household's list is. Only members'
-- entries are in it, so that a long household list costs nothing.
CREATE INDEX entry_of_member ON entry (scope_id, change_seq) WHERE scope_id <> 0;
