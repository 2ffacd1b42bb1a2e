//! Which scopes have allow entries: what they might still decide can't be decided without them.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Rule;
use crate::entry::{Effect, EntryId, Scope};

/// The allow entries that are switched on, by scope.
#[derive(Clone, Default)]
pub(super) struct Allows(BTreeMap<Scope, BTreeSet<EntryId>>);

impl Allows {
    pub(super) fn any(&self, scope: Scope) -> bool {
        self.0.contains_key(&scope)
    }

    pub(super) fn insert(&mut self, rule: &Rule) {
        if rule.effect == Effect::Allow {
            self.0.entry(rule.scope).or_default().insert(rule.entry);
        }
    }

    /// Whether something has to be done when this entry becomes what the rule says.
    pub(super) fn is_touched(&self, entry: EntryId, now: Option<&Rule>) -> bool {
        now.is_some_and(|rule| rule.effect == Effect::Allow)
            || self.0.values().any(|entries| entries.contains(&entry))
    }

    pub(super) fn remove(&mut self, entry: EntryId) {
        self.0.retain(|_, entries| {
            entries.remove(&entry);
            !entries.is_empty()
        });
    }

    pub(super) fn append(&mut self, others: Self) {
        for (scope, entries) in others.0 {
            self.0.entry(scope).or_default().extend(entries);
        }
    }
}
