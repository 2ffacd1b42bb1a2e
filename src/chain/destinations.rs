//! Domains under which Postfix delivers to the same mailboxes: mail to anna@mail.example.org is Anna's, and her own entries
//! count for the addresses alone that she is known by, and for the account that she logs in to.

use policy_core::chain::Link;
use policy_core::identity::Identity;
use policy_core::lists::{Member, MemberIdentity};
use policy_core::sentence::Sentence;

use crate::postconf::elements;

/// Addresses that are named; of more there is only the number.
const NAMED: usize = 4;

/// Compares `mydestination` with the members' addresses. Nothing where nobody has an address in it.
pub(super) fn check(mydestination: &str, members: &[Member]) -> Option<Link> {
    const ID: &str = "postfix-domains";
    // Tables and files are somebody's own business (postconf(5)).
    let domains: Vec<String> = elements(mydestination)
        .unwrap_or_default()
        .into_iter()
        .filter(|domain| !domain.contains(['/', ':', '!']))
        .map(|domain| domain.to_ascii_lowercase())
        .collect();
    let all = || members.iter().flat_map(|member| &member.identities);
    let key = |address: &str| Identity::parse_mail(address).ok().map(|identity| identity.key().to_owned());
    let known: Vec<String> = all()
        .filter_map(|identity| match identity {
            MemberIdentity::Mail(address) => key(address),
            _ => None,
        })
        .collect();
    let is_caught = |domain: &str| {
        all().any(|identity| matches!(identity, MemberIdentity::CatchAll(own) if own.trim_start_matches('@').eq_ignore_ascii_case(domain)))
    };
    let is_login = |local: &str| {
        all().any(
            |identity| matches!(identity, MemberIdentity::Login(name) if name.eq_ignore_ascii_case(local)),
        )
    };
    let mut unknown: Vec<String> = Vec::new();
    let mut here = false;
    for identity in all() {
        let MemberIdentity::Mail(address) = identity else { continue };
        let Some((local, domain)) = address.rsplit_once('@') else { continue };
        if !domains.contains(&domain.to_ascii_lowercase()) {
            continue;
        }
        here = true;
        if is_login(local) {
            continue;
        }
        for other in domains.iter().filter(|other| !other.eq_ignore_ascii_case(domain) && !is_caught(other)) {
            let same = format!("{local}@{other}");
            if key(&same).is_some_and(|key| !known.contains(&key)) && !unknown.contains(&same) {
                unknown.push(same);
            }
        }
    }
    if !here {
        return None;
    }
    if unknown.is_empty() {
        return Some(Link::good(ID, Sentence::of("domains-known")));
    }
    let more = unknown.len().saturating_sub(NAMED) as u64;
    unknown.truncate(NAMED);
    let says = Sentence::of("domains-unknown").with("addresses", unknown.join(", ")).with("more", more);
    Some(Link::worth_knowing(ID, says))
}

#[cfg(test)]
mod tests {
    use policy_core::chain::State;
    use policy_core::entry::MemberId;

    use super::*;

    fn anna(identities: &[MemberIdentity]) -> Vec<Member> {
        vec![Member { id: MemberId(1), name: "anna".to_owned(), identities: identities.to_vec() }]
    }

    #[test]
    fn a_mailbox_with_a_name_that_its_owner_is_not_known_by_is_named() {
        let mail = |address: &str| MemberIdentity::Mail(address.to_owned());
        let one = anna(&[mail("anna@example.org")]);
        let link = check("example.org, Mail.Example.org localhost, hash:/etc/x, /etc/y", &one).unwrap();
        assert_eq!(link.state, State::WorthKnowing);
        let said = texts::Texts::plain().link(&link).says;
        assert!(said.starts_with("Mail to anna@mail.example.org, anna@localhost reaches a member"), "{said}");
        let many = check("example.org, a.test, b.test, c.test, d.test, e.test, f.test", &one).unwrap();
        let said = texts::Texts::plain().link(&many).says;
        assert!(said.contains("anna@d.test and 2 more reaches a member"), "{said}");
        let both = anna(&[mail("anna@example.org"), mail("Anna@mail.example.org")]);
        assert_eq!(check("example.org, mail.example.org", &both).unwrap().state, State::Good);
        let caught =
            anna(&[mail("anna@example.org"), MemberIdentity::CatchAll("mail.example.org".to_owned())]);
        assert_eq!(check("example.org, mail.example.org", &caught).unwrap().state, State::Good);
        let logs_in = anna(&[mail("anna@example.org"), MemberIdentity::Login("Anna".to_owned())]);
        assert_eq!(check("example.org, mail.example.org", &logs_in).unwrap().state, State::Good);
        assert!(check("localhost", &one).is_none());
        assert!(check("", &one).is_none());
    }
}
