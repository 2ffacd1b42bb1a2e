//! Domains that Postfix takes mail in for and hands on by `smtp`, the way of all mail that goes out: to the milter their
//! recipients are somewhere else, and nobody is protected there but members.

use std::collections::HashMap;

use policy_core::chain::Link;
use policy_core::identity::Domain;
use policy_core::lists::{Member, MemberIdentity};
use policy_core::sentence::Sentence;

use crate::postconf::{Postconf, elements};
use crate::program::Failed;

/// Where domains stand for which mail is taken in, and by what it goes on unless a table says otherwise.
const CLASSES: [(&str, Option<&str>); 4] = [
    ("mydestination", Some("local_transport")),
    ("virtual_mailbox_domains", Some("virtual_transport")),
    ("relay_domains", Some("relay_transport")),
    ("virtual_alias_domains", None),
];

const TABLES: &str = "transport_maps";

/// The transport whose recipients aren't judged (milter: `{rcpt_mailer}`).
const OUT: &str = "smtp";

/// The most domains that are looked at.
const MOST: usize = 100;

/// Domains that are named; of more there is only the number.
const NAMED: usize = 4;

/// `ours` are the domains whose mail is judged whatever way it takes.
pub(super) fn check(
    postconf: &Postconf<'_>,
    members: &[Member],
    ours: &[Domain],
) -> Result<Option<Link>, Failed> {
    const ID: &str = "postfix-passed-on";
    let mut domains: Vec<(Domain, String)> = Vec::new();
    for (setting, transport) in CLASSES {
        let transport = transport.map_or(Ok(String::new()), |name| postconf.expanded(name))?;
        // Tables and files are somebody's own business (postconf(5)).
        let named = elements(&postconf.expanded(setting)?).unwrap_or_default();
        for domain in named.iter().filter(|domain| !domain.contains(['/', ':', '!'])) {
            let Ok(domain) = Domain::parse(domain.trim_start_matches('.')) else { continue };
            if domains.len() < MOST && !domain.is_ip() && !is_judged(&domain, members, ours) {
                domains.push((domain, transport.clone()));
            }
        }
    }
    let tables = elements(&postconf.expanded(TABLES)?).unwrap_or_default();
    let asked: Vec<String> = domains.iter().flat_map(|(domain, _)| keys(domain.as_str())).collect();
    let found: Vec<HashMap<String, String>> =
        tables.iter().map(|table| postconf.look_up(table, &asked)).collect();
    let goes_out = |(domain, by_default): &(Domain, String)| {
        let mut keys = keys(domain.as_str()).into_iter();
        let said = keys.find_map(|key| found.iter().find_map(|table| table.get(&key)));
        let transport = |value: &str| value.split(':').next().unwrap_or_default().trim().to_owned();
        // An empty one leaves it at what it is (transport(5)).
        let chosen = said.map(|value| transport(value)).filter(|chosen| !chosen.is_empty());
        chosen.unwrap_or_else(|| transport(by_default)) == OUT
    };
    let mut out: Vec<&str> =
        domains.iter().filter(|domain| goes_out(domain)).map(|(domain, _)| domain.as_str()).collect();
    out.sort_unstable();
    out.dedup();
    if out.is_empty() {
        return Ok(None);
    }
    let more = out.len().saturating_sub(NAMED) as u64;
    out.truncate(NAMED);
    let says = Sentence::of("passed-on").with("domains", out.join(", ")).with("more", more);
    Ok(Some(Link::worth_knowing(ID, says)))
}

/// Whether mail to every address of the domain is judged.
fn is_judged(domain: &Domain, members: &[Member], ours: &[Domain]) -> bool {
    let mut identities = members.iter().flat_map(|member| &member.identities);
    ours.iter().any(|known| known.key() == domain.key())
        || identities.any(|identity| {
            matches!(identity, MemberIdentity::CatchAll(own)
                if Domain::parse(own.trim_start_matches('@')).is_ok_and(|own| own.key() == domain.key()))
        })
}

/// By what a transport table is asked for an address of the domain, in this order (transport(5)). Tables of expressions are
/// asked for whole addresses.
fn keys(domain: &str) -> Vec<String> {
    let parents = domain.match_indices('.').filter_map(|(at, _)| domain.get(at..)).map(str::to_owned);
    let whole = [format!("someone@{domain}"), domain.to_owned()];
    whole.into_iter().chain(parents).chain(["*".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_asked_in_the_order_in_which_postfix_asks_it() {
        assert_eq!(
            keys("mail.home.example"),
            ["someone@mail.home.example", "mail.home.example", ".home.example", ".example", "*"]
        );
    }
}
