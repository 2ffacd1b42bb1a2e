//! Mail that Postfix takes without asking its milters: at single services, and from single clients.

use policy_core::chain::Link;
use policy_core::sentence::Sentence;

use crate::postconf::{MILTERS, Postconf, elements};
use crate::program::Failed;

/// For single clients, other milters or none (postconf(5); Postfix 3.2 and later).
const FOR_CLIENTS: &str = "smtpd_milter_maps";

/// Where `no_milters` may stand.
const OPTIONS: &str = "receive_override_options";

pub(super) fn check(postconf: &Postconf<'_>) -> Result<Vec<Link>, Failed> {
    let mut links = Vec::new();
    let mut tell = |id: &str, services: String| {
        if !services.is_empty() {
            let says = Sentence::of(id).with("services", services).with("setting", MILTERS);
            links.push(Link::worth_knowing(id, says));
        }
    };
    tell("postfix-services", postconf.services_where(MILTERS, |_| true)?);
    tell("postfix-no-milters", postconf.services_where(OPTIONS, asks_none)?);
    if asks_none(&postconf.value(OPTIONS)?) {
        links.push(Link::bad("postfix-options", Sentence::of("postfix-options").with("setting", OPTIONS)));
    }
    let maps = postconf.value(FOR_CLIENTS)?;
    if !maps.is_empty() || !postconf.services_where(FOR_CLIENTS, |value| !value.is_empty())?.is_empty() {
        let says = Sentence::of("postfix-clients").with("some", FOR_CLIENTS).with("setting", MILTERS);
        links.push(Link::worth_knowing("postfix-clients", says));
    }
    Ok(links)
}

fn asks_none(options: &str) -> bool {
    elements(options).is_ok_and(|words| words.iter().any(|word| word == "no_milters"))
}
