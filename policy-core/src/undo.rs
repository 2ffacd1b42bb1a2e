//! Taking a change of the lists back, wherever it was made.

use std::collections::HashSet;

use crate::entry::{Entry, EntryId};
use crate::lists::{Actor, Added, Change, Imported, Lists, ListsError, NewEntry};

/// How to take a change back.
#[derive(Clone)]
pub enum Undo {
    /// Remove what was added.
    Remove(EntryId),
    /// Give an entry the settings that it had.
    Settings(Box<NewEntry>),
    /// Put back what was removed.
    PutBack(Vec<Entry>),
    /// Switch on or off again.
    Switch(Vec<EntryId>, bool),
    /// Remove what was added, and switch off what was switched on.
    Withdraw {
        /// What was added.
        new: Vec<EntryId>,
        /// What was switched on.
        old: Vec<EntryId>,
    },
    /// Give an entry the pattern and the settings that it had before it was edited.
    Edit(EntryId, Box<NewEntry>),
    /// Take this back, and put back what was removed in its place.
    Instead(Option<Box<Self>>, Vec<Entry>),
    /// Remove what an import added, and give what it changed the settings from before.
    Import(Imported),
}

impl Undo {
    /// What takes the adding of an entry back, if it changed anything; `before` are the entries with this pattern that
    /// were there before.
    pub fn of_added(added: &Added, before: Vec<Entry>) -> Option<Self> {
        let id = added.entry.id;
        let undo = match added.change {
            Change::Added => Some(Self::Remove(id)),
            Change::Updated => {
                let old = before.into_iter().find(|old| old.id == id)?;
                Some(Self::Settings(Box::new(NewEntry::again(old))))
            }
            Change::AlreadyThere => None,
        };
        if added.unblocked.is_empty() {
            return undo;
        }
        Some(Self::Instead(undo.map(Box::new), added.unblocked.clone()))
    }

    /// What takes an edit back.
    pub fn of_edited(before: Entry) -> Self {
        Self::Edit(before.id, Box::new(NewEntry::again(before)))
    }

    /// An entry that was removed is there again under another name: this takes the change back all the same.
    pub fn follow(&mut self, removed: EntryId, again: EntryId) {
        let ids: &mut [EntryId] = match self {
            Self::Remove(id) | Self::Edit(id, _) => std::slice::from_mut(id),
            Self::Switch(ids, _) => ids,
            Self::Withdraw { new, old } => {
                new.iter_mut().chain(old).filter(|id| **id == removed).for_each(|id| *id = again);
                return;
            }
            Self::Instead(Some(undo), _) => return undo.follow(removed, again),
            Self::Settings(_) | Self::PutBack(_) | Self::Import(_) | Self::Instead(None, _) => return,
        };
        ids.iter_mut().filter(|id| **id == removed).for_each(|id| *id = again);
    }

    /// Takes the change back, in the name of whoever made it. Gives what is there again, in the order of what was removed.
    pub fn carry_out(self, lists: &dyn Lists, actor: Actor) -> Result<Vec<Added>, ListsError> {
        match self {
            Self::Settings(before) => return lists.add(actor, vec![*before]),
            Self::Instead(undo, entries) => {
                undo.map(|undo| undo.carry_out(lists, actor)).transpose()?;
                return lists.put_back(actor, entries);
            }
            Self::PutBack(entries) => return lists.put_back(actor, entries),
            Self::Remove(id) => lists.remove(actor, &[id]).map(drop),
            Self::Switch(ids, on) => lists.set_enabled(actor, &ids, on).map(drop),
            Self::Withdraw { new, old } => {
                lists.remove(actor, &new)?;
                lists.set_enabled(actor, &old, false).map(drop)
            }
            Self::Import(imported) => take_back(imported, lists, actor),
            Self::Edit(id, before) => lists.edit(actor, id, None, *before).map(drop),
        }
        .map(|()| Vec::new())
    }
}

/// How many entries of an import are removed at once: other changes have their turn in between.
const AT_ONCE: usize = 1_000;

/// What others removed meanwhile stays away.
fn take_back(imported: Imported, lists: &dyn Lists, actor: Actor) -> Result<(), ListsError> {
    let Imported { added, mut before } = imported;
    // A file may have the same twice: what is new was not there before.
    let new: HashSet<EntryId> = added.iter().copied().collect();
    before.retain(|entry| !new.contains(&entry.id));
    for some in added.chunks(AT_ONCE) {
        let there: Vec<EntryId> = some.iter().copied().filter(|id| lists.entry(actor, *id).is_ok()).collect();
        lists.remove(actor, &there)?;
    }
    // The last one of each is how it was at first.
    for entry in before.into_iter().rev() {
        match lists.edit(actor, entry.id, None, NewEntry::again(entry)) {
            Ok(_) | Err(ListsError::NoSuchEntry(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
