//! Changing entries inside a transaction, and keeping account of what changed.

use std::cell::Cell;

use jiff::civil::Date;
use policy_core::entry::{Action, AddedBy, Channels, Effect, Entry, EntryId, Scope, Source};
use policy_core::identity::Domain;
use policy_core::lists::{Actor, Added, Change, ListsError, NewEntry};
use policy_core::pattern::{NORM_VERSION, PatternKind};
use policy_core::sentence::Sentence;
use policy_core::snapshot::Delimiters;
use rusqlite::{OptionalExtension, Transaction, params};

use super::codes::{Code, day, scope_code};
use super::count::{Counts, Group};
use super::rows::{COLUMNS, entry};
use super::{InForce, accounts, compile, failed, query};

/// How many days a removed entry is kept for undo.
const TOMBSTONE_DAYS: i64 = 30;

/// A transaction on the lists, and what it has changed so far.
pub(super) struct Changes<'t> {
    pub(super) transaction: &'t Transaction<'t>,
    pub(super) today: Date,
    pub(super) delimiters: Delimiters,
    /// The names under which this server itself is reached.
    pub(super) own_domains: &'t [Domain],
    in_force: InForce,
    pub(super) gone: Vec<Entry>,
    pub(super) changed: Vec<Entry>,
    /// By how much there are more or fewer entries.
    pub(super) counts: Counts,
    /// So much has changed that not every change was kept: all must be compiled anew.
    pub(super) too_many: bool,
    /// What was updated last, as it was.
    pub(super) before: Option<Entry>,
    /// The number of the last change, once there is one.
    revision: Cell<Option<i64>>,
}

/// How many changes are kept one by one; a large import must not stand in memory a second time.
pub(super) const KEPT: usize = 2_000;

impl<'t> Changes<'t> {
    pub(super) fn new(
        transaction: &'t Transaction<'t>,
        today: Date,
        delimiters: Delimiters,
        own_domains: &'t [Domain],
        in_force: InForce,
    ) -> Self {
        Self {
            transaction,
            today,
            delimiters,
            own_domains,
            in_force,
            gone: Vec::new(),
            changed: Vec::new(),
            counts: Counts::default(),
            too_many: false,
            before: None,
            revision: Cell::new(None),
        }
    }

    /// The number of the change that is being made: each changed row gets one of its own.
    pub(super) fn next_revision(&self) -> Result<i64, ListsError> {
        let last = match self.revision.get() {
            Some(last) => last,
            None => compile::revision(self.transaction)?.cast_signed(),
        };
        self.revision.set(Some(last + 1));
        Ok(last + 1)
    }

    /// Stores the number of the last change; once for all of them, as an import makes a thousand.
    pub(super) fn write_revision(&self) -> Result<(), ListsError> {
        let Some(last) = self.revision.get() else { return Ok(()) };
        self.transaction.execute("UPDATE revision SET value = ?1", [last]).map(drop).map_err(failed)
    }

    pub(super) fn keep_changed(&mut self, entry: Entry) {
        // What can't be compiled must not be stored, and of what is new, that can only be so with texts.
        let is_text = matches!(entry.pattern.kind, PatternKind::Words | PatternKind::Regex);
        if self.in_force == InForce::WithTheRest && !is_text {
            return;
        }
        if self.changed.len() < KEPT {
            self.changed.push(entry);
        } else {
            self.too_many = true;
        }
    }

    pub(super) fn keep_gone(&mut self, entry: Entry) {
        // It stays in force until what takes its place is, but for what makes room for it.
        if self.in_force == InForce::WithTheRest && entry.pattern.kind != PatternKind::Regex {
            return;
        }
        if self.gone.len() < KEPT {
            self.gone.push(entry);
        } else {
            self.too_many = true;
        }
    }

    /// Adds an entry, or gives the one that is there the new settings.
    pub(super) fn add(&mut self, actor: Actor, new: NewEntry) -> Result<Added, ListsError> {
        super::still_open(self.transaction)?;
        let added_by = self.check(actor, &new)?;
        let there = self.existing(actor, &new, added_by)?;
        let is_typed = new.source == Source::Manual;
        let added = self.put(actor, there, new, added_by)?;
        let unblocked = if is_typed { self.unblock(actor, &added.entry)? } else { Vec::new() };
        Ok(Added { unblocked, ..added })
    }

    /// Adds an entry of a file. Unless the file is to replace the list, an entry that is there keeps what the file says nothing
    /// of: a list of plain values must not switch on again what somebody switched off.
    pub(super) fn import(&mut self, actor: Actor, new: NewEntry, replace: bool) -> Result<Added, ListsError> {
        super::still_open(self.transaction)?;
        let added_by = self.check(actor, &new)?;
        let there = self.existing(actor, &new, added_by)?;
        let said = match &there {
            Some(there) if !replace => NewEntry {
                enabled: new.enabled && there.enabled,
                channels: if new.channels == Channels::All { there.channels } else { new.channels },
                action: if new.action == Action::default() { there.action } else { new.action },
                until: new.until.or(there.until),
                ..new
            },
            _ => new,
        };
        self.put(actor, there, said, added_by)
    }

    fn put(
        &mut self,
        actor: Actor,
        there: Option<Entry>,
        new: NewEntry,
        added_by: AddedBy,
    ) -> Result<Added, ListsError> {
        let (entry, change) = match there {
            None => (self.insert(actor, new, added_by)?, Change::Added),
            Some(there) if same_settings(&there, &new) => (there, Change::AlreadyThere),
            Some(there) => {
                self.before = Some(there.clone());
                (self.update(there, new)?, Change::Updated)
            }
        };
        if change != Change::AlreadyThere {
            self.keep_changed(entry.clone());
        }
        Ok(Added { entry, change, unblocked: Vec::new() })
    }

    /// Whether the actor may add this, and as whom.
    pub(super) fn check(&self, actor: Actor, new: &NewEntry) -> Result<AddedBy, ListsError> {
        let added_by = match (actor, new.scope) {
            (Actor::Admin, Scope::Household) => AddedBy::Owner,
            (Actor::Admin, Scope::Member(_)) => AddedBy::Admin,
            (Actor::Member(own), Scope::Member(member)) if own == member => AddedBy::Owner,
            (Actor::Unproven(own), Scope::Member(member)) if own == member => AddedBy::Unproven,
            (Actor::Member(_) | Actor::Unproven(_), _) => {
                return Err(ListsError::Refused(Sentence::of("why-own-list-only")));
            }
        };
        if new.scope == Scope::Household && new.effect == Effect::Block {
            self.refuse_our_own(&new.pattern)?;
        }
        if new.note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(ListsError::Refused(Sentence::of("why-note-controls")));
        }
        Ok(added_by)
    }

    pub(super) fn existing(
        &self,
        actor: Actor,
        new: &NewEntry,
        added_by: AddedBy,
    ) -> Result<Option<Entry>, ListsError> {
        // "Already there" would tell what is hidden.
        let sql = format!(
            "SELECT {COLUMNS} FROM entry WHERE norm_key = ?1 AND kind = ?2 AND scope_id = ?3 AND effect = ?4 \
             AND added_by = ?5 AND source NOT IN (3, 5) AND hidden <= ?6 ORDER BY hidden LIMIT 1"
        );
        let pattern = &new.pattern;
        self.transaction
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_row(
                        params![
                            pattern.key,
                            pattern.kind.code(),
                            scope_code(new.scope),
                            new.effect.code(),
                            added_by.code(),
                            query::most_hidden(actor)
                        ],
                        entry,
                    )
                    .optional()
            })
            .map_err(failed)
    }

    pub(super) fn insert(
        &mut self,
        actor: Actor,
        new: NewEntry,
        added_by: AddedBy,
    ) -> Result<Entry, ListsError> {
        let hidden = accounts::hides(self.transaction, actor)?;
        let revision = self.next_revision()?;
        let id = self.unused_id()?;
        let entry = Entry {
            id,
            pattern: new.pattern,
            effect: new.effect,
            scope: new.scope,
            channels: new.channels,
            action: new.action,
            note: new.note,
            source: new.source,
            added_by,
            created: self.today,
            until: new.until,
            enabled: new.enabled,
        };
        self.transaction
            .prepare_cached(
                "INSERT INTO entry (id, scope_id, kind, typed, norm_key, norm_version, effect, channels, action, \
                 note, source, added_by, created, until, enabled, change_seq, hidden) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id.number(),
                    scope_code(entry.scope),
                    entry.pattern.kind.code(),
                    entry.pattern.typed,
                    entry.pattern.key,
                    NORM_VERSION,
                    entry.effect.code(),
                    entry.channels.code(),
                    entry.action.code(),
                    entry.note,
                    entry.source.code(),
                    entry.added_by.code(),
                    day(entry.created),
                    entry.until.map(day),
                    entry.enabled,
                    revision,
                    hidden
                ])
            })
            .map_err(failed)?;
        self.counts.add(Group::of(&entry), 1);
        Ok(entry)
    }

    /// A random id that no entry has or lately had. Five characters as long as these are not crowded, then six.
    fn unused_id(&self) -> Result<EntryId, ListsError> {
        for attempt in 0..64u32 {
            let bound = if attempt < 8 { 1 << 25 } else { EntryId::LIMIT };
            let Some(id) = EntryId::from_number(rand::random_range(0..bound)) else { continue };
            let taken: bool = self
                .transaction
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM entry WHERE id = ?1) \
                     OR EXISTS (SELECT 1 FROM tombstone WHERE entry_id = ?1)",
                )
                .and_then(|mut statement| statement.query_row([id.number()], |row| row.get(0)))
                .map_err(failed)?;
            if !taken {
                return Ok(id);
            }
        }
        Err(ListsError::Store(Sentence::of("store-no-room")))
    }

    fn update(&self, there: Entry, new: NewEntry) -> Result<Entry, ListsError> {
        let entry = Entry {
            pattern: new.pattern,
            channels: new.channels,
            action: new.action,
            until: new.until,
            note: if new.note.is_empty() { there.note } else { new.note },
            enabled: new.enabled,
            ..there
        };
        let revision = self.next_revision()?;
        self.transaction
            .prepare_cached(
                "UPDATE entry SET typed = ?2, channels = ?3, action = ?4, until = ?5, note = ?6, enabled = ?7, \
                 change_seq = ?8 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    entry.id.number(),
                    entry.pattern.typed,
                    entry.channels.code(),
                    entry.action.code(),
                    entry.until.map(day),
                    entry.note,
                    entry.enabled,
                    revision
                ])
            })
            .map_err(failed)?;
        Ok(entry)
    }

    pub(super) fn changeable(&self, actor: Actor, id: EntryId) -> Result<Entry, ListsError> {
        let entry = query::one(self.transaction, actor, id)?.entry;
        if actor.may_change(entry.scope, entry.added_by) {
            Ok(entry)
        } else {
            Err(ListsError::Refused(Sentence::of("why-households").with("id", id.to_string())))
        }
    }

    pub(super) fn remove(&mut self, actor: Actor, id: EntryId) -> Result<Entry, ListsError> {
        let entry = self.changeable(actor, id)?;
        let revision = self.next_revision()?;
        let json = serde_json::to_string(&entry).map_err(|error| {
            ListsError::Store(Sentence::of("store-fault").with("error", error.to_string()))
        })?;
        self.transaction
            .execute("DELETE FROM entry WHERE id = ?1", [id.number()])
            .and_then(|_| {
                self.transaction.execute(
                    "INSERT INTO tombstone (entry_id, scope_id, entry, removed, change_seq) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id.number(), scope_code(entry.scope), json, day(self.today), revision],
                )
            })
            .map_err(failed)?;
        self.counts.add(Group::of(&entry), -1);
        self.keep_gone(entry.clone());
        Ok(entry)
    }

    /// What somebody makes of an entry that another added for a member counts as what they add: the member's own, which nobody
    /// else sees from then on, or one without proof.
    pub(super) fn make_own(&self, actor: Actor, entry: &mut Entry) -> Result<(), ListsError> {
        let added_by = match actor {
            Actor::Admin => return Ok(()),
            Actor::Member(_) => AddedBy::Owner,
            Actor::Unproven(_) => AddedBy::Unproven,
        };
        if entry.added_by == added_by {
            return Ok(());
        }
        entry.added_by = added_by;
        let hidden = accounts::hides(self.transaction, actor)?;
        self.transaction
            .execute(
                "UPDATE entry SET added_by = ?2, hidden = ?3 WHERE id = ?1",
                params![entry.id.number(), entry.added_by.code(), hidden],
            )
            .map(drop)
            .map_err(failed)
    }

    /// Forgets what was removed long ago.
    pub(super) fn forget_removed(&self) -> Result<(), ListsError> {
        self.transaction
            .execute(
                "DELETE FROM tombstone WHERE removed < ?1",
                [day(self.today).saturating_sub(TOMBSTONE_DAYS)],
            )
            .map(drop)
            .map_err(failed)
    }

    pub(super) fn set_enabled(
        &mut self,
        actor: Actor,
        id: EntryId,
        enabled: bool,
    ) -> Result<Entry, ListsError> {
        let mut entry = self.changeable(actor, id)?;
        if entry.enabled != enabled {
            let revision = self.next_revision()?;
            self.transaction
                .execute(
                    "UPDATE entry SET enabled = ?2, change_seq = ?3 WHERE id = ?1",
                    params![id.number(), enabled, revision],
                )
                .map_err(failed)?;
            let before = Group::of(&entry);
            entry.enabled = enabled;
            self.make_own(actor, &mut entry)?;
            self.counts.add(before, -1);
            self.counts.add(Group::of(&entry), 1);
            self.keep_changed(entry.clone());
        }
        Ok(entry)
    }
}

fn same_settings(there: &Entry, new: &NewEntry) -> bool {
    there.enabled == new.enabled
        && there.channels == new.channels
        && there.action == new.action
        && there.until == new.until
        && (new.note.is_empty() || there.note == new.note)
}
