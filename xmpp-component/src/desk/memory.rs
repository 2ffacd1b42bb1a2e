//! What is remembered of each account between two of its messages: how to take its last changes back, and what it was
//! asked. In memory only: a restart forgets it.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use policy_core::entry::{Effect, EntryId};
use policy_core::lists::{Actor, Position};
use policy_core::pattern::Pattern;
use policy_core::undo::Undo;

use super::caller::Whose;
use super::deed::Draft;

/// Accounts that are remembered; beyond it, who was here the longest ago is forgotten.
const MOST: usize = 500;

/// Changes of one account that can be taken back, one after the other.
const CHANGES: usize = 5;

/// How long a change can be taken back, and how long a question waits for its answer.
const UNDO_TIME: Duration = Duration::from_secs(24 * 60 * 60);
const QUESTION_TIME: Duration = Duration::from_secs(15 * 60);

/// A change that can be taken back.
pub(super) struct Changed {
    pub(super) undo: Undo,
    pub(super) actor: Actor,
    pub(super) pattern: Pattern,
    pub(super) effect: Effect,
}

/// What the account was asked, or offered.
#[derive(Clone)]
pub(super) enum Question {
    /// Is this really meant? Yes.
    Sure(Draft),
    /// Which of these addresses? A number.
    Which { effect: Effect, whose: Whose, choices: Vec<String> },
    /// Which of these entries goes? A number.
    Removed { whose: Whose, choices: Vec<EntryId> },
    /// There is more of the list.
    More { whose: Whose, find: String, after: Position },
}

struct Remembered {
    changes: VecDeque<(Changed, Instant)>,
    question: Option<(Question, Instant)>,
    seen: Instant,
}

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory(HashMap<String, Remembered>);

impl Memory {
    fn of(&mut self, account: &str, now: Instant) -> &mut Remembered {
        self.0.retain(|_, remembered| remembered.seen + UNDO_TIME > now);
        if self.0.len() >= MOST
            && !self.0.contains_key(account)
            && let Some(oldest) = self.0.iter().min_by_key(|(_, it)| it.seen).map(|(name, _)| name.clone())
        {
            self.0.remove(&oldest);
        }
        let new = || Remembered { changes: VecDeque::new(), question: None, seen: now };
        let remembered = self.0.entry(account.to_owned()).or_insert_with(new);
        remembered.seen = now;
        remembered
    }

    /// Remembers how to take a change back.
    pub(super) fn changed(&mut self, account: &str, change: Changed, now: Instant) {
        let changes = &mut self.of(account, now).changes;
        if changes.len() >= CHANGES {
            changes.pop_front();
        }
        changes.push_back((change, now));
    }

    /// The last change that wasn't taken back yet; it is forgotten.
    pub(super) fn last_change(&mut self, account: &str, now: Instant) -> Option<Changed> {
        let changes = &mut self.0.get_mut(account)?.changes;
        changes.retain(|(_, at)| *at + UNDO_TIME > now);
        changes.pop_back().map(|(change, _)| change)
    }

    /// These entries, which were removed, are there again under other names.
    pub(super) fn follow(&mut self, account: &str, ids: impl Iterator<Item = (EntryId, EntryId)>) {
        let Some(remembered) = self.0.get_mut(account) else { return };
        for (removed, again) in ids {
            remembered.changes.iter_mut().for_each(|(change, _)| change.undo.follow(removed, again));
        }
    }

    /// Remembers what was asked; a question before it is answered no more.
    pub(super) fn ask(&mut self, account: &str, question: Question, now: Instant) {
        self.of(account, now).question = Some((question, now));
    }

    /// What was asked last, if it still waits for an answer; it is forgotten.
    pub(super) fn asked(&mut self, account: &str, now: Instant) -> Option<Question> {
        let (question, at) = self.0.get_mut(account)?.question.take()?;
        (at + QUESTION_TIME > now).then_some(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy_core::pattern::understand;

    fn change(number: u32) -> Changed {
        let pattern = understand("a@example.net", None, false).unwrap().pattern;
        let undo = Undo::Remove(EntryId::from_number(number).unwrap());
        Changed { undo, actor: Actor::Admin, pattern, effect: Effect::Block }
    }

    fn number(changed: Option<Changed>) -> Option<u32> {
        match changed?.undo {
            Undo::Remove(id) => Some(id.number()),
            _ => None,
        }
    }

    #[test]
    fn changes_are_taken_back_from_the_last_and_each_by_whoever_made_it() {
        let mut memory = Memory::default();
        let now = Instant::now();
        for number in 0..=CHANGES {
            memory.changed("a", change(u32::try_from(number).unwrap()), now);
        }
        assert!(memory.last_change("b", now).is_none());
        let undone: Vec<u32> = std::iter::from_fn(|| number(memory.last_change("a", now))).collect();
        assert_eq!(undone, [5, 4, 3, 2, 1]);
        memory.changed("a", change(1), now);
        assert!(memory.last_change("a", now + UNDO_TIME).is_none());
    }

    #[test]
    fn a_question_is_answered_once_and_in_time() {
        let mut memory = Memory::default();
        let now = Instant::now();
        let question = || Question::Removed { whose: Whose::Mine, choices: Vec::new() };
        memory.ask("a", question(), now);
        assert!(memory.asked("b", now).is_none());
        assert!(memory.asked("a", now).is_some());
        assert!(memory.asked("a", now).is_none());
        memory.ask("a", question(), now);
        assert!(memory.asked("a", now + QUESTION_TIME).is_none());
    }

    #[test]
    fn accounts_beyond_number_take_no_more_memory() {
        let mut memory = Memory::default();
        let now = Instant::now();
        for number in 0..2 * MOST {
            memory.changed(&number.to_string(), change(1), now);
        }
        assert_eq!(memory.0.len(), MOST);
    }
}
