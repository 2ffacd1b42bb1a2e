//! Lists in memory that let everybody do everything: who may what is the desk's part here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::date;
use policy_core::entry::{AddedBy, Entry, EntryId, MemberId, Scope};
use policy_core::lists::{
    Actor, Added, Change, Edited, ImportItem, ImportReport, Listed, Lists, ListsError, Member,
    MemberIdentity, NewEntry, Page, Position, Query, Status,
};
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;

/// The members, and all their entries.
pub(crate) struct InMemory {
    members: Vec<Member>,
    entries: Mutex<Vec<Entry>>,
}

fn not_here<T>() -> Result<T, ListsError> {
    Err(ListsError::Refused(Sentence::of("store-inside")))
}

fn listed(entry: &Entry) -> Listed {
    Listed { entry: entry.clone(), hits: 0, last_hit: None, revision: 0, person: None }
}

impl InMemory {
    /// Members with these accounts, numbered from 1.
    pub(crate) fn with_members(accounts: &[&str]) -> Self {
        let member = |(number, account): (u32, &&str)| Member {
            id: MemberId(number),
            name: (*account).to_owned(),
            identities: vec![MemberIdentity::Jid((*account).to_owned())],
        };
        Self { members: (1..).zip(accounts).map(member).collect(), entries: Mutex::default() }
    }

    /// The entries that aren't in this scope.
    pub(crate) fn all_but(&self, scope: Scope) -> Vec<Entry> {
        self.held().iter().filter(|entry| entry.scope != scope).cloned().collect()
    }

    fn held(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lists for InMemory {
    fn add(&self, _: Actor, new: Vec<NewEntry>) -> Result<Vec<Added>, ListsError> {
        let mut entries = self.held();
        let add = |new: NewEntry| {
            let last = entries.iter().map(|entry| entry.id.number()).max().unwrap_or_default();
            let id = EntryId::from_number(last + 1)
                .ok_or_else(|| ListsError::Store(Sentence::of("store-inside")))?;
            let NewEntry { pattern, effect, scope, channels, action, note, source, until, enabled } = new;
            let (added_by, created) = (AddedBy::Owner, date(2026, 11, 27));
            let entry = Entry {
                id,
                pattern,
                effect,
                scope,
                channels,
                action,
                note,
                source,
                added_by,
                created,
                until,
                enabled,
            };
            let same = |old: &&mut Entry| {
                old.pattern.key == entry.pattern.key && old.effect == entry.effect && old.scope == entry.scope
            };
            let change = match entries.iter_mut().find(same) {
                Some(old) => {
                    *old = Entry { id: old.id, ..entry };
                    return Ok(Added { entry: old.clone(), change: Change::Updated, unblocked: Vec::new() });
                }
                None => Change::Added,
            };
            entries.push(entry.clone());
            Ok(Added { entry, change, unblocked: Vec::new() })
        };
        new.into_iter().map(add).collect()
    }

    fn remove(&self, _: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        let mut entries = self.held();
        let (removed, kept) = entries.drain(..).partition(|entry| ids.contains(&entry.id));
        *entries = kept;
        Ok(removed)
    }

    fn set_enabled(&self, _: Actor, _: &[EntryId], _: bool) -> Result<Vec<Entry>, ListsError> {
        not_here()
    }

    fn edit(&self, _: Actor, _: EntryId, _: Option<u64>, _: NewEntry) -> Result<Edited, ListsError> {
        not_here()
    }

    fn import(
        &self,
        _: Actor,
        _: Scope,
        _: bool,
        _: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        not_here()
    }

    fn entries(&self, _: Actor, query: &Query) -> Result<Page, ListsError> {
        let entries = self.held();
        let find = query.find.as_deref().unwrap_or_default();
        let wanted = |entry: &&Entry| {
            query.scope.is_none_or(|scope| entry.scope == scope)
                && query.kind.is_none_or(|kind| entry.pattern.kind == kind)
                && entry.pattern.typed.contains(find)
        };
        let found: Vec<Listed> = entries.iter().filter(wanted).map(listed).collect();
        let begin = query.after.map_or(0, |Position(begin)| begin);
        let end = begin.saturating_add(u64::from(query.limit));
        let total = found.len() as u64;
        let at = |place: u64| usize::try_from(place.min(total)).unwrap_or_default();
        let entries = found.get(at(begin)..at(end)).unwrap_or_default().to_vec();
        Ok(Page { entries, total, cut_short: false, next: (end < total).then_some(Position(end)) })
    }

    fn entry(&self, _: Actor, id: EntryId) -> Result<Listed, ListsError> {
        let found = self.held().iter().find(|entry| entry.id == id).map(listed);
        found.ok_or_else(|| ListsError::NoSuchEntry(id.to_string()))
    }

    fn find(&self, _: Actor, scope: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
        let same = |entry: &&Entry| {
            entry.scope == scope && entry.pattern.kind == pattern.kind && entry.pattern.key == pattern.key
        };
        Ok(self.held().iter().filter(same).cloned().collect())
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        Ok(self.members.clone())
    }

    fn add_member(&self, _: &str, _: &[MemberIdentity]) -> Result<Member, ListsError> {
        not_here()
    }

    fn remove_member(&self, _: &str) -> Result<(), ListsError> {
        not_here()
    }

    fn status(&self) -> Result<Status, ListsError> {
        not_here()
    }
}
