//! Postfix's configuration, which only root is sure to be able to read.

use policy_core::chain::Link;
use policy_core::door::FailureMode;
use policy_core::lists::Member;

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
            format!("Postfix's configuration can't be read: {error}."),
            "If there is no Postfix on this machine, set `server = \"none\"` under [mail]; else see `postfix check`.",
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
    const REMEDY: &str = "Run `postward connect postfix` as root: it shows the change before it makes it.";
    let (value, queue) = (postconf.value(MILTERS)?, postconf.value("queue_directory")?);
    let Ok(milters) = elements(&value) else {
        return Ok(Link::bad(
            ID,
            format!("{MILTERS} in main.cf has braces that don't match."),
            "Mend that line.",
        ));
    };
    let Some(ours) = milters.iter().find(|element| is_at(named(element), expected.milter, &queue)) else {
        return Ok(Link::bad(
            ID,
            format!(
                "Postfix doesn't ask Postward about mail: {MILTERS} in main.cf doesn't name {}.",
                expected.milter
            ),
            REMEDY,
        ));
    };
    let action = match ours.split_once("default_action=").or_else(|| ours.split_once("default_action =")) {
        Some((_, rest)) => {
            rest.split([',', ' ', '}']).find(|word| !word.is_empty()).unwrap_or_default().to_owned()
        }
        None => postconf.value("milter_default_action")?,
    };
    let (wanted, when) = match expected.failure {
        FailureMode::Deliver => ("accept", "lets mail through"),
        FailureMode::HoldOff => ("tempfail", "puts senders off"),
    };
    if action == wanted {
        return Ok(Link::good(
            ID,
            format!("Postfix asks Postward about mail, and {when} when it doesn't answer."),
        ));
    }
    Ok(Link::worth_knowing(
        ID,
        format!(
            "Postfix asks Postward about mail. When Postward doesn't answer, Postfix does \"{action}\", and `failure` under \
             [mail] says \"{wanted}\"."
        ),
        format!("If that isn't on purpose: {REMEDY}"),
    ))
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
    Ok((!names.is_empty()).then(|| {
        Link::worth_knowing(
            "postfix-services",
            format!("master.cf gives {} milters of its own: {MILTERS} in main.cf doesn't count there.", names.join(", ")),
            "See with `postconf -P` whether Postward is among them; if mail from outside comes in there, it must be.",
        )
    }))
}

/// Whether all of the largest mail is looked at.
pub(super) fn size(id: &str, limit: Option<u64>, scan_limit: u64) -> Link {
    let scanned = scan_limit >> 20;
    match limit {
        Some(limit @ 1..) if limit <= scan_limit => Link::good(
            id,
            format!("The largest mail that Postfix takes ({limit} bytes) is looked at from end to end."),
        ),
        limit => {
            let taken = match limit {
                Some(limit @ 1..) => format!("mails of up to {limit} bytes"),
                _ => "mails of any size".to_owned(),
            };
            Link::worth_knowing(
                id,
                format!(
                    "Postfix takes {taken}, and Postward looks at the first {scanned} MiB: words behind that aren't found."
                ),
                format!(
                    "Unless larger mails are needed: `postconf -e message_size_limit={scan_limit}` and `postfix reload`."
                ),
            )
        }
    }
}

/// RFC 3461: whoever asks for a notice of success hears of what is delivered, and nothing of what is dropped.
pub(super) fn offers_notices(id: &str) -> Link {
    Link::worth_knowing(
        id,
        "Postfix offers notices of success (dsn): a sender who asks for one learns that a mail was dropped, because none comes.",
        format!("Run `postward connect postfix` as root: it adds dsn to {DISCARDED}."),
    )
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
        return Ok(Link::worth_knowing(
            ID,
            format!("{DISCARDED_FOR_SOME} counts before {DISCARDED} for the clients that it names."),
            "See that dsn stands there, too: whoever gets notices of success learns what was dropped.",
        ));
    }
    Ok(Link::good(ID, "Postfix offers no notices of success, so senders don't learn what was dropped."))
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
