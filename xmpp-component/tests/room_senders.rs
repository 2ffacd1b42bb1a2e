//! What whoever is stopped in a room of ours can tell by what they are shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::rooms::{ROOM, archived, join, stanzas_until, until_subject};
use common::{Component, filtered};
use testbed::prosody::Prosody;
use testbed::xmpp::Client;

// bob and mal say a blocked word in a room of ours that has an archive, as text and as its subject
#[test]
fn what_the_sender_of_a_dropped_group_message_is_shown_looks_like_any_other() {
    let one = Prosody::start(&filtered().module("muc_mam")).unwrap();
    let _component = Component::dropping(&one);
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut bob, mut mal) = (client("bob"), client("mal"));
    for (client, nick) in [(&mut bob, "bob"), (&mut mal, "mal")] {
        join(client, ROOM, nick, "");
        until_subject(client, "");
    }
    let forged = format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='forged'/>");
    // What comes back, with nothing in it that differs from message to message.
    let echo = |client: &mut Client, content: &str, word: &str| {
        client.send(&format!("<message to='{ROOM}' type='groupchat'>{content}</message>")).unwrap();
        let shown = stanzas_until(client, |stanza| stanza.name() == "message").pop().unwrap();
        let id =
            shown.get_child("stanza-id", "urn:xmpp:sid:0").and_then(|id| id.attr("id")).unwrap_or_default();
        let mut text = String::from(&shown).replace(word, "WORD");
        for id in [shown.attr("id").unwrap_or_default(), id].into_iter().filter(|id| !id.is_empty()) {
            text = text.replace(id, &"x".repeat(id.len()));
        }
        text
    };
    let said = |word: &str| format!("<body>{word}</body>{forged}");
    let both = |word: &str| format!("<subject>of it</subject><body>{word}</body>");
    let not_kept = |word: &str| format!("<body>{word}</body><no-store xmlns='urn:xmpp:hints'/>");
    let subject = |word: &str| format!("<subject>{word}</subject>{forged}");
    for (ordinary, dropped) in [
        (said("hello"), said("casino")),
        (both("hello"), both("casino")),
        (not_kept("hello"), not_kept("casino")),
        (subject("hello"), subject("casino")),
    ] {
        let shown = echo(&mut mal, &ordinary, "hello");
        assert_eq!(echo(&mut mal, &dropped, "casino"), shown);
        assert!(!shown.contains("forged"), "{shown}");
        assert_eq!(shown.contains("forbidden"), ordinary.starts_with("<subject>hello"), "{shown}");
    }
    bob.sync().unwrap();
    bob.inbox.clear();
    let ordinary = echo(&mut bob, &subject("hello"), "hello");
    assert_eq!(echo(&mut bob, &subject("casino"), "casino"), ordinary);
    // Nobody else has seen the word, nor does whoever comes later.
    bob.send(&format!("<message to='{ROOM}' type='groupchat'><body>the end</body></message>")).unwrap();
    let seen = stanzas_until(&mut mal, |stanza| testbed::xmpp::body_of(stanza).as_deref() == Some("the end"));
    assert!(!seen.iter().any(|stanza| String::from(stanza).contains("casino")), "{seen:?}");
    assert!(!archived(&mut bob, "later").contains(&"casino".to_owned()));
    let mut anna = client("anna");
    join(&mut anna, ROOM, "anna", "");
    let seen = stanzas_until(&mut anna, |stanza| {
        stanza.get_child("subject", "jabber:client").is_some() && testbed::xmpp::body_of(stanza).is_none()
    });
    let seen = seen.iter().map(String::from).collect::<Vec<_>>().concat();
    assert!(seen.contains("hello") && !seen.contains("casino"), "{seen}");
}
