//! Postfix's configuration, which only root is sure to be able to read.

use policy_core::chain::Link;
use policy_core::door::FailureMode;
use policy_core::identity::Domain;
use policy_core::lists::Member;
use policy_core::sentence::Sentence;
use policy_core::snapshot::Delimiters;

use super::{dependent, destinations, notices, passed_on, spared};
use crate::postconf::{MILTERS, Postconf, SOCKET, elements, is_at, named, of_element, suits};
use crate::program::Failed;

/// What the configuration is compared with.
pub struct Expected<'a> {
    /// Where the milter listens.
    pub milter: &'a milter::Address,
    /// What Postward does when it fails.
    pub failure: FailureMode,
    /// How much of a mail it looks at, in bytes.
    pub scan_limit: u64,
    /// The members, by whose addresses their own entries count.
    pub members: &'a [Member],
    /// What parts sub-addresses.
    pub delimiters: Delimiters,
    /// The domains of the addresses for forwarding, whose mail is judged whatever way it takes.
    pub ours: &'a [Domain],
}

/// Reads what `postconf` says.
pub fn check(postconf: &Postconf<'_>, expected: &Expected<'_>) -> Vec<Link> {
    match read(postconf, expected) {
        Ok(links) => links,
        Err(error) => vec![Link::worth_knowing(
            "postfix-config",
            Sentence::of("postfix-unreadable").with("error", error.to_string()),
        )],
    }
}

fn read(postconf: &Postconf<'_>, expected: &Expected<'_>) -> Result<Vec<Link>, Failed> {
    let mut links = milters(postconf, expected)?;
    links.extend(spared::check(postconf)?);
    let limit = postconf.value("message_size_limit")?.parse().ok();
    links.push(size("postfix-size", limit, expected.scan_limit));
    links.push(notices::check(postconf)?);
    links.extend(destinations::check(&postconf.expanded("mydestination")?, expected.members));
    links.extend(passed_on::check(postconf, expected.members, expected.ours)?);
    Ok(links)
}

/// Whether and how Postfix asks; where it does, also what else of it that depends on.
fn milters(postconf: &Postconf<'_>, expected: &Expected<'_>) -> Result<Vec<Link>, Failed> {
    const ID: &str = "postfix-milters";
    let (value, queue) = (postconf.value(MILTERS)?, postconf.value("queue_directory")?);
    let Ok(milters) = elements(&value) else {
        return Ok(vec![Link::bad(ID, Sentence::of("postfix-braces").with("setting", MILTERS))]);
    };
    let Some(ours) = milters.iter().find(|element| is_at(named(element), expected.milter, &queue)) else {
        let says = Sentence::of("postfix-unconnected").with("setting", MILTERS);
        let place = match expected.milter {
            // Before the first start nobody has said where systemd listens: it is the package's place.
            milter::Address::Systemd => format!("unix:{SOCKET}"),
            known => known.to_string(),
        };
        return Ok(vec![Link::bad(ID, says.with("milter", place))]);
    };
    let mut links = dependent::check(postconf, ours, expected)?;
    let action = match of_element(ours, "default_action") {
        Some(action) => action.to_owned(),
        None => postconf.value("milter_default_action")?,
    };
    links.push(if suits(&action, expected.failure) {
        Link::good(ID, Sentence::of("postfix-asks").with("action", action))
    } else {
        let failure = match expected.failure {
            FailureMode::Deliver => "deliver",
            FailureMode::HoldOff => "hold-off",
        };
        let says = Sentence::of("postfix-other-failure").with("action", action);
        Link::worth_knowing(ID, says.with("failure", failure))
    });
    Ok(links)
}

/// Whether all of the largest mail is looked at.
pub(super) fn size(id: &str, limit: Option<u64>, scan_limit: u64) -> Link {
    let scanned = scan_limit >> 20;
    let larger = match limit {
        Some(limit @ 1..) if limit <= scan_limit => {
            return Link::good(id, Sentence::of("size-covered").with("limit", limit));
        }
        Some(limit @ 1..) => Sentence::of("size-larger").with("limit", limit),
        _ => Sentence::of("size-unlimited"),
    };
    Link::worth_knowing(id, larger.with("scanned", scanned).with("scan", scan_limit))
}
