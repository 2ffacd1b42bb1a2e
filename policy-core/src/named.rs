//! Which entries a person means by an id, or by a value as they typed it.

use crate::entry::{Entry, EntryId, Scope};
use crate::lists::{Actor, Lists, ListsError};
use crate::pattern::{Pattern, PatternKind, kind_said, understand};

/// The entries of these scopes that `what` names and the actor may see.
pub fn named(
    lists: &dyn Lists,
    actor: Actor,
    scopes: &[Scope],
    what: &str,
) -> Result<Vec<Entry>, ListsError> {
    if let Ok(id) = what.trim().parse::<EntryId>() {
        match lists.entry(actor, id) {
            Ok(listed) if scopes.contains(&listed.entry.scope) => return Ok(vec![listed.entry]),
            Ok(_) | Err(ListsError::NoSuchEntry(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let mut patterns: Vec<Pattern> = Vec::new();
    if let (kind @ Some(_), bare) = kind_said(what) {
        patterns.extend(understand(bare, kind, true).ok().map(|understood| understood.pattern));
    }
    for kind in [PatternKind::Address, PatternKind::Domain, PatternKind::Words, PatternKind::Regex] {
        if let Ok(understood) = understand(what, Some(kind), true) {
            patterns.push(understood.pattern);
        }
    }
    // A value may be read as several kinds; what it would be taken for comes first, and the first that is there counts.
    let guess = understand(what, None, true).map(|understood| understood.pattern.kind).ok();
    patterns.sort_by_key(|pattern| Some(pattern.kind) != guess);
    for pattern in patterns {
        let mut found = Vec::new();
        for &scope in scopes {
            found.extend(lists.find(actor, scope, &pattern)?);
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
