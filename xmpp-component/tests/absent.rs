//! That whoever is blocked can't tell an account from one that isn't there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::{Component, filtered};
use policy_core::verdict::Outcome;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element};

const ASKED: [&str; 12] = [
    "<ping xmlns='urn:xmpp:ping'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<query xmlns='jabber:iq:last'/>",
    "<query xmlns='jabber:iq:version'/>",
    "<vCard xmlns='vcard-temp'/>",
    "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:metadata'/></pubsub>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='eu.siacs.conversations.axolotl.devicelist'/></pubsub>",
    "<query xmlns='jabber:iq:roster'/>",
    "<nothing xmlns='urn:nobody:knows'/>",
];

// mallory (blocked) asks anna's account, which has published something, and her client; tom asks one that isn't there
#[test]
fn requests_of_the_blocked_are_answered_as_by_an_account_that_is_not_there() {
    let modules = ["admin_shell", "vcard4", "vcard_legacy", "lastactivity", "time", "version"];
    let ours = modules.into_iter().fold(filtered(), Options::module);
    let ours = ours.line("authentication = \"internal_plain\"");
    let [one, two] = Prosody::start_all([&ours, &Options::new(&["two.test"])]).unwrap();
    one.console(&["user", "create", "anna@one.test", "password"]).unwrap();
    for outcome in [Outcome::Drop, Outcome::Refuse] {
        let _component = Component::connected(&one, outcome);
        let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
        anna.send("<iq type='set' id='card'><vCard xmlns='vcard-temp'><FN>Anna</FN></vCard></iq>").unwrap();
        anna.wait_for("it", |stanza| stanza.attr("id") == Some("card"), PATIENCE).unwrap();
        let mut mallory = Client::available(two.c2s(), "mallory@two.test/x").unwrap();
        let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
        let answer = |client: &mut Client, kind: &str, to: &str, asked: &str| {
            client.send(&format!("<iq type='{kind}' id='asked' to='{to}'>{asked}</iq>")).unwrap();
            let is_answer = |stanza: &Element| stanza.attr("id") == Some("asked");
            let answer = client.wait_for("an answer", is_answer, PATIENCE).unwrap();
            assert_eq!(answer.attr("from"), Some(to), "{answer:?}");
            let told: Vec<String> = answer.children().map(without_time).collect();
            (answer.attr("type").map(str::to_owned), told)
        };
        for asked in ASKED {
            for (kind, whose) in [("get", ""), ("set", ""), ("get", "/phone")] {
                let hers = answer(&mut mallory, kind, &format!("anna@one.test{whose}"), asked);
                let nobodys = answer(&mut tom, kind, &format!("nobody@one.test{whose}"), asked);
                assert_eq!(hers, nobodys, "{outcome:?} {kind} {whose} {asked}");
            }
        }
        assert!(anna.inbox.iter().all(|stanza| stanza.name() != "iq"), "{:?}", anna.inbox);
    }
}

/// An element of an answer, without what differs from second to second.
fn without_time(element: &Element) -> String {
    let text = String::from(element);
    let (before, after) = (text.split("<utc>").next(), text.split("</utc>").nth(1));
    format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default())
}
