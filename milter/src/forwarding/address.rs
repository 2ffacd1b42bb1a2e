//! Which recipients are meant for us: `block@` and `allow@` the household's domains.

use policy_core::entry::Effect;
use policy_core::identity::{Domain, Identity};
use policy_core::snapshot::Delimiters;

/// The addresses that members forward to.
#[derive(Debug)]
pub(super) struct Addresses {
    pub(super) domains: Vec<Domain>,
    pub(super) delimiters: Delimiters,
}

/// What a recipient's address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `block@` or `allow@`.
    Order(Effect),
    /// One of these with a sub-address: Postfix's transport map would lead it to us, and it is nobody's.
    Tagged,
    /// Somebody else.
    Other,
}

impl Addresses {
    /// Reads a recipient, angle brackets or not.
    pub(super) fn target(&self, address: &str) -> Target {
        let Ok(identity) = Identity::parse_mail(address) else {
            return Target::Other;
        };
        if !self.is_ours(identity.domain()) {
            return Target::Other;
        }
        let local = identity.local().unwrap_or_default();
        if let Some(effect) = effect(local) {
            return Target::Order(effect);
        }
        let delimiters: &[char] = match self.delimiters {
            Delimiters::Plus => &['+'],
            Delimiters::PlusAndHyphen => &['+', '-'],
        };
        match local.split(delimiters).next().and_then(effect) {
            Some(_) => Target::Tagged,
            None => Target::Other,
        }
    }

    pub(super) fn is_ours(&self, domain: &Domain) -> bool {
        self.domains.iter().any(|ours| ours.key() == domain.key())
    }
}

fn effect(local: &str) -> Option<Effect> {
    match local {
        "block" => Some(Effect::Block),
        "allow" => Some(Effect::Allow),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_addresses_are_known_in_every_way_to_write_them_and_nothing_else_is() {
        let addresses =
            |delimiters| Addresses { domains: vec![Domain::parse("home.example").unwrap()], delimiters };
        let plus = addresses(Delimiters::Plus);
        for (address, target) in [
            ("block@home.example", Target::Order(Effect::Block)),
            ("<BLOCK@Home.Example>", Target::Order(Effect::Block)),
            ("\"block\"@home.example", Target::Order(Effect::Block)),
            ("allow@home.example.", Target::Order(Effect::Allow)),
            ("block+x@home.example", Target::Tagged),
            ("block-x@home.example", Target::Other),
            ("blocked@home.example", Target::Other),
            ("block@sub.home.example", Target::Other),
            ("block@example", Target::Other),
            ("block", Target::Other),
        ] {
            assert_eq!(plus.target(address), target, "{address}");
        }
        assert_eq!(addresses(Delimiters::PlusAndHyphen).target("block-x@home.example"), Target::Tagged);
    }
}
