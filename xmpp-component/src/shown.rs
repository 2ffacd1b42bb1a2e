//! What a person would read in a stanza.

use minidom::{Element, Node};
use policy_core::candidate::{Candidate, Place, Text};
use policy_core::identity::unescaped_jid;
use policy_core::message::html_as_shown;

use crate::fallback::Fallback;
use crate::stanza::{Asked, CLIENT, MUC_USER};
use crate::{links, typed};

const CONFERENCE: &str = "jabber:x:conference";
const DATA_FORM: &str = "jabber:x:data";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const REAL_TIME_TEXT: &str = "urn:xmpp:rtt:0";

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

/// Attributes that clients show of certain elements only: what a site asks to confirm (XEP-0070), what a link leads to (RDF),
/// a link's preview (Open Graph in XEP-0422).
const TEXT_ATTRIBUTES_OF: [(&str, &str); 3] = [
    (XHTML, "content"),
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

/// Elements of XHTML-IM (XEP-0071) that are a paragraph; but for `br`, a line's end, the others don't break a word.
const BLOCKS: [&str; 14] =
    ["blockquote", "body", "div", "dl", "dd", "dt", "h1", "h2", "h3", "li", "ol", "p", "pre", "ul"];

/// Elements whose attribute `jid` is shown as the name of a room or a person: invitations (XEP-0249), where a room has gone
/// (XEP-0045 section 10.9), contacts to be added (XEP-0144).
const NAMED: [(&str, &str); 4] = [
    ("x", CONFERENCE),
    ("destroy", MUC_USER),
    ("destroy", "http://jabber.org/protocol/muc#owner"),
    ("item", "http://jabber.org/protocol/rosterx"),
];

/// Adds the texts of a stanza to its candidate.
pub(crate) fn add_texts(candidate: &mut Candidate, stanza: &Element, asked: &Asked<'_>) {
    let (from, to) = (stanza.attr("from"), stanza.attr("to"));
    let out_of_room = stanza.attr("type") == Some("groupchat")
        || stanza.has_child("x", MUC_USER)
        || asked.occupant.is_some();
    if out_of_room && !asked.into_room {
        add_nick(candidate, from);
    }
    if asked.into_room && stanza.name() == "presence" {
        add_nick(candidate, to);
    }
    if let Some(nick) = asked.nick {
        add_text(candidate, Place::DisplayName, nick.to_owned());
    }
    if stanza.get_child("x", MUC_USER).is_some_and(|x| x.has_child("invite", MUC_USER)) {
        add_room(candidate, if asked.into_room { to } else { from });
    }
    walk(candidate, stanza, false);
    let mut fallback = Fallback::of(stanza);
    for text in stanza.children().filter(|child| matches!(child.name(), "body" | "subject")) {
        for shown in fallback.without(text) {
            add_text(candidate, place(text, &text.ns()), shown);
        }
    }
}

/// The nick is the resource of an occupant's JID (XEP-0045 section 4.1).
fn add_nick(candidate: &mut Candidate, occupant: Option<&str>) {
    if let Some((_, nick)) = occupant.and_then(|jid| jid.split_once('/')) {
        add_text(candidate, Place::DisplayName, nick.to_owned());
    }
}

/// A room is shown by its name to whoever is invited: the local part of its address, without escapes (XEP-0106).
fn add_room(candidate: &mut Candidate, room: Option<&str>) {
    if let Some((name, _)) = room.and_then(|room| room.split_once('@')) {
        add_text(candidate, Place::DisplayName, unescaped_jid(name));
    }
}

/// Several elements with this name are lines of one text (XEP-0004 section 3.1).
fn add_lines(candidate: &mut Candidate, element: &Element, name: &str) {
    let lines: Vec<String> =
        element.children().filter(|child| child.is(name, DATA_FORM)).map(Element::text).collect();
    if lines.len() > 1 {
        add_text(candidate, Place::Stanza, lines.join("\n"));
    }
}

/// Several values are shown one below the other, and a field without a label by its name (XEP-0004 section 3.2).
fn add_field(candidate: &mut Candidate, field: &Element) {
    add_lines(candidate, field, "value");
    if let Some(name) = field.attr("var").filter(|_| field.attr("label").is_none()) {
        add_text(candidate, Place::Stanza, name.to_owned());
    }
}

fn add_text(candidate: &mut Candidate, place: Place, shown: String) {
    if !shown.trim().is_empty() {
        if let Some(names) = links::names(&shown) {
            candidate.texts.push(Text { place: Place::Stanza, shown: names });
        }
        candidate.texts.push(Text { place, shown });
    }
}

/// Collects texts from an element and all below; `read` has bounded the depth. `inside`: it is in a body, subject, status
/// or formatted text, which has been read in one piece with all that is in it.
fn walk(candidate: &mut Candidate, element: &Element, inside: bool) {
    let namespace = element.ns();
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
    if element.is("x", DATA_FORM) {
        add_lines(candidate, element, "instructions");
    }
    if element.is("rtt", REAL_TIME_TEXT) {
        add_text(candidate, Place::Body, typed::line(element));
    }
    if NAMED.iter().any(|(name, namespace)| element.is(*name, *namespace)) {
        add_room(candidate, element.attr("jid"));
    }
    // XHTML-IM's body, and what else is formatted: Atom's (RFC 4287 section 3.1.1.3, XEP-0277).
    let formatted = namespace == XHTML;
    let body = formatted && element.name() == "body";
    if body || formatted && !inside {
        add_formatted(candidate, element);
    }
    if body {
        collect_below(candidate, element);
        return;
    }
    if !is_payload(element, &namespace) {
        add_text(candidate, place(element, &namespace), element.text());
    }
    // Clients show a body's text in one piece, whatever elements are strewn into it. One in another is read without those
    // in itself: sixty in each other would make sixty texts of one.
    let piece = is_piece(element);
    if piece && element.children().next().is_some() {
        let shown = as_shown(element, if inside { is_piece } else { |_| false });
        add_text(candidate, place(element, &namespace), shown);
    }
    for child in element.children() {
        walk(candidate, child, inside || piece || formatted);
    }
}

/// Formatted text as clients show it, with and without what has no size, and as a mail's is read: letters in a paragraph or
/// a list's item each are a word.
fn add_formatted(candidate: &mut Candidate, element: &Element) {
    let all = as_shown(element, |_| false);
    let seen = as_shown(element, is_unseen);
    let read = html_as_shown(&String::from(element));
    let letters = |text: &str| text.split_whitespace().collect::<String>();
    let of_mail = letters(&read);
    if of_mail != letters(&all) && of_mail != letters(&seen) {
        add_text(candidate, Place::Body, read);
    }
    if seen.len() < all.len() {
        add_text(candidate, Place::Body, seen);
    }
    add_text(candidate, Place::Body, all);
}

fn is_piece(element: &Element) -> bool {
    matches!(element.name(), "body" | "subject" | "status")
}

/// Formatted text of no size (XEP-0071 section 6.2.2), which some clients show and others don't.
fn is_unseen(element: &Element) -> bool {
    let unit = |c: char| c.is_ascii_alphabetic() || c == '%';
    let is_zero = |size: &str| size.trim().trim_end_matches(unit).parse::<f32>() == Ok(0.0);
    let mut styles =
        element.attr("style").unwrap_or_default().split(';').filter_map(|style| style.split_once(':'));
    styles.any(|(name, value)| name.trim().eq_ignore_ascii_case("font-size") && is_zero(value))
}

fn is_payload(element: &Element, namespace: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '\r' | '\n');
    OPAQUE.contains(&namespace)
        && PAYLOADS.contains(&element.name())
        && element.texts().all(|text| text.chars().all(base64))
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

/// The text of an element and all below but what is `left_out`.
fn as_shown(element: &Element, left_out: fn(&Element) -> bool) -> String {
    let mut shown = String::new();
    append_shown(element, left_out, &mut shown);
    shown
}

fn append_shown(element: &Element, left_out: fn(&Element) -> bool, shown: &mut String) {
    let block = BLOCKS.contains(&element.name());
    if block {
        shown.push('\u{2029}');
    }
    match element.name() {
        "img" => shown.push_str(element.attr("alt").unwrap_or_default()),
        "br" => shown.push('\n'),
        _ => {}
    }
    for node in element.nodes() {
        match node {
            Node::Text(text) => shown.push_str(text),
            Node::Element(child) if left_out(child) => {}
            Node::Element(child) => append_shown(child, left_out, shown),
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
    use policy_core::candidate::{Candidate, Place};
    use policy_core::identity::Identity;

    use crate::stanza::{Asked, candidate};
    use crate::xml::read;

    fn made(stanza: &str, occupant: Option<&str>, into_room: bool) -> Candidate {
        let host = Identity::parse_jid("one.test").ok();
        candidate(read(stanza), stanza, &Asked { host, occupant, into_room, ..Asked::default() })
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
    fn letters_in_a_paragraph_or_an_item_each_are_read_as_in_mail() {
        for (name, prefix) in [("p", ""), ("li", ""), ("p", "h:"), ("li", "h:")] {
            let letters: String =
                "casino".chars().map(|c| format!("<{prefix}{name}>{c}</{prefix}{name}>")).collect();
            let read = shown(&format!(
                "<html xmlns='http://jabber.org/protocol/xhtml-im' xmlns:h='http://www.w3.org/1999/xhtml'>\
                 <body xmlns='http://www.w3.org/1999/xhtml'>{letters}</body></html>"
            ));
            assert!(read.iter().any(|text| text.contains("casino")), "{prefix}{name}: {read:?}");
        }
    }

    #[test]
    fn names_in_links_previews_venues_and_contacts_are_read_as_they_are_shown() {
        for content in [
            "<body>look: https://x.test/a/see%20you%20soon.jpg</body>",
            "<x xmlns='jabber:x:oob'><url>https://x.test/see%20you%20soon.jpg</url></x>",
            "<body>xmpp:den@far.test?join;reason=see%20you%20soon</body>",
            "<apply-to xmlns='urn:xmpp:fasten:0'><meta xmlns='http://www.w3.org/1999/xhtml' content='see you soon'/></apply-to>",
            "<x xmlns='http://jabber.org/protocol/muc#user'><destroy jid='see\\20you\\20soon@x.test'/></x>",
            "<x xmlns='http://jabber.org/protocol/rosterx'><item action='add' jid='see\\20you\\20soon@x.test'/></x>",
        ] {
            let read = shown(content);
            assert!(read.iter().any(|text| text.contains("see you soon")), "{content}: {read:?}");
        }
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
        let escaped = "<x xmlns='jabber:x:conference' jid='see\\20you\\20soon@r.test'/>";
        assert_eq!(shown(escaped, false), ["see you soon"]);
        let lines =
            "<x xmlns='jabber:x:data'><instructions>a</instructions><instructions>b</instructions></x>";
        assert_eq!(shown(lines, false), ["a\nb", "a", "b"]);
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

    fn shown(content: &str) -> Vec<String> {
        let stanza =
            format!("<message xmlns='jabber:client' from='a@b.test' to='c@one.test'>{content}</message>");
        made(&stanza, None, false).texts.into_iter().map(|text| text.shown.replace('\u{2029}', "")).collect()
    }

    #[test]
    fn bodies_in_each_other_are_read_a_few_times_however_many_they_are() {
        for name in ["body", "status", "subject"] {
            let nested = format!(
                "{}{}{}",
                format!("<{name}>").repeat(60),
                "a".repeat(1_000),
                format!("</{name}>").repeat(60)
            );
            let length: usize = shown(&nested).iter().map(String::len).sum();
            assert!(length <= 4_000, "{name}: {length}");
        }
    }

    #[test]
    fn a_word_in_a_body_in_a_body_is_read_with_what_stands_around_it_and_by_itself() {
        let texts = shown(
            "<body>x<a xmlns='urn:x'><body>cas<b xmlns='urn:x'>in</b>o</body></a><status>y</status></body>",
        );
        assert!(texts.contains(&"xcasinoy".to_owned()) && texts.contains(&"casino".to_owned()), "{texts:?}");
        assert!(shown("<body>ca<body>si</body>no</body>").contains(&"casino".to_owned()));
    }

    #[test]
    fn formatted_text_is_read_with_what_stands_for_pictures_and_without_what_has_no_size() {
        let formatted = |text: &str| {
            shown(&format!(
                "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>{text}</body></html>"
            ))
        };
        assert!(formatted("see <img alt='you'/> soon").contains(&"see you soon".to_owned()));
        for size in ["0", " 0px", "0.0em", "0%"] {
            let texts = formatted(&format!("cas<span style='color:red; Font-Size:{size}'>qq</span>ino"));
            assert_eq!(texts, ["casino", "casqqino"], "{size}");
        }
        let small = formatted("cas<span style='font-size:0.8em'>qq</span>ino");
        assert!(small.contains(&"casqqino".to_owned()) && !small.contains(&"casino".to_owned()));
        assert_eq!(
            formatted("see<br/>you<br/>soon"),
            ["see\nyou\nsoon"],
            "as in mail, a line's end and no paragraph's"
        );
    }

    #[test]
    fn formatted_text_of_a_microblog_is_read_in_one_piece_once() {
        let published = |text: &str| {
            shown(&format!(
                "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:microblog:0'><item><entry \
                 xmlns='http://www.w3.org/2005/Atom'><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{text}\
                 </div></content></entry></item></items></event>"
            ))
        };
        assert!(published("see <b>you</b> soon").contains(&"see you soon".to_owned()));
        let nested = format!("{}{}{}", "<b>".repeat(50), "a".repeat(1_000), "</b>".repeat(50));
        let length: usize = published(&nested).iter().map(String::len).sum();
        assert!(length <= 4_000, "{length}");
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
}
