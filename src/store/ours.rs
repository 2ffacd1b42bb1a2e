//! What the household's list can't hold: its own members, and the server itself.

use policy_core::identity::{Domain, Identity};
use policy_core::lists::{ListsError, MemberIdentity};
use policy_core::pattern::{Pattern, PatternKind, glob_matches};
use policy_core::sentence::Sentence;

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
            if member.identities.iter().any(|identity| covers_identity(pattern, identity)) {
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
        PatternKind::Domain => covers(pattern, &pattern.key, domain),
        _ => pattern.is_glob() && covers(pattern, &pattern.key, &format!("{domain}@{ANYBODY}")),
    }
}

fn covers_identity(pattern: &Pattern, identity: &MemberIdentity) -> bool {
    let read = match identity {
        MemberIdentity::Mail(value) => Identity::parse_mail(value).ok(),
        MemberIdentity::Jid(value) | MemberIdentity::CatchAll(value) => Identity::parse_jid(value).ok(),
        MemberIdentity::Login(_) => None,
    };
    // Whoever has a mail address has its sub-addresses, too (RFC 5233); in a JID the sign is a letter like others.
    let untagged = pattern.key.split_once('+').map(|(untagged, _)| untagged);
    let untagged = untagged.filter(|_| matches!(identity, MemberIdentity::Mail(_)));
    let mut listed = std::iter::once(pattern.key.as_str()).chain(untagged);
    read.is_some_and(|identity| listed.any(|listed| covers(pattern, listed, identity.key())))
}

/// Whether the pattern, or the address without its tag that it stands for, matches the identity with this key.
fn covers(pattern: &Pattern, listed: &str, key: &str) -> bool {
    let rest = key.strip_prefix(listed);
    match pattern.kind {
        PatternKind::Domain => rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '@'])),
        _ if pattern.is_glob() => match (listed.split_once('@'), key.split_once('@')) {
            (Some((domain, glob)), Some((of, local))) => domain == of && glob_matches(glob, local),
            _ => false,
        },
        _ => rest == Some(""),
    }
}
