//! Notices of success: whoever asks for one hears of what is delivered, and nothing of what is dropped (RFC 3461).

use policy_core::chain::Link;
use policy_core::sentence::Sentence;

use crate::postconf::{DISCARDED, DISCARDED_FOR_SOME, Postconf, elements};
use crate::program::Failed;

/// What is said where a server offers them.
pub(super) fn offers(id: &str) -> Link {
    Link::worth_knowing(id, Sentence::of("dsn-offered").with("setting", DISCARDED))
}

pub(super) fn check(postconf: &Postconf<'_>) -> Result<Link, Failed> {
    const ID: &str = "postfix-dsn";
    let discards = |value: &str| {
        elements(value).is_ok_and(|words| words.iter().any(|word| word.eq_ignore_ascii_case("dsn")))
    };
    if !discards(&postconf.value(DISCARDED)?) {
        return Ok(offers(ID));
    }
    if !postconf.value(DISCARDED_FOR_SOME)?.is_empty() {
        let says = Sentence::of("dsn-for-some").with("some", DISCARDED_FOR_SOME).with("setting", DISCARDED);
        return Ok(Link::worth_knowing(ID, says));
    }
    let offering = postconf.services_where(DISCARDED, |value| !discards(value))?;
    if !offering.is_empty() {
        let says = Sentence::of("dsn-services").with("services", offering).with("setting", DISCARDED);
        return Ok(Link::worth_knowing(ID, says));
    }
    Ok(Link::good(ID, Sentence::of("dsn-hidden")))
}
