//! From a stanza to a candidate: who sent it, to whom, and what a person would read in it.

use minidom::{Element, Node};
use policy_core::candidate::{Candidate, Delivery, Place, Recipient, Sender, SenderRole, Text};
use policy_core::entry::Channel;
use policy_core::identity::Identity;

use crate::fallback;
use crate::xml::Read;

/// The namespace of all stanzas.
pub(crate) const CLIENT: &str = "jabber:client";
const CONFERENCE: &str = "jabber:x:conference";
const ADDRESSES: &str = "http://jabber.org/protocol/address";
const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
const CARBONS: &str = "urn:xmpp:carbons:";
const DATA_FORM: &str = "jabber:x:data";
const XHTML_BODY: &str = "http://www.w3.org/1999/xhtml";

/// Attributes that hold text for people: invitation reasons (XEP-0249), nicks (XEP-0045), names (XEP-0048, XEP-0166),
/// links (XEP-0071, XEP-0372, XEP-0447), labels (XEP-0004).
const TEXT_ATTRIBUTES: [&str; 16] = [
    "reason",
    "nick",
    "name",
    "label",
    "title",
    "alt",
    "href",
    "src",
    "uri",
    "url",
    "target",
    "anchor",
    "desc",
    "description",
    "summary",
    "text",
];

/// Attributes that clients show of certain elements only: what a site asks to confirm (XEP-0070), what a link leads to (RDF).
const TEXT_ATTRIBUTES_OF: [(&str, &str); 2] = [
    ("http://jabber.org/protocol/http-auth", "id"),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "about"),
];

/// Where payloads are that nobody reads as they stand: end-to-end encrypted (OMEMO, OpenPGP), or pictures.
const OPAQUE: [&str; 7] = [
    "eu.siacs.conversations.axolotl",
    "urn:xmpp:omemo:2",
    "urn:xmpp:openpgp:0",
    "jabber:x:encrypted",
    "jabber:x:signed",
    "urn:xmpp:avatar:data",
    "urn:xmpp:bob",
];

/// The elements of those namespaces that hold such a payload, in Base64. Everything else in them is read like any text.
const PAYLOADS: [&str; 6] = ["payload", "key", "iv", "x", "openpgp", "data"];

/// Elements of XHTML-IM (XEP-0071) that begin a new line; the others don't break a word.
const BLOCKS: [&str; 15] =
    ["blockquote", "body", "br", "div", "dl", "dd", "dt", "h1", "h2", "h3", "li", "ol", "p", "pre", "ul"];

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
        let out_of_room = stanza.attr("type") == Some("groupchat")
            || stanza.has_child("x", MUC_USER)
            || asked.occupant.is_some();
        if out_of_room && !asked.into_room {
            add_nick(&mut candidate, from);
        }
        if asked.into_room && stanza.name() == "presence" {
            add_nick(&mut candidate, to);
        }
        if let Some(nick) = asked.nick {
            add_text(&mut candidate, Place::DisplayName, nick.to_owned());
        }
        if stanza.get_child("x", MUC_USER).is_some_and(|x| x.has_child("invite", MUC_USER)) {
            add_room(&mut candidate, if asked.into_room { to } else { from });
        }
        walk(&mut candidate, stanza, None, true);
        for text in stanza.children().filter(|child| matches!(child.name(), "body" | "subject")) {
            for shown in fallback::without(stanza, text) {
                add_text(&mut candidate, place(text, &text.ns()), shown);
            }
        }
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

/// The nick is the resource of an occupant's JID (XEP-0045 section 4.1).
fn add_nick(candidate: &mut Candidate, occupant: Option<&str>) {
    if let Some((_, nick)) = occupant.and_then(|jid| jid.split_once('/')) {
        add_text(candidate, Place::DisplayName, nick.to_owned());
    }
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

/// A room is shown by its name to whoever is invited: the local part of its address.
fn add_room(candidate: &mut Candidate, room: Option<&str>) {
    if let Some((name, _)) = room.and_then(|room| room.split_once('@')) {
        add_text(candidate, Place::DisplayName, name.to_owned());
    }
}

/// Several values are shown one below the other, and a field without a label by its name (XEP-0004 section 3.2).
fn add_field(candidate: &mut Candidate, field: &Element) {
    let values: Vec<String> =
        field.children().filter(|child| child.is("value", DATA_FORM)).map(Element::text).collect();
    if values.len() > 1 {
        add_text(candidate, Place::Stanza, values.join("\n"));
    }
    if let Some(name) = field.attr("var").filter(|_| field.attr("label").is_none()) {
        add_text(candidate, Place::Stanza, name.to_owned());
    }
}

fn add_text(candidate: &mut Candidate, place: Place, shown: String) {
    if !shown.trim().is_empty() {
        candidate.texts.push(Text { place, shown });
    }
}

/// Collects texts and senders from an element and all below; `read` has bounded the depth.
fn walk(candidate: &mut Candidate, element: &Element, parent: Option<&Element>, top: bool) {
    let namespace = element.ns();
    collect_senders(candidate, element, parent, top);
    for ((_, name), value) in element.attrs() {
        if TEXT_ATTRIBUTES.contains(&name.as_str())
            || TEXT_ATTRIBUTES_OF.contains(&(namespace.as_str(), name.as_str()))
        {
            add_text(candidate, Place::Stanza, value.clone());
        }
    }
    if element.is("field", DATA_FORM) {
        add_field(candidate, element);
    }
    if element.is("x", CONFERENCE) {
        add_room(candidate, element.attr("jid"));
    }
    if namespace == XHTML_BODY && element.name() == "body" {
        let mut shown = String::new();
        as_shown(element, &mut shown);
        add_text(candidate, Place::Body, shown);
        collect_below(candidate, element);
        return;
    }
    if !is_payload(element, &namespace) {
        add_text(candidate, place(element, &namespace), element.text());
    }
    // Clients show a body's text in one piece, whatever elements are strewn into it.
    if matches!(element.name(), "body" | "subject" | "status") && element.children().next().is_some() {
        let mut shown = String::new();
        as_shown(element, &mut shown);
        add_text(candidate, place(element, &namespace), shown);
    }
    for child in element.children() {
        walk(candidate, child, Some(element), false);
    }
}

fn is_payload(element: &Element, namespace: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '\r' | '\n');
    OPAQUE.contains(&namespace)
        && PAYLOADS.contains(&element.name())
        && element.texts().all(|text| text.chars().all(base64))
}

fn collect_senders(candidate: &mut Candidate, element: &Element, parent: Option<&Element>, top: bool) {
    let inside = |name, namespace: &str| parent.is_some_and(|parent| parent.is(name, namespace));
    if inside("x", MUC_USER) && matches!(element.name(), "invite" | "decline") {
        add_sender(candidate, SenderRole::Inviter, element.attr("from"));
    }
    // Whose words a message is that came by way of somebody else (XEP-0033).
    if element.is("address", ADDRESSES) && element.attr("type") == Some("ofrom") {
        add_sender(candidate, SenderRole::Forwarded, element.attr("jid"));
    }
    let stanza = matches!(element.name(), "message" | "presence" | "iq");
    if !top && stanza && parent.is_some_and(|parent| parent.name() == "forwarded") {
        add_sender(candidate, SenderRole::Forwarded, element.attr("from"));
        add_occupants(candidate, element);
    }
}

/// Links and names inside formatted text, whose text has been read in one piece.
fn collect_below(candidate: &mut Candidate, element: &Element) {
    for child in element.children() {
        for ((_, name), value) in child.attrs() {
            if TEXT_ATTRIBUTES.contains(&name.as_str()) {
                add_text(candidate, Place::Stanza, value.clone());
            }
        }
        collect_below(candidate, child);
    }
}

fn as_shown(element: &Element, shown: &mut String) {
    let block = BLOCKS.contains(&element.name());
    if block {
        shown.push('\u{2029}');
    }
    for node in element.nodes() {
        match node {
            Node::Text(text) => shown.push_str(text),
            Node::Element(child) => as_shown(child, shown),
        }
    }
    if block {
        shown.push('\u{2029}');
    }
}

fn place(element: &Element, namespace: &str) -> Place {
    match (element.name(), namespace) {
        ("subject", CLIENT) => Place::Subject,
        ("body", CLIENT) => Place::Body,
        ("nick", "http://jabber.org/protocol/nick") => Place::DisplayName,
        _ => Place::Stanza,
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
    fn a_word_with_foreign_elements_in_it_is_read_in_one_piece() {
        let candidate = made(
            "<message xmlns='jabber:client' from='a@b.test/x' to='c@one.test'>\
             <body>cas<b xmlns='urn:x'>in</b>o</body></message>",
            None,
            false,
        );
        assert!(
            texts(&candidate).iter().any(|(place, shown)| *place == Place::Body && shown.trim() == "casino")
        );
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
    fn nicks_are_read_where_a_resource_is_one() {
        let group =
            "<message xmlns='jabber:client' type='groupchat' from='room@r.test/Rude Nick' to='c@one.test'/>";
        assert_eq!(texts(&made(group, None, false)), [(Place::DisplayName, "Rude Nick")]);
        let join = "<presence xmlns='jabber:client' from='a@b.test/x' to='room@one.test/Rude Nick'/>";
        assert_eq!(texts(&made(join, None, true)), [(Place::DisplayName, "Rude Nick")]);
        let chat = "<message xmlns='jabber:client' from='a@b.test/phone' to='c@one.test/laptop'/>";
        assert_eq!(texts(&made(chat, None, false)), []);
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
    fn markup_inside_a_word_does_not_hide_it() {
        let candidate = made(
            "<message xmlns='jabber:client' from='a@b.test' to='c@one.test'>\
             <html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>\
             <p>ca<b>si</b>no</p><p>next</p></body></html></message>",
            None,
            false,
        );
        assert!(candidate.texts.iter().any(|text| text.shown.contains("casino\u{2029}")));
    }

    #[test]
    fn names_of_rooms_and_fields_and_lines_of_a_form_are_read_as_they_are_shown() {
        let shown = |content: &str, into_room: bool| -> Vec<String> {
            let stanza = format!(
                "<message xmlns='jabber:client' from='room@r.test' to='c@one.test'>{content}</message>"
            );
            made(&stanza, None, into_room).texts.into_iter().map(|text| text.shown).collect()
        };
        assert_eq!(shown("<x xmlns='jabber:x:conference' jid='casino@r.test'/>", false), ["casino"]);
        let invitation = "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='eve@b.test'/></x>";
        assert_eq!(shown(invitation, false), ["room"]);
        assert_eq!(shown(invitation, true), ["c"], "what is asked of a room of ours is named like the room");
        let field = |content: &str| format!("<x xmlns='jabber:x:data'><field {content}</field></x>");
        assert_eq!(shown(&field("label='a' var='b'><value>x</value>"), false), ["a", "x"]);
        assert_eq!(
            shown(&field("var='b'><value>see you</value><value>soon</value>"), false),
            ["see you\nsoon", "b", "see you", "soon"]
        );
        let question = "<confirm xmlns='http://jabber.org/protocol/http-auth' id='casino' method='GET'/>";
        assert_eq!(shown(question, false), ["casino"]);
        let preview = "<d xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
                       r:about='https://casino.test/'/>";
        assert_eq!(shown(preview, false), ["https://casino.test/"]);
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
    fn encrypted_payloads_are_not_text() {
        let candidate = made(
            "<message xmlns='jabber:client' from='a@b.test' to='c@one.test'>\
             <encrypted xmlns='eu.siacs.conversations.axolotl'><payload>c2VjcmV0</payload></encrypted>\
             <body>fallback</body></message>",
            None,
            false,
        );
        assert_eq!(texts(&candidate), [(Place::Body, "fallback")]);
    }

    #[test]
    fn what_stands_beside_an_encrypted_payload_is_read() {
        let candidate = made(
            "<message xmlns='jabber:client' from='a@b.test' to='c@one.test'>\
             <encrypted xmlns='eu.siacs.conversations.axolotl'><payload>see you there</payload><body>one</body>\
             <body xmlns='jabber:client'>two</body></encrypted></message>",
            None,
            false,
        );
        let shown: Vec<&str> = candidate.texts.iter().map(|text| text.shown.as_str()).collect();
        assert_eq!(shown, ["see you there", "one", "two"]);
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
