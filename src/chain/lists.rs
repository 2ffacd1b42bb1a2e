//! The lists themselves, and what judging needs besides: the database, the Public Suffix List, DNS.

use std::net::SocketAddr;

use jiff::civil::Date;
use policy_core::chain::Link;
use policy_core::suffix::SuffixList;

use crate::store::OpenError;

/// A Public Suffix List that is older is worth a word. New public suffixes are rare, and all that depends on them is how
/// much a typed domain is said to cover.
const OLD_YEARS: i16 = 5;

/// Whether the database is whole.
pub(super) fn database(faults: Result<Vec<String>, OpenError>) -> Link {
    const ID: &str = "database";
    let remedy = "Stop Postward, keep a copy of the data folder, and put back the newest sound copy of the lists; \
                  `postward export`, while it still runs, may save what is in force.";
    match faults {
        Ok(faults) => match faults.first() {
            None => Link::good(ID, "The database is whole."),
            Some(fault) => Link::bad(ID, format!("The database is damaged: {fault}."), remedy),
        },
        Err(error) => Link::bad(ID, format!("The database can't be read: {error}."), remedy),
    }
}

/// How old the Public Suffix List is.
pub(super) fn suffixes(today: Date) -> Link {
    const ID: &str = "suffix-list";
    let list = SuffixList::in_use();
    let described = list.describe();
    match list.date() {
        Some(date) if today.year() - date.year() < OLD_YEARS => {
            Link::good(ID, format!("The list of public suffixes is recent enough: {described}."))
        }
        _ => Link::worth_knowing(
            ID,
            format!(
                "The list of public suffixes is old: {described}. What a typed domain covers may be said wrongly."
            ),
            "Install or upgrade Debian's package publicsuffix, and restart Postward.",
        ),
    }
}

/// Whether DNS answers, where it is asked: allow entries in mail count only for proven senders.
pub(super) fn dns(needed: bool, resolver: Option<SocketAddr>, runtime: &tokio::runtime::Handle) -> Link {
    const ID: &str = "dns";
    if !needed {
        return Link::good(ID, "DNS isn't needed: nobody is allowed in mail by an entry.");
    }
    match runtime.block_on(milter::dns_answers(resolver)) {
        Ok(()) => Link::good(ID, "DNS answers, so allowed senders can be proven."),
        Err(problem) => Link::bad(
            ID,
            format!("DNS doesn't answer ({problem}). Mail from allowed senders is stopped where another entry blocks it."),
            match resolver {
                Some(address) => format!("See that a DNS server answers at {address}, or change `resolver` under [mail]."),
                None => "See that the name server in /etc/resolv.conf answers, or name one: `resolver` under [mail].".to_owned(),
            },
        ),
    }
}
