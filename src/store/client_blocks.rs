//! Blocks that chat clients made, and the entries that they became.
//!
//! A block that was taken back at the chat server because its entry was removed or switched off here is remembered without
//! the time at which it was made, for as long as that can be undone: then it is made there again. Until the server has said
//! what is blocked there, [`ASKED_FOR`] stands in place of that time.

use std::collections::BTreeMap;

use policy_core::client_blocks::{ClientBlock, ClientBlocks, ClientList, Outstanding, entry_of};
use policy_core::entry::{AddedBy, Channel, Effect, Entry, EntryId, MemberId, Scope, Source};
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Added, Change, ListsError, NewEntry};
use rusqlite::{OptionalExtension, params};

use super::change::Changes;
use super::codes::{Code, scope_code};
use super::rows::{COLUMNS, entry, entry_id};
use super::{Store, failed, guard, query};

/// Blocks of one account that are mirrored; what is beyond them stays the chat server's own.
const MOST_BLOCKS: usize = 5000;

/// The time of a block that is there again, of which the chat server hasn't said since when it is there.
const ASKED_FOR: &str = "!";

/// In place of the entry of a block that became a person's own.
const NO_ENTRY: i64 = -1;

/// A block as it was when it was last mirrored.
struct Known {
    block: ClientBlock,
    member: MemberId,
    /// `None` once a person has made it their own.
    entry: Option<EntryId>,
    /// Its entry is in force, and the chat server has still to be told.
    to_be_made: bool,
    /// Its entry was removed or switched off, and can be there again.
    rests: bool,
}

impl ClientBlocks for Store {
    fn mirror(&self, member: MemberId, list: &ClientList) -> Result<(), ListsError> {
        self.change(|changes| changes.mirror(member, list))
    }

    fn outstanding(&self) -> Result<Vec<Outstanding>, ListsError> {
        let reader = guard(&self.reader);
        let mut statement = reader
            .prepare_cached(
                "SELECT b.account, b.jid, iif(b.made = ?2, '', b.made), e.enabled IS 1 AS wanted FROM client_block b \
                 LEFT JOIN entry e ON e.id = b.entry_id \
                 WHERE b.made <> '' AND (e.id IS NULL OR (e.enabled = 0 AND e.source = ?1)) \
                 OR b.made IN ('', ?2) AND e.enabled = 1 AND e.source = ?1 ORDER BY b.account, wanted, b.jid",
            )
            .map_err(failed)?;
        let rows = statement.query_map(params![Source::Client.code(), ASKED_FOR], |row| {
            Ok(Outstanding {
                account: row.get(0)?,
                block: ClientBlock { jid: row.get(1)?, made: row.get(2)? },
                wanted: row.get(3)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }
}

impl Changes<'_> {
    fn mirror(&mut self, member: MemberId, list: &ClientList) -> Result<(), ListsError> {
        let Some(account) = Identity::of_account(&list.account) else { return Ok(()) };
        let mut new: BTreeMap<&str, &str> =
            list.blocks.iter().map(|block| (block.jid.as_str(), block.made.as_str())).collect();
        let mut kept = 0;
        let mut gone = Vec::new();
        for known in self.known_blocks(&list.account)? {
            let there = new.get(known.block.jid.as_str());
            let told = list.tells(&known.block.jid);
            let now = match there {
                None if known.to_be_made && told => Some(ASKED_FOR),
                None if known.rests && told => Some(""),
                // It was removed again before that was done: nobody has blocked it since.
                Some(made) if known.rests && known.block.made == ASKED_FOR => Some(*made),
                _ => None,
            };
            if let Some(made) = now.filter(|_| known.member == member) {
                self.transaction
                    .execute(
                        "UPDATE client_block SET made = ?3 WHERE account = ?1 AND jid = ?2",
                        params![list.account, known.block.jid, made],
                    )
                    .map_err(failed)?;
                new.remove(known.block.jid.as_str());
                continue;
            }
            let same = match there {
                Some(made) => *made == known.block.made,
                None => !told,
            };
            if same && known.member == member {
                new.remove(known.block.jid.as_str());
                kept += 1;
            } else {
                self.transaction
                    .execute(
                        "DELETE FROM client_block WHERE account = ?1 AND jid = ?2",
                        params![list.account, known.block.jid],
                    )
                    .map_err(failed)?;
                gone.push(known);
            }
        }
        for (jid, made) in new {
            if kept >= MOST_BLOCKS {
                break;
            }
            let Some(entry) = entry_of(member, &account, jid) else { continue };
            let entry = self.client_entry(member, entry)?.id;
            self.transaction
                .execute(
                    "INSERT INTO client_block (account, member_id, jid, made, entry_id) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![list.account, member.0, jid, made, entry.number()],
                )
                .map_err(failed)?;
            kept += 1;
        }
        gone.into_iter().try_for_each(|known| self.drop_unless_blocked(&known))
    }

    fn known_blocks(&self, account: &str) -> Result<Vec<Known>, ListsError> {
        let mut statement = self
            .transaction
            .prepare_cached(
                "SELECT b.jid, b.made, b.member_id, b.entry_id, \
                 b.made IN ('', ?3) AND e.enabled IS 1 AND e.source IS ?2, \
                 e.enabled IS 0 AND e.source IS ?2 OR e.id IS NULL AND t.entry_id IS NOT NULL \
                 FROM client_block b LEFT JOIN entry e ON e.id = b.entry_id \
                 LEFT JOIN tombstone t ON t.entry_id = b.entry_id WHERE b.account = ?1",
            )
            .map_err(failed)?;
        let rows = statement.query_map(params![account, Source::Client.code(), ASKED_FOR], |row| {
            Ok(Known {
                block: ClientBlock { jid: row.get(0)?, made: row.get(1)? },
                member: MemberId(row.get(2)?),
                entry: if row.get::<_, i64>(3)? == NO_ENTRY { None } else { Some(entry_id(row, 3)?) },
                to_be_made: row.get(4)?,
                rests: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }

    /// The entry of source `client` for this, in force: the one that is there, or a new one.
    fn client_entry(&mut self, member: MemberId, new: NewEntry) -> Result<Entry, ListsError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entry WHERE norm_key = ?1 AND kind = ?2 AND scope_id = ?3 AND effect = ?4 \
             AND source = ?5"
        );
        let there = self
            .transaction
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                let (kind, scope) = (new.pattern.kind.code(), scope_code(new.scope));
                let values = params![new.pattern.key, kind, scope, new.effect.code(), new.source.code()];
                statement.query_row(values, entry).optional()
            })
            .map_err(failed)?;
        if let Some(there) = there {
            return self.set_enabled(Actor::Member(member), there.id, true);
        }
        let entry = self.insert(Actor::Member(member), new, AddedBy::Owner)?;
        self.keep_changed(entry.clone());
        Ok(entry)
    }

    /// Adds again what was removed. What a client had blocked is the client's again, and is to be blocked at the chat server.
    pub(super) fn put_back(&mut self, actor: Actor, removed: Entry) -> Result<Added, ListsError> {
        let (id, scope, source) = (removed.id, removed.scope, removed.source);
        let new = NewEntry::again(removed);
        let Scope::Member(member) = scope else { return self.add(actor, new) };
        if source != Source::Client || !self.was_client_block(id)? {
            return self.add(actor, new);
        }
        super::still_open(self.transaction)?;
        self.check(actor, &new)?;
        let entry = self.client_entry(member, NewEntry { source, ..new })?;
        self.transaction
            .execute(
                "UPDATE client_block SET entry_id = ?2, made = ?3 WHERE entry_id = ?1",
                params![id.number(), entry.id.number(), ASKED_FOR],
            )
            .map_err(failed)?;
        Ok(Added { entry, change: Change::Added, unblocked: Vec::new() })
    }

    fn was_client_block(&self, entry: EntryId) -> Result<bool, ListsError> {
        self.transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM client_block WHERE entry_id = ?1)",
                [entry.number()],
                |row| row.get(0),
            )
            .map_err(failed)
    }

    /// Takes what the member's clients have blocked off the list, and so off the chat server's, if this allows the very same:
    /// there it would count more. Whoever pressed the button may come later, and is right then.
    pub(super) fn unblock(&mut self, actor: Actor, allowed: &Entry) -> Result<Vec<Entry>, ListsError> {
        let is_own = allowed.added_by == AddedBy::Owner && allowed.scope != Scope::Household;
        if !is_own
            || allowed.effect != Effect::Allow
            || !allowed.channels.contains(Channel::Xmpp)
            || !allowed.enabled
        {
            return Ok(Vec::new());
        }
        let there = query::by_pattern(self.transaction, actor, allowed.scope, &allowed.pattern)?;
        let by_client = there.into_iter().filter(|entry| entry.source == Source::Client);
        by_client.map(|entry| self.remove(actor, entry.id)).collect()
    }

    /// An entry was edited: it stands for no block of a client's any more, and the chat server is to take that back, or it
    /// would go on blocking what this entry no longer means.
    pub(super) fn part_from_client(&self, entry: EntryId) -> Result<(), ListsError> {
        self.transaction
            .execute(
                "UPDATE client_block SET entry_id = ?2 WHERE entry_id = ?1",
                params![entry.number(), NO_ENTRY],
            )
            .map(drop)
            .map_err(failed)
    }

    /// A block has gone at the chat server: its entry goes, unless another block wants it, or its owner has edited it or
    /// switched it off.
    fn drop_unless_blocked(&mut self, known: &Known) -> Result<(), ListsError> {
        let Some(entry) = known.entry else { return Ok(()) };
        let to_go: bool = self
            .transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE id = ?1 AND source = ?2 AND enabled = 1) \
                 AND NOT EXISTS (SELECT 1 FROM client_block WHERE entry_id = ?1)",
                params![entry.number(), Source::Client.code()],
                |row| row.get(0),
            )
            .map_err(failed)?;
        if to_go {
            self.forget_removed()?;
            self.remove(Actor::Member(known.member), entry)?;
        }
        Ok(())
    }
}
