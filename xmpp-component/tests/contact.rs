//! The component among an account's contacts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::{COMPONENT, Component, SECRET, filtered};
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element};

fn is_presence(stanza: &Element, from: &str, kind: Option<&str>) -> bool {
    stanza.name() == "presence" && stanza.attr("from") == Some(from) && stanza.attr("type") == kind
}

// anna, and eve of another server, want the component among their contacts; it goes and comes back meanwhile
#[test]
fn an_account_can_have_the_component_among_its_contacts_and_nobody_else_can() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut eve = Client::available(two.c2s(), "eve@two.test/x").unwrap();
    let subscribe = format!("<presence to='{COMPONENT}' type='subscribe'/>");
    eve.send(&subscribe).unwrap();
    anna.send(&subscribe).unwrap();
    let mut sees = |kind: Option<&str>| {
        anna.wait_for("the contact's presence", |stanza| is_presence(stanza, COMPONENT, kind), PATIENCE)
            .unwrap();
    };
    sees(None);
    drop(component);
    sees(Some("unavailable"));
    let _component = Component::dropping(&one);
    sees(None);
    // The roster has it, and whoever comes online asks.
    let mut laptop = Client::connect(one.c2s(), "anna@one.test/laptop", "password").unwrap();
    laptop.send("<iq type='get' id='asked'><query xmlns='jabber:iq:roster'/></iq><presence/>").unwrap();
    laptop.wait_for("presence", |stanza| is_presence(stanza, COMPONENT, None), PATIENCE).unwrap();
    laptop.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>").unwrap();
    let roster =
        laptop.wait_for("the roster", |stanza| stanza.attr("id") == Some("roster"), PATIENCE).unwrap();
    let roster = String::from(&roster);
    assert!(roster.contains("subscription=\"to\"") || roster.contains("subscription='to'"), "{roster}");
    laptop.send(&format!("<presence to='{COMPONENT}' type='unsubscribe'/>")).unwrap();
    laptop.sync().unwrap();
    // Everybody else's request comes to nothing.
    anna.send("<message to='eve@two.test'><body>the end</body></message>").unwrap();
    eve.keep_until(&["the end"]).unwrap();
    let of_component = |stanza: &&Element| stanza.attr("from") == Some(COMPONENT);
    let answers: Vec<&Element> = eve.inbox.iter().filter(of_component).collect();
    // That it can't be reached, her own server says.
    assert!(answers.iter().all(|stanza| stanza.attr("type") == Some("error")), "{answers:?}");
}

// the test, which plays the component --answers--> anna's phone, which is gone, and her laptop
#[test]
fn an_answer_to_a_client_that_is_gone_goes_to_no_other() {
    let one = Prosody::start(&filtered()).unwrap();
    let mut postward = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    let mut laptop = Client::available(one.c2s(), "anna@one.test/laptop").unwrap();
    for (client, body) in [("phone", "for the phone"), ("laptop", "for the laptop")] {
        postward
            .send(&format!(
                "<message type='chat' from='{COMPONENT}' to='anna@one.test/{client}'><body>{body}</body></message>"
            ))
            .unwrap();
    }
    laptop.keep_until(&["for the laptop"]).unwrap();
    assert_eq!(laptop.bodies(), ["for the laptop"]);
}
