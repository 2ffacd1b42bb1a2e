//! Clients in rooms (XEP-0045).
#![allow(dead_code, reason = "each test file uses its own part")]

use testbed::PATIENCE;
use testbed::xmpp::{Client, Element};

pub(crate) const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
pub(crate) const ROOM: &str = "kitchen@rooms.one.test";

pub(crate) fn presence(nick: &str, content: &str) -> String {
    format!("<presence to='{ROOM}/{nick}'>{content}</presence>")
}

/// Comes into the room, and says what was shown meanwhile.
pub(crate) fn join(client: &mut Client, room: &str, nick: &str, content: &str) -> Vec<Element> {
    client
        .send(&format!(
            "<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/>{content}</presence>"
        ))
        .unwrap();
    until(client, is_self_presence)
}

/// What comes, the last of it what `last` picks.
pub(crate) fn stanzas_until(client: &mut Client, last: impl Fn(&Element) -> bool) -> Vec<Element> {
    let mut seen: Vec<Element> = Vec::new();
    while !seen.last().is_some_and(&last) {
        seen.push(match client.inbox.is_empty() {
            true => client.next(PATIENCE).unwrap().expect("another stanza"),
            false => client.inbox.remove(0),
        });
    }
    seen
}

/// The presences that come, the last of them one that `last` picks.
pub(crate) fn until(client: &mut Client, last: impl Fn(&Element) -> bool) -> Vec<Element> {
    let is_presence = |stanza: &Element| stanza.name() == "presence";
    stanzas_until(client, |stanza| is_presence(stanza) && last(stanza))
        .into_iter()
        .filter(is_presence)
        .collect()
}

pub(crate) fn is_self_presence(stanza: &Element) -> bool {
    let x = stanza.get_child("x", MUC_USER).filter(|_| stanza.name() == "presence");
    x.is_some_and(|x| x.children().any(|child| child.attr("code") == Some("110")))
}

pub(crate) fn is_of(stanza: &Element, occupant: &str, kind: Option<&str>) -> bool {
    stanza.name() == "presence" && stanza.attr("from") == Some(occupant) && stanza.attr("type") == kind
}

/// The bodies that come until `last` does.
pub(crate) fn bodies_until(client: &mut Client, last: &str) -> Vec<String> {
    client.keep_until(&[last]).unwrap();
    let bodies = client.bodies();
    client.inbox.clear();
    bodies
}

/// The next message with a subject, which must be this one.
pub(crate) fn until_subject(client: &mut Client, subject: &str) {
    loop {
        let stanza = client.next(PATIENCE).unwrap().expect("a subject");
        if let Some(found) = stanza.children().find(|child| child.name() == "subject") {
            assert_eq!(found.text(), subject, "{stanza:?}");
            return;
        }
    }
}

/// What the room's archive (XEP-0313) gives this client.
pub(crate) fn archived(client: &mut Client, id: &str) -> Vec<String> {
    client
        .send(&format!(
            "<iq type='set' id='{id}' to='{ROOM}'><query xmlns='urn:xmpp:mam:2' queryid='{id}'/></iq>"
        ))
        .unwrap();
    let stanzas = stanzas_until(client, |stanza| stanza.attr("id") == Some(id));
    let message = |stanza: &Element| {
        let result = stanza.get_child("result", "urn:xmpp:mam:2")?;
        let message =
            result.get_child("forwarded", "urn:xmpp:forward:0")?.get_child("message", "jabber:client")?;
        testbed::xmpp::body_of(message)
    };
    stanzas.iter().filter_map(message).collect()
}
