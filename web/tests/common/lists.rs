//! A stand-in for the store: enough of `Lists` for the page, in memory.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::date;
use policy_core::door::{DoorState, DoorStatus};
use policy_core::entry::{AddedBy, Entry, EntryId, Scope};
use policy_core::lists::{
    Actor, Added, Change, ImportItem, ImportReport, Listed, Lists, ListsError, Member, MemberIdentity,
    NewEntry, Page, Position, Query, Status,
};
use policy_core::pattern::Pattern;

#[derive(Default)]
pub struct InMemory(Mutex<Vec<Entry>>, AtomicU32);

impl InMemory {
    pub fn values(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|entry| entry.pattern.typed.clone()).collect()
    }

    pub fn all(&self) -> Vec<Entry> {
        self.0.lock().unwrap().clone()
    }
}

fn at(entries: &[Entry], id: EntryId) -> Result<usize, ListsError> {
    entries.iter().position(|entry| entry.id == id).ok_or_else(|| ListsError::NoSuchEntry(id.to_string()))
}

impl Lists for InMemory {
    fn add(&self, _: Actor, new: Vec<NewEntry>) -> Result<Vec<Added>, ListsError> {
        let mut entries = self.0.lock().unwrap();
        let add = |new: NewEntry| {
            let number = 70_000 + 7919 * self.1.fetch_add(1, Ordering::Relaxed);
            let mut entry = Entry {
                id: EntryId::from_number(number).unwrap(),
                pattern: new.pattern,
                effect: new.effect,
                scope: new.scope,
                channels: new.channels,
                action: new.action,
                note: new.note,
                source: new.source,
                added_by: AddedBy::Owner,
                created: date(2026, 11, 23),
                until: new.until,
                enabled: true,
            };
            let there = entries
                .iter_mut()
                .find(|old| old.pattern.key == entry.pattern.key && old.effect == entry.effect);
            match there {
                Some(old) => {
                    entry.id = old.id;
                    let change = if *old == entry { Change::AlreadyThere } else { Change::Updated };
                    *old = entry.clone();
                    Added { entry, change }
                }
                None => {
                    entries.push(entry.clone());
                    Added { entry, change: Change::Added }
                }
            }
        };
        Ok(new.into_iter().map(add).collect())
    }

    fn remove(&self, _: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        let mut entries = self.0.lock().unwrap();
        ids.iter().map(|&id| at(&entries, id).map(|index| entries.remove(index))).collect()
    }

    fn set_enabled(&self, _: Actor, ids: &[EntryId], enabled: bool) -> Result<Vec<Entry>, ListsError> {
        let mut entries = self.0.lock().unwrap();
        ids.iter()
            .map(|&id| {
                let index = at(&entries, id)?;
                entries[index].enabled = enabled;
                Ok(entries[index].clone())
            })
            .collect()
    }

    fn import(
        &self,
        _: Actor,
        _: Scope,
        _: bool,
        _: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        Err(ListsError::Refused("the page doesn't import yet".to_owned()))
    }

    fn entries(&self, _: Actor, query: &Query) -> Result<Page, ListsError> {
        let entries = self.0.lock().unwrap();
        let find = query.find.as_ref().map(|find| find.to_lowercase());
        let matching: Vec<&Entry> = entries
            .iter()
            .rev()
            .filter(|entry| query.effect.is_none_or(|effect| entry.effect == effect))
            .filter(|entry| {
                find.as_ref().is_none_or(|find| {
                    entry.pattern.typed.to_lowercase().contains(find)
                        || entry.note.to_lowercase().contains(find)
                })
            })
            .collect();
        let begin = query.after.map_or(0, |Position(begin)| usize::try_from(begin).unwrap());
        let end = begin + usize::try_from(query.limit).unwrap();
        Ok(Page {
            entries: matching
                .iter()
                .skip(begin)
                .take(end - begin)
                .map(|&entry| Listed { entry: entry.clone(), hits: 3, last_hit: Some(date(2026, 11, 20)) })
                .collect(),
            total: matching.len() as u64,
            next: (end < matching.len()).then_some(Position(end as u64)),
        })
    }

    fn entry(&self, _: Actor, id: EntryId) -> Result<Listed, ListsError> {
        let entries = self.0.lock().unwrap();
        Ok(Listed { entry: entries[at(&entries, id)?].clone(), hits: 0, last_hit: None })
    }

    fn find(&self, _: Actor, _: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
        let same = |entry: &&Entry| entry.pattern.kind == pattern.kind && entry.pattern.key == pattern.key;
        Ok(self.0.lock().unwrap().iter().filter(same).cloned().collect())
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        Ok(Vec::new())
    }

    fn add_member(&self, _: &str, _: &[MemberIdentity]) -> Result<Member, ListsError> {
        Err(ListsError::Refused("the page doesn't add members yet".to_owned()))
    }

    fn remove_member(&self, _: &str) -> Result<(), ListsError> {
        Err(ListsError::Refused("the page doesn't remove members yet".to_owned()))
    }

    fn status(&self) -> Result<Status, ListsError> {
        let door = |name: &str, state| DoorStatus {
            name: name.to_owned(),
            state,
            revision: 1,
            judged: 0,
            stopped: 0,
            failed: 0,
            module: None,
        };
        let waiting = DoorState::Waiting {
            address: "127.0.0.1:5347".to_owned(),
            problem: "Prosody doesn't answer at 127.0.0.1:5347. Is it running?".to_owned(),
        };
        Ok(Status {
            version: "0".to_owned(),
            running: true,
            revision: 1,
            entries: self.0.lock().unwrap().len() as u64,
            members_entries: 0,
            members: 0,
            doors: vec![
                door("mail", DoorState::Open { address: "inet:127.0.0.1:1".to_owned() }),
                door("chat", waiting),
            ],
            web: None,
            suffix_list: String::new(),
        })
    }
}
