//! Which entries a person means by an id, or by a value as they typed it.

use std::borrow::Cow;

use crate::entry::{Entry, EntryId, Scope};
use crate::identity::Identity;
use crate::lists::{Actor, Lists, ListsError};
use crate::pattern::{Pattern, PatternKind, kind_said, understand};

/// The bare JID in a text as one would type it to list it and nothing else, if it would be read as something else as it
/// stands.
fn whole_jid(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    if local.contains(['"', ':', '<']) || domain.contains(['/', '>']) || text.contains(char::is_whitespace) {
        return None;
    }
    Some(Identity::parse_jid(text).ok()?.typed()).filter(|typed| typed.starts_with('"'))
}

/// A value as it is to be understood where it counts in chat alone: what looks like a rewritten mail address (SRS, BATV) is a
/// name like others in a JID, which counts whole.
pub fn in_chat(value: &str, kind: Option<PatternKind>) -> Cow<'_, str> {
    let is_address = kind.is_none_or(|kind| kind == PatternKind::Address);
    let jid = whole_jid(value).filter(|_| is_address && !value.contains(['*', '?']));
    jid.map_or(Cow::Borrowed(value), Cow::Owned)
}

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
    // A JID's name may hold what is a wildcard, or the wrapping of another address, in an entry.
    match whole_jid(what) {
        Some(literal) => named(lists, actor, scopes, &literal),
        None => Ok(Vec::new()),
    }
}
