//! How many entries there are: counted once when all are compiled, then kept in step with each change, because counting
//! a million rows takes longer than changing one.

use std::collections::BTreeMap;

use policy_core::entry::{AddedBy, Entry};
use policy_core::lists::{Actor, Query};

use super::codes::{Code, scope_code, scope_from_code};

/// What entries have in common by which lists are filtered, as the numbers that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) scope: i64,
    pub(super) effect: i64,
    pub(super) kind: i64,
    pub(super) source: i64,
    pub(super) added_by: i64,
}

impl Group {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            scope: scope_code(entry.scope),
            effect: entry.effect.code(),
            kind: entry.pattern.kind.code(),
            source: entry.source.code(),
            added_by: entry.added_by.code(),
        }
    }

    fn may_be_seen(&self, actor: Actor) -> bool {
        match (scope_from_code(self.scope), AddedBy::from_code(self.added_by)) {
            (Some(scope), Some(added_by)) => actor.may_see(scope, added_by),
            _ => false,
        }
    }

    /// Whether its entries meet a query's conditions, apart from what is to be read in each of them.
    fn matches(&self, query: &Query) -> bool {
        query.scope.is_none_or(|scope| scope_code(scope) == self.scope)
            && query.effect.is_none_or(|effect| effect.code() == self.effect)
            && query.kind.is_none_or(|kind| kind.code() == self.kind)
            && query.source.is_none_or(|source| source.code() == self.source)
    }
}

/// Entries by group, switched-off ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) groups: BTreeMap<Group, i64>,
    /// How many members there are.
    pub(super) people: usize,
}

/// What a query can come upon.
pub(super) struct Counted {
    /// The groups that have entries.
    pub(super) groups: Vec<Group>,
    /// How many entries they have.
    pub(super) total: u64,
}

impl Counts {
    /// Takes note of entries that came into a group, or, below zero, left it.
    pub(super) fn add(&mut self, group: Group, entries: i64) {
        *self.groups.entry(group).or_default() += entries;
    }

    /// Takes note of a whole change.
    pub(super) fn follow(&mut self, change: &Self) {
        for (&group, &entries) in &change.groups {
            self.add(group, entries);
        }
        self.groups.retain(|_, entries| *entries != 0);
    }

    /// The household's entries.
    pub(super) fn household(&self) -> u64 {
        self.sum(|group| group.scope == 0)
    }

    fn sum(&self, counts: impl Fn(&Group) -> bool) -> u64 {
        self.groups.iter().filter(|(group, _)| counts(group)).map(|(_, entries)| entries.unsigned_abs()).sum()
    }

    /// What this actor's query can come upon; entries that are hidden from them are among it.
    pub(super) fn matching(&self, actor: Actor, query: &Query) -> Counted {
        let wanted = |group: &Group| group.may_be_seen(actor) && group.matches(query);
        Counted { groups: self.groups.keys().copied().filter(wanted).collect(), total: self.sum(wanted) }
    }
}
