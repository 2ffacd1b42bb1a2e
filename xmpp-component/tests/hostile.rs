//! Stanzas that are made to break something: each ends in a verdict or a refusal, and the next one is judged as ever.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use common::{COMPONENT, Component, SECRET, filtered, message};
use policy_core::door::DoorState;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element, body_of};

/// A blocked word does not arrive and the message behind it does: the filter is in force.
fn assert_filtering(sender: &mut Client, anna: &mut Client, component: &Component, name: &str) {
    sender.send(&message("anna@one.test", "casino")).unwrap();
    sender.send(&message("anna@one.test", &format!("after {name}"))).unwrap();
    loop {
        // Something that isn't well-formed for this client may come before.
        let Ok(next) = anna.next(PATIENCE) else { continue };
        let body = body_of(&next.unwrap_or_else(|| panic!("nothing after {name}")));
        assert_ne!(body.as_deref(), Some("casino"), "{name}");
        if body == Some(format!("after {name}")) {
            break;
        }
    }
    assert!(matches!(component.state(), DoorState::Open { .. }), "{name}");
}

/// The processor time that it has used, in hundredths of a second, as Linux counts it (proc_pid_stat(5)).
fn processor_time(server: &mut Prosody) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.process().pid())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

// tom --> one.test --> anna: a message of very many small texts
#[test]
fn many_small_texts_in_a_message_cost_prosody_no_more_than_their_size() {
    let ours = filtered().line("postward_timeout = 60").line("c2s_stanza_size_limit = 600000");
    let mut one = Prosody::start(&ours).unwrap();
    let _component = Component::dropping(&one);
    let _anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(one.c2s(), "tom@one.test/x").unwrap();
    let mut cost = |texts: usize| {
        let before = processor_time(&mut one);
        tom.send(&format!("<message to='anna@one.test'>{}</message>", "<body/>".repeat(texts))).unwrap();
        tom.send(&message("bob@one.test", &texts.to_string())).unwrap();
        bob.wait_for_body(&texts.to_string()).unwrap();
        processor_time(&mut one) - before
    };
    let (few, many) = (cost(4_000), cost(16_000));
    assert!(many <= few * 8 + 50, "{few} and {many} hundredths of a second");
}

// tom (two.test) --s2s--> one.test --> anna: as large and as odd as servers let pass
#[test]
fn large_deep_and_odd_stanzas_are_decided_and_the_next_one_is_judged() {
    // Half a megabyte of marks takes a debug build on a busy machine longer than a stanza may wait: what counts here is what is
    // decided.
    let ours = filtered()
        .line("postward_timeout = 60")
        .line("c2s_stanza_size_limit = 600000")
        .line("s2s_stanza_size_limit = 600000");
    let theirs = Options::new(&["two.test"]).line("limits = { }").line("c2s_stanza_size_limit = 600000");
    let [one, two] = Prosody::start_all([&ours, &theirs]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let to_anna = |content: &str| format!("<message to='anna@one.test' type='chat'>{content}</message>");
    let attributes: String = (0..2000).map(|number| format!(" a{number}='x'")).collect();
    let prefixes: String = (0..500).map(|number| format!(" xmlns:p{number}='urn:{number}'")).collect();
    let hostile = [
        ("512 KiB of combining marks", to_anna(&format!("<body>{}</body>", "\u{301}".repeat(256 << 10)))),
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
            format!(
                "<iq type='result' id='delivered' to='one.test'><delivered {check}>{id} 2 3</delivered></iq>"
            ),
            format!("<iq type='result' id='{id}' to='one.test'><lease {check} revision='1'/></iq>"),
            format!(
                "<iq type='set' id='lists-1' to='one.test'><lists {check} revision='1' lease='99'/></iq>"
            ),
            format!("<iq type='result' id='lists-1' to='{COMPONENT}'/>"),
            format!("<iq type='get' id='{id}' to='{COMPONENT}'><lease {check} passed='9'/></iq>"),
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

// other (a component beside ours, not filtered) --> our component: questions and news of a host that isn't filtered
#[test]
fn questions_of_hosts_that_are_not_filtered_get_no_verdict() {
    let one = Prosody::start(&filtered().neighbour("other.test", SECRET)).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut other = Client::component(one.components(), "other.test", SECRET).unwrap();
    let check = "xmlns='urn:postward:check:1'";
    let stanza = "&lt;message xmlns='jabber:client' from='a@two.test' to='anna@one.test'/&gt;";
    for (kind, payload) in [
        ("get", format!("<check {check}>{stanza}</check>")),
        (
            "get",
            format!("<onlookers {check} account='anna@one.test'><contact jid='bob@one.test'/></onlookers>"),
        ),
        ("set", format!("<module {check} version='9' unjudged='9'/>")),
        (
            "set",
            format!(
                "<blocked {check} account='anna@other.test'><item jid='bob@one.test' made='1'/></blocked>"
            ),
        ),
        ("set", format!("<report {check} account='anna@other.test' jid='bob@two.test'/>")),
        ("set", format!("<arrived {check} token='0'/>")),
    ] {
        other
            .send(&format!(
                "<message from='other.test' to='{COMPONENT}'><account {check}>&lt;iq type='get' id='x' \
                 from='anna@one.test/phone'/&gt;</account></message>\
                 <iq type='{kind}' id='q' from='other.test' to='{COMPONENT}'>{payload}</iq>"
            ))
            .unwrap();
        let answer = other.wait_for("an answer", |stanza| stanza.attr("id") == Some("q"), PATIENCE).unwrap();
        assert!(
            String::from(&answer).contains("service-unavailable"),
            "{payload}: {}",
            String::from(&answer)
        );
        assert!(other.inbox.is_empty(), "{:?}", other.inbox);
    }
    assert_ne!(component.module().map(|module| module.version).as_deref(), Some("9"));
    assert_filtering(&mut bob, &mut anna, &component, "questions from elsewhere");
}

// bob --> one.test [mod_postward <-> the test, which plays the component] --> anna
#[test]
fn each_question_is_decided_once_whatever_the_component_answers() {
    let one = Prosody::start(&filtered()).unwrap();
    let mut postward = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut ids = Vec::new();
    for body in ["first", "second", "third", "fourth", "fifth"] {
        bob.send(&message("anna@one.test", body)).unwrap();
        let asks = |stanza: &Element| String::from(stanza).contains(&format!("{body}&lt;/body"));
        let question = postward.wait_for(body, asks, PATIENCE).unwrap();
        ids.push(question.attr("id").unwrap().to_owned());
    }
    let check = "xmlns='urn:postward:check:1'";
    let answer = |id: &str, host: &str, content: &str| {
        format!("<iq type='result' id='{id}' from='{COMPONENT}' to='{host}'>{content}</iq>")
    };
    let verdict = |action: &str| format!("<verdict {check} action='{action}'/>");
    let [first, second, third, fourth, fifth] = ids.as_slice() else { panic!("{ids:?}") };
    let long = "x".repeat(100_000);
    for said in [
        // Of nobody's question; of another host than asked; nothing that is known, which the failure mode decides.
        answer("g17", "one.test", &verdict("drop")),
        answer("", "one.test", &verdict("drop")),
        answer(&long, "one.test", &verdict("drop")),
        answer(first, "rooms.one.test", &verdict("drop")),
        answer(first, "one.test", &verdict("explode")),
        answer(first, "one.test", &verdict("drop")),
        answer(second, "one.test", "<verdict xmlns='urn:x' action='drop'/>"),
        answer(third, "one.test", &verdict("drop")),
        answer(third, "one.test", &verdict("deliver")),
        format!("<iq type='error' id='{fourth}' from='{COMPONENT}' to='one.test'/>"),
        format!(
            "<iq type='set' id='u' from='{COMPONENT}' to='one.test'><unblock {check} account='nobody@two.test'/></iq>"
        ),
        format!("<iq type='set' id='u' from='{COMPONENT}' to='one.test'><unblock {check}/></iq>"),
        answer("blocked-1", "one.test", ""),
        answer("report-1", "one.test", ""),
        answer("look-1", "one.test", &format!("<hidden {check}><contact/></hidden>")),
        answer(fifth, "one.test", &format!("<verdict {check} action='deliver'><except/></verdict>")),
    ] {
        postward.send(&said).unwrap();
    }
    anna.keep_until(&["fifth"]).unwrap();
    assert_eq!(anna.bodies(), ["first", "second", "fourth", "fifth"]);
    assert!(!one.log().contains("error"), "{}", one.log());
}
