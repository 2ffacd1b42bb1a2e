//! What rooms of ours have kept is judged when it is shown, by whoever said it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::rooms::{
    ROOM, archived, is_of, is_self_presence, join, presence, stanzas_until, until, until_subject,
};
use common::{COMPONENT, Component, SECRET, filtered};
use testbed::PATIENCE;
use testbed::prosody::Prosody;
use testbed::xmpp::{Client, Element};

// bob, and mal, whom anna has on her own list, write into a room of ours; then anna comes
#[test]
fn what_was_said_in_a_room_before_a_member_came_is_judged_by_their_own_list() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let mut mal = Client::available(one.c2s(), "mal@one.test/x").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    join(&mut mal, ROOM, "mal", "");
    join(&mut bob, ROOM, "bob", "");
    for (client, body) in [(&mut mal, "from mal"), (&mut bob, "from bob")] {
        client.send(&format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>")).unwrap();
        client.keep_until(&[body]).unwrap();
    }
    for (account, shown) in [("anna", &["from bob"][..]), ("carl", &["from mal", "from bob"])] {
        let mut client = Client::available(one.c2s(), &format!("{account}@one.test/x")).unwrap();
        join(&mut client, ROOM, account, "");
        client.keep_until(&["from bob"]).unwrap();
        assert_eq!(client.bodies(), shown, "{account}");
    }
}

// bob, and mal, whom anna has on her own list, write into a room of ours that tells who everybody is, and keeps it
#[test]
fn what_a_room_has_kept_is_judged_by_who_said_it_there_or_gone() {
    let one = Prosody::start(&filtered().module("muc_mam")).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut mal, mut bob, mut anna, mut carl) =
        (client("mal"), client("bob"), client("anna"), client("carl"));
    join(&mut bob, ROOM, "bob", "");
    let telling = "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
         <field var='muc#roomconfig_whois'><value>anyone</value></field></x>";
    let owner = format!("<query xmlns='http://jabber.org/protocol/muc#owner'>{telling}</query>");
    bob.send(&format!("<iq type='set' id='telling' to='{ROOM}'>{owner}</iq>")).unwrap();
    stanzas_until(&mut bob, |stanza| stanza.attr("id") == Some("telling"));
    for (client, nick) in [(&mut mal, "mal"), (&mut anna, "anna"), (&mut carl, "carl")] {
        join(client, ROOM, nick, "");
    }
    for (client, body) in [(&mut mal, "from mal"), (&mut bob, "from bob")] {
        client.send(&format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>")).unwrap();
        client.keep_until(&[body]).unwrap();
    }
    assert_eq!(archived(&mut anna, "there"), ["from bob"]);
    assert_eq!(archived(&mut carl, "there"), ["from mal", "from bob"]);
    mal.send(&format!("<presence type='unavailable' to='{ROOM}/mal'/>")).unwrap();
    mal.sync().unwrap();
    assert_eq!(archived(&mut anna, "gone"), ["from bob"]);
    for (client, nick, shown) in
        [(&mut anna, "anna", &["from bob"][..]), (&mut carl, "carl", &["from mal", "from bob"])]
    {
        client.send(&format!("<presence type='unavailable' to='{ROOM}/{nick}'/>")).unwrap();
        client.sync().unwrap();
        client.inbox.clear();
        join(client, ROOM, nick, "");
        client.keep_until(&["from bob"]).unwrap();
        assert_eq!(client.bodies(), shown, "{nick}");
    }
}

// mal, whom anna has on her own list, writes into a room of ours that keeps it, and goes on as another; tom takes his nick
#[test]
fn what_a_room_has_kept_is_judged_by_who_said_it_whatever_nicks_they_and_others_take() {
    let one = Prosody::start(&filtered().module("muc_mam")).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut mal, mut tom, mut bob, mut anna) = (client("mal"), client("tom"), client("bob"), client("anna"));
    let mut said = Vec::new();
    let mut say = |client: &mut Client, body: &str| {
        client.send(&format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>")).unwrap();
        client.keep_until(&[body]).unwrap();
        if !body.contains("mal") {
            said.push(body.to_owned());
        }
        said.clone()
    };
    let rename = |client: &mut Client, nick: &str| {
        client.send(&presence(nick, "")).unwrap();
        until(client, |stanza| is_of(stanza, &format!("{ROOM}/{nick}"), None));
    };
    let mut come_and_see = |expected: &[String], when: &str| {
        anna.inbox.clear();
        join(&mut anna, ROOM, "anna", "");
        let shown = stanzas_until(&mut anna, |stanza| stanza.get_child("subject", "jabber:client").is_some());
        let history: Vec<String> = shown.iter().filter_map(testbed::xmpp::body_of).collect();
        assert_eq!(history, expected, "{when}");
        assert_eq!(archived(&mut anna, when), expected, "{when}");
        anna.send(&format!("<presence type='unavailable' to='{ROOM}/anna'/>")).unwrap();
        anna.sync().unwrap();
    };
    for (client, nick) in [(&mut mal, "mal"), (&mut tom, "tom"), (&mut bob, "bob")] {
        join(client, ROOM, nick, "");
    }
    say(&mut mal, "from mal");
    let shown = say(&mut bob, "from bob");
    rename(&mut mal, "other");
    come_and_see(&shown, "renamed");
    rename(&mut tom, "mal");
    say(&mut mal, "from mal as other");
    let shown = say(&mut tom, "from tom");
    come_and_see(&shown, "another by that nick");
    // Who takes the nick of somebody else doesn't take their words away.
    rename(&mut tom, "tom");
    rename(&mut mal, "mal");
    rename(&mut bob, "robert");
    rename(&mut mal, "bob");
    come_and_see(&shown, "by the nick of a friend");
    mal.send(&format!("<presence type='unavailable' to='{ROOM}/bob'/>")).unwrap();
    mal.sync().unwrap();
    let shown = say(&mut bob, "the end");
    come_and_see(&shown, "gone");
}

// mal sets the subject of a room of ours, and goes on as another, goes, and is blocked; anna has him on her own list
#[test]
fn a_subject_is_judged_by_who_set_it_renamed_or_gone_and_after_a_restart() {
    let options = filtered().module("muc_mam").line("muc_room_default_persistent = true");
    let mut one = Prosody::start(&options.line("muc_room_default_change_subject = true")).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let client =
        |one: &Prosody, name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let come_and_see = |one: &Prosody, name: &str, subject: &str| {
        let mut guest = client(one, name);
        join(&mut guest, ROOM, name, "");
        until_subject(&mut guest, subject);
    };
    let set = |by: &mut Client, subject: &str| {
        by.send(&format!("<message to='{ROOM}' type='groupchat'><subject>{subject}</subject></message>"))
            .unwrap();
        until_subject(by, subject);
    };
    let (mut mal, mut tom) = (client(&one, "mal"), client(&one, "tom"));
    for (client, nick) in [(&mut tom, "tom"), (&mut mal, "mal")] {
        join(client, ROOM, nick, "");
        until_subject(client, "");
    }
    set(&mut mal, "mine");
    mal.send(&presence("other", "")).unwrap();
    until(&mut mal, |stanza| is_of(stanza, &format!("{ROOM}/other"), None));
    for (name, subject) in [("anna", ""), ("carl", "mine")] {
        come_and_see(&one, name, subject);
    }
    // Who has the nick from then on is another.
    tom.send(&presence("mal", "")).unwrap();
    until(&mut tom, |stanza| is_of(stanza, &format!("{ROOM}/mal"), None));
    come_and_see(&one, "anna", "");
    mal.send(&format!("<presence type='unavailable' to='{ROOM}/other'/>")).unwrap();
    mal.sync().unwrap();
    for (name, subject) in [("anna", ""), ("carl", "mine")] {
        come_and_see(&one, name, subject);
    }
    one.stop("TERM").unwrap();
    one.start_again().unwrap();
    component.wait_open();
    for (name, subject) in [("anna", ""), ("carl", "mine")] {
        come_and_see(&one, name, subject);
    }
    component.block(&["mal@one.test"]);
    come_and_see(&one, "carl", "");
    // A friend's, by a nick that was his.
    let mut tom = client(&one, "tom");
    join(&mut tom, ROOM, "mal", "");
    until_subject(&mut tom, "");
    set(&mut tom, "for all");
    for name in ["anna", "carl"] {
        come_and_see(&one, name, "for all");
    }
}

const CHECK: &str = "urn:postward:check:1";

/// The question about a stanza in which `text` stands, with this attribute.
fn asked(postward: &mut Client, text: &str, (name, value): (&str, &str)) -> Element {
    let asks = |stanza: &Element| {
        let check = stanza.get_child("check", CHECK);
        check.is_some_and(|check| check.attr(name) == Some(value) && check.text().contains(text))
    };
    postward.wait_for(text, asks, PATIENCE).unwrap()
}

fn decide(postward: &mut Client, question: &Element, action: &str) {
    let (id, host) = (question.attr("id").unwrap(), question.attr("from").unwrap());
    let verdict = format!("<verdict xmlns='{CHECK}' action='{action}'/>");
    postward
        .send(&format!("<iq type='result' id='{id}' from='{COMPONENT}' to='{host}'>{verdict}</iq>"))
        .unwrap();
}

// mal and bob are in a room of ours [mod_postward <-> the test, which plays the component]; anna comes while it is asked
// about mal's group message
#[test]
fn whoever_comes_while_a_group_message_is_asked_about_is_asked_about_by_themselves() {
    let one = Prosody::start(&filtered()).unwrap();
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut mal, mut bob, mut anna) = (client("mal"), client("bob"), client("anna"));
    join(&mut mal, ROOM, "mal", "");
    join(&mut bob, ROOM, "bob", "");
    let mut postward = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    let group = |body: &str| format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>");
    mal.send(&group("from mal")).unwrap();
    let into_room = asked(&mut postward, "from mal", ("room", "true"));
    anna.send(&presence("anna", "<x xmlns='http://jabber.org/protocol/muc'/>")).unwrap();
    let join = asked(&mut postward, "/anna", ("room", "true"));
    decide(&mut postward, &join, "deliver");
    until(&mut anna, is_self_presence);
    decide(&mut postward, &into_room, "deliver");
    let for_anna = asked(&mut postward, "from mal", ("occupant", "mal@one.test"));
    decide(&mut postward, &for_anna, "drop");
    bob.keep_until(&["from mal"]).unwrap();
    bob.send(&group("from bob")).unwrap();
    let next = asked(&mut postward, "from bob", ("room", "true"));
    decide(&mut postward, &next, "deliver");
    anna.keep_until(&["from bob"]).unwrap();
    assert_eq!(anna.bodies(), ["from bob"]);
}
