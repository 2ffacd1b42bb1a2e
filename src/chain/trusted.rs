//! What `trusted_clients` exempts, where that is more than it looks like.

use milter::TrustedClient;
use policy_core::chain::Link;

/// Nothing to say of single relays; a word where this machine or a whole private network isn't judged.
pub(super) fn check(trusted: &[TrustedClient]) -> Option<Link> {
    const ID: &str = "mail-trusted";
    let named = |wanted: fn(&TrustedClient) -> bool| {
        let names: Vec<String> =
            trusted.iter().filter(|client| wanted(client)).map(ToString::to_string).collect();
        names.join(", ")
    };
    let (here, house) = (named(TrustedClient::is_loopback), named(TrustedClient::is_private_network));
    let mut sentences = Vec::new();
    if !here.is_empty() {
        sentences.push(format!(
            "Mail that this machine hands in itself isn't judged, because trusted_clients names {here}: whatever an onion \
             service, fetchmail, a proxy, a tunnel or a mailing list program here passes on gets through, whoever wrote it."
        ));
    }
    if !house.is_empty() {
        sentences.push(format!(
            "Mail from {house} isn't judged: whatever any device there sends or passes on gets through, a router that \
             forwards the mail port included."
        ));
    }
    (!sentences.is_empty()).then(|| {
        Link::worth_knowing(
            ID,
            sentences.join(" "),
            "If that isn't meant, take it out of trusted_clients under [mail], and name single addresses of relays instead.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_whole_networks_are_named_and_single_relays_are_not() {
        let says = |clients: &[&str]| {
            let trusted: Vec<TrustedClient> = clients.iter().map(|client| client.parse().unwrap()).collect();
            check(&trusted).map(|link| link.says).unwrap_or_default()
        };
        assert_eq!(says(&["10.0.0.5", "192.0.2.0/24"]), "");
        let said = says(&["127.0.0.1", "10.0.0.0/8", "10.0.0.5"]);
        assert!(said.contains("names 127.0.0.1: ") && said.contains("Mail from 10.0.0.0/8 isn't"), "{said}");
    }
}
