//! How many entries there are: counted once when all are compiled, then kept in step with each change, because counting
//! a million rows takes longer than changing one.

use policy_core::entry::Scope;

/// Entries by whom they are for, switched-off ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// The household's.
    pub(super) household: i64,
    /// All members' together.
    pub(super) members: i64,
    /// How many members there are.
    pub(super) people: usize,
}

impl Counts {
    /// Takes note of entries that came into a scope, or, below zero, left it.
    pub(super) fn add(&mut self, scope: Scope, entries: i64) {
        match scope {
            Scope::Household => self.household += entries,
            Scope::Member(_) => self.members += entries,
        }
    }

    pub(super) fn after(self, change: Self) -> Self {
        Self { household: self.household + change.household, members: self.members + change.members, ..self }
    }
}
