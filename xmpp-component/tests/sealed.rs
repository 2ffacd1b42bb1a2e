//! Encrypted messages and files from strangers, where they are to be dropped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use common::{COMPONENT, Component, SECRET, filtered, message};
use policy_core::verdict::Outcome;
use testbed::PATIENCE;
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;
use xmpp_component::Sealed;

struct House {
    one: Prosody,
    two: Prosody,
    _component: Component,
}

fn house() -> House {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component =
        Component::start_with(&one.component_address(), COMPONENT, SECRET, Outcome::Drop, Sealed::Drop);
    component.wait_open();
    wait_for("the module", PATIENCE, || Ok(component.module())).unwrap();
    House { one, two, _component: component }
}

fn encrypted(body: &str) -> String {
    format!(
        "<message to='anna@one.test' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'>\
         <payload>c2VjcmV0</payload></encrypted><body>{body}</body></message>"
    )
}

// stranger, friend (on anna's roster), guest (anna sent him her presence) --s2s--> one.test --> anna
#[test]
fn they_arrive_from_whom_the_member_knows_alone() {
    let House { one, two, .. } = &house();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut stranger = Client::available(two.c2s(), "stranger@two.test/x").unwrap();
    let mut friend = Client::available(two.c2s(), "friend@two.test/x").unwrap();
    let mut guest = Client::available(two.c2s(), "guest@two.test/x").unwrap();
    anna.send(
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='friend@two.test'/></query></iq>\
         <presence to='guest@two.test/x'/>",
    )
    .unwrap();
    anna.sync().unwrap();
    anna.inbox.clear();
    for (sender, name) in [(&mut stranger, "stranger"), (&mut friend, "friend"), (&mut guest, "guest")] {
        sender.send(&encrypted(&format!("sealed of {name}"))).unwrap();
        sender
            .send("<message to='anna@one.test'><x xmlns='jabber:x:oob'><url>https://two.test/x</url></x></message>")
            .unwrap();
        sender.send(&message("anna@one.test", &format!("open of {name}"))).unwrap();
        anna.keep_until(&[&format!("open of {name}")]).unwrap();
    }
    assert_eq!(
        anna.bodies(),
        ["open of stranger", "sealed of friend", "open of friend", "sealed of guest", "open of guest"]
    );
    let files = anna.inbox.iter().filter(|stanza| stanza.has_child("x", "jabber:x:oob"));
    let from: Vec<&str> = files.filter_map(|stanza| stanza.attr("from")).collect();
    assert_eq!(from, ["friend@two.test/x", "guest@two.test/x"]);
}

// stranger --s2s--> one.test --> anna: whatever is encrypted, or says that it is
#[test]
fn no_version_or_spelling_of_encryption_gets_past() {
    let House { one, two, .. } = &house();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut stranger = Client::available(two.c2s(), "stranger@two.test/x").unwrap();
    for content in [
        "<encrypted xmlns='urn:xmpp:omemo:1'><payload>c2VjcmV0</payload></encrypted><body>fallback</body>",
        "<body>AESGCM://two.test/x#00</body>",
        "<body>-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----</body>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:own'/><body>fallback</body>",
    ] {
        stranger.send(&format!("<message to='anna@one.test' type='chat'>{content}</message>")).unwrap();
    }
    for body in ["what?otra cosa", "the last"] {
        stranger.send(&message("anna@one.test", body)).unwrap();
    }
    anna.keep_until(&["the last"]).unwrap();
    assert_eq!(anna.bodies(), ["what?otra cosa", "the last"]);
}
