//! Stanzas that are made to break something: each ends in a verdict or a refusal, and the next one is judged as ever.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::time::Duration;

use common::{COMPONENT, Component, filtered, message};
use policy_core::door::DoorState;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, body_of};

const WAIT: Duration = Duration::from_secs(20);

/// A blocked word does not arrive and the message behind it does: the filter is in force.
fn assert_filtering(sender: &mut Client, anna: &mut Client, component: &Component, name: &str) {
    sender.send(&message("anna@one.test", "casino")).unwrap();
    sender.send(&message("anna@one.test", &format!("after {name}"))).unwrap();
    loop {
        // Something that isn't well-formed for this client may come before.
        let Ok(next) = anna.next(WAIT) else { continue };
        let body = body_of(&next.unwrap_or_else(|| panic!("nothing after {name}")));
        assert_ne!(body.as_deref(), Some("casino"), "{name}");
        if body == Some(format!("after {name}")) {
            break;
        }
    }
    assert!(matches!(component.state(), DoorState::Open { .. }), "{name}");
}

// tom (two.test) --s2s--> one.test --> anna: as large and as odd as servers let pass
#[test]
fn large_deep_and_odd_stanzas_are_decided_and_the_next_one_is_judged() {
    let ours = filtered().line("c2s_stanza_size_limit = 600000").line("s2s_stanza_size_limit = 600000");
    let theirs = Options::new(&["two.test"]).line("limits = { }").line("c2s_stanza_size_limit = 600000");
    let [one, two] = Prosody::start_all([&ours, &theirs]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let to_anna = |content: &str| format!("<message to='anna@one.test' type='chat'>{content}</message>");
    let attributes: String = (0..2000).map(|number| format!(" a{number}='x'")).collect();
    let prefixes: String = (0..500).map(|number| format!(" xmlns:p{number}='urn:{number}'")).collect();
    let hostile = [
        ("combining marks", to_anna(&format!("<body>{}</body>", "\u{301}".repeat(250_000)))),
        (
            "one letter under all of them",
            to_anna(&format!("<body>a{}</body>", "\u{300}\u{316}".repeat(120_000))),
        ),
        ("a thousand bodies", to_anna(&"<body>x</body>".repeat(1000))),
        (
            "many bodies, the last one blocked",
            to_anna(&("<body>x</body>".repeat(1000) + "<body>casino</body>")),
        ),
        ("deep", to_anna(&("<a>".repeat(90) + "casino" + &"</a>".repeat(90)))),
        ("many attributes", to_anna(&format!("<x xmlns='urn:x'{attributes}/>"))),
        ("many prefixes", to_anna(&format!("<x xmlns='urn:x'{prefixes}/>"))),
        ("escapes", to_anna(&format!("<body>{}</body>", "&lt;&amp;&quot;]]&gt;".repeat(10_000)))),
        (
            "bidi and invisible",
            to_anna(&format!("<body>{}</body>", "\u{202e}\u{200b}\u{2066}".repeat(50_000))),
        ),
        (
            "a long nick",
            format!(
                "<presence to='anna@one.test'><nick xmlns='http://jabber.org/protocol/nick'>{}</nick></presence>",
                "n".repeat(200_000)
            ),
        ),
        ("bogus type", "<message to='anna@one.test' type='bogus'><body>x</body></message>".to_owned()),
        (
            "bogus presence",
            "<presence to='anna@one.test'><show>bogus</show><priority>999</priority></presence>".to_owned(),
        ),
        ("empty", "<message to='anna@one.test'/>".to_owned()),
        (
            "nested messages",
            to_anna(
                &("<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='x@y'>"
                    .repeat(40)
                    + &"</message></forwarded>".repeat(40)),
            ),
        ),
    ];
    for (name, stanza) in hostile {
        assert!(stanza.len() < 600_000, "{name}: {}", stanza.len());
        tom.send(&stanza).unwrap();
        assert_filtering(&mut tom, &mut anna, &component, name);
    }
    assert!(!one.log().contains("component disconnected: postward"), "{}", one.log());
    assert!(!one.log().contains("didn't answer"), "{}", one.log());
}

// eve --> one.test: XML that isn't one stanza, or isn't a stanza at all
#[test]
fn xml_bombs_end_their_own_stream_and_nobody_elses() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let bombs = [
        "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY c '&a;&a;&a;&a;&a;&a;&a;&a;'>]><message to='anna@one.test'><body>&c;</body></message>",
        "<message to='anna@one.test'><body>&c;</body></message>",
        "<message to='anna@one.test'><!-- casino --><body>x</body></message>",
        "<message to='anna@one.test'><?php casino ?><body>x</body></message>",
        "<message to='anna@one.test'><body>x</message></body>",
        "</stream:stream><message to='anna@one.test'><body>casino</body></message>",
    ];
    for (number, bomb) in bombs.into_iter().enumerate() {
        let mut eve = Client::available(one.c2s(), "eve@one.test/x").unwrap();
        eve.send(bomb).unwrap();
        assert_filtering(&mut bob, &mut anna, &component, &format!("bomb {number}"));
    }
}

// eve --> one.test, in the names of others: answers to questions that nobody asked, questions of hosts that aren't ours
#[test]
fn forged_verdicts_questions_and_news_decide_nothing() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut eve = Client::available(two.c2s(), "eve@two.test/x").unwrap();
    let check = "xmlns='urn:postward:check:1'";
    for id in ["1", "g1", "look-1", "leaving"] {
        for forged in [
            format!("<iq type='result' id='{id}' to='one.test'><verdict {check} action='deliver'/></iq>"),
            format!("<iq type='result' id='{id}' to='one.test'><hidden {check}/></iq>"),
            format!("<iq type='set' id='{id}' to='one.test'><leaving {check}/></iq>"),
            format!("<iq type='set' id='{id}' to='one.test'><lists {check}/></iq>"),
            format!(
                "<iq type='set' id='{id}' to='{COMPONENT}'><module {check} version='9' unjudged='9'/></iq>"
            ),
            format!("<iq type='result' id='{id}' to='{COMPONENT}'/>"),
            format!(
                "<message to='{COMPONENT}'><account {check}>&lt;iq type='get' id='x' from='anna@one.test/phone'/&gt;</account></message>"
            ),
            // `from` isn't the sender's to choose.
            format!("<message from='{COMPONENT}' to='anna@one.test'><body>casino</body></message>"),
            "<message from='anna@one.test' to='anna@one.test'><body>casino</body></message>".to_owned(),
        ] {
            eve.send(&forged).unwrap();
            bob.send(&forged).unwrap();
        }
    }
    assert_filtering(&mut bob, &mut anna, &component, "what bob forged");
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    assert_filtering(&mut tom, &mut anna, &component, "what eve forged");
    assert_ne!(component.module().map(|module| module.version).as_deref(), Some("9"));
}
