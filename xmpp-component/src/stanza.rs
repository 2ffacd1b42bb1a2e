//! From a stanza to a candidate: who sent it, and to whom.

use minidom::Element;
use policy_core::candidate::{Candidate, Delivery, Place, Recipient, Sender, SenderRole, Text};
use policy_core::entry::Channel;
use policy_core::identity::Identity;

use crate::shown;
use crate::xml::Read;

/// The namespace of all stanzas.
pub(crate) const CLIENT: &str = "jabber:client";
const ADDRESSES: &str = "http://jabber.org/protocol/address";
/// Who is in a room, and what becomes of them (XEP-0045).
pub(crate) const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
const CARBONS: &str = "urn:xmpp:carbons:";

/// What the question says beside the stanza.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    /// The host that asks: the recipient's.
    pub(crate) host: Option<Identity>,
    /// The real JID of the occupant whose words come out of a room of ours.
    pub(crate) occupant: Option<&'a str>,
    /// The real JID of an occupant of a room elsewhere, as that room says.
    pub(crate) claimed: Option<&'a str>,
    /// The real JID of an occupant who put somebody out of the room, and says why.
    pub(crate) actor: Option<&'a str>,
    /// Whether the host is one of our own chat rooms' domains.
    pub(crate) into_room: bool,
    /// The nick under which a message that goes into one of them is shown there.
    pub(crate) nick: Option<&'a str>,
    /// The accounts here that are in the room a group message goes to; they are recipients, too, behind the room.
    pub(crate) occupants: Vec<Identity>,
}

/// Makes the candidate of a stanza; `raw` is the stanza as it was written.
pub(crate) fn candidate(read: Read, raw: &str, asked: &Asked<'_>) -> Candidate {
    let mut candidate = Candidate::new(Channel::Xmpp);
    candidate.cut_short = read.broken || read.too_deep;
    let stanza = read.stanza.as_ref();
    let from = stanza.and_then(|stanza| stanza.attr("from"));
    let to = stanza.and_then(|stanza| stanza.attr("to"));

    add_sender(&mut candidate, SenderRole::Stanza, from);
    add_sender(&mut candidate, SenderRole::Occupant, asked.occupant);
    // Where the room knows who hides behind the nick, that person is the author.
    candidate.author = candidate.senders.last().map(|sender| sender.identity.clone());
    add_sender(&mut candidate, SenderRole::OccupantElsewhere, asked.claimed);
    add_sender(&mut candidate, SenderRole::OccupantElsewhere, asked.actor);

    // An address that can't be read is at least at the host that asks.
    let recipient = to.and_then(|to| Identity::parse_jid(to).ok()).or_else(|| asked.host.clone());
    let recipients = recipient.into_iter().chain(asked.occupants.iter().cloned());
    candidate
        .recipients
        .extend(recipients.map(|identity| Recipient { identity, delivery: Delivery::ToAddress }));

    if let Some(stanza) = stanza {
        if !asked.into_room && asked.occupant.is_none() {
            add_occupants(&mut candidate, stanza);
        }
        collect_senders(&mut candidate, stanza, None);
        shown::add_texts(&mut candidate, stanza, asked);
    }
    if read.broken {
        candidate.texts.push(Text { place: Place::Stanza, shown: raw.to_owned() });
    }
    candidate
}

/// A carbon copy (XEP-0280) from anybody but the account itself shows words that its alleged sender never wrote
/// (section 11). Copies from the account itself aren't asked about.
pub(crate) fn forged_carbon(stanza: &Element) -> bool {
    let bare = |name| stanza.attr(name).map(|jid| jid.split_once('/').map_or(jid, |(bare, _)| bare));
    stanza.is("message", CLIENT) && stanza.children().any(is_carbon) && bare("from") != bare("to")
}

fn is_carbon(child: &Element) -> bool {
    matches!(child.name(), "received" | "sent") && child.ns().starts_with(CARBONS)
}

fn add_sender(candidate: &mut Candidate, role: SenderRole, jid: Option<&str>) {
    let Some(identity) = jid.and_then(|jid| Identity::parse_jid(jid).ok()) else { return };
    candidate.senders.push(Sender { role, identity });
}

/// Whose presence this is, as a room elsewhere says (XEP-0045 section 7.2.3), or whose group message: rooms whose
/// occupants see each other's addresses say so in what they have kept (section 7.2.13).
fn add_occupants(candidate: &mut Candidate, stanza: &Element) {
    // What a room says in its own name is about somebody and nobody's word.
    let of_occupant = stanza.attr("from").is_some_and(|from| from.contains('/'));
    let group = stanza.name() == "message" && stanza.attr("type") == Some("groupchat") && of_occupant;
    if stanza.name() != "presence" && !group {
        return;
    }
    let items = stanza.children().filter(|x| x.is("x", MUC_USER)).flat_map(Element::children);
    for item in items.filter(|item| item.is("item", MUC_USER)) {
        add_sender(candidate, SenderRole::OccupantElsewhere, item.attr("jid"));
    }
}

/// Collects senders from an element and all below; `read` has bounded the depth.
fn collect_senders(candidate: &mut Candidate, element: &Element, parent: Option<&Element>) {
    let inside = |name, namespace: &str| parent.is_some_and(|parent| parent.is(name, namespace));
    if inside("x", MUC_USER) && matches!(element.name(), "invite" | "decline") {
        add_sender(candidate, SenderRole::Inviter, element.attr("from"));
    }
    // Whose words a message is that came by way of somebody else (XEP-0033).
    if element.is("address", ADDRESSES) && element.attr("type") == Some("ofrom") {
        add_sender(candidate, SenderRole::Forwarded, element.attr("jid"));
    }
    let stanza = matches!(element.name(), "message" | "presence" | "iq");
    if stanza && parent.is_some_and(|parent| parent.name() == "forwarded") {
        add_sender(candidate, SenderRole::Forwarded, element.attr("from"));
        add_occupants(candidate, element);
    }
    for child in element.children() {
        collect_senders(candidate, child, Some(element));
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, candidate, forged_carbon};
    use crate::xml::read;
    use policy_core::candidate::{Candidate, Place, SenderRole};
    use policy_core::identity::Identity;

    fn made(stanza: &str, occupant: Option<&str>, into_room: bool) -> Candidate {
        let host = Identity::parse_jid("one.test").ok();
        candidate(read(stanza), stanza, &Asked { host, occupant, into_room, ..Asked::default() })
    }

    fn senders(candidate: &Candidate) -> Vec<(SenderRole, String)> {
        candidate.senders.iter().map(|sender| (sender.role, sender.identity.to_string())).collect()
    }

    fn texts(candidate: &Candidate) -> Vec<(Place, &str)> {
        candidate.texts.iter().map(|text| (text.place, text.shown.as_str())).collect()
    }

    #[test]
    fn every_body_and_subject_in_every_language_is_read() {
        let candidate = made(
            "<message xmlns='jabber:client' from='a@b.test/x' to='c@one.test'><subject>s</subject>\
             <body>one</body><body xml:lang='de'>zwei</body><reason xmlns='urn:x'>r</reason></message>",
            None,
            false,
        );
        assert_eq!(
            texts(&candidate),
            [(Place::Subject, "s"), (Place::Body, "one"), (Place::Body, "zwei"), (Place::Stanza, "r")]
        );
        assert_eq!(senders(&candidate), [(SenderRole::Stanza, "a@b.test".to_owned())]);
        assert_eq!(candidate.recipients[0].identity.to_string(), "c@one.test");
    }

    #[test]
    fn inviters_and_senders_of_forwarded_messages_count_as_senders() {
        let candidate = made(
            "<message xmlns='jabber:client' from='room@r.test' to='c@one.test'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='eve@b.test/x'><reason>come</reason></invite></x>\
             <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='mal@b.test'><body>f</body></message>\
             </forwarded></message>",
            None,
            false,
        );
        assert_eq!(
            senders(&candidate),
            [
                (SenderRole::Stanza, "room@r.test".to_owned()),
                (SenderRole::Inviter, "eve@b.test".to_owned()),
                (SenderRole::Forwarded, "mal@b.test".to_owned()),
            ]
        );
        assert!(texts(&candidate).contains(&(Place::Stanza, "come")));
        assert!(texts(&candidate).contains(&(Place::Body, "f")));
    }

    #[test]
    fn the_occupant_behind_a_nick_is_the_author() {
        let private = "<message xmlns='jabber:client' from='room@one.test/nick' to='c@one.test'/>";
        let candidate = made(private, Some("mal@b.test"), false);
        assert_eq!(candidate.author.unwrap().to_string(), "mal@b.test");
        assert_eq!(candidate.senders.len(), 2);
    }

    #[test]
    fn an_occupant_of_a_room_elsewhere_is_a_sender_by_the_rooms_word_and_never_the_author() {
        let item = "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='mal@b.test/x' role='participant'/></x>";
        let presence = format!(
            "<presence xmlns='jabber:client' from='room@r.test/nick' to='c@one.test/x'>{item}</presence>"
        );
        let shown = made(&presence, None, false);
        let expected = [
            (SenderRole::Stanza, "room@r.test".to_owned()),
            (SenderRole::OccupantElsewhere, "mal@b.test".to_owned()),
        ];
        assert_eq!(senders(&shown), expected);
        assert_eq!(shown.author.unwrap().to_string(), "room@r.test");
        let group =
            "<message xmlns='jabber:client' type='groupchat' from='room@r.test/nick' to='c@one.test'/>";
        let asked = Asked { claimed: Some("mal@b.test"), ..Asked::default() };
        let said = candidate(read(group), group, &asked);
        assert_eq!(senders(&said), expected);
        assert_eq!(said.author.unwrap().to_string(), "room@r.test");
        // Of a room of ours, nobody's word is needed.
        assert_eq!(senders(&made(&presence, Some("eve@b.test"), false)).len(), 2);
    }

    #[test]
    fn whose_group_message_it_was_is_taken_from_what_a_room_has_kept() {
        let item = "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='mal@b.test'/></x>";
        let message = |from: &str| {
            format!("<message xmlns='jabber:client' type='groupchat' from='{from}'>{item}</message>")
        };
        let archived = format!(
            "<message xmlns='jabber:client' from='room@r.test' to='c@one.test'><result xmlns='urn:xmpp:mam:2'>\
             <forwarded xmlns='urn:xmpp:forward:0'>{}</forwarded></result></message>",
            message("room@r.test/nick")
        );
        let of_mal = (SenderRole::OccupantElsewhere, "mal@b.test".to_owned());
        for stanza in [message("room@r.test/nick"), archived] {
            assert!(senders(&made(&stanza, None, false)).contains(&of_mal), "{stanza}");
        }
        // What the room itself says of somebody is not theirs.
        assert!(!senders(&made(&message("room@r.test"), None, false)).contains(&of_mal));
    }

    #[test]
    fn whose_words_a_message_is_said_to_be_counts_as_a_sender() {
        let candidate = made(
            "<message xmlns='jabber:client' from='relay@b.test' to='c@one.test'>\
             <addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='mal@b.test/x'/>\
             <address type='to' jid='c@one.test'/></addresses></message>",
            None,
            false,
        );
        let expected = [
            (SenderRole::Stanza, "relay@b.test".to_owned()),
            (SenderRole::Forwarded, "mal@b.test".to_owned()),
        ];
        assert_eq!(senders(&candidate), expected);
    }

    #[test]
    fn an_unreadable_stanza_is_judged_by_its_bytes_and_a_recipient_is_always_there() {
        let candidate = made("<message from='a@b.test' to='@@'><body>casino", None, false);
        assert!(candidate.cut_short);
        assert!(candidate.texts.iter().any(|text| text.shown.contains("casino")));
        assert_eq!(candidate.recipients[0].identity.to_string(), "one.test");
    }

    #[test]
    fn only_ones_own_account_sends_carbon_copies() {
        let carbon = |from: &str, version: u8| {
            let stanza = format!(
                "<message xmlns='jabber:client' from='{from}' to='c@one.test/x'><sent xmlns='urn:xmpp:carbons:{version}'/></message>"
            );
            forged_carbon(&read(&stanza).stanza.unwrap())
        };
        assert!(carbon("mal@b.test", 2) && carbon("mal@b.test", 1));
        assert!(!carbon("c@one.test", 2));
    }
}
