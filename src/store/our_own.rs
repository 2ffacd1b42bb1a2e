//! What the household's list must not hold: it would cut members off from each other (design: "Whom the filter serves").

use policy_core::identity::Identity;
use policy_core::lists::{ListsError, MemberIdentity};
use policy_core::pattern::{Pattern, PatternKind, glob_matches};
use policy_core::sentence::Sentence;
use policy_core::snapshot::Delimiters;
use rusqlite::Transaction;

use super::members;

/// Refuses what covers a member's address, or names a sub-address of it.
pub(super) fn refuse(
    transaction: &Transaction<'_>,
    pattern: &Pattern,
    delimiters: Delimiters,
) -> Result<(), ListsError> {
    if !matches!(pattern.kind, PatternKind::Address | PatternKind::Domain) {
        return Ok(());
    }
    for member in members::all(transaction)? {
        for identity in &member.identities {
            let read = match identity {
                MemberIdentity::Mail(value) => Identity::parse_mail(value),
                MemberIdentity::Jid(value) | MemberIdentity::CatchAll(value) => Identity::parse_jid(value),
                MemberIdentity::Login(_) => continue,
            };
            let Ok(own) = read else { continue };
            // In a JID the sign is a letter like others.
            let has_tags = matches!(identity, MemberIdentity::Mail(_));
            if covers(pattern, own.key()) || has_tags && names_tagged(pattern, own.key(), delimiters) {
                return Err(ListsError::Refused(
                    Sentence::of("why-our-own")
                        .with("value", pattern.typed.as_str())
                        .with("name", member.name.as_str()),
                ));
            }
        }
    }
    Ok(())
}

fn covers(pattern: &Pattern, own: &str) -> bool {
    match pattern.kind {
        PatternKind::Domain => own
            .strip_prefix(pattern.key.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '@'])),
        _ => match (pattern.key.split_once('@'), own.split_once('@')) {
            (Some((domain, listed)), Some((of, local))) => domain == of && is_same(pattern, listed, local),
            _ => pattern.key == own,
        },
    }
}

fn is_same(pattern: &Pattern, listed: &str, local: &str) -> bool {
    if pattern.is_glob() { glob_matches(listed, local) } else { listed == local }
}

/// Whether an address entry is about what stands behind a member's address and a delimiter (RFC 5233). A wildcard can be the
/// delimiter, but no `*` the address: `*shop@example.org` is about nobody's sub-addresses.
fn names_tagged(pattern: &Pattern, own: &str, delimiters: Delimiters) -> bool {
    let (Some((domain, listed)), Some((of, local))) = (pattern.key.split_once('@'), own.split_once('@'))
    else {
        return false;
    };
    let parts = |char: char| char == '+' || char == '-' && delimiters == Delimiters::PlusAndHyphen;
    let is_wild = |char: char| pattern.is_glob() && matches!(char, '*' | '?');
    domain == of
        && listed.char_indices().any(|(at, char)| {
            let before = listed.get(..at).unwrap_or_default();
            (parts(char) || is_wild(char) && !before.ends_with('*')) && is_same(pattern, before, local)
        })
}
