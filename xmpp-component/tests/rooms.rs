//! What members don't want to see of others in the same room.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use std::sync::atomic::Ordering;

use common::rooms::{
    MUC_USER, ROOM, archived, bodies_until, is_of, is_self_presence, join, presence, stanzas_until, until,
    until_subject,
};
use common::{Component, filtered};
use policy_core::verdict::Outcome;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element};

// mal in a room of ours with anna, who has him on her own list, and bob: what he writes about himself
#[test]
fn an_occupants_status_is_not_for_those_who_have_them_on_their_own_lists() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let mut mal = Client::available(one.c2s(), "mal@one.test/x").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let words = "<status>I can see you</status>";
    join(&mut mal, ROOM, "mal", words);
    join(&mut bob, ROOM, "bob", "");
    let shown = join(&mut anna, ROOM, "anna", "");
    let mal_in_room = format!("{ROOM}/mal");
    assert!(shown.iter().any(|stanza| is_of(stanza, &mal_in_room, None)), "{shown:?}");
    assert!(!shown.iter().any(|stanza| String::from(stanza).contains("see you")), "{shown:?}");
    // He says it again, goes by another name, and leaves.
    mal.send(&presence("mal", words)).unwrap();
    mal.send(&presence("other", words)).unwrap();
    mal.send(&format!("<presence type='unavailable' to='{ROOM}/other'>{words}</presence>")).unwrap();
    let other = format!("{ROOM}/other");
    for (client, sees_words) in [(&mut bob, true), (&mut anna, false)] {
        let seen = until(client, |stanza| is_of(stanza, &other, Some("unavailable")));
        let all: Vec<String> = seen.iter().map(String::from).collect();
        assert_eq!(all.concat().contains("I can see you"), sees_words, "{all:#?}");
        // Who is in the room, everybody knows.
        assert!(seen.iter().any(|stanza| is_of(stanza, &other, None)), "{all:#?}");
        assert!(seen.iter().any(|stanza| is_of(stanza, &mal_in_room, Some("unavailable"))), "{all:#?}");
        assert!(seen.iter().all(|stanza| stanza.has_child("x", MUC_USER)), "{all:#?}");
    }
}

// mal in a room with anna, who has him on her own list, and bob: what he shows without a status
#[test]
fn a_blocked_occupants_picture_is_not_shown() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let [mut mal, mut bob, mut anna] = ["mal", "bob", "anna"]
        .map(|name| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap());
    join(&mut mal, ROOM, "mal", "");
    join(&mut bob, ROOM, "bob", "");
    join(&mut anna, ROOM, "anna", "");
    for shown in ["<x xmlns='vcard-temp:x:update'><photo>0123abcd</photo></x>", "<show>0123abcd</show>"] {
        mal.send(&presence("mal", shown)).unwrap();
        let mal_in_room = format!("{ROOM}/mal");
        for (client, sees) in [(&mut bob, true), (&mut anna, false)] {
            let seen = until(client, |stanza| is_of(stanza, &mal_in_room, None));
            let all: Vec<String> = seen.iter().map(String::from).collect();
            assert_eq!(all.concat().contains("0123abcd"), sees, "{all:#?}");
        }
    }
}

// anna (one.test) joins a room of two.test's, whose answer says a blocked word
#[test]
fn a_room_elsewhere_lets_our_user_in_and_says_no_blocked_word_with_it() {
    let [one, two] =
        Prosody::start_all([&filtered(), &Options::new(&["two.test"]).rooms("rooms.two.test")]).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    join(&mut tom, "hall@rooms.two.test", "tom", "");
    // The room shows her own presence, with what she said of herself.
    anna.send(
        "<presence to='hall@rooms.two.test/anna'><x xmlns='http://jabber.org/protocol/muc'/><status>casino</status></presence>",
    )
    .unwrap();
    let own = until(&mut anna, is_self_presence).pop().unwrap();
    assert!(!String::from(&own).contains("casino"), "{own:?}");
    let x = own.get_child("x", MUC_USER).unwrap();
    assert!(x.children().any(|item| item.name() == "item" && item.attr("role").is_some()), "{own:?}");
}

// anna (one.test) in a room of two.test's that tells who its occupants are: she takes another nick and leaves, and is
// kicked, from two clients at once, too
#[test]
fn the_occupants_of_a_room_elsewhere_are_forgotten_whichever_way_one_goes() {
    let elsewhere = Options::new(&["two.test"]).rooms("rooms.two.test");
    let elsewhere = elsewhere.line("muc_room_default_public_jids = true");
    let [one, two] = Prosody::start_all([&filtered().module("admin_shell"), &elsewhere]).unwrap();
    let _component = Component::dropping(&one);
    let knows = || {
        let known = "> require'core.modulemanager'.get_module('*', 'postward').module.save().elsewhere.known\
                     ['anna@one.test'] ~= nil";
        let answer = one.console(&[known]).unwrap();
        assert!(answer.contains("true") || answer.contains("false"), "{answer}");
        answer.contains("true")
    };
    let hall = "hall@rooms.two.test";
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    join(&mut tom, hall, "tom", "");
    join(&mut anna, hall, "anna", "");
    anna.send(&format!("<presence to='{hall}/other'/>")).unwrap();
    until(&mut anna, |stanza| is_of(stanza, &format!("{hall}/other"), None));
    assert!(knows());
    anna.send(&format!("<presence to='{hall}/other' type='unavailable'/>")).unwrap();
    until(&mut anna, |stanza| is_of(stanza, &format!("{hall}/other"), Some("unavailable")));
    assert!(!knows());

    // Two of her clients are one occupant, and kicked at once; one of them comes back, and goes again.
    let mut tablet = Client::available(one.c2s(), "anna@one.test/tablet").unwrap();
    let kicked = format!("{hall}/anna");
    for client in [&mut anna, &mut tablet] {
        join(client, hall, "anna", "");
    }
    assert!(knows());
    let mut kick = |clients: &mut [&mut Client]| {
        tom.send(&format!(
            "<iq type='set' id='kick' to='{hall}'><query xmlns='http://jabber.org/protocol/muc#admin'>\
             <item nick='anna' role='none'/></query></iq>"
        ))
        .unwrap();
        for client in clients {
            until(client, |stanza| is_of(stanza, &kicked, Some("unavailable")));
        }
    };
    kick(&mut [&mut anna, &mut tablet]);
    assert!(!knows());
    join(&mut tablet, hall, "anna", "");
    join(&mut anna, hall, "anna", "");
    tablet.send(&format!("<presence to='{kicked}' type='unavailable'/>")).unwrap();
    until(&mut tablet, |stanza| is_of(stanza, &kicked, Some("unavailable")));
    assert!(knows(), "the other is still there");
    kick(&mut [&mut anna]);
    assert!(!knows());
}

// anna (one.test), who has mal on her own list, and bob are put out of a room by him, and out of one of two.test's
#[test]
fn the_reason_for_which_a_blocked_occupant_puts_a_member_out_is_not_shown() {
    let elsewhere = Options::new(&["two.test"]).rooms("rooms.two.test");
    let elsewhere = elsewhere.line("muc_room_default_public_jids = true");
    let [one, two] = Prosody::start_all([&filtered(), &elsewhere]).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@two.test");
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut mal = Client::available(two.c2s(), "mal@two.test/x").unwrap();
    for hall in [ROOM, "hall@rooms.two.test"] {
        for (client, nick) in [(&mut mal, "mal"), (&mut anna, "anna"), (&mut bob, "bob")] {
            join(client, hall, nick, "");
        }
        for (change, kind) in [("role='participant'", None), ("role='none'", Some("unavailable"))] {
            for nick in ["bob", "anna"] {
                mal.send(&format!(
                    "<iq type='set' id='put' to='{hall}'><query xmlns='http://jabber.org/protocol/muc#admin'>\
                     <item nick='{nick}' {change}><reason>I will find you</reason></item></query></iq>"
                ))
                .unwrap();
                let (of, shown) = if nick == "bob" { (&mut bob, true) } else { (&mut anna, false) };
                let seen = until(of, |stanza| is_of(stanza, &format!("{hall}/{nick}"), kind));
                let all = seen.iter().map(String::from).collect::<Vec<_>>().concat();
                assert_eq!(all.contains("find you"), shown, "{hall}: {seen:?}");
            }
        }
    }
}

// mal, whom the household blocks once he is in a room of ours; anna allows him, bob and tom (of another server) don't
#[test]
fn who_allows_somebody_whom_the_household_blocks_reads_them_in_a_room_and_nobody_else_does() {
    let elsewhere = Options::new(&["two.test"]);
    let [one, two] = Prosody::start_all([&filtered().module("muc_mam"), &elsewhere]).unwrap();
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    for outcome in [Outcome::Drop, Outcome::Refuse] {
        let component = Component::connected(&one, outcome);
        let (mut mal, mut bob, mut anna) = (client("mal"), client("bob"), client("anna"));
        let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
        for (client, nick) in [(&mut mal, "mal"), (&mut bob, "bob"), (&mut anna, "anna"), (&mut tom, "tom")] {
            join(client, ROOM, nick, "");
            client.inbox.clear();
        }
        component.block(&["mal@one.test"]);
        component.allow_for("anna@one.test", "mal@one.test");
        let to_all = |client: &mut Client, body: &str| {
            client
                .send(&format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>"))
                .unwrap();
            client.keep_until(&[body]).unwrap();
        };
        to_all(&mut mal, "hello");
        mal.send(&format!("<message to='{ROOM}' type='groupchat'><subject>mine</subject></message>"))
            .unwrap();
        for nick in ["anna", "bob", "tom"] {
            mal.send(&format!("<message to='{ROOM}/{nick}' type='chat'><body>{nick} alone</body></message>"))
                .unwrap();
        }
        mal.sync().unwrap();
        to_all(&mut bob, "the end");
        for (client, shown) in [
            (&mut anna, &["hello", "anna alone", "the end"][..]),
            (&mut bob, &["the end"]),
            (&mut tom, &["the end"]),
        ] {
            client.keep_until(&["the end"]).unwrap();
            assert_eq!(client.bodies(), shown, "{outcome:?} {}", client.jid());
            assert!(
                !client.inbox.iter().any(|stanza| String::from(stanza).contains("mine")),
                "{:?}",
                client.inbox
            );
        }
        // What Anna got alone was stopped for nobody.
        assert_eq!(component.judge().not_stopped.load(Ordering::Relaxed), 1, "{outcome:?}");
        // Who comes later, from wherever, finds what everybody got.
        let mut tim = Client::available(two.c2s(), "tim@two.test/x").unwrap();
        join(&mut tim, ROOM, "tim", "");
        tim.keep_until(&["the end"]).unwrap();
        assert!(!tim.bodies().contains(&"hello".to_owned()), "{:?}", tim.bodies());
        assert!(!archived(&mut tim, "late").contains(&"hello".to_owned()));
        for (client, nick) in [(&mut bob, "bob"), (&mut anna, "anna"), (&mut tom, "tom"), (&mut tim, "tim")] {
            client.send(&format!("<presence type='unavailable' to='{ROOM}/{nick}'/>")).unwrap();
            client.sync().unwrap();
        }
    }
}

// anna (one.test) in a room of two.test's that tells who its occupants are; one of them calls himself by a blocked word
#[test]
fn a_blocked_word_in_a_nick_elsewhere_arrives_neither_bare() {
    let elsewhere = Options::new(&["two.test"]).rooms("rooms.two.test");
    let elsewhere = elsewhere.line("muc_room_default_public_jids = true");
    let [one, two] = Prosody::start_all([&filtered(), &elsewhere]).unwrap();
    let _component = Component::dropping(&one);
    let hall = "hall@rooms.two.test";
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let mut mal = Client::available(two.c2s(), "mal@two.test/x").unwrap();
    join(&mut tom, hall, "tom", "");
    join(&mut mal, hall, "casino", "");
    let shown = join(&mut anna, hall, "anna", "");
    assert!(shown.iter().any(|stanza| is_of(stanza, &format!("{hall}/tom"), None)), "{shown:?}");
    assert!(shown.iter().all(|stanza| !is_of(stanza, &format!("{hall}/casino"), None)), "{shown:?}");
}

// anna (one.test), who has mal on her own list, mal and tom in a room of two.test's that tells who its occupants are
#[test]
fn in_a_room_elsewhere_that_says_who_is_behind_the_nicks_a_block_holds() {
    let elsewhere = Options::new(&["two.test"]).rooms("rooms.two.test");
    let elsewhere =
        elsewhere.line("muc_room_default_public_jids = true").line("muc_room_default_change_subject = true");
    let [one, two] = Prosody::start_all([&filtered().module("admin_shell"), &elsewhere]).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@two.test");
    // Without words, what is plain may pass without a question.
    component.judge().words.store(false, std::sync::atomic::Ordering::Relaxed);
    let hall = "hall@rooms.two.test";
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let mut mal = Client::available(two.c2s(), "mal@two.test/I can see you").unwrap();
    join(&mut tom, hall, "tom", "");
    join(&mut mal, hall, "mal", "<status>I can see you</status>");
    until_subject(&mut mal, ""); // the room had none yet
    mal.send(&format!("<message to='{hall}' type='groupchat'><subject>mine</subject></message>")).unwrap();
    until_subject(&mut mal, "mine");
    let shown = join(&mut anna, hall, "anna", "");
    assert!(shown.iter().any(|stanza| is_of(stanza, &format!("{hall}/tom"), None)), "{shown:?}");
    // That he is there and reads she must know; not what he says of himself.
    let his = shown.iter().find(|stanza| is_of(stanza, &format!("{hall}/mal"), None)).unwrap();
    assert!(!String::from(his).contains("see you") && his.has_child("x", MUC_USER), "{his:?}");
    assert!(String::from(his).contains("mal@two.test"), "{his:?}");
    // Her client waits for what ends the join, which comes from whoever set the subject.
    until_subject(&mut anna, "");

    let say = |client: &mut Client, body: &str| {
        let group = format!("<message to='{hall}' type='groupchat'><body>{body}</body></message>");
        let private = format!("<message to='{hall}/anna' type='chat'><body>{body} alone</body></message>");
        client.send(&(group + &private)).unwrap();
        client.keep_until(&[body]).unwrap(); // the room has shown it to whoever said it
    };
    for round in ["at first", "again"] {
        say(&mut mal, &format!("mal {round}"));
        say(&mut tom, &format!("tom {round}"));
        let last = format!("tom {round} alone");
        assert_eq!(bodies_until(&mut anna, &last), [format!("tom {round}"), last]);
        // What is known of rooms outlives the module's next load.
        one.console(&["module", "reload", "postward"]).unwrap();
        component.wait_open();
    }
    // By another nick he is who he is; and who has his from then on is another.
    mal.send(&format!("<presence to='{hall}/other'/>")).unwrap();
    until(&mut mal, |stanza| is_of(stanza, &format!("{hall}/other"), None));
    tom.send(&format!("<presence to='{hall}/mal'/>")).unwrap();
    until(&mut tom, |stanza| is_of(stanza, &format!("{hall}/mal"), None));
    say(&mut mal, "mal as other");
    say(&mut tom, "tom as mal");
    assert_eq!(bodies_until(&mut anna, "tom as mal alone"), ["tom as mal", "tom as mal alone"]);
}

// mal sits in a room of ours under a nick that has been a blocked word since; bob, too
#[test]
fn a_blocked_word_in_the_nick_of_an_occupant_stops_what_they_write_into_the_room() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.judge().words.store(false, std::sync::atomic::Ordering::Relaxed);
    let mut mal = Client::available(one.c2s(), "mal@one.test/x").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    join(&mut mal, ROOM, "casino", "");
    join(&mut bob, ROOM, "bob", "");
    component.judge().words.store(true, std::sync::atomic::Ordering::Relaxed);
    let group = |body: &str| format!("<message to='{ROOM}' type='groupchat'><body>{body}</body></message>");
    mal.send(&group("hello")).unwrap();
    mal.keep_until(&["hello"]).unwrap(); // shown to its sender alone
    bob.send(&group("the end")).unwrap();
    bob.keep_until(&["the end"]).unwrap();
    assert_eq!(bob.bodies(), ["the end"]);
}

// mal, whom anna has on her own list, and bob sit in a room of ours and ask her to come
#[test]
fn an_occupant_whom_a_member_has_blocked_does_not_invite_them() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@one.test");
    let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
    let (mut mal, mut bob, mut anna) = (client("mal"), client("bob"), client("anna"));
    for (client, nick) in [(&mut mal, "mal"), (&mut bob, "bob")] {
        join(client, ROOM, nick, "");
        client
            .send(&format!(
                "<message to='{ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='anna@one.test'>\
                 <reason>{nick}</reason></invite></x></message>"
            ))
            .unwrap();
        client.sync().unwrap();
    }
    let reason = |stanza: &Element| {
        let x = stanza.get_child("x", "http://jabber.org/protocol/muc#user")?;
        Some(x.children().next()?.children().next()?.text())
    };
    let stanzas = stanzas_until(&mut anna, |stanza| reason(stanza).as_deref() == Some("bob"));
    assert_eq!(stanzas.iter().filter_map(reason).collect::<Vec<_>>(), ["bob"]);
}

// mal, whom anna has on her own list, asks for voice in a room of ours that she moderates, sets affiliations, destroys it
#[test]
fn what_a_room_says_in_its_own_name_for_a_blocked_occupant_is_not_shown() {
    let elsewhere = Options::new(&["two.test"]);
    let [one, two] = Prosody::start_all([&filtered(), &elsewhere]).unwrap();
    let component = Component::dropping(&one);
    component.block_for("anna@one.test", "mal@two.test");
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let mut mal = Client::available(two.c2s(), "mal@two.test/I-see-you").unwrap();
    let ask = |client: &mut Client, of: &str, query: &str| {
        client
            .send(&format!(
                "<iq type='set' id='ask' to='{ROOM}'><query xmlns='http://jabber.org/protocol/muc#{of}'>{query}\
                 </query></iq>"
            ))
            .unwrap();
        let answer =
            client.wait_for("an answer", |stanza| stanza.attr("id") == Some("ask"), PATIENCE).unwrap();
        assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    };
    for (client, nick) in [(&mut bob, "bob"), (&mut anna, "anna"), (&mut mal, "mal")] {
        join(client, ROOM, nick, "");
    }
    ask(&mut bob, "admin", "<item jid='anna@one.test' affiliation='owner'/>");
    ask(&mut bob, "admin", "<item nick='mal' role='visitor'/>");
    mal.send(&format!(
        "<message to='{ROOM}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
         <value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'>\
         <value>participant</value></field></x></message>"
    ))
    .unwrap();
    let text = |stanza: &Element| String::from(stanza);
    stanzas_until(&mut bob, |stanza| text(stanza).contains("muc#request_allow"));
    ask(&mut bob, "admin", "<item jid='mal@two.test' affiliation='owner'/>");
    ask(
        &mut mal,
        "admin",
        "<item jid='see-you@home.test' affiliation='admin'><reason>I see you</reason></item>",
    );
    stanzas_until(&mut bob, |stanza| text(stanza).contains("I see you"));
    ask(&mut bob, "admin", "<item jid='tom@home.test' affiliation='admin'><reason>of bob's</reason></item>");
    ask(&mut mal, "owner", "<destroy jid='see-you@home.test'><reason>I see you</reason></destroy>");
    let gone = |stanza: &Element| stanza.name() == "presence" && text(stanza).contains("<destroy");
    let shown = stanzas_until(&mut bob, gone);
    assert!(text(shown.last().unwrap()).contains("I see you"), "{shown:?}");
    let shown = stanzas_until(&mut anna, gone).iter().map(text).collect::<Vec<_>>().concat();
    // Where he is himself, and what the others do, is told.
    assert!(shown.contains("of bob's"), "{shown}");
    let hers = shown.replace("mal@two.test/I-see-you' role", "");
    assert!(
        !hers.contains("see-you@home") && !hers.contains("I see you") && !hers.contains("muc#request"),
        "{hers}"
    );
}
