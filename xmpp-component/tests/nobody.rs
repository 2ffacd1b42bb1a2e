//! What reaches nobody, whoever sent it, is answered to everybody alike: silence would tell who is blocked, or a word.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Component, condition, filtered};
use minidom::Element;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;

// mallory, whom everybody blocks, and friend (two.test) --s2s--> one.test [component says drop] --> anna, one.test itself
#[test]
fn what_reaches_nobody_is_answered_to_the_blocked_as_to_everybody() {
    let [one, two] =
        Prosody::start_all([&filtered().module("version"), &Options::new(&["two.test"])]).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let answers = ["friend", "mallory"].map(|name| {
        let mut sender = Client::available(two.c2s(), &format!("{name}@two.test/x")).unwrap();
        let mut answers = Vec::new();
        for to in ["anna@one.test", "anna@one.test/gone", "one.test", "rooms.one.test"] {
            for kind in ["groupchat", "chat", "headline"] {
                if kind == "groupchat" || !to.contains('@') {
                    sender
                        .send(&format!(
                            "<message to='{to}' type='{kind}' id='m'><body>hello</body></message>"
                        ))
                        .unwrap();
                    let answer = sender
                        .wait_for("an answer", |stanza| stanza.attr("id") == Some("m"), PATIENCE)
                        .unwrap();
                    answers.push((to, answer.attr("from").map(str::to_owned), condition(&answer)));
                }
            }
        }
        for query in ["jabber:iq:version", "http://jabber.org/protocol/disco#info"] {
            sender
                .send(&format!("<iq type='get' id='q' to='one.test'><query xmlns='{query}'/></iq>"))
                .unwrap();
            let answer =
                sender.wait_for("an answer", |stanza| stanza.attr("id") == Some("q"), PATIENCE).unwrap();
            assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
        }
        sender.send("<presence to='anna@one.test' type='subscribe'/>").unwrap();
        let from_anna =
            |stanza: &Element| stanza.name() == "presence" && stanza.attr("from") == Some("anna@one.test");
        let answer = sender.wait_for("an answer", from_anna, PATIENCE).unwrap();
        assert_eq!(answer.attr("type"), Some("unavailable"), "{answer:?}");
        assert!(sender.inbox.is_empty(), "{:?}", sender.inbox);
        answers
    });
    assert_eq!(answers[0], answers[1]);
    let request = anna.wait_for("a request", |stanza| stanza.name() == "presence", PATIENCE).unwrap();
    assert_eq!(request.attr("from"), Some("friend@two.test"));
    anna.sync().unwrap();
    assert!(anna.inbox.is_empty(), "{:?}", anna.inbox);
}

// friend and mallory, who is blocked (two.test) --s2s--> one.test, which has no accounts, and its rooms, with one in it
#[test]
fn addresses_without_an_account_and_rooms_from_outside_answer_the_blocked_and_listed_words_as_they_answer_everybody()
 {
    let one = filtered().line("authentication = \"internal_plain\"");
    let [one, two] = Prosody::start_all([&one, &Options::new(&["two.test"])]).unwrap();
    let _component = Component::dropping(&one);
    let [mut friend, mut mallory] = ["friend", "mallory"]
        .map(|name| Client::available(two.c2s(), &format!("{name}@two.test/x")).unwrap());
    let mut host = Client::available(two.c2s(), "host@two.test/x").unwrap();
    host.send(
        "<presence to='room@rooms.one.test/host'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    )
    .unwrap();
    host.wait_for("the room", |stanza| stanza.name() == "message", PATIENCE).unwrap();

    let mut stanzas = Vec::new();
    let rooms =
        ["none@rooms.one.test", "none@rooms.one.test/x", "room@rooms.one.test", "room@rooms.one.test/host"];
    for to in ["nobody@one.test", "nobody@one.test/x"].into_iter().chain(rooms) {
        for body in ["hello", "casino"] {
            for kind in ["chat", "normal"] {
                stanzas
                    .push(format!("<message to='{to}' type='{kind}' id='m'><body>{body}</body></message>"));
            }
        }
        stanzas.push(format!(
            "<iq to='{to}' type='get' id='m'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        ));
        if rooms.contains(&to) {
            for kind in ["probe", "subscribe"] {
                stanzas.push(format!("<presence to='{to}' type='{kind}' id='m'/>"));
            }
        }
    }
    for stanza in stanzas {
        let answers = [&mut friend, &mut mallory].map(|sender| {
            sender.send(&stanza).unwrap();
            let answer = sender.wait_for(&stanza, |answer| answer.attr("id") == Some("m"), PATIENCE).unwrap();
            let error = (answer.attr("type") == Some("error")).then(|| condition(&answer));
            (answer.attr("from").map(str::to_owned), answer.attr("type").map(str::to_owned), error)
        });
        assert_eq!(answers[0], answers[1], "{stanza}");
    }
    host.sync().unwrap();
    assert!(!host.inbox.iter().any(|stanza| stanza.name() == "message"), "{:?}", host.inbox);
}

// friend (two.test), without and with a listed word --s2s--> one.test: what Prosody itself answers for anna, and for a room
#[test]
fn requests_that_prosody_answers_itself_tell_no_word() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let _component = Component::dropping(&one);
    let _anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut host = Client::available(one.c2s(), "host@one.test/x").unwrap();
    host.send(
        "<presence to='room@rooms.one.test/host'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    )
    .unwrap();
    host.wait_for("the room", |stanza| stanza.name() == "message", PATIENCE).unwrap();
    let mut friend = Client::available(two.c2s(), "friend@two.test/x").unwrap();
    for to in ["anna@one.test", "one.test", "room@rooms.one.test", "rooms.one.test"] {
        for (kind, content) in [
            ("get", "<ping xmlns='urn:xmpp:ping'>WORD</ping>"),
            ("get", "<vCard xmlns='vcard-temp'><FN>WORD</FN></vCard>"),
            ("get", "<query xmlns='http://jabber.org/protocol/disco#info'>WORD</query>"),
            ("set", "<vCard xmlns='vcard-temp'><FN>WORD</FN></vCard>"),
            ("set", "<query xmlns='http://jabber.org/protocol/muc#owner'>WORD</query>"),
        ] {
            let answers = ["apple", "casino"].map(|word| {
                let content = content.replace("WORD", word);
                friend.send(&format!("<iq to='{to}' type='{kind}' id='q'>{content}</iq>")).unwrap();
                let answer = |stanza: &Element| stanza.attr("id") == Some("q");
                let answer = friend.wait_for("an answer", answer, PATIENCE).unwrap();
                String::from(&answer).replace(word, "WORD")
            });
            assert_eq!(answers[0], answers[1], "{kind} to {to}: {content}");
        }
    }
}
