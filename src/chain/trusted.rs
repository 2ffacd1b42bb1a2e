//! What `trusted_clients` exempts, where that is more than it looks like.

use milter::TrustedClient;
use policy_core::chain::Link;
use policy_core::sentence::Sentence;

/// Nothing to say of single relays; a word where this machine or a whole private network isn't judged.
pub(super) fn check(trusted: &[TrustedClient]) -> Option<Link> {
    const ID: &str = "mail-trusted";
    let named = |wanted: fn(&TrustedClient) -> bool| {
        let names: Vec<String> =
            trusted.iter().filter(|client| wanted(client)).map(ToString::to_string).collect();
        names.join(", ")
    };
    let (here, house) = (named(TrustedClient::is_loopback), named(TrustedClient::is_private_network));
    let says = match (here.is_empty(), house.is_empty()) {
        (true, true) => return None,
        (false, true) => Sentence::of("trusted-here"),
        (true, false) => Sentence::of("trusted-house"),
        (false, false) => Sentence::of("trusted-both"),
    };
    Some(Link::worth_knowing(ID, says.with("here", here).with("house", house)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_whole_networks_are_named_and_single_relays_are_not() {
        let says = |clients: &[&str]| {
            let trusted: Vec<TrustedClient> = clients.iter().map(|client| client.parse().unwrap()).collect();
            check(&trusted).map(|link| texts::Texts::plain().link(&link).says).unwrap_or_default()
        };
        assert_eq!(says(&["10.0.0.5", "192.0.2.0/24"]), "");
        let said = says(&["127.0.0.1", "10.0.0.0/8", "10.0.0.5"]);
        assert!(said.contains("names 127.0.0.1: ") && said.contains("Mail from 10.0.0.0/8 isn't"), "{said}");
    }
}
