//! What the household's list can't hold: its own members, and the server itself.

use policy_core::identity::{Domain, Identity};
use policy_core::lists::{ListsError, MemberIdentity};
use policy_core::pattern::{Pattern, PatternKind, glob_matches};
use policy_core::sentence::Sentence;
use policy_core::snapshot::Delimiters;

use super::change::Changes;
use super::{Store, members};

/// A local part that only a pattern that matches all of them does.
const ANYBODY: &str = "\u{10ffff}";

impl Store {
    /// Says by which names this server is reached, as far as the configuration tells.
    pub fn serves(&self, domains: Vec<Domain>) {
        let _ = self.served.set(domains);
    }

    /// Those, and the hosts of which the chat server has said that accounts or rooms are there.
    pub(super) fn own_domains(&self) -> Vec<Domain> {
        let mut domains = self.served.get().cloned().unwrap_or_default();
        for door in self.live.get().map(|live| live.doors.as_slice()).unwrap_or_default() {
            let hosts = door.status().module.map(|module| [module.filtered, module.unfiltered].concat());
            domains.extend(hosts.unwrap_or_default().iter().filter_map(|host| Domain::parse(host).ok()));
        }
        domains
    }
}

impl Changes<'_> {
    /// The household's list must not cut members off from each other, or from the server (design: "Whom the filter
    /// serves").
    pub(super) fn refuse_our_own(&self, pattern: &Pattern) -> Result<(), ListsError> {
        if !matches!(pattern.kind, PatternKind::Address | PatternKind::Domain) {
            return Ok(());
        }
        if let Some(own) = self.own_domains.iter().find(|own| covers_domain(pattern, own.key())) {
            return Err(ListsError::Refused(
                Sentence::of("why-our-own-domain")
                    .with("value", pattern.typed.as_str())
                    .with("domain", own.to_string()),
            ));
        }
        for member in members::all(self.transaction)? {
            if member.identities.iter().any(|identity| is_about(pattern, identity, self.delimiters)) {
                return Err(ListsError::Refused(
                    Sentence::of("why-our-own")
                        .with("value", pattern.typed.as_str())
                        .with("name", member.name.as_str()),
                ));
            }
        }
        Ok(())
    }
}

/// Whether this is everybody at this domain. Somebody there can be the person who must be kept out.
fn covers_domain(pattern: &Pattern, domain: &str) -> bool {
    match pattern.kind {
        PatternKind::Domain => covers(pattern, domain),
        _ => pattern.is_glob() && covers(pattern, &format!("{domain}@{ANYBODY}")),
    }
}

/// Whether this covers a member's address, or names a sub-address of it.
fn is_about(pattern: &Pattern, identity: &MemberIdentity, delimiters: Delimiters) -> bool {
    let read = match identity {
        MemberIdentity::Mail(value) => Identity::parse_mail(value),
        MemberIdentity::Jid(value) | MemberIdentity::CatchAll(value) => Identity::parse_jid(value),
        MemberIdentity::Login(_) => return false,
    };
    // In a JID the sign is a letter like others.
    let has_tags = matches!(identity, MemberIdentity::Mail(_));
    read.is_ok_and(|own| {
        covers(pattern, own.key()) || has_tags && names_tagged(pattern, own.key(), delimiters)
    })
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
