//! The lists in SQLite: the only place that knows SQL.
//!
//! A change is validated, written in a transaction, compiled, committed and only then published to the doors; one that
//! doesn't compile is rolled back. There is one writer at a time and a connection of its own for reading, so that
//! looking something up never waits for a change.

mod accounts;
mod addresses;
mod backup;
mod beside;
mod change;
mod client_blocks;
mod codes;
mod compile;
mod count;
mod damage;
mod edit;
mod hits;
mod import;
mod in_place;
mod leaving;
mod members;
mod often;
mod open;
mod orphan;
mod ours;
mod persons;
mod query;
mod read_only;
mod rekey;
mod reports;
mod rows;
mod sign_in;
mod tell;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::civil::Date;
use policy_core::door::{Door, DoorStatus};
use policy_core::entry::{Entry, EntryId, MemberId, Scope};
use policy_core::identity::Domain;
use policy_core::lists::{
    Actor, Added, Edited, ImportItem, ImportReport, Listed, Lists, ListsError, Member, MemberIdentity, Page,
    Query, Status,
};
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;
use policy_core::snapshot::{Delimiters, Members, Snapshot, SnapshotHandle};
use rusqlite::{Connection, OptionalExtension, Transaction};
use texts::Texts;

pub use self::backup::{copy, put_in_place};
use self::beside::Beside;
use self::change::Changes;
use self::codes::Code;
use self::count::Counts;
pub use self::hits::HitCounter;
pub use self::open::{DataLock, OpenError, integrity, lock, lock_in_turn, prepare_folder};
pub use self::orphan::keeper_of_removed;
use self::query::LastTotals;
pub use self::tell::{Outgoing, To};
use self::writer::Writer;

/// The lists in a SQLite database, and the snapshot made of them.
pub struct Store {
    // Dropped before the writer: only a connection that may write empties the write-ahead log when it closes last.
    reader: Mutex<Connection>,
    writer: Writer,
    snapshot: SnapshotHandle,
    counts: Mutex<Counts>,
    beside: Beside,
    /// Held by the one import that is at work.
    importing: Mutex<()>,
    last_totals: LastTotals,
    hits: Arc<HitCounter>,
    live: OnceLock<Live>,
    page: OnceLock<String>,
    served: OnceLock<Vec<Domain>>,
    delimiters: Delimiters,
    _lock: Option<DataLock>,
}

/// What runs on these lists, for `status`.
pub struct Live {
    /// The doors.
    pub doors: Vec<Arc<Door>>,
    /// The page's address.
    pub web: String,
}

/// Today, in the household's time zone.
pub fn today() -> Date {
    jiff::ZonedDateTime::now().date()
}

/// A fault of the database's, as the asker hears of it: without values, which SQLite's own texts don't hold.
fn failed(error: rusqlite::Error) -> ListsError {
    let id = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => "store-full",
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => "store-busy",
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => "store-corrupt",
        Some(rusqlite::ErrorCode::ReadOnly) => "store-read-only",
        _ => "store-failed",
    };
    ListsError::Store(Sentence::of(id).with("error", error.to_string()))
}

/// SQLite takes a whole transaction back by itself when the disk is full: what follows would be written piece by piece.
fn still_open(transaction: &Transaction<'_>) -> Result<(), ListsError> {
    if transaction.is_autocommit() {
        return Err(ListsError::Store(Sentence::of("store-taken-back")));
    }
    Ok(())
}

fn guard<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while a connection was held rolled its transaction back: it is as good as before.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Opens the lists in this folder for this process alone: migrates, compiles, and has them ready to be judged by.
    pub fn open(dir: &Path, lock: DataLock, delimiters: Delimiters) -> Result<Self, StoreError> {
        match Self::connections(dir) {
            Ok((writer, reader)) => Self::with(dir, writer, reader, None, Some(lock), delimiters),
            Err(error) => {
                let Some(why) = read_only::why(dir) else { return Err(error) };
                // What is there goes on judging: without it, nothing would be filtered until somebody makes room.
                match (read_only::reader(dir), read_only::reader(dir)) {
                    (Ok(first), Ok(second)) => {
                        Self::with(dir, first, second, Some(why), Some(lock), delimiters)
                    }
                    _ => Err(error),
                }
            }
        }
    }

    fn connections(dir: &Path) -> Result<(Connection, Connection), StoreError> {
        let mut writer = open::writer(dir)?;
        rekey::outdated(&mut writer)?;
        Ok((writer, open::reader(dir)?))
    }

    /// Opens the lists for reading, beside a daemon that may be running. `None` when there are none yet.
    pub fn open_beside(dir: &Path, delimiters: Delimiters) -> Result<Option<Self>, StoreError> {
        if !open::exists(dir)? {
            return Ok(None);
        }
        let (first, second) = (open::reader_alone(dir)?, open::reader_alone(dir)?);
        Ok(Some(Self::with(dir, first, second, read_only::why(dir), None, delimiters)?))
    }

    fn with(
        dir: &Path,
        mut writer: Connection,
        mut reader: Connection,
        read_only: Option<Sentence>,
        lock: Option<DataLock>,
        delimiters: Delimiters,
    ) -> Result<Self, StoreError> {
        // In KiB. Nothing is read twice for a page of a long list, and the system caches files as well.
        reader.pragma_update(None, "cache_size", -512).map_err(failed)?;
        let (snapshot, counts) = compile::everything_by_two(&mut writer, &mut reader, delimiters)?;
        Ok(Self {
            writer: Writer::new(writer, dir, read_only),
            reader: Mutex::new(reader),
            snapshot: SnapshotHandle::new(snapshot),
            counts: Mutex::new(counts),
            beside: Beside::of(dir),
            importing: Mutex::default(),
            last_totals: LastTotals::default(),
            hits: Arc::default(),
            live: OnceLock::new(),
            page: OnceLock::new(),
            served: OnceLock::new(),
            delimiters,
            _lock: lock,
        })
    }

    /// Why they can be read and not changed, if so. It stays so until they are opened anew.
    pub fn read_only(&self) -> Option<&Sentence> {
        self.writer.read_only()
    }

    /// Says what runs on these lists.
    pub fn go_live(&self, live: Live) {
        let _ = self.live.set(live);
    }

    /// Where the doors find the snapshot in force.
    pub fn snapshot(&self) -> SnapshotHandle {
        self.snapshot.clone()
    }

    /// Where the doors count which entries decided.
    pub fn hits(&self) -> Arc<HitCounter> {
        Arc::clone(&self.hits)
    }

    /// Writes the hit counts. Called every ten minutes and at the end.
    pub fn write_hits(&self) -> Result<(), ListsError> {
        self.hits.write(&mut *self.writer.take()?).map_err(failed)
    }

    /// The admin's password for the page, as an argon2id string.
    pub fn admin_password(&self) -> Result<Option<String>, ListsError> {
        guard(&self.reader)
            .query_row("SELECT password FROM sign_in WHERE member_id IS NULL", [], |row| row.get(0))
            .optional()
            .map_err(failed)
    }

    /// Sets the admin's password for the page to one that was made for them.
    pub fn set_admin_password(&self, hash: &str) -> Result<(), ListsError> {
        self.write(|transaction| accounts::set_made_password(transaction, hash))
    }

    /// A setting that Postward keeps for itself.
    pub fn setting(&self, name: &str) -> Result<Option<String>, ListsError> {
        guard(&self.reader)
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .map_err(failed)
    }

    /// Keeps a setting.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), ListsError> {
        self.writer
            .take()?
            .execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)", [name, value])
            .map(drop)
            .map_err(failed)
    }

    /// Whether an allow entry counts on mail, for which DNS is asked.
    pub fn allows_in_mail(&self) -> Result<bool, ListsError> {
        let effect = policy_core::entry::Effect::Allow.code();
        let channels = policy_core::entry::Channels::Xmpp.code();
        guard(&self.reader)
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE scope_id IN (SELECT id FROM scope) AND effect = ?1 \
                 AND channels <> ?2 AND enabled = 1)",
                [effect, channels],
                |row| row.get(0),
            )
            .map_err(failed)
    }

    /// Carries a change out: all of it, or none.
    fn change<T>(
        &self,
        carry_out: impl FnOnce(&mut Changes<'_>) -> Result<T, ListsError>,
    ) -> Result<T, ListsError> {
        self.change_for(InForce::AtOnce, carry_out)
    }

    fn change_for<T>(
        &self,
        in_force: InForce,
        carry_out: impl FnOnce(&mut Changes<'_>) -> Result<T, ListsError>,
    ) -> Result<T, ListsError> {
        let own_domains = self.own_domains();
        let mut writer = self.writer.take()?;
        let transaction = writer.transaction().map_err(failed)?;
        let mut changes = Changes::new(&transaction, today(), self.delimiters, &own_domains, in_force);
        let done = carry_out(&mut changes)?;
        changes.write_revision()?;
        let Changes { gone, changed, counts, too_many, .. } = changes;
        still_open(&transaction)?;
        let mut all = guard(&self.counts).clone();
        all.follow(&counts);
        if gone.is_empty() && changed.is_empty() {
            // Something beside the entries may have changed.
            transaction.commit().map_err(failed)?;
            *guard(&self.counts) = all;
            return Ok(done);
        }
        let (next, counts) = if too_many {
            compile::everything(&transaction, self.delimiters)?
        } else {
            let revision = compile::revision(&transaction)?;
            let next = self.snapshot.load().with_changes(revision, &gone, &changed);
            (next.map_err(compile::not_compiled)?, all)
        };
        transaction.commit().map_err(failed)?;
        self.publish(next, counts);
        self.beside.follow(too_many, &gone, &changed);
        if in_force == InForce::AtOnce && (too_many || !gone.is_empty()) {
            forget_what_was_removed(&writer);
        }
        // Other changes needn't wait for it.
        drop(writer);
        self.snapshot.in_force();
        Ok(done)
    }

    fn change_members<T>(
        &self,
        entries: Entries,
        carry_out: impl FnOnce(&Transaction<'_>) -> Result<T, ListsError>,
    ) -> Result<T, ListsError> {
        let mut writer = self.writer.take()?;
        let transaction = writer.transaction().map_err(failed)?;
        let done = carry_out(&transaction)?;
        let changes = Changes::new(&transaction, today(), self.delimiters, &[], InForce::AtOnce);
        changes.next_revision()?;
        changes.write_revision()?;
        let (next, counts) = match entries {
            Entries::Untouched => {
                let people = members::all(&transaction)?;
                let members = Members::new(&people, self.delimiters);
                let revision = compile::revision(&transaction)?;
                let counts = Counts { people: people.len(), ..guard(&self.counts).clone() };
                (self.snapshot.load().with_members(revision, members), counts)
            }
            Entries::Touched => compile::everything(&transaction, self.delimiters)?,
        };
        transaction.commit().map_err(failed)?;
        self.publish(next, counts);
        self.beside.follow(matches!(entries, Entries::Touched), &[], &[]);
        drop(writer);
        self.snapshot.in_force();
        Ok(done)
    }

    /// Puts in force what was committed; the caller holds the writer, so that changes come in their order.
    fn publish(&self, snapshot: Snapshot, counts: Counts) {
        self.snapshot.publish(snapshot);
        *guard(&self.counts) = counts;
    }
}

/// When what a change brings is in force.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InForce {
    /// When it is committed.
    AtOnce,
    /// When the import is done that it is a piece of, but for regular expressions and new words: these at once.
    WithTheRest,
}

/// What was removed, noted or not, must not linger in the write-ahead log. A reader in the middle puts that off to the next
/// time.
fn forget_what_was_removed(writer: &Connection) {
    let _ = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

/// Whether a change of members takes entries along.
enum Entries {
    Untouched,
    Touched,
}

/// Why the lists could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the database can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What is in it can't be compiled.
    #[error("the stored lists can't be used: {}", Texts::plain().sentence(&.0.sentence()))]
    Compile(ListsError),
}

impl From<ListsError> for StoreError {
    fn from(error: ListsError) -> Self {
        Self::Compile(error)
    }
}

impl Lists for Store {
    fn add(
        &self,
        actor: Actor,
        entries: Vec<policy_core::lists::NewEntry>,
    ) -> Result<Vec<Added>, ListsError> {
        self.change(|changes| entries.into_iter().map(|new| changes.add(actor, new)).collect())
    }

    fn remove(&self, actor: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        self.change(|changes| {
            changes.forget_removed()?;
            ids.iter().map(|&id| changes.remove(actor, id)).collect()
        })
    }

    fn put_back(&self, actor: Actor, removed: Vec<Entry>) -> Result<Vec<Added>, ListsError> {
        self.change(|changes| removed.into_iter().map(|entry| changes.put_back(actor, entry)).collect())
    }

    fn set_enabled(&self, actor: Actor, ids: &[EntryId], enabled: bool) -> Result<Vec<Entry>, ListsError> {
        self.change(|changes| ids.iter().map(|&id| changes.set_enabled(actor, id, enabled)).collect())
    }

    fn edit(
        &self,
        actor: Actor,
        id: EntryId,
        seen: Option<u64>,
        new: policy_core::lists::NewEntry,
    ) -> Result<Edited, ListsError> {
        self.change(|changes| changes.edit(actor, id, seen, new))
    }

    fn import(
        &self,
        actor: Actor,
        scope: Scope,
        replace: bool,
        items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        import::carry_out(self, actor, scope, replace, items)
    }

    fn entries(&self, actor: Actor, query: &Query) -> Result<Page, ListsError> {
        let counted = guard(&self.counts).matching(actor, query);
        query::page(&guard(&self.reader), &self.last_totals, &counted, actor, query)
    }

    fn entry(&self, actor: Actor, id: EntryId) -> Result<Listed, ListsError> {
        query::one(&guard(&self.reader), actor, id)
    }

    fn find(&self, actor: Actor, scope: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
        query::by_pattern(&guard(&self.reader), actor, scope, pattern)
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        members::all(&guard(&self.reader))
    }

    fn add_member(&self, name: &str, identities: &[MemberIdentity]) -> Result<Member, ListsError> {
        self.change_members(Entries::Untouched, |transaction| {
            members::add(transaction, name, identities, today())
        })
    }

    fn account_came(&self, member: MemberId) -> Result<(), ListsError> {
        // Only the first time is anything written.
        if accounts::trusted_unproven(&guard(&self.reader), member)? {
            self.write(|transaction| accounts::doubt(transaction, member, today()))?;
        }
        Ok(())
    }

    fn remove_member(&self, name: &str) -> Result<(), ListsError> {
        self.change_members(Entries::Touched, |transaction| {
            let member = members::by_name(transaction, name)?;
            leaving::begin(transaction, member, today()).map(drop)
        })
    }

    fn status(&self) -> Result<Status, ListsError> {
        let (entries, members) = {
            let counts = guard(&self.counts);
            (counts.household(), counts.people as u64)
        };
        let live = self.live.get();
        let database = self.writer.problem();
        let revision = match compile::revision(&guard(&self.reader)) {
            // Nobody would hear what is wrong: the list in force answers.
            Err(_) if database.is_some() => self.snapshot.load().revision(),
            stored => stored?,
        };
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            running: live.is_some(),
            today: today(),
            revision,
            entries,
            members,
            doors: live
                .iter()
                .flat_map(|live| &live.doors)
                .map(|door| told(door.status(), members))
                .collect(),
            web: live.map(|live| live.web.clone()),
            database,
            suffix_list: policy_core::suffix::SuffixList::in_use().describe(),
            domains: self.own_domains().iter().map(ToString::to_string).collect(),
        })
    }
}

/// What may be told of a door: what is stopped is the household's business only where nobody has a list of their own.
fn told(door: DoorStatus, members: u64) -> DoorStatus {
    DoorStatus { stopped: door.stopped.filter(|_| members == 0), ..door }
}
