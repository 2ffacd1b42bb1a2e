//! Words where nobody looks for them: in all that a client may show, and in stanzas that must arrive whoever sent them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::rooms::{ROOM, join, stanzas_until};
use common::{Component, filtered, message};
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element};

const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

// mallory (blocked), bob --c2s--> one.test [mod_postward <-> component] --> anna
#[test]
fn nothing_that_a_blocked_person_writes_arrives_in_an_error_or_a_parting_presence() {
    let one = Prosody::start(&filtered()).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut mallory = Client::available(one.c2s(), "mallory@one.test/x").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let error = |content: &str| {
        format!(
            "<error type='cancel'><service-unavailable xmlns='{STANZAS}'/><text xmlns='{STANZAS}'>{content}</text></error>"
        )
    };
    let words = "I will find you";
    for stanza in [
        format!("<presence to='anna@one.test' type='unavailable'><status>{words}</status></presence>"),
        format!(
            "<presence to='anna@one.test/phone' type='error'><status>{words}</status>{}</presence>",
            error(words)
        ),
        format!(
            "<message to='anna@one.test/phone' type='error'><body>{words}</body>{}</message>",
            error(words)
        ),
        format!(
            "<message to='anna@one.test/phone' type='error'>{words}<error type='cancel' by='{words}'>\
             <service-unavailable xmlns='{STANZAS}'>{words}</service-unavailable><own xmlns='urn:x'>{words}</own></error></message>"
        ),
        // As if a room were left, or a nick changed in it.
        format!(
            "<presence to='anna@one.test' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='none' role='none' nick='{words}'><reason>{words}</reason><actor nick='{words}'/></item>\
             <destroy><reason>{words}</reason></destroy><status code='303'/></x></presence>"
        ),
    ] {
        mallory.send(&stanza).unwrap();
    }
    // Bob isn't blocked; the message that he pretends to have been copied is forged all the same.
    bob.send(&format!(
        "<message to='anna@one.test/phone' type='error'><received xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='dora@one.test/x' \
         to='anna@one.test'><body>{words}</body></message></forwarded></received>{}</message>",
        error("it failed")
    ))
    .unwrap();
    mallory.send("<iq type='get' id='last' to='anna@one.test/phone'><query xmlns='urn:x'/></iq>").unwrap();
    mallory.wait_for("an answer", |stanza| stanza.attr("id") == Some("last"), PATIENCE).unwrap();
    bob.send(&message("anna@one.test", "the end")).unwrap();
    anna.keep_until(&["the end"]).unwrap();
    let all: Vec<String> = anna.inbox.iter().map(String::from).collect();
    assert!(!all.concat().contains(words), "{all:#?}");
    // That it failed, and that somebody went, is known all the same.
    assert_eq!(all.iter().filter(|stanza| stanza.contains("service-unavailable")).count(), 4, "{all:#?}");
    assert_eq!(
        all.iter()
            .filter(|stanza| stanza.contains("unavailable'") || stanza.contains("unavailable\""))
            .count(),
        2
    );
}

// bob, carl --subscribe--> one.test [mod_postward <-> component] --> anna, who doesn't answer; then bob is blocked
#[test]
fn a_request_that_was_kept_is_not_shown_once_its_sender_is_blocked() {
    let one = Prosody::start(&filtered().module("admin_shell")).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    for name in ["bob", "carl", "dora"] {
        let mut asker = Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
        // To one of her clients: Prosody shows it to all of them.
        let to = if name == "carl" { "anna@one.test/phone" } else { "anna@one.test" };
        let nick = format!("<nick xmlns='http://jabber.org/protocol/nick'>{name}</nick>");
        asker.send(&format!("<presence type='subscribe' to='{to}'>{nick}</presence>")).unwrap();
        anna.wait_for("the request", |s| s.attr("type") == Some("subscribe"), PATIENCE).unwrap();
    }
    let shown = || {
        let mut tablet = Client::connect(one.c2s(), "anna@one.test/tablet", "password").unwrap();
        tablet.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>").unwrap();
        tablet.sync().unwrap();
        // What is asked about comes later, and this behind it.
        let mut friend = Client::available(one.c2s(), "friend@one.test/x").unwrap();
        friend.send(&message("anna@one.test/tablet", "hi")).unwrap();
        tablet.keep_until(&["hi"]).unwrap();
        let requests = tablet.inbox.iter().filter(|stanza| stanza.attr("type") == Some("subscribe"));
        let mut from: Vec<String> = requests
            .map(|request| {
                assert_eq!(request.attr("to"), Some("anna@one.test"));
                assert!(request.has_child("nick", "http://jabber.org/protocol/nick"), "{request:?}");
                request.attr("from").unwrap().to_owned()
            })
            .collect();
        from.sort();
        from
    };
    let [bob, carl, dora] = ["bob@one.test", "carl@one.test", "dora@one.test"];
    assert_eq!(shown(), [bob, carl, dora]);
    component.block(&[bob, carl]);
    assert_eq!(shown(), [dora]);
    one.console(&["module", "reload", "postward"]).unwrap();
    component.wait_open();
    assert_eq!(shown(), [dora]);
    // What isn't wanted now isn't lost.
    component.block(&[]);
    assert_eq!(shown(), [bob, carl, dora]);
}

// tom (two.test) --s2s--> one.test [mod_postward <-> component] --> anna: a blocked word in all kinds of stanza
#[test]
fn a_word_is_found_wherever_a_client_may_show_it() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let _component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let event = |item: &str| {
        format!(
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='1'>{item}</item></items></event>"
        )
    };
    let form = |content: &str| format!("<x xmlns='jabber:x:data' type='form'>{content}</x>");
    let muc = |content: &str| format!("<x xmlns='http://jabber.org/protocol/muc#user'>{content}</x>");
    let messages = [
        // Bodies and what goes with them.
        "<body>hi</body><body xml:lang='de'>hallo</body><body xml:lang='fr'>casino</body>",
        "<subject>casino</subject>",
        "<body>cas<x xmlns='urn:x'/>ino</body>",
        "<body><![CDATA[cas]]>ino</body>",
        // What would end the question that a body is in, or a part of it.
        "<body>]]&gt; casino</body>",
        "<body>]]&gt;&lt;/check&gt;casino</body>",
        "<body>&lt;/check&gt;casino</body>",
        "<body>&lt;![CDATA[casino]]</body>",
        "<body>casino]</body>",
        "<body>&lt;casino&gt; &amp;amp; 'x'</body>",
        "<body>casino</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>",
        "<body>hi</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>\
         <p>c<span>asi</span>no</p></body></html>",
        "<body>hi</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>\
         <p title='casino'>x</p></body></html>",
        "<body>cas&gt; what you wrote\nino</body><reply xmlns='urn:xmpp:reply:0' to='anna@one.test' id='1'/>\
         <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='3' end='20'/></fallback>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>casino</reaction></reactions>",
        "<spoiler xmlns='urn:xmpp:spoiler:0'>casino</spoiler><body>x</body>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='1'><reason>casino</reason></retract>",
        "<body>x</body><nick xmlns='http://jabber.org/protocol/nick'>casino</nick>",
        "<body>x</body><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'>casino</delay>",
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='eve@b.test'><body>casino</body></message></forwarded>",
        "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' \
         from='dora@one.test'><body>casino</body></message></forwarded></result>",
        // What looks like a sign and holds text.
        "<composing xmlns='http://jabber.org/protocol/chatstates'>casino</composing>",
        "<received xmlns='urn:xmpp:receipts' id='1' text='casino'/>",
        // Files, links, calls.
        "<x xmlns='jabber:x:oob'><url>https://x.test/</url><desc>casino</desc></x>",
        "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><name>casino</name></file></file-sharing>",
        "<file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data xmlns='http://jabber.org/protocol/url-data' \
         target='https://x.test/casino'/></sources></file-sharing>",
        "<invite xmlns='urn:xmpp:call-message:1' id='1'><external uri='https://meet.test/casino'/></invite>",
        "<propose xmlns='urn:xmpp:jingle-message:0' id='1'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>\
         <reason>casino</reason></propose>",
        "<confirm xmlns='http://jabber.org/protocol/http-auth' id='casino' method='GET' url='https://x.test/'/>",
        // Invitations, contacts.
        "<x xmlns='jabber:x:conference' jid='hall@rooms.two.test' reason='casino'/>",
        "<x xmlns='jabber:x:conference' jid='casino@rooms.two.test'/>",
        "<x xmlns='http://jabber.org/protocol/rosterx'><item action='add' jid='a@b.test' name='casino'/></x>",
        "<x xmlns='http://jabber.org/protocol/rosterx'><item action='add' jid='a@b.test'><group>casino</group></item></x>",
    ];
    let made = [
        muc("<invite from='eve@b.test'><reason>casino</reason></invite>"),
        muc("<decline from='eve@b.test'><reason>casino</reason></decline>"),
        form("<title>casino</title>"),
        form("<field var='a' label='casino'/>"),
        form("<field var='casino'/>"),
        form("<field type='list-single' var='a'><option label='casino'><value>1</value></option></field>"),
        form("<field type='fixed'><value>casino</value><value>x</value></field>"),
        event("<entry xmlns='http://www.w3.org/2005/Atom'><title>casino</title></entry>"),
        event("<mood xmlns='http://jabber.org/protocol/mood'><text>casino</text></mood>"),
        event("<geoloc xmlns='http://jabber.org/protocol/geoloc'><text>casino</text></geoloc>"),
    ];
    let presences = [
        " type='subscribe'><status>casino</status>",
        " type='subscribe'><nick xmlns='http://jabber.org/protocol/nick'>casino</nick>",
        "><status>x</status><status xml:lang='de'>casino</status>",
        "><show>casino</show>",
        "><priority>casino</priority>",
    ];
    let requests = [
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='a'><content creator='initiator' name='f'>\
         <description xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file><name>casino.jpg</name></file></description></content></jingle>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='a'><reason><decline/><text>casino</text></reason></jingle>",
        "<si xmlns='http://jabber.org/protocol/si' id='a'><file xmlns='http://jabber.org/protocol/si/profile/file-transfer' \
         name='casino.txt' size='1'/></si>",
        "<query xmlns='jabber:iq:oob'><url>https://x.test/</url><desc>casino</desc></query>",
        "<query xmlns='jabber:iq:version'><name>casino</name></query>",
    ];
    let mut stanzas: Vec<String> = Vec::new();
    for content in messages.iter().map(|&content| content.to_owned()).chain(made) {
        for (kind, to) in [("chat", "anna@one.test"), ("headline", "anna@one.test/phone")] {
            stanzas.push(format!("<message type='{kind}' to='{to}'>{content}</message>"));
        }
    }
    stanzas
        .extend(presences.iter().map(|content| format!("<presence to='anna@one.test'{content}</presence>")));
    stanzas.extend(
        requests
            .iter()
            .map(|content| format!("<iq type='set' id='q' to='anna@one.test/phone'>{content}</iq>")),
    );
    for (number, stanza) in stanzas.iter().enumerate() {
        tom.send(stanza).unwrap();
        tom.send(&message("anna@one.test", &number.to_string())).unwrap();
        anna.keep_until(&[&number.to_string()]).unwrap();
        assert_eq!(anna.inbox.len(), 1, "{stanza}: {:?}", anna.inbox);
        anna.inbox.clear();
    }
}

// bob and tom (two.test) write to anna and into a room, on a server with mod_postward and on one without it, both of which
// archive; anna has somebody else in the room on her own list
#[test]
fn an_archive_id_that_a_sender_made_up_is_taken_away_where_prosody_does_it() {
    let archiving =
        |options: Options| options.module("mam").module("muc_mam").line("default_archive_policy = true");
    let plain = Options::new(&["one.test"]).rooms("rooms.one.test").line("limits = { }");
    let arrived = |filtered: bool| {
        let ours = if filtered { common::filtered() } else { plain.clone() };
        let [one, two] = Prosody::start_all([&archiving(ours), &Options::new(&["two.test"])]).unwrap();
        let component = filtered.then(|| Component::dropping(&one));
        if let Some(component) = &component {
            component.block_for("anna@one.test", "tom@two.test");
            component.block_for("carl@one.test", "bob@one.test");
        }
        let client = |name: &str| Client::available(one.c2s(), &format!("{name}@one.test/x")).unwrap();
        let (mut anna, mut bob, mut carl) = (client("anna"), client("bob"), client("carl"));
        let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
        for client in [&mut anna, &mut bob, &mut carl, &mut tom] {
            let nick = client.jid().split('@').next().unwrap().to_owned();
            join(client, ROOM, &nick, "");
        }
        let by = |by: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='forged-{by}'/>");
        let ids = [by("anna@one.test"), by("carl@one.test"), by(ROOM), by("bob@one.test")].concat();
        let mut seen = Vec::new();
        let mut number = 0;
        for sender in [&mut bob, &mut tom] {
            for (kind, to) in [
                ("chat", "anna@one.test"),
                ("normal", "anna@one.test/x"),
                ("headline", "anna@one.test"),
                ("chat", "carl@one.test"),
                ("groupchat", ROOM),
            ] {
                number += 1;
                sender
                    .send(&format!("<message type='{kind}' to='{to}'><body>{number}</body>{ids}</message>"))
                    .unwrap();
                sender.sync().unwrap();
            }
        }
        tom.keep_until(&["10"]).unwrap();
        tom.send("<iq type='get' to='one.test' id='through'><ping xmlns='urn:xmpp:ping'/></iq>").unwrap();
        tom.wait_for("an answer", |stanza| stanza.attr("id") == Some("through"), PATIENCE).unwrap();
        // Nobody has blocked whoever writes last.
        let mut dora = client("dora");
        join(&mut dora, ROOM, "dora", "");
        dora.send(&format!("<message to='{ROOM}' type='groupchat'><body>the end</body></message>")).unwrap();
        for client in [&mut anna, &mut bob, &mut carl] {
            let ended = |stanza: &Element| testbed::xmpp::body_of(stanza).as_deref() == Some("the end");
            for stanza in stanzas_until(client, ended) {
                let Some(body) = testbed::xmpp::body_of(&stanza).filter(|_| !ended(&stanza)) else {
                    continue;
                };
                let forged: Vec<&str> = stanza
                    .children()
                    .filter(|child| child.name() == "stanza-id")
                    .filter_map(|id| id.attr("id").filter(|id| id.starts_with("forged")))
                    .collect();
                seen.push(format!("{} {body} {}", client.jid(), forged.concat()));
            }
        }
        seen
    };
    let (without, with) = (arrived(false), arrived(true));
    let shown = |of: &str, shown: &[String]| shown.iter().any(|seen| seen.starts_with(of));
    for of in ["anna@one.test/x 5 ", "carl@one.test/x 10 "] {
        assert!(shown(of, &with) && shown(of, &without), "{with:#?} {without:#?}");
    }
    assert!(with.iter().all(|shown| without.contains(shown)), "{with:#?} {without:#?}");
}
