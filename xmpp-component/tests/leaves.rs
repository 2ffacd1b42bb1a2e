//! Messages that pass without a question, and that no block is missed by it, through a real Prosody.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Component, filtered, message};
use policy_core::snapshot::Snapshot;
use testbed::process::wait_for;
use testbed::prosody::Prosody;
use testbed::xmpp::Client;

const WAIT: Duration = Duration::from_secs(60);
const TYPING: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";

struct House {
    one: Prosody,
    component: Component,
    anna: Client,
    bob: Client,
}

fn house(no_words: bool) -> House {
    let one = Prosody::start(&filtered()).unwrap();
    let component = Component::dropping(&one);
    component.judge().no_words.store(no_words, Ordering::Relaxed);
    wait_for("the module", WAIT, || Ok(component.module())).unwrap();
    let anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    House { one, component, anna, bob }
}

impl House {
    /// Sends messages, each when the one before has arrived; how many questions that took.
    fn talk(&mut self, messages: usize, content: &str) -> usize {
        let before = self.component.judge().asked.load(Ordering::Relaxed);
        for number in 0..messages {
            let id = format!("talk{number}");
            let text = format!("<message to='anna@one.test' type='chat' id='{id}'>{content}</message>");
            self.bob.send(&text).unwrap();
            self.anna.wait_for("a message", |stanza| stanza.attr("id") == Some(&id), WAIT).unwrap();
        }
        self.component.judge().asked.load(Ordering::Relaxed) - before
    }

    /// Whether the message that was sent last by bob has been kept from anna: his request behind it is answered by the
    /// server in place of her client.
    fn nothing_of(&mut self, body: &str) {
        self.bob
            .send(
                "<iq type='get' id='behind' to='anna@one.test/gone'><query xmlns='jabber:iq:version'/></iq>",
            )
            .unwrap();
        self.bob.wait_for("an answer", |stanza| stanza.attr("id") == Some("behind"), WAIT).unwrap();
        self.anna.sync().unwrap();
        assert!(!self.anna.bodies().iter().any(|there| there == body), "{body} arrived");
    }
}

// bob --> one.test [no words listed] --> anna, and bob is blocked between two messages
#[test]
fn a_block_made_while_messages_pass_without_questions_holds_for_the_very_next_one() {
    let mut house = house(true);
    for round in 0..10 {
        house.component.block(&[]);
        let questions = house.talk(30, "<body>hello</body>");
        assert!(questions < 30, "each message was asked about");
        house.component.block(&["bob@one.test"]);
        let body = format!("blocked {round}");
        house.bob.send(&message("anna@one.test", &body)).unwrap();
        house.nothing_of(&body);
    }
}

// bob --> one.test [words listed] --> anna
#[test]
fn where_words_are_listed_only_what_holds_no_text_passes_without_a_question() {
    let mut house = house(false);
    assert!(house.talk(30, TYPING) < 30, "each was asked about");
    assert_eq!(house.talk(10, "<body>hello</body>"), 10);
    for hidden in [
        "<body>casino</body>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'><reason>casino</reason></composing>",
        "<composing xmlns='http://jabber.org/protocol/chatstates' reason='casino'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'>casino</composing>",
        "<thread>casino</thread>",
    ] {
        house.talk(1, TYPING);
        let text = format!(
            "<message to='anna@one.test' id='hidden' type='chat'>{hidden}<x xmlns='urn:x'/></message>"
        );
        house.bob.send(&text).unwrap();
        house.nothing_of("casino");
        house.talk(1, TYPING);
        house.bob.send(&text.replace("<x xmlns='urn:x'/>", "")).unwrap();
        house.nothing_of("casino");
        assert!(!house.anna.inbox.iter().any(|stanza| stanza.attr("id") == Some("hidden")), "{hidden}");
    }
}

// bob --> one.test [stopped, while bob is blocked] --> anna
#[test]
fn a_server_that_hears_nothing_of_a_block_lets_nothing_pass_once_the_block_is_confirmed() {
    let mut house = house(true);
    house.talk(5, "<body>hello</body>");
    house.one.process().signal("STOP").unwrap();
    house.component.block(&["bob@one.test"]);
    house.bob.send(&message("anna@one.test", "after the block")).unwrap();
    house.one.process().signal("CONT").unwrap();
    house.nothing_of("after the block");
}

// bob --> one.test [the component hangs, while bob is blocked] --> anna
#[test]
fn a_component_that_hangs_lets_nothing_pass_once_a_block_is_confirmed() {
    let mut house = house(true);
    let mut carl = Client::available(house.one.c2s(), "carl@one.test/x").unwrap();
    house.talk(5, "<body>hello</body>");
    let judge = house.component.judge();
    *judge.more.lock().unwrap() = vec!["bob@one.test".to_owned()];
    let hang = judge.own.lock().unwrap();
    let before = judge.asked.load(Ordering::Relaxed);
    carl.send(&message("anna@one.test", "from carl")).unwrap();
    wait_for("the component to hang", WAIT, || {
        Ok((judge.asked.load(Ordering::Relaxed) > before).then_some(()))
    })
    .unwrap();
    judge.lists.publish(Snapshot::empty(3));
    house.bob.send(&message("anna@one.test", "after the block")).unwrap();
    house.bob.sync().unwrap();
    drop(hang);
    house.nothing_of("after the block");
    house.anna.wait_for_body("from carl").unwrap();
}

// bob --> one.test [another component comes, that blocks bob from the beginning] --> anna
#[test]
fn nothing_passes_by_the_leave_of_a_component_that_has_gone() {
    let mut house = house(true);
    house.talk(5, "<body>hello</body>");
    let House { one, component, mut anna, mut bob } = house;
    drop(component);
    let component = Component::dropping(&one);
    component.block(&["bob@one.test"]);
    wait_for("the module", WAIT, || Ok(component.module())).unwrap();
    bob.send(&message("anna@one.test", "after the restart")).unwrap();
    bob.sync().unwrap();
    anna.sync().unwrap();
    let mut house = House { one, component, anna, bob };
    house.nothing_of("after the restart");
}
