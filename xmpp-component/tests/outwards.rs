//! A block holds outwards too: who is blocked sees nothing of when a member is at home.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::cell::Cell;
use std::time::Duration;

use common::{COMPONENT, Component, SECRET, filtered, message};
use minidom::Element;
use testbed::PATIENCE;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, body_of};

/// `watcher` subscribes to `watched`'s presence, and gets it.
fn subscribe(watcher: &mut Client, watched: &mut Client) {
    let (watcher_bare, watched_bare) = (bare(watcher), bare(watched));
    watcher.send(&format!("<presence to='{watched_bare}' type='subscribe'/>")).unwrap();
    watched.wait_for("the request", |stanza| stanza.attr("type") == Some("subscribe"), PATIENCE).unwrap();
    watched.send(&format!("<presence to='{watcher_bare}' type='subscribed'/>")).unwrap();
    watcher.wait_for("presence", |stanza| presence(stanza, &watched_bare, None), PATIENCE).unwrap();
}

fn bare(client: &Client) -> String {
    client.jid().split('/').next().unwrap().to_owned()
}

fn presence(stanza: &Element, from: &str, kind: Option<&str>) -> bool {
    stanza.name() == "presence"
        && stanza.attr("type") == kind
        && stanza.attr("from").is_some_and(|jid| jid.split('/').next() == Some(from))
}

fn status(text: &str) -> String {
    format!("<presence><status>{text}</status></presence>")
}

fn shows(stanza: &Element, text: &str) -> bool {
    stanza.get_child("status", "jabber:client").is_some_and(|status| status.text() == text)
}

/// Publishes what she listens to (XEP-0118) for whoever is subscribed to her presence and interested.
fn tune(title: &str) -> String {
    format!(
        "<iq type='set' id='tune-{title}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
         <publish node='http://jabber.org/protocol/tune'><item id='current'><tune xmlns='http://jabber.org/protocol/tune'>\
         <title>{title}</title></tune></item></publish></pubsub></iq>"
    )
}

/// Everything that has come from others until a message that `from` sends now has arrived.
fn all_until_message(receiver: &mut Client, from: &mut Client, body: &str) -> Vec<Element> {
    from.send(&message(&bare(receiver), body)).unwrap();
    let mut seen = Vec::new();
    loop {
        let stanza = if receiver.inbox.is_empty() {
            receiver.next(PATIENCE).unwrap().unwrap_or_else(|| panic!("no {body:?}"))
        } else {
            receiver.inbox.remove(0)
        };
        if body_of(&stanza).as_deref() == Some(body) {
            return seen;
        }
        // Without a sender it is the receiver's own server (a roster push).
        if stanza.attr("from").is_some_and(|from| !from.starts_with(&bare(receiver))) {
            seen.push(stanza);
        }
    }
}

// anna (one.test) --presence--> bob (one.test), tom (two.test); both are blocked, then not any more
#[test]
fn a_blocked_contact_sees_the_member_go_and_come_back_only_when_unblocked() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    subscribe(&mut bob, &mut anna);
    subscribe(&mut tom, &mut anna);

    component.block(&["bob@one.test", "two.test"]);
    for watcher in [&mut bob, &mut tom] {
        watcher
            .wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE)
            .unwrap();
    }
    // Whatever she does now, and that she leaves and comes back, is not for them.
    anna.send(&status("away from you")).unwrap();
    anna.send(&tune("secret")).unwrap();
    let mut tablet = Client::available(one.c2s(), "anna@one.test/tablet").unwrap();
    tablet.send(&status("on the tablet")).unwrap();
    tablet.sync().unwrap();
    drop(tablet);
    // They ask; they subscribe again; they unsubscribe.
    for watcher in [&mut bob, &mut tom] {
        for kind in ["probe", "subscribe"] {
            watcher.send(&format!("<presence to='anna@one.test' type='{kind}'/>")).unwrap();
        }
        watcher.sync().unwrap();
    }
    for watcher in [&mut bob, &mut tom] {
        let seen = all_until_message(watcher, &mut anna, "a letter all the same");
        // They get the answers of an account whose clients are all gone.
        let of_anna = |s: &Element| s.attr("from") == Some("anna@one.test") && s.children().next().is_none();
        let away = |s: &Element| of_anna(s) && s.attr("type") == Some("unavailable");
        assert!(seen.len() == 2 && seen.iter().all(away), "{} saw {seen:?}", watcher.jid());
    }

    component.block(&[]);
    for watcher in [&mut bob, &mut tom] {
        watcher.wait_for("her return", |s| shows(s, "away from you"), PATIENCE).unwrap();
    }
    anna.send(&status("here")).unwrap();
    for watcher in [&mut bob, &mut tom] {
        watcher.wait_for("her status", |s| shows(s, "here"), PATIENCE).unwrap();
    }
}

// bob (one.test) and tom (two.test) are blocked; the module is reloaded, everywhere and at one host
#[test]
fn a_module_that_is_reloaded_does_not_show_the_blocked_that_the_member_is_there() {
    let [one, two] =
        Prosody::start_all([&filtered().module("admin_shell"), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let mut carl = Client::available(one.c2s(), "carl@one.test/x").unwrap();
    for watcher in [&mut bob, &mut tom, &mut carl] {
        subscribe(watcher, &mut anna);
    }
    component.block(&["bob@one.test", "tom@two.test"]);
    for watcher in [&mut bob, &mut tom] {
        watcher
            .wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE)
            .unwrap();
    }
    for reload in [&["module", "reload", "postward"][..], &["module", "reload", "postward", "one.test"]] {
        one.console(reload).unwrap();
        component.wait_open();
        // The module has heard of the lists when it lets a change of them take effect.
        component.block(&["bob@one.test", "tom@two.test", "nobody@one.test"]);
        anna.send(&status("still here")).unwrap();
        carl.wait_for("her status", |s| shows(s, "still here"), PATIENCE).unwrap();
        for watcher in [&mut bob, &mut tom] {
            let seen = all_until_message(watcher, &mut anna, "a letter");
            assert!(seen.is_empty(), "{reload:?}: {} saw {seen:?}", watcher.jid());
        }
    }
    // Who had seen her is told when blocked now.
    component.block(&["bob@one.test", "tom@two.test", "carl@one.test"]);
    carl.wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE).unwrap();
}

// anna --> icq.one.test, a gateway on the same Prosody, where somebody is blocked and somebody isn't
#[test]
fn a_blocked_contact_behind_a_gateway_sees_the_member_go_and_nothing_more() {
    let options = filtered().module("admin_shell").neighbour("icq.one.test", "secret");
    let one = Prosody::start(&options).unwrap();
    let component = Component::dropping(&one);
    let mut gateway = Client::component(one.components(), "icq.one.test", "secret").unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let [mal, pal] = ["mal@icq.one.test", "pal@icq.one.test"];
    let to = |stanza: &Element, contact: &str| stanza.attr("to") == Some(contact);
    for contact in [mal, pal] {
        gateway.send(&format!("<presence from='{contact}' to='anna@one.test' type='subscribe'/>")).unwrap();
        anna.wait_for("the request", |s| s.attr("type") == Some("subscribe"), PATIENCE).unwrap();
        anna.send(&format!("<presence to='{contact}' type='subscribed'/>")).unwrap();
        let available = |s: &Element| presence(s, "anna@one.test", None) && to(s, contact);
        gateway.wait_for("her presence", available, PATIENCE).unwrap();
    }
    component.block(&[mal]);
    let going = |s: &Element| presence(s, "anna@one.test", Some("unavailable")) && to(s, mal);
    gateway.wait_for("her going", going, PATIENCE).unwrap();
    for round in ["at first", "after a reload"] {
        anna.send(&status(round)).unwrap();
        anna.send(&format!(
            "<message to='{mal}' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>"
        ))
        .unwrap();
        let letters = [format!("{round} to mal"), format!("{round} to pal")];
        anna.send(&message(mal, &letters[0])).unwrap();
        anna.send(&message(pal, &letters[1])).unwrap();
        gateway.keep_until(&[&letters[0], &letters[1]]).unwrap();
        assert!(gateway.inbox.iter().all(|s| !to(s, mal) || body_of(s).is_some()), "{:?}", gateway.inbox);
        gateway.inbox.clear();
        one.console(&["module", "reload", "postward"]).unwrap();
        component.wait_open();
    }
    component.block(&[]);
    let back = |s: &Element| shows(s, "after a reload") && to(s, mal);
    gateway.wait_for("her return", back, PATIENCE).unwrap();
}

// anna signs in while bob (one.test) and tom (two.test), who are subscribed, are blocked
#[test]
fn a_member_who_signs_in_is_not_seen_by_those_who_were_blocked_meanwhile() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    subscribe(&mut bob, &mut anna);
    subscribe(&mut tom, &mut anna);
    drop(anna);
    for watcher in [&mut bob, &mut tom] {
        watcher
            .wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE)
            .unwrap();
    }
    component.block(&["bob@one.test", "tom@two.test"]);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    anna.send(&status("home")).unwrap();
    for watcher in [&mut bob, &mut tom] {
        let seen = all_until_message(watcher, &mut anna, "hello");
        assert!(seen.is_empty(), "{} saw {seen:?}", watcher.jid());
    }
    // The component restarts: nothing is shown meanwhile.
    drop(component);
    anna.send(&status("still home")).unwrap();
    for watcher in [&mut bob, &mut tom] {
        let seen = all_until_message(watcher, &mut anna, "hello again");
        assert!(seen.is_empty(), "{} saw {seen:?}", watcher.jid());
    }
    let component = Component::dropping(&one);
    for watcher in [&mut bob, &mut tom] {
        watcher.wait_for("her presence", |s| shows(s, "still home"), PATIENCE).unwrap();
    }
    drop(component);
}

// anna sends tom (two.test), who isn't on her roster, her presence; then he is blocked
#[test]
fn who_was_sent_presence_directly_sees_the_member_go_once_blocked() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    anna.send("<presence to='tom@two.test/x'/>").unwrap();
    tom.wait_for("presence", |s| presence(s, "anna@one.test", None), PATIENCE).unwrap();
    component.block(&["tom@two.test"]);
    tom.wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE).unwrap();
    anna.send("<presence to='tom@two.test/x'/>").unwrap();
    let seen = all_until_message(&mut tom, &mut anna, "x");
    assert!(seen.is_empty(), "{seen:?}");
    drop(anna);
    let mut friend = Client::available(one.c2s(), "friend@one.test/x").unwrap();
    let seen = all_until_message(&mut tom, &mut friend, "y");
    assert!(seen.is_empty(), "{seen:?}");
}

// bob's client says that it wants PEP events of anna's; then he is blocked
#[test]
fn a_blocked_contact_gets_no_pep_events() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    subscribe(&mut bob, &mut anna);
    // XEP-0115: the server asks his client what its capabilities are.
    bob.send("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='interested'/></presence>")
        .unwrap();
    bob.send("<presence to='anna@one.test'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='interested'/></presence>")
        .unwrap();
    let of_anna = |s: &Element| s.name() == "iq" && s.attr("from") == Some("anna@one.test");
    let question = bob.wait_for("the question", of_anna, PATIENCE).unwrap();
    bob.send(&format!(
        "<iq type='result' id='{}' to='{}'><query xmlns='http://jabber.org/protocol/disco#info' node='x#interested'>\
         <feature var='http://jabber.org/protocol/tune+notify'/></query></iq>",
        question.attr("id").unwrap(),
        question.attr("from").unwrap()
    ))
    .unwrap();
    bob.sync().unwrap();
    let title = |wanted: &'static str| move |s: &Element| String::from(s).contains(wanted);
    anna.send(&tune("first")).unwrap();
    bob.wait_for("her tune", title("first"), PATIENCE).unwrap();
    component.block(&["bob@one.test"]);
    bob.wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE).unwrap();
    anna.send(&tune("second")).unwrap();
    anna.sync().unwrap();
    let seen = all_until_message(&mut bob, &mut anna, "x");
    assert!(seen.is_empty(), "{seen:?}");
    component.block(&[]);
    bob.wait_for("her return", |s| presence(s, "anna@one.test", None), PATIENCE).unwrap();
    anna.send(&tune("third")).unwrap();
    bob.wait_for("her tune", title("third"), PATIENCE).unwrap();
}

// anna's client says that she has got, reads and answers what bob (one.test) and tom (two.test) wrote before they were blocked
#[test]
fn what_a_members_client_says_by_itself_is_not_for_whom_they_blocked() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    let signals = [
        "<received xmlns='urn:xmpp:receipts' id='1'/><store xmlns='urn:xmpp:hints'/>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/><origin-id xmlns='urn:xmpp:sid:0' id='2'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/><thread>a</thread>",
        "<active xmlns='http://jabber.org/protocol/chatstates'/>",
        "<ringing xmlns='urn:xmpp:jingle-message:0' id='call'/><store xmlns='urn:xmpp:hints'/>",
        "<proceed xmlns='urn:xmpp:jingle-message:0' id='call'><device id='1'/></proceed>",
        "<accept xmlns='urn:xmpp:jingle-message:0' id='call'/>",
        "<reject xmlns='urn:xmpp:jingle-message:0' id='call'/>",
        // With what some clients put beside it.
        "<body/><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/><markable xmlns='urn:xmpp:chat-markers:0'/>",
        "<received xmlns='urn:xmpp:receipts' id='1'/><x xmlns='http://jabber.org/protocol/muc#user'/>",
        "<received xmlns='urn:xmpp:receipts' id='1'/><nick xmlns='http://jabber.org/protocol/nick'>Anna</nick>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/><delay xmlns='urn:xmpp:delay' stamp='1'>late</delay>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/><new xmlns='urn:nobody:knows'><x> </x></new>",
        "<x xmlns='jabber:x:event'><composing/><id>1</id></x>",
    ];
    let mut heard = |to: &mut Client| -> usize {
        // What she writes brings no leave for what isn't theirs.
        all_until_message(to, &mut anna, "hello");
        // Whom she calls herself is to hear it.
        let address = bare(to);
        for call in ["propose", "retract"] {
            anna.send(&format!(
                "<message to='{address}' type='chat'><{call} xmlns='urn:xmpp:jingle-message:0' id='hers'/></message>"
            ))
            .unwrap();
        }
        assert_eq!(all_until_message(to, &mut anna, "called").len(), 2, "{address}");
        // To one of their clients, which she knows, too.
        for address in [bare(to), to.jid().to_owned()] {
            for signal in signals {
                anna.send(&format!("<message to='{address}' type='chat'>{signal}</message>")).unwrap();
            }
        }
        all_until_message(to, &mut anna, "what she writes herself").len()
    };
    for watcher in [&mut bob, &mut tom] {
        assert_eq!(heard(watcher), 2 * signals.len(), "{}", watcher.jid());
    }
    // Where no words are listed either, she may write to bob without a question.
    component.judge().words.store(false, std::sync::atomic::Ordering::Relaxed);
    component.block(&["bob@one.test", "tom@two.test"]);
    for watcher in [&mut bob, &mut tom] {
        assert_eq!(heard(watcher), 0, "{}", watcher.jid());
    }
    component.block(&[]);
    for watcher in [&mut bob, &mut tom] {
        assert_eq!(heard(watcher), 2 * signals.len(), "{}", watcher.jid());
    }
}

// anna's client puts a signal beside what she writes and does herself, to bob and tom, who are blocked
#[test]
fn what_a_member_writes_or_does_arrives_at_whom_they_blocked_with_whatever_their_client_puts_beside_it() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    component.block(&["bob@one.test", "tom@two.test"]);
    let deeds = [
        "<body>stop it</body>",
        "<subject>stop it</subject>",
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'><key rid='1'>MQ==</key></header></encrypted>",
        "<x xmlns='jabber:x:oob'><url>https://one.test/file</url></x>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
        "<x xmlns='jabber:x:conference' jid='hall@rooms.one.test'/>",
        "<propose xmlns='urn:xmpp:jingle-message:0' id='hers'/>",
    ];
    let signals = [
        "<active xmlns='http://jabber.org/protocol/chatstates'/>",
        "<received xmlns='urn:xmpp:receipts' id='1'/>",
    ];
    for watcher in [&mut bob, &mut tom] {
        let address = bare(watcher);
        for deed in deeds {
            for signal in signals {
                anna.send(&format!("<message to='{address}' type='chat'>{signal}{deed}</message>")).unwrap();
            }
        }
        let seen = all_until_message(watcher, &mut anna, "the end");
        assert_eq!(seen.len(), 2 * deeds.len(), "{address}: {seen:?}");
    }
}

// anna is hidden from bob (one.test) by an entry that ends with the day
#[test]
fn a_block_that_ends_with_the_day_ends_outwards_too() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    subscribe(&mut bob, &mut anna);
    component.block(&["bob@one.test"]);
    bob.wait_for("her going", |s| presence(s, "anna@one.test", Some("unavailable")), PATIENCE).unwrap();
    component.end_of_day(&[]);
    bob.wait_for("her return", |s| presence(s, "anna@one.test", None), PATIENCE).unwrap();
}

// anna blocks bob by her client's button, at which Prosody itself says goodbye to him, and carl by another way
#[test]
fn whom_a_client_blocks_sees_the_member_go_but_once() {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut carl = Client::available(one.c2s(), "carl@one.test/x").unwrap();
    let mut dora = Client::available(one.c2s(), "dora@one.test/x").unwrap();
    let goes = |stanza: &Element| presence(stanza, "anna@one.test", Some("unavailable"));
    subscribe(&mut bob, &mut anna);
    subscribe(&mut carl, &mut anna);
    let button = |kind: &str| {
        format!(
            "<iq type='set' id='{kind}'><{kind} xmlns='urn:xmpp:blocking'><item jid='bob@one.test'/></{kind}></iq>"
        )
    };
    for _ in 0..2 {
        anna.send(&button("block")).unwrap();
        anna.wait_for("the answer", |stanza| stanza.attr("id") == Some("block"), PATIENCE).unwrap();
        component.block(&["bob@one.test", "carl@one.test"]);
        carl.wait_for("her going", goes, PATIENCE).unwrap();
        let seen = all_until_message(&mut bob, &mut dora, "she is gone");
        assert_eq!(seen.iter().filter(|stanza| goes(stanza)).count(), 1, "{seen:?}");
        anna.send(&button("unblock")).unwrap();
        anna.wait_for("the answer", |stanza| stanza.attr("id") == Some("unblock"), PATIENCE).unwrap();
        component.block(&[]);
        bob.wait_for("her return", |stanza| presence(stanza, "anna@one.test", None), PATIENCE).unwrap();
        carl.wait_for("her return", |stanza| presence(stanza, "anna@one.test", None), PATIENCE).unwrap();
    }
}

// tom (two.test), whom anna sees and who doesn't see her, is blocked, goes, comes back and is unblocked
#[test]
fn a_contact_who_does_not_see_the_member_is_seen_again_once_unblocked() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut friend = Client::available(one.c2s(), "friend@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    subscribe(&mut anna, &mut tom);
    component.block(&["two.test"]);
    drop(tom);
    anna.wait_for("his going", |s| presence(s, "tom@two.test", Some("unavailable")), PATIENCE).unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    tom.send(&message("friend@one.test", "ignored")).unwrap();
    tom.sync().unwrap();
    let seen = all_until_message(&mut anna, &mut friend, "he is back");
    assert!(!seen.iter().any(|s| presence(s, "tom@two.test", None)), "{seen:?}");
    component.block(&[]);
    anna.wait_for("his presence", |s| presence(s, "tom@two.test", None), PATIENCE).unwrap();
}

// bob (one.test) and tom (two.test) have asked to see anna; they are blocked, she grants it, they are unblocked
#[test]
fn who_is_granted_to_see_the_member_while_blocked_hears_of_it_once_unblocked_and_but_once() {
    let [one, two] = Prosody::start_all([&filtered(), &Options::new(&["two.test"])]).unwrap();
    let component = Component::dropping(&one);
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    let mut tom = Client::available(two.c2s(), "tom@two.test/x").unwrap();
    for watcher in [&mut bob, &mut tom] {
        watcher.send("<presence to='anna@one.test' type='subscribe'/>").unwrap();
        anna.wait_for("the request", |s| s.attr("type") == Some("subscribe"), PATIENCE).unwrap();
    }
    component.block(&["bob@one.test", "two.test"]);
    for watcher in [&mut bob, &mut tom] {
        anna.send(&format!("<presence to='{}' type='subscribed'/>", bare(watcher))).unwrap();
        let seen = all_until_message(watcher, &mut anna, "a letter");
        let granted =
            |s: &Element| s.attr("type") == Some("subscribed") || presence(s, "anna@one.test", None);
        assert!(!seen.iter().any(granted), "{} saw {seen:?}", watcher.jid());
    }
    for again in [false, true] {
        if again {
            component.block(&["bob@one.test", "two.test"]);
            for watcher in [&mut bob, &mut tom] {
                let goes = |s: &Element| presence(s, "anna@one.test", Some("unavailable"));
                watcher.wait_for("her going", goes, PATIENCE).unwrap();
            }
        }
        component.block(&[]);
        for watcher in [&mut bob, &mut tom] {
            let granted = Cell::new(false);
            let shown = |s: &Element| {
                granted.set(granted.get() || presence(s, "anna@one.test", Some("subscribed")));
                presence(s, "anna@one.test", None)
            };
            watcher.wait_for("her presence", shown, PATIENCE).unwrap();
            assert_eq!(granted.get(), !again, "{}", watcher.jid());
        }
    }
    for watcher in [&mut bob, &mut tom] {
        watcher.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>").unwrap();
        let roster = watcher.wait_for("the roster", |s| s.attr("id") == Some("roster"), PATIENCE).unwrap();
        let item = roster.children().next().unwrap().children().next().unwrap();
        assert_eq!((item.attr("subscription"), item.attr("ask")), (Some("to"), None), "{}", watcher.jid());
    }
}

// component (by hand) --lists 1 to 5--> module --onlookers--> component, for anna and bob
#[test]
fn a_burst_of_edits_asks_about_everybody_once_more_and_not_once_each() {
    let one = Prosody::start(&filtered()).unwrap();
    let mut anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let mut bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    subscribe(&mut bob, &mut anna);
    let mut component = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    for revision in 1..=5 {
        let lists = format!("<lists xmlns='urn:postward:check:1' revision='{revision}' lease='5'/>");
        let head = format!("<iq type='set' id='lists-{revision}' from='{COMPONENT}' to='one.test'>");
        component.send(&format!("{head}{lists}</iq>")).unwrap();
    }
    let mut asked = Vec::new();
    let mut heard = false;
    while let Some(stanza) = component.next(Duration::from_secs(1)).unwrap() {
        heard |= stanza.attr("id") == Some("lists-5");
        if let Some(question) = stanza.get_child("onlookers", "urn:postward:check:1") {
            asked.push((question.attr("account").unwrap().to_owned(), stanza.attr("id").unwrap().to_owned()));
        }
        // Answered only when all five are heard, one after the other.
        if heard && let Some((_, id)) = asked.last() {
            let head = format!("<iq type='result' id='{id}' from='{COMPONENT}' to='one.test'>");
            component.send(&format!("{head}<hidden xmlns='urn:postward:check:1'/></iq>")).unwrap();
        }
    }
    let mut accounts: Vec<String> = asked.into_iter().map(|(account, _)| account).collect();
    accounts.sort();
    assert_eq!(accounts, ["anna@one.test", "anna@one.test", "bob@one.test", "bob@one.test"]);
}
