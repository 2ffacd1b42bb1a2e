-- Who came by a link without proof sees no persons that were made before either, and what they add counts less.

-- A name that is hidden must not be found out by trying to use it: it can be there twice. Foreign keys are off meanwhile.
CREATE TABLE person_anew (
    id INTEGER PRIMARY KEY,
    scope_id INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden BETWEEN 0 AND 1) -- as in entry
) STRICT;
INSERT INTO person_anew (id, scope_id, name) SELECT id, scope_id, name FROM person;
DROP TABLE person;
ALTER TABLE person_anew RENAME TO person;
CREATE INDEX person_name ON person (scope_id, name);

-- 2: added for a member by somebody who hasn't proven to be that member. A constraint that gets wider changes no row: a
-- million of them need not be written anew (sqlite.org/lang_altertable.html, 8).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (added_by BETWEEN 0 AND 1)', 'CHECK (added_by BETWEEN 0 AND 2)')
WHERE type = 'table' AND name = 'entry';
PRAGMA writable_schema = RESET;

-- Who has come so already: their earlier persons go, and what they have added since counts less.
UPDATE person SET hidden = 1 WHERE scope_id IN (SELECT member_id FROM sign_in WHERE old_password IS NOT NULL);
UPDATE entry SET added_by = 2
WHERE added_by = 0 AND hidden = 0 AND scope_id IN (SELECT member_id FROM sign_in WHERE old_password IS NOT NULL);
