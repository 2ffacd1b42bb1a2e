//! The lists themselves, and what judging needs besides: the database, the Public Suffix List, DNS.

use std::net::SocketAddr;

use jiff::civil::Date;
use policy_core::chain::Link;
use policy_core::sentence::Sentence;
use policy_core::suffix::SuffixList;

use crate::store::OpenError;

/// A Public Suffix List that is older is worth a word. New public suffixes are rare, and all that depends on them is how
/// much a typed domain is said to cover.
const OLD_YEARS: i16 = 5;

/// Whether the database is whole.
pub(super) fn database(faults: Result<Vec<String>, OpenError>) -> Link {
    const ID: &str = "database";
    match faults {
        Ok(faults) => match faults.first() {
            None => Link::good(ID, Sentence::of("database-whole")),
            Some(fault) => Link::bad(ID, Sentence::of("database-damaged").with("fault", fault.as_str())),
        },
        Err(OpenError::NotYet(_)) => Link::worth_knowing(ID, Sentence::of("database-not-yet")),
        Err(error) => Link::bad(ID, Sentence::of("database-unreadable").with("error", error.to_string())),
    }
}

/// How old the Public Suffix List is.
pub(super) fn suffixes(today: Date) -> Link {
    const ID: &str = "suffix-list";
    let list = SuffixList::in_use();
    let described = list.describe();
    match list.date() {
        Some(date) if today.year() - date.year() < OLD_YEARS => {
            Link::good(ID, Sentence::of("suffixes-recent").with("list", described))
        }
        _ => Link::worth_knowing(ID, Sentence::of("suffixes-old").with("list", described)),
    }
}

/// Whether DNS answers, where it is asked: allow entries in mail count only for proven senders.
pub(super) fn dns(needed: bool, resolver: Option<SocketAddr>, runtime: &tokio::runtime::Handle) -> Link {
    const ID: &str = "dns";
    if !needed {
        return Link::good(ID, Sentence::of("dns-not-needed"));
    }
    let Err(problem) = runtime.block_on(milter::dns_answers(resolver)) else {
        return Link::good(ID, Sentence::of("dns-answers"));
    };
    let says = match resolver {
        Some(address) => Sentence::of("dns-silent-at").with("resolver", address.to_string()),
        None => Sentence::of("dns-silent"),
    };
    Link::bad(ID, says.with("problem", problem.to_string()))
}
