//! A stand-in for the store: enough of `Lists` for the page, in memory.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use jiff::civil::date;
use policy_core::counting::Counting;
use policy_core::door::{DoorState, DoorStatus};
use policy_core::entry::{AddedBy, Entry, EntryId, MemberId, Scope};
use policy_core::lists::{
    Actor, Added, Change, Edited, ImportItem, ImportReport, Imported, Listed, Lists, ListsError, Member,
    MemberIdentity, NewEntry, Page, Position, Query, Refused, Status,
};
use policy_core::pattern::Pattern;
use policy_core::persons::{Person, PersonId, PersonIdentity, Persons};
use policy_core::sentence::Sentence;

#[derive(Default)]
pub struct InMemory {
    entries: Mutex<Vec<Entry>>,
    made: AtomicU32,
    persons: Mutex<Vec<Person>>,
    members: Mutex<Vec<Member>>,
    uncounted: AtomicBool,
    /// An address that can't be added.
    pub refused: Mutex<Option<String>>,
    /// Whether no mail has been judged yet.
    pub unasked: AtomicBool,
    /// Whether there is no door for chat.
    pub without_chat: AtomicBool,
    /// While it is set, an import waits at its next line.
    pub pause: AtomicBool,
}

impl InMemory {
    pub fn values(&self) -> Vec<String> {
        self.entries.lock().unwrap().iter().map(|entry| entry.pattern.typed.clone()).collect()
    }

    pub fn all(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }
}

fn is_within(entry: &Entry, domain: &str) -> bool {
    entry.pattern.key.strip_prefix(domain).is_some_and(|rest| rest.starts_with(['@', '.']) || rest.is_empty())
}

fn at(entries: &[Entry], id: EntryId) -> Result<usize, ListsError> {
    entries.iter().position(|entry| entry.id == id).ok_or_else(|| ListsError::NoSuchEntry(id.to_string()))
}

/// What stands for the number of an entry's last change: it differs where the entry does.
fn revision(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Entry { pattern, channels, action, note, until, enabled, .. } = entry;
    format!("{}{channels:?}{action:?}{note}{until:?}{enabled}", pattern.key).hash(&mut hasher);
    hasher.finish() >> 1
}

fn listed(entry: &Entry, hits: u64) -> Listed {
    let last_hit = (hits > 0).then_some(date(2026, 11, 20));
    Listed { entry: entry.clone(), hits, last_hit, revision: revision(entry), person: None }
}

impl Lists for InMemory {
    fn add(&self, _: Actor, new: Vec<NewEntry>) -> Result<Vec<Added>, ListsError> {
        let refused = self.refused.lock().unwrap().clone();
        if new.iter().any(|new| Some(&new.pattern.typed) == refused.as_ref()) {
            return Err(ListsError::Refused(Sentence::of("why-own-list-only")));
        }
        let mut entries = self.entries.lock().unwrap();
        let add = |new: NewEntry| {
            let number = 70_000 + 7919 * self.made.fetch_add(1, Ordering::Relaxed);
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
                enabled: new.enabled,
            };
            let there = entries
                .iter_mut()
                .find(|old| old.pattern.key == entry.pattern.key && old.effect == entry.effect);
            match there {
                Some(old) => {
                    entry.id = old.id;
                    let change = if *old == entry { Change::AlreadyThere } else { Change::Updated };
                    *old = entry.clone();
                    Added { entry, change, unblocked: Vec::new() }
                }
                None => {
                    entries.push(entry.clone());
                    Added { entry, change: Change::Added, unblocked: Vec::new() }
                }
            }
        };
        Ok(new.into_iter().map(add).collect())
    }

    fn remove(&self, _: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        let mut entries = self.entries.lock().unwrap();
        ids.iter().map(|&id| at(&entries, id).map(|index| entries.remove(index))).collect()
    }

    fn set_enabled(&self, _: Actor, ids: &[EntryId], enabled: bool) -> Result<Vec<Entry>, ListsError> {
        let mut entries = self.entries.lock().unwrap();
        ids.iter()
            .map(|&id| {
                let index = at(&entries, id)?;
                entries[index].enabled = enabled;
                Ok(entries[index].clone())
            })
            .collect()
    }

    fn edit(&self, _: Actor, id: EntryId, seen: Option<u64>, new: NewEntry) -> Result<Edited, ListsError> {
        let mut entries = self.entries.lock().unwrap();
        let index = at(&entries, id)?;
        let before = entries[index].clone();
        if seen.is_some_and(|seen| seen != revision(&before)) {
            return Err(ListsError::ChangedMeanwhile(id));
        }
        let NewEntry { pattern, channels, action, note, until, enabled, .. } = new;
        let after = Entry { pattern, channels, action, note, until, enabled, ..before.clone() };
        entries[index] = after.clone();
        Ok(Edited { before, after })
    }

    fn import(
        &self,
        actor: Actor,
        scope: Scope,
        _: bool,
        items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        let mut report = ImportReport::default();
        let mut added = Vec::new();
        for item in items {
            let ImportItem { line, entry } = item?;
            while self.pause.load(Ordering::Relaxed) {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            match entry {
                Ok(entry) => {
                    let one = self.add(actor, vec![NewEntry { scope, ..entry }])?.remove(0);
                    match one.change {
                        Change::Added => {
                            report.added += 1;
                            added.push(one.entry.id);
                        }
                        change => {
                            report.already_there += 1;
                            report.changed += u64::from(change == Change::Updated);
                            report.resting += u64::from(!one.entry.enabled);
                        }
                    }
                }
                Err(reason) => {
                    report.refused_count += 1;
                    report.refused.push(Refused { line, reason });
                }
            }
        }
        report.imported = Some(Imported { added, before: Vec::new() });
        Ok(report)
    }

    fn entries(&self, _: Actor, query: &Query) -> Result<Page, ListsError> {
        let entries = self.entries.lock().unwrap();
        let find = query.find.as_ref().map(|find| find.to_lowercase());
        let matching: Vec<&Entry> = entries
            .iter()
            .rev()
            .filter(|entry| query.effect.is_none_or(|effect| entry.effect == effect))
            .filter(|entry| query.kind.is_none_or(|kind| entry.pattern.kind == kind))
            .filter(|entry| query.within.as_ref().is_none_or(|domain| is_within(entry, &domain.key)))
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
            entries: matching.iter().skip(begin).take(end - begin).map(|&entry| listed(entry, 3)).collect(),
            total: matching.len() as u64,
            cut_short: false,
            next: (end < matching.len()).then_some(Position(end as u64)),
        })
    }

    fn entry(&self, _: Actor, id: EntryId) -> Result<Listed, ListsError> {
        let entries = self.entries.lock().unwrap();
        Ok(listed(&entries[at(&entries, id)?], 0))
    }

    fn find(&self, _: Actor, _: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
        let same = |entry: &&Entry| entry.pattern.kind == pattern.kind && entry.pattern.key == pattern.key;
        Ok(self.entries.lock().unwrap().iter().filter(same).cloned().collect())
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        let alice = Member { id: MemberId(1), name: "alice".to_owned(), identities: Vec::new() };
        Ok([alice].into_iter().chain(self.members.lock().unwrap().iter().cloned()).collect())
    }

    fn add_member(&self, name: &str, identities: &[MemberIdentity]) -> Result<Member, ListsError> {
        let mut members = self.members.lock().unwrap();
        let id = MemberId(2 + u32::try_from(members.len()).unwrap());
        let member = Member { id, name: name.to_owned(), identities: identities.to_vec() };
        members.push(member.clone());
        Ok(member)
    }

    fn remove_member(&self, _: &str) -> Result<(), ListsError> {
        Err(ListsError::Refused(Sentence::of("why-not-leaving")))
    }

    fn status(&self) -> Result<Status, ListsError> {
        let door = |name: &str, state| DoorStatus {
            name: name.to_owned(),
            state,
            revision: 1,
            judged: u64::from(!self.unasked.load(Ordering::Relaxed)),
            stopped: Some(0),
            failed: 0,
            module: None,
        };
        let waiting = DoorState::Waiting {
            address: "127.0.0.1:5347".to_owned(),
            problem: Sentence::of("chat-unreachable").with("address", "127.0.0.1:5347").with("error", "111"),
        };
        Ok(Status {
            version: "0".to_owned(),
            running: true,
            today: date(2026, 11, 23),
            revision: 1,
            entries: self.entries.lock().unwrap().len() as u64,
            members: 0,
            doors: [
                door("mail", DoorState::Open { address: "inet:127.0.0.1:1".to_owned() }),
                door("chat", waiting),
            ]
            .into_iter()
            .filter(|door| door.name == "mail" || !self.without_chat.load(Ordering::Relaxed))
            .collect(),
            web: None,
            database: None,
            suffix_list: String::new(),
            domains: vec!["chat.home.example".to_owned()],
        })
    }
}

impl InMemory {
    fn known(&self, person: &Person) -> Person {
        let entries = self.entries.lock().unwrap();
        let blocked = |pattern: &Pattern| {
            entries
                .iter()
                .find(|entry| entry.enabled && entry.pattern.key == pattern.key)
                .map(|entry| entry.id)
        };
        let identities = person
            .identities
            .iter()
            .map(|one| PersonIdentity { pattern: one.pattern.clone(), blocked: blocked(&one.pattern) });
        Person { identities: identities.collect(), ..person.clone() }
    }
}

impl Persons for InMemory {
    fn persons(&self, _: Actor) -> Result<Vec<Person>, ListsError> {
        Ok(self.persons.lock().unwrap().iter().map(|person| self.known(person)).collect())
    }

    fn person_of(&self, actor: Actor, address: &Pattern) -> Result<Option<Person>, ListsError> {
        let theirs = |person: &Person| person.identities.iter().any(|one| one.pattern.key == address.key);
        Ok(self.persons(actor)?.into_iter().find(theirs))
    }

    fn save_person(
        &self,
        _: Actor,
        id: Option<PersonId>,
        name: &str,
        identities: &[Pattern],
    ) -> Result<Person, ListsError> {
        let id = id.unwrap_or_else(|| PersonId(self.made.fetch_add(1, Ordering::Relaxed)));
        let identities =
            identities.iter().map(|pattern| PersonIdentity { pattern: pattern.clone(), blocked: None });
        let person = Person { id, name: name.to_owned(), identities: identities.collect() };
        let mut persons = self.persons.lock().unwrap();
        persons.retain(|other| other.id != id);
        persons.push(person.clone());
        drop(persons);
        Ok(self.known(&person))
    }

    fn remove_person(&self, _: Actor, id: PersonId) -> Result<Person, ListsError> {
        let mut persons = self.persons.lock().unwrap();
        let index = persons.iter().position(|person| person.id == id);
        index
            .map(|index| persons.remove(index))
            .ok_or_else(|| ListsError::Refused(Sentence::of("error-no-such-person")))
    }
}

impl Counting for InMemory {
    fn is_counting(&self, _: Actor) -> Result<bool, ListsError> {
        Ok(!self.uncounted.load(Ordering::Relaxed))
    }

    fn set_counting(&self, _: Actor, on: bool) -> Result<(), ListsError> {
        self.uncounted.store(!on, Ordering::Relaxed);
        Ok(())
    }

    fn wipe_counts(&self, _: Actor) -> Result<(), ListsError> {
        Ok(())
    }
}
