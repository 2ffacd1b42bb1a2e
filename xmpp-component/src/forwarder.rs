//! Who said what an account forwards (XEP-0297), as far as Prosody knows: an occupant of a room bears an address like
//! anybody's.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::identity::Identity;

use crate::iq::CHECK;

const NAME: &str = "forwarder";

/// Whose words they are.
pub(crate) enum Forwarder {
    Person,
    /// An occupant of a room; who that is now, if the account may know.
    Occupant(Option<Identity>),
    Unknown,
}

/// What the account has sent, with what the module says about it, and nothing that the account itself says there.
pub(crate) fn named(mut stanza: Element, said: &Element) -> Element {
    while stanza.remove_child(NAME, CHECK).is_some() {}
    if stanza.name() == "message" {
        let forwarder = Element::builder(NAME, CHECK)
            .attr(xml_ncname!("is").to_owned(), said.attr("forwarder"))
            .attr(xml_ncname!("occupant").to_owned(), said.attr("occupant"));
        stanza.append_child(forwarder.build());
    }
    stanza
}

/// What was said about it.
pub(crate) fn of(message: &Element) -> Forwarder {
    let said = message.get_child(NAME, CHECK);
    match said.and_then(|said| said.attr("is")) {
        Some("person") => Forwarder::Person,
        Some("room") => {
            let occupant = said.and_then(|said| said.attr("occupant"));
            Forwarder::Occupant(occupant.and_then(|jid| Identity::parse_jid(jid).ok()))
        }
        _ => Forwarder::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Forwarder, named, of};
    use crate::iq::CHECK;
    use crate::xml::read;

    #[test]
    fn only_the_module_says_who_is_forwarded() {
        let account = format!("<account xmlns='{CHECK}' forwarder='' occupant=''/>");
        let forged = "<forwarder xmlns='urn:postward:check:1' is='room' occupant='mal@b.test'/>";
        let stanza = format!("<message xmlns='jabber:client'>{forged}{forged}</message>");
        let stanza = named(read(&stanza).stanza.unwrap(), &read(&account).stanza.unwrap());
        assert!(matches!(of(&stanza), Forwarder::Unknown));
    }
}
