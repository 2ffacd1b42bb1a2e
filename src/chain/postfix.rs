//! Postfix's configuration, which only root is sure to be able to read.

use policy_core::chain::Link;
use policy_core::door::FailureMode;
use policy_core::lists::Member;
use policy_core::sentence::Sentence;

use super::destinations;
use crate::postconf::{DISCARDED, DISCARDED_FOR_SOME, MILTERS, Postconf, elements, named};
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
    let mut links = vec![milters(postconf, expected)?];
    links.extend(services(postconf)?);
    let limit = postconf.value("message_size_limit")?.parse().ok();
    links.push(size("postfix-size", limit, expected.scan_limit));
    links.push(notices(postconf)?);
    links.extend(destinations::check(&postconf.value("mydestination")?, expected.members));
    Ok(links)
}

fn milters(postconf: &Postconf<'_>, expected: &Expected<'_>) -> Result<Link, Failed> {
    const ID: &str = "postfix-milters";
    let (value, queue) = (postconf.value(MILTERS)?, postconf.value("queue_directory")?);
    let Ok(milters) = elements(&value) else {
        return Ok(Link::bad(ID, Sentence::of("postfix-braces").with("setting", MILTERS)));
    };
    let Some(ours) = milters.iter().find(|element| is_at(named(element), expected.milter, &queue)) else {
        let says = Sentence::of("postfix-unconnected").with("setting", MILTERS);
        return Ok(Link::bad(ID, says.with("milter", expected.milter.to_string())));
    };
    let action = match ours.split_once("default_action=").or_else(|| ours.split_once("default_action =")) {
        Some((_, rest)) => {
            rest.split([',', ' ', '}']).find(|word| !word.is_empty()).unwrap_or_default().to_owned()
        }
        None => postconf.value("milter_default_action")?,
    };
    let (wanted, failure) = match expected.failure {
        FailureMode::Deliver => ("accept", "deliver"),
        FailureMode::HoldOff => ("tempfail", "hold-off"),
    };
    if action == wanted {
        return Ok(Link::good(ID, Sentence::of("postfix-asks").with("failure", failure)));
    }
    let says = Sentence::of("postfix-other-failure").with("action", action);
    Ok(Link::worth_knowing(ID, says.with("wanted", wanted)))
}

/// Whether an element of `smtpd_milters` names the place where we listen. A `smtpd` that is locked into the queue directory
/// names sockets by their path from there.
fn is_at(element: &str, milter: &milter::Address, queue: &str) -> bool {
    match milter {
        milter::Address::Inet(host, port) => {
            let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1");
            element
                .strip_prefix("inet:")
                .and_then(|rest| rest.rsplit_once(':'))
                .is_some_and(|(h, p)| p.parse() == Ok(*port) && (h == host || local(h) && local(host)))
        }
        milter::Address::Unix(path) => element.strip_prefix("unix:").is_some_and(|named| {
            let path = path.to_string_lossy();
            named == path
                || path.strip_prefix(queue).is_some_and(|inside| inside.trim_start_matches('/') == named)
        }),
        milter::Address::Systemd => {
            element.strip_prefix("unix:").is_some_and(|named| named.ends_with(crate::postconf::SOCKET))
        }
    }
}

fn services(postconf: &Postconf<'_>) -> Result<Option<Link>, Failed> {
    let lines = postconf.ask(&["-P", &format!("*/*/{MILTERS}")])?;
    let mut names: Vec<&str> = lines.lines().filter_map(|line| line.split('/').next()).collect();
    names.sort_unstable();
    names.dedup();
    let says = Sentence::of("postfix-services").with("services", names.join(", ")).with("setting", MILTERS);
    Ok((!names.is_empty()).then(|| Link::worth_knowing("postfix-services", says)))
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

/// RFC 3461: whoever asks for a notice of success hears of what is delivered, and nothing of what is dropped.
pub(super) fn offers_notices(id: &str) -> Link {
    Link::worth_knowing(id, Sentence::of("dsn-offered").with("setting", DISCARDED))
}

fn notices(postconf: &Postconf<'_>) -> Result<Link, Failed> {
    const ID: &str = "postfix-dsn";
    let discards = |value: &str| {
        elements(value).is_ok_and(|words| words.iter().any(|word| word.eq_ignore_ascii_case("dsn")))
    };
    if !discards(&postconf.value(DISCARDED)?) {
        return Ok(offers_notices(ID));
    }
    if !postconf.value(DISCARDED_FOR_SOME)?.is_empty() {
        let says = Sentence::of("dsn-for-some").with("some", DISCARDED_FOR_SOME).with("setting", DISCARDED);
        return Ok(Link::worth_knowing(ID, says));
    }
    Ok(Link::good(ID, Sentence::of("dsn-hidden")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_place_is_known_in_every_way_to_name_it() {
        let at = |element: &str, milter: &str| is_at(element, &milter.parse().unwrap(), "/var/spool/postfix");
        for (element, milter, same) in [
            ("inet:127.0.0.1:8891", "inet:127.0.0.1:8891", true),
            ("inet:localhost:8891", "inet:127.0.0.1:8891", true),
            ("inet:[::1]:8891", "inet:localhost:8891", true),
            ("inet:127.0.0.1:8892", "inet:127.0.0.1:8891", false),
            ("inet:192.0.2.1:8891", "inet:127.0.0.1:8891", false),
            ("unix:postward/milter", "unix:/var/spool/postfix/postward/milter", true),
            ("unix:/var/spool/postfix/postward/milter", "unix:/var/spool/postfix/postward/milter", true),
            ("unix:other/milter", "unix:/var/spool/postfix/postward/milter", false),
            ("unix:postward/milter", "systemd", true),
            ("inet:127.0.0.1:8891", "unix:/run/x", false),
        ] {
            assert_eq!(at(element, milter), same, "{element} and {milter}");
        }
    }
}
