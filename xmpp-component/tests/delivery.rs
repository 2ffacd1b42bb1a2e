//! Who gets what, through a real Prosody.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use common::{COMPONENT, Component, condition, filtered, message};
use minidom::Element;
use policy_core::verdict::Outcome;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, body_of};

// friend, mallory (two.test), someone (sub.evil.test) --s2s--> one.test [mod_postward <-> component] --> anna
#[test]
fn between_servers_blocked_jids_domains_and_words_are_dropped_and_the_rest_arrives_in_order() {
    let [one, two] =
        Prosody::start_all([&filtered(), &Options::new(&["two.test", "sub.evil.test"])]).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut friend = Client::available(two.c2s(), "friend@two.test/x").unwrap();
    let mut mallory = Client::available(two.c2s(), "mallory@two.test/x").unwrap();
    let mut evil = Client::available(two.c2s(), "someone@sub.evil.test/x").unwrap();

    mallory.send(&message("anna@one.test", "from mallory")).unwrap();
    evil.send(&message("anna@one.test", "from evil")).unwrap();
    let mut expected = Vec::new();
    for number in 0..300 {
        if number % 3 == 0 {
            friend.send(&message("anna@one.test", &format!("win at the casino {number}"))).unwrap();
            mallory.send(&message("anna@one.test/phone", &format!("mallory {number}"))).unwrap();
        }
        friend.send(&message("anna@one.test", &format!("hello {number}"))).unwrap();
        expected.push(format!("hello {number}"));
    }
    // The last through each pair of accounts: a refused iq's answer shows that all before it has been judged.
    for sender in [&mut mallory, &mut evil] {
        sender
            .send("<iq type='get' id='last' to='anna@one.test/phone'><query xmlns='jabber:iq:version'/></iq>")
            .unwrap();
        let answer =
            sender.wait_for("an answer", |stanza| stanza.attr("id") == Some("last"), PATIENCE).unwrap();
        assert_eq!(condition(&answer), "service-unavailable");
    }
    friend.send(&message("anna@one.test", "the end")).unwrap();
    expected.push("the end".to_owned());
    anna.wait_for("the last", |stanza| body_of(stanza).as_deref() == Some("hello 0"), PATIENCE).unwrap();
    while anna.bodies().last().is_none_or(|body| body != "the end") {
        let stanza = anna.next(PATIENCE).unwrap().expect("the end");
        anna.inbox.push(stanza);
    }
    assert_eq!(anna.bodies(), expected[1..]);
    mallory.sync().unwrap();
    assert!(mallory.inbox.is_empty(), "a dropped message is answered with nothing");
}

// bob, mallory (one.test) --c2s--> one.test [mod_postward <-> component] --> anna (one.test)
#[test]
fn between_local_accounts_blocked_jids_and_words_are_dropped_and_the_rest_arrives_in_order() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut mallory = Client::available(one.c2s(), "mallory@one.test/x").unwrap();
    let mut expected = Vec::new();
    for number in 0..300 {
        mallory.send(&message("anna@one.test", "let me in")).unwrap();
        bob.send(&message("anna@one.test", "casino")).unwrap();
        bob.send(&message("anna@one.test", &format!("hello {number}"))).unwrap();
        expected.push(format!("hello {number}"));
    }
    barrier(&mut mallory, "anna@one.test/phone");
    bob.send(&message("anna@one.test", "the end")).unwrap();
    collect_until(&mut anna, "the end");
    expected.push("the end".to_owned());
    assert_eq!(anna.bodies(), expected);
}

// What the module keeps of who writes to whom is for more pairs of addresses than it keeps, and for all kinds of stanza.
#[test]
fn the_order_is_kept_and_no_word_passes_whatever_resources_and_kinds_of_stanza_alternate() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut expected = Vec::new();
    for number in 0..1_200 {
        let to = format!("anna@one.test/{number}");
        bob.send(&message(&to, &format!("hello {number}"))).unwrap();
        bob.send("<presence to='anna@one.test/phone'><status>casino</status></presence>").unwrap();
        bob.send("<message to='anna@one.test/phone'><body>casino</body></message>").unwrap();
        bob.send("<presence to='anna@one.test/phone'><status>at home</status></presence>").unwrap();
        expected.push(format!("hello {number}"));
    }
    bob.send(&message("anna@one.test", "the end")).unwrap();
    collect_until(&mut anna, "the end");
    expected.push("the end".to_owned());
    assert_eq!(anna.bodies(), expected);
    let statuses: Vec<String> = anna
        .inbox
        .iter()
        .filter_map(|stanza| stanza.children().find(|child| child.name() == "status").map(Element::text))
        .collect();
    assert_eq!(statuses, vec!["at home"; 1_200]);
}

// mallory, bob --c2s--> one.test [component says refuse] --> anna
#[test]
fn what_is_refused_looks_like_an_account_that_is_not_there_whether_for_its_sender_or_its_words() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::connected(&one, Outcome::Refuse);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut mallory = Client::available(one.c2s(), "mallory@one.test/x").unwrap();
    let send = "<message id='m' type='chat' to='anna@one.test'><body>casino</body></message>";
    let mut errors = Vec::new();
    for sender in [&mut bob, &mut mallory] {
        sender.send(send).unwrap();
        let error = sender.wait_for("an error", |stanza| stanza.attr("id") == Some("m"), PATIENCE).unwrap();
        errors.push(condition(&error));
        // Headlines and presence are never answered.
        sender
            .send("<message id='h' type='headline' to='anna@one.test'><body>casino</body></message>")
            .unwrap();
        sender.send("<presence id='p' to='anna@one.test'><status>casino</status></presence>").unwrap();
        barrier_with(sender, "anna@one.test/phone", "casino");
        assert!(sender.inbox.is_empty(), "{:?}", sender.inbox);
    }
    assert_eq!(errors, ["service-unavailable", "service-unavailable"]);
    anna.sync().unwrap();
    assert!(anna.inbox.is_empty(), "{:?}", anna.inbox);
}

// anna --presence--> one.test [mod_postward asks once for each contact] --> bob, carl, dora
#[test]
fn presence_reaches_three_local_contacts() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let names = ["bob", "carl", "dora"];
    let mut contacts: Vec<Client> = names
        .iter()
        .map(|name| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap())
        .collect();
    for (contact, name) in contacts.iter_mut().zip(names) {
        contact.send("<presence to='anna@one.test' type='subscribe'/>").unwrap();
        anna.wait_for("a request", |stanza| stanza.attr("type") == Some("subscribe"), PATIENCE).unwrap();
        anna.send(&format!("<presence to='{name}@one.test' type='subscribed'/>")).unwrap();
        contact
            .wait_for("her consent", |stanza| stanza.attr("type") == Some("subscribed"), PATIENCE)
            .unwrap();
    }
    for status in ["first", "second"] {
        anna.send(&format!("<presence><status>{status}</status></presence>")).unwrap();
        for contact in &mut contacts {
            contact
                .wait_for("her status", |stanza| status_of(stanza).as_deref() == Some(status), PATIENCE)
                .unwrap();
        }
    }
    anna.send("<presence><status>casino</status></presence>").unwrap();
    anna.send("<presence><status>third</status></presence>").unwrap();
    for contact in &mut contacts {
        contact
            .wait_for(
                "the status after the blocked one",
                |stanza| {
                    let status = status_of(stanza);
                    assert_ne!(status.as_deref(), Some("casino"));
                    status.as_deref() == Some("third")
                },
                PATIENCE,
            )
            .unwrap();
    }
}

// anna, bob, carl in a room of rooms.one.test [mod_postward asks once for each group message]
#[test]
fn in_a_room_of_ours_messages_reach_all_occupants_and_blocked_ones_their_sender_alone() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut occupants = join(&one, &["anna", "bob", "carl"]);
    let room = "kitchen@rooms.one.test";
    let group = |body: &str| {
        format!("<message to='{room}' type='groupchat' id='{body}'><body>{body}</body></message>")
    };
    occupants[0].send(&group("one")).unwrap();
    occupants[1].send(&group("two")).unwrap();
    for occupant in &mut occupants {
        collect_until_all(occupant, &["one", "two"]);
        assert!(occupant.inbox.iter().all(|stanza| stanza.attr("type") == Some("groupchat")));
        occupant.inbox.clear();
    }
    occupants[0].send(&group("casino")).unwrap();
    occupants[0].send(&group("after")).unwrap();
    for (position, occupant) in occupants.iter_mut().enumerate() {
        collect_until(occupant, "after");
        let expected: &[&str] = if position == 0 { &["casino", "after"] } else { &["after"] };
        assert_eq!(occupant.bodies(), expected);
        if let Some(reflected) = occupant.inbox.first().filter(|_| position == 0) {
            assert_eq!(reflected.attr("from"), Some("kitchen@rooms.one.test/anna"));
            assert_eq!(reflected.attr("id"), Some("casino"));
            assert!(reflected.has_child("occupant-id", "urn:xmpp:occupant-id:0"), "{reflected:?}");
        }
        occupant.inbox.clear();
    }
    // Private messages through the room are judged by who is behind the nick.
    occupants[1]
        .send("<message to='kitchen@rooms.one.test/carl' type='chat'><body>casino</body></message>")
        .unwrap();
    occupants[1]
        .send("<message to='kitchen@rooms.one.test/carl' type='chat'><body>psst</body></message>")
        .unwrap();
    collect_until(&mut occupants[2], "psst");
    assert_eq!(occupants[2].bodies(), ["psst"]);
    occupants[1].sync().unwrap();
    assert!(occupants[1].inbox.is_empty(), "{:?}", occupants[1].inbox);
}

// anna in a room of rooms.one.test [component says refuse]
#[test]
fn a_refused_group_message_gets_the_error_of_an_occupant_without_voice() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::connected(&one, Outcome::Refuse);
    let mut occupants = join(&one, &["anna", "bob"]);
    occupants[1]
        .send("<message to='kitchen@rooms.one.test' type='groupchat' id='g'><body>casino</body></message>")
        .unwrap();
    let error = occupants[1].wait_for("an error", |stanza| stanza.attr("id") == Some("g"), PATIENCE).unwrap();
    assert_eq!(error.attr("type"), Some("error"));
    assert_eq!(condition(&error), "forbidden");
    occupants[1]
        .send("<message to='kitchen@rooms.one.test' type='groupchat'><body>still here</body></message>")
        .unwrap();
    collect_until(&mut occupants[0], "still here");
    assert_eq!(occupants[0].bodies(), ["still here"]);
}

// bob (one.test) in a room of two.test's, whose occupant mallory says a blocked word, component says refuse
#[test]
fn a_blocked_word_in_a_room_elsewhere_is_withheld_without_throwing_our_user_out() {
    let [one, two] =
        Prosody::start_all([&filtered(), &Options::new(&["two.test"]).rooms("rooms.two.test")]).unwrap();
    let _component = Component::connected(&one, Outcome::Refuse);
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    for (client, nick) in [(&mut tom, "tom"), (&mut bob, "bob")] {
        client
            .send(&format!(
                "<presence to='hall@rooms.two.test/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
            ))
            .unwrap();
        client.wait_for("the room", is_self_presence, PATIENCE).unwrap();
        client.inbox.clear();
    }
    for body in ["casino", "fine"] {
        tom.send(&format!(
            "<message to='hall@rooms.two.test' type='groupchat'><body>{body}</body></message>"
        ))
        .unwrap();
    }
    for body in ["casino", "private"] {
        tom.send(&format!("<message to='hall@rooms.two.test/bob' type='chat'><body>{body}</body></message>"))
            .unwrap();
    }
    collect_until(&mut bob, "private");
    assert_eq!(bob.bodies(), ["fine", "private"]);
    bob.send("<message to='hall@rooms.two.test' type='groupchat'><body>I am still here</body></message>")
        .unwrap();
    collect_until(&mut tom, "I am still here");
}

// mallory --iq--> one.test --> anna, who answers what reaches her
#[test]
fn iqs_are_answered_whoever_asks() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut mallory = Client::available(one.c2s(), "mallory@one.test/x").unwrap();
    let ask = "<iq type='get' id='v' to='anna@one.test/phone'><query xmlns='jabber:iq:version'/></iq>";
    mallory.send(ask).unwrap();
    let answer = mallory.wait_for("an answer", |stanza| stanza.attr("id") == Some("v"), PATIENCE).unwrap();
    assert_eq!(condition(&answer), "service-unavailable");
    bob.send(ask).unwrap();
    let asked = anna.wait_for("the question", |stanza| stanza.attr("id") == Some("v"), PATIENCE).unwrap();
    assert_eq!(asked.attr("from"), Some("bob@one.test/x"));
    anna.send("<iq type='result' id='v' to='bob@one.test/x'/>").unwrap();
    let answer = bob.wait_for("an answer", |stanza| stanza.attr("id") == Some("v"), PATIENCE).unwrap();
    assert_eq!(answer.attr("type"), Some("result"));
}

// bob --> anna: odd stanzas, each followed by one with a blocked word
#[test]
fn an_odd_stanza_switches_nothing_off() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let odd = [
        "<message to='anna@one.test' type='bogus'><body>odd</body></message>".to_owned(),
        "<presence to='anna@one.test'><show>bogus</show><priority>999</priority></presence>".to_owned(),
        "<message to='anna@one.test'><xml:foo/><body>odd</body></message>".to_owned(),
        format!(
            "<message to='anna@one.test'><x xmlns='a:b' y='{}'/><body>odd</body></message>",
            "y".repeat(100_000)
        ),
        format!(
            "<message to='anna@one.test'>{}{}<body>odd</body></message>",
            "<a>".repeat(150),
            "</a>".repeat(150)
        ),
        "<message to='anna@one.test'><body>&#x2028;&lt;/check&gt;]]&gt;</body></message>".to_owned(),
    ];
    for (number, odd) in odd.iter().enumerate() {
        bob.send(odd).unwrap();
        bob.send(&message("anna@one.test", "casino")).unwrap();
        bob.send(&message("anna@one.test", &format!("after {number}"))).unwrap();
        // What Prosody passes on of `xml:foo` isn't well-formed for us either: only the names of elements matter here.
        collect_raw_until(&mut anna, &format!("after {number}"));
    }
    assert!(matches!(component.state(), policy_core::door::DoorState::Open { .. }));
    assert!(!one.log().contains("component disconnected: postward"), "{}", one.log());
}

// mallory pretends that anna's own server copied her a message of dora's
#[test]
fn a_forged_carbon_copy_does_not_arrive() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    bob.send(
        "<message to='anna@one.test' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' from='dora@one.test/x' to='anna@one.test'><body>forged</body></message>\
         </forwarded></received></message>",
    )
    .unwrap();
    bob.send(&message("anna@one.test", "real")).unwrap();
    collect_until(&mut anna, "real");
    assert_eq!(anna.inbox.len(), 1, "{:?}", anna.inbox);
}

// anna (one.test), eve (two.test), the room of one.test --> the component's own address
#[test]
fn accounts_here_can_ask_the_component_what_it_is_and_nobody_else_can_talk_to_it() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/x").unwrap();
    let ask = |anna: &mut Client, payload: &str| {
        anna.send(&format!("<iq type='get' id='q' to='{COMPONENT}'>{payload}</iq>")).unwrap();
        anna.wait_for("an answer", |stanza| stanza.attr("id") == Some("q"), PATIENCE).unwrap()
    };
    let disco = ask(&mut anna, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    assert!(String::from(&disco).contains("urn:xmpp:ping"), "{disco:?}");
    assert_eq!(ask(&mut anna, "<ping xmlns='urn:xmpp:ping'/>").attr("type"), Some("result"));
    // Neither a question of the module's nor a broken stanza gets anywhere.
    let forged = ask(&mut anna, "<check xmlns='urn:postward:check:1' origin='s2s'>x</check>");
    assert_eq!(condition(&forged), "service-unavailable");
    anna.send(&format!("<message to='{COMPONENT}' type='bogus'><xml:foo/><body>&#x2028;</body></message>"))
        .unwrap();
    assert_eq!(
        condition(&ask(&mut anna, "<onlookers xmlns='urn:postward:check:1'/>")),
        "service-unavailable"
    );

    let mut eve = Client::available(two.c2s(), "eve@two.test/x").unwrap();
    eve.send(&format!("<iq type='get' id='q' to='{COMPONENT}'><ping xmlns='urn:xmpp:ping'/></iq>")).unwrap();
    let answer = eve.wait_for("an answer", |stanza| stanza.attr("id") == Some("q"), PATIENCE).unwrap();
    assert_eq!(answer.attr("type"), Some("error"));

    assert!(matches!(component.state(), policy_core::door::DoorState::Open { .. }));
}

// mallory --> anna: what looks like a room's, with the component saying refuse; and the same to nobody
#[test]
fn what_looks_like_a_rooms_is_refused_as_by_an_account_that_is_not_there() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let _component = Component::connected(&one, Outcome::Refuse);
    let _anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut mallory = Client::available(two.c2s(), "mallory@two.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    for content in [
        "type='groupchat'><body>x</body>",
        "><x xmlns='jabber:x:conference' jid='hall@rooms.two.test'/>",
        "><x xmlns='http://jabber.org/protocol/muc#user'><invite from='tom@two.test'/></x>",
    ] {
        let mut answers = Vec::new();
        for (sender, to) in [(&mut mallory, "anna@one.test"), (&mut tom, "nobody@one.test")] {
            sender.send(&format!("<message id='m' to='{to}' {content}</message>")).unwrap();
            let answer =
                sender.wait_for("an error", |stanza| stanza.attr("id") == Some("m"), PATIENCE).unwrap();
            let error = answer.get_child("error", "jabber:client").unwrap();
            answers.push((
                error.attr("type").map(str::to_owned),
                condition(&answer),
                error.children().count(),
            ));
        }
        assert_eq!(answers[0], answers[1], "{content}");
    }
}

// anna, bob, carl in a room of rooms.one.test; bob's own list has anna
#[test]
fn a_members_own_list_keeps_a_group_message_from_that_member_alone() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.block_for("bob@one.test", "anna@one.test");
    let mut occupants = join(&one, &["anna", "bob", "carl"]);
    let group = |body: &str| {
        format!("<message to='kitchen@rooms.one.test' type='groupchat'><body>{body}</body></message>")
    };
    occupants[0].send(&group("from anna")).unwrap();
    occupants[2].send(&group("from carl")).unwrap();
    occupants[0].send(&group("again")).unwrap();
    occupants[0]
        .send("<message to='kitchen@rooms.one.test/bob' type='chat'><body>psst</body></message>")
        .unwrap();
    barrier(&mut occupants[0], "bob@one.test/x");
    occupants[2].send(&group("the end")).unwrap();
    for (position, occupant) in occupants.iter_mut().enumerate() {
        collect_until(occupant, "the end");
        let mut bodies = occupant.bodies();
        bodies.sort();
        let expected: &[&str] = match position {
            1 => &["from carl", "the end"],
            _ => &["again", "from anna", "from carl", "the end"],
        };
        assert_eq!(bodies, expected);
    }
}

fn join(server: &Prosody, names: &[&str]) -> Vec<Client> {
    let mut occupants: Vec<Client> = names
        .iter()
        .map(|name| {
            let mut client = Client::available(server.c2s(), &format!("{name}@one.test/x")).unwrap();
            client
                .send(&format!(
                    "<presence to='kitchen@rooms.one.test/{name}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
                ))
                .unwrap();
            client.wait_for("the room", is_self_presence, PATIENCE).unwrap();
            client
        })
        .collect();
    for occupant in &mut occupants {
        occupant.sync().unwrap();
        occupant.inbox.clear();
    }
    occupants
}

fn is_self_presence(stanza: &Element) -> bool {
    stanza.name() == "presence"
        && stanza
            .get_child("x", "http://jabber.org/protocol/muc#user")
            .is_some_and(|x| x.children().any(|child| child.attr("code") == Some("110")))
}

fn status_of(stanza: &Element) -> Option<String> {
    stanza.get_child("status", "jabber:client").map(Element::text)
}

/// Reads on until this body arrives; everything is in the inbox then.
fn collect_until(client: &mut Client, body: &str) {
    collect_until_all(client, &[body]);
}

fn collect_until_all(client: &mut Client, bodies: &[&str]) {
    while !bodies.iter().all(|body| client.bodies().iter().any(|found| found == body)) {
        let stanza =
            client.next(PATIENCE).unwrap().unwrap_or_else(|| panic!("{} got no {bodies:?}", client.jid()));
        client.inbox.push(stanza);
    }
}

fn collect_raw_until(client: &mut Client, body: &str) {
    loop {
        match client.next(PATIENCE) {
            Ok(Some(stanza)) => {
                assert_ne!(body_of(&stanza).as_deref(), Some("casino"));
                if body_of(&stanza).as_deref() == Some(body) {
                    return;
                }
            }
            Ok(None) => panic!("{} got no {body:?}", client.jid()),
            Err(_) => {} // an element that isn't well-formed for us
        }
    }
}

/// Waits until all that `client` sent to this account has been judged.
fn barrier(client: &mut Client, to: &str) {
    barrier_with(client, to, "");
}

fn barrier_with(client: &mut Client, to: &str, text: &str) {
    client
        .send(&format!(
            "<iq type='get' id='barrier' to='{to}'><query xmlns='urn:barrier'>{text}</query></iq>"
        ))
        .unwrap();
    client.sync().unwrap();
    if !client.inbox.iter().any(|stanza| stanza.attr("id") == Some("barrier")) {
        while let Some(stanza) = client.next(PATIENCE).unwrap() {
            let last = stanza.attr("id") == Some("barrier");
            client.inbox.push(stanza);
            if last {
                break;
            }
        }
    }
    client.inbox.retain(|stanza| stanza.attr("id") != Some("barrier"));
}
