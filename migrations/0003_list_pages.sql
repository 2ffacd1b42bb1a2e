-- Pages of long lists, in the order of their last change. All by which the page filters is in it, so that what doesn't
-- match costs no look at the table: with a million entries, a filter that nothing passes takes 50 ms instead of a second.
CREATE INDEX entry_page ON entry (effect, change_seq, scope_id, kind, source, added_by);

-- Which entries decided last.
CREATE INDEX hit_last ON hit (last_on, entry_id);

-- Whose address it is: entries find their person by their key.
CREATE INDEX person_identity_key ON person_identity (norm_key);
