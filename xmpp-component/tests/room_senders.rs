//! What whoever is stopped in a room of ours can tell by what they are shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use std::sync::atomic::Ordering;

use common::rooms::{ROOM, archived, is_of, join, presence, stanzas_until, until_subject};
use common::{Component, filtered};
use testbed::PATIENCE;
use testbed::prosody::Prosody;
use testbed::xmpp::{Client, Element};

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

/// The next error that a room sends.
fn error(client: &mut Client) -> Element {
    let is_error = |stanza: &Element| stanza.name() == "presence" && stanza.attr("type") == Some("error");
    client.wait_for("an error", is_error, PATIENCE).unwrap()
}

// mal comes into a room of ours by a nick with a blocked word, and by bob's; then he changes his, in vain
#[test]
fn a_nick_with_a_blocked_word_is_answered_like_one_that_is_taken() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut bob, mut mal) = (client("bob"), client("mal"));
    join(&mut bob, ROOM, "bob", "");
    let mut refused = |nick: &str, content: &str| {
        mal.send(&presence(nick, content)).unwrap();
        String::from(&error(&mut mal)).replace(&format!("/{nick}'"), "/NICK'")
    };
    let enters = "<x xmlns='http://jabber.org/protocol/muc'/>";
    let taken = refused("bob", enters);
    assert!(taken.contains("<conflict"), "{taken}");
    assert_eq!(refused("casino", enters), taken);
    join(&mut mal, ROOM, "mal", "");
    for nick in ["bob", "casino"] {
        mal.send(&presence(nick, "")).unwrap();
        let told = String::from(&error(&mut mal)).replace(&format!("/{nick}'"), "/NICK'");
        assert!(told.contains("<conflict"), "{told}");
    }
    // He is there by the nick that he had, and nobody has seen another.
    mal.send(&format!("<message to='{ROOM}' type='groupchat'><body>still here</body></message>")).unwrap();
    let seen =
        stanzas_until(&mut bob, |stanza| testbed::xmpp::body_of(stanza).as_deref() == Some("still here"));
    assert_eq!(seen.last().unwrap().attr("from"), Some(format!("{ROOM}/mal").as_str()));
    assert!(!seen.iter().any(|stanza| String::from(stanza).contains("casino")), "{seen:?}");
}

// mal comes into a room of ours with a blocked word in his status, and goes on to say it; bob is there
#[test]
fn whoever_says_a_blocked_word_of_themselves_is_in_the_room_without_it() {
    let one = Prosody::start(&filtered().line("muc_room_default_persistent = true")).unwrap();
    let component = Component::dropping(&one);
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut bob, mut mal) = (client("bob"), client("mal"));
    join(&mut bob, ROOM, "bob", "");
    let words = "<show>dnd</show><status>casino</status>";
    let shown = join(&mut mal, ROOM, "mal", words);
    assert!(shown.iter().any(|stanza| is_of(stanza, &format!("{ROOM}/bob"), None)), "{shown:?}");
    mal.send(&presence("mal", "<show>away</show><status>casino</status>")).unwrap();
    for show in ["dnd", "away"] {
        let seen = stanzas_until(&mut bob, |stanza| {
            stanza.get_child("show", "jabber:client").is_some_and(|found| found.text() == show)
        });
        assert!(is_of(seen.last().unwrap(), &format!("{ROOM}/mal"), None), "{seen:?}");
        assert!(!seen.iter().any(|stanza| String::from(stanza).contains("casino")), "{seen:?}");
    }
    // A word that is blocked from now on is somebody's nick.
    component.judge().words.store(false, Ordering::Relaxed);
    let mut carl = client("carl");
    join(&mut carl, ROOM, "casino", "");
    component.judge().words.store(true, Ordering::Relaxed);
    carl.send(&presence("casino", "<show>xa</show>")).unwrap();
    let seen = stanzas_until(&mut carl, |stanza| String::from(stanza).contains("<show>xa"));
    assert!(seen.iter().all(|stanza| stanza.attr("type") != Some("error")), "{seen:?}");
    let mut tablet = Client::available(one.c2s(), "carl@one.test/tablet").unwrap();
    join(&mut tablet, ROOM, "casino", "");
}
