//! Words in stanzas that must arrive whoever sent them: errors, and presence that says somebody has gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use std::time::Duration;

use common::{Component, filtered, message};
use testbed::prosody::Prosody;
use testbed::xmpp::Client;

const WAIT: Duration = Duration::from_secs(20);
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
    mallory.wait_for("an answer", |stanza| stanza.attr("id") == Some("last"), WAIT).unwrap();
    bob.send(&message("anna@one.test", "the end")).unwrap();
    anna.keep_until(&["the end"]).unwrap();
    let all: Vec<String> = anna.inbox.iter().map(String::from).collect();
    assert!(!all.concat().contains(words), "{all:#?}");
    // That it failed, and that somebody went, is known all the same.
    assert_eq!(all.iter().filter(|stanza| stanza.contains("service-unavailable")).count(), 3, "{all:#?}");
    assert_eq!(
        all.iter()
            .filter(|stanza| stanza.contains("unavailable'") || stanza.contains("unavailable\""))
            .count(),
        1
    );
}
