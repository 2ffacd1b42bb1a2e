//! Stanzas that pass without a question, and that no block is missed by it, through a real Prosody.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::sync::atomic::Ordering;

use common::{COMPONENT, Component, SECRET, filtered, message};
use policy_core::snapshot::Snapshot;
use testbed::PATIENCE;
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, body_of};

const TYPING: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";

struct House {
    one: Prosody,
    component: Component,
    anna: Client,
    bob: Client,
}

/// A house in which words are listed, or not.
fn house(words: bool) -> House {
    house_with(words, &filtered())
}

fn house_with(words: bool, options: &Options) -> House {
    let one = Prosody::start(options).unwrap();
    let component = Component::dropping(&one);
    component.judge().words.store(words, Ordering::Relaxed);
    wait_for("the module", PATIENCE, || Ok(component.module())).unwrap();
    let anna = Client::available(one.c2s(), "anna@one.test/phone").unwrap();
    let bob = Client::available(one.c2s(), "bob@one.test/x").unwrap();
    House { one, component, anna, bob }
}

impl House {
    fn asked(&self) -> usize {
        self.component.judge().asked.load(Ordering::Relaxed)
    }

    /// Sends messages, each when the one before has arrived; how many questions that took.
    fn talk(&mut self, messages: usize, content: &str) -> usize {
        let before = self.asked();
        for number in 0..messages {
            let id = format!("talk{number}");
            let text = format!("<message to='anna@one.test' type='chat' id='{id}'>{content}</message>");
            self.bob.send(&text).unwrap();
            self.anna.wait_for("a message", |stanza| stanza.attr("id") == Some(&id), PATIENCE).unwrap();
        }
        self.asked() - before
    }

    /// Talks until a message has passed without a question: from then on there is a grant, and a lease for a moment.
    fn talk_until_granted(&mut self, content: &str) {
        for _ in 0..100 {
            if self.talk(1, content) == 0 {
                return;
            }
        }
        panic!("each of 100 messages was asked about");
    }

    /// Asserts that this message of bob's, which he sent last, was kept from anna. His request behind it, which is
    /// judged after it, is answered by the server.
    fn nothing_of(&mut self, body: &str) {
        self.bob
            .send("<iq type='get' id='behind' to='anna@one.test'><query xmlns='urn:nobody:knows'/></iq>")
            .unwrap();
        self.bob.wait_for("an answer", |stanza| stanza.attr("id") == Some("behind"), PATIENCE).unwrap();
        self.anna.sync().unwrap();
        assert!(!self.anna.bodies().iter().any(|there| there == body), "{body} arrived");
    }
}

// bob --> one.test [no words listed] --> anna, and bob is blocked between two messages
#[test]
fn a_block_made_while_messages_pass_without_questions_holds_for_the_very_next_one() {
    let mut house = house(false);
    for round in 0..20 {
        house.component.block(&[]);
        house.talk_until_granted("<body>hello</body>");
        house.component.block(&["bob@one.test"]);
        let body = format!("blocked {round}");
        house.bob.send(&message("anna@one.test", &body)).unwrap();
        house.nothing_of(&body);
    }
}

// bob --> one.test [no words listed] --> anna, carl; anna's own list gets bob
#[test]
fn an_entry_of_a_members_own_holds_for_that_members_very_next_message() {
    let mut house = house(false);
    let mut carl = Client::available(house.one.c2s(), "carl@one.test/x").unwrap();
    house.talk_until_granted("<body>hello</body>");
    house.component.block_for("anna@one.test", "bob@one.test");
    for to in ["anna@one.test", "carl@one.test"] {
        house.bob.send(&message(to, "after the entry")).unwrap();
    }
    carl.wait_for_body("after the entry").unwrap();
    house.nothing_of("after the entry");
}

// bob --> one.test [words are listed between two messages] --> anna
#[test]
fn where_the_first_words_are_listed_texts_are_asked_about_at_once() {
    let mut house = house(false);
    house.talk_until_granted("<body>casino</body>");
    house.component.judge().words.store(true, Ordering::Relaxed);
    house.component.block(&[]);
    house.anna.inbox.clear();
    house.bob.send(&message("anna@one.test", "casino")).unwrap();
    house.nothing_of("casino");
}

// bob --> one.test [words listed] --> anna
#[test]
fn where_words_are_listed_only_what_holds_no_text_passes_without_a_question() {
    let mut house = house(true);
    house.talk_until_granted(TYPING);
    assert_eq!(house.talk(10, "<body>hello</body>"), 10);
    let state = "xmlns='http://jabber.org/protocol/chatstates'";
    for hidden in [
        "<body>casino</body>".to_owned(),
        "<thread>casino</thread>".to_owned(),
        "<body>hello</body><subject>casino</subject>".to_owned(),
        "<subject>hello</subject><body>casino</body>".to_owned(),
        "<body>hello</body><body xml:lang='de'>casino</body>".to_owned(),
        "<body/><body xml:lang='de'>&lt;casino&gt;</body>".to_owned(),
        "casino".to_owned(),
        format!("<composing {state}><reason>casino</reason></composing>"),
        format!("<composing {state} reason='casino'/>"),
        format!("<composing {state}>casino</composing>"),
        "<status xmlns='urn:x'>casino</status>".to_owned(),
    ] {
        house.talk_until_granted(TYPING);
        house
            .bob
            .send(&format!("<message to='anna@one.test' id='hidden' type='chat'>{TYPING}{hidden}</message>"))
            .unwrap();
        house.nothing_of("casino");
        assert!(!house.anna.inbox.iter().any(|stanza| stanza.attr("id") == Some("hidden")), "{hidden}");
    }
}

// bob --typing and texts by turns--> one.test [words listed: texts are asked about, typing isn't] --> anna
#[test]
fn what_passes_without_a_question_does_not_overtake_what_is_asked_about() {
    let mut house = house(true);
    house.talk_until_granted(TYPING);
    let mut sent = String::new();
    for number in 0..600 {
        let content = if number % 3 == 0 { "<body>hello</body>" } else { TYPING };
        sent += &format!("<message to='anna@one.test' type='chat' id='{number}'>{content}</message>");
        if number % 7 == 0 {
            house.bob.send(&sent).unwrap();
            sent.clear();
        }
    }
    house.bob.send(&sent).unwrap();
    for number in 0..600 {
        let stanza = house.anna.next(PATIENCE).unwrap().expect("the next message");
        assert_eq!(stanza.attr("id"), Some(number.to_string().as_str()));
    }
}

// bob --> one.test [stopped, while bob is blocked] --> anna
#[test]
fn a_server_that_hears_nothing_of_a_block_lets_nothing_pass_once_the_block_is_confirmed() {
    let mut house = house(false);
    house.talk_until_granted("<body>hello</body>");
    house.one.process().signal("STOP").unwrap();
    house.component.block(&["bob@one.test"]);
    house.bob.send(&message("anna@one.test", "after the block")).unwrap();
    house.one.process().signal("CONT").unwrap();
    house.nothing_of("after the block");
}

// bob --> one.test [the component hangs, while bob is blocked] --> anna
#[test]
fn a_component_that_hangs_lets_nothing_pass_once_a_block_is_confirmed() {
    let hold_off = filtered().line("postward_failure = \"hold-off\"").line("postward_timeout = 1");
    let mut house = house_with(false, &hold_off);
    let mut carl = Client::available(house.one.c2s(), "carl@one.test/x").unwrap();
    house.talk_until_granted("<body>hello</body>");
    let hang = house.component.judge().own.lock().unwrap();
    let before = house.asked();
    carl.send(&message("anna@one.test", "from carl")).unwrap();
    wait_for("the component to hang", PATIENCE, || Ok((house.asked() > before).then_some(()))).unwrap();
    // The news of this edit can't be told, nor what the module makes of it be heard.
    house.component.judge().lists.publish(Snapshot::empty(3));
    house.component.judge().lists.in_force();
    house
        .bob
        .send("<message to='anna@one.test' id='after' type='chat'><body>after the block</body></message>")
        .unwrap();
    // It was held, and not let through by what was granted before: failure mode hold-off decides about it.
    let answer =
        house.bob.wait_for("an answer", |stanza| stanza.attr("id") == Some("after"), PATIENCE).unwrap();
    assert_eq!(answer.attr("type"), Some("error"));
    drop(hang);
    house.anna.sync().unwrap();
    assert_eq!(house.anna.bodies(), [""; 0]);
}

// bob --> one.test [another component comes, that blocks bob from the beginning] --> anna
#[test]
fn nothing_passes_by_the_grant_of_a_component_that_has_gone() {
    let mut house = house(false);
    house.talk_until_granted("<body>hello</body>");
    let House { one, component, anna, bob } = house;
    drop(component);
    let component = Component::dropping(&one);
    component.block(&["bob@one.test"]);
    wait_for("the module", PATIENCE, || Ok(component.module())).unwrap();
    house = House { one, component, anna, bob };
    house.bob.send(&message("anna@one.test", "after the restart")).unwrap();
    house.nothing_of("after the restart");
}

// bob --> one.test [mod_postward is reloaded, then bob is blocked] --> anna
#[test]
fn a_module_that_was_reloaded_uses_no_grant_of_before_and_hears_of_a_block() {
    let mut house = house_with(false, &filtered().module("admin_shell"));
    for _ in 0..3 {
        house.component.block(&[]);
        house.talk_until_granted("<body>hello</body>");
        house.one.console(&["module", "reload", "postward"]).unwrap();
        assert_eq!(house.talk(1, "<body>hello</body>"), 1, "a grant outlived the module");
        house.talk_until_granted("<body>hello</body>");
        house.component.block(&["bob@one.test"]);
        house.bob.send(&message("anna@one.test", "after the block")).unwrap();
        house.nothing_of("after the block");
    }
}

// bob --> one.test --> anna, and 2100 accounts that aren't there
#[test]
fn the_grants_that_are_kept_are_bounded() {
    let mut house = house(false);
    house.talk_until_granted("<body>hello</body>");
    let crowd: String =
        (0..2100).map(|number| message(&format!("crowd{number}@one.test"), "hello")).collect();
    house.bob.send(&crowd).unwrap();
    let mut passed = false;
    for _ in 0..100 {
        // This one was granted last. Without a question there is a lease, so that anna's would need none either.
        let before = house.asked();
        house.bob.send(&message("crowd2099@one.test", "hello")).unwrap();
        house
            .bob
            .send("<iq type='get' id='behind' to='crowd2099@one.test'><x xmlns='urn:x:y' a='b'/></iq>")
            .unwrap();
        house.bob.wait_for("an answer", |stanza| stanza.attr("id") == Some("behind"), PATIENCE).unwrap();
        if house.asked() == before + 1 {
            passed = true;
            break;
        }
    }
    assert!(passed, "each was asked about");
    assert_eq!(house.talk(1, "<body>hello</body>"), 1, "more than 2,000 grants are kept");
}

// bob --> one.test [a module that doesn't say it knows short answers and grants] --> anna
#[test]
fn a_module_of_before_there_were_grants_gets_a_verdict_for_each_question() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("mod_postward");
    std::fs::create_dir(&module).unwrap();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prosody/mod_postward");
    for file in std::fs::read_dir(source).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let text = text.replace(", delivered = \"true\"", "").replace("hear_delivered(stanza) or", "");
        std::fs::write(module.join(file.file_name()), text).unwrap();
    }
    let options = Options::new(&["one.test"]).line("limits = { }").module("postward");
    let options = options.plugin_path(folder.path()).component(COMPONENT, SECRET);
    let mut house = house_with(false, &options.line(&format!("postward_component = \"{COMPONENT}\"")));
    assert_eq!(house.talk(20, "<body>hello</body>"), 20);
    house.component.block(&["bob@one.test"]);
    house.bob.send(&message("anna@one.test", "after the block")).unwrap();
    house.nothing_of("after the block");
    assert!(!house.one.log().contains("didn't answer"), "{}", house.one.log());
}

// anna, bob in a room of rooms.one.test
#[test]
fn what_goes_through_a_room_is_always_asked_about() {
    let mut house = house(false);
    house.talk_until_granted("<body>hello</body>");
    for (client, nick) in [(&mut house.anna, "anna"), (&mut house.bob, "bob")] {
        client
            .send(&format!(
                "<presence to='kitchen@rooms.one.test/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
            ))
            .unwrap();
        client.wait_for("the room", |stanza| stanza.name() == "message", PATIENCE).unwrap();
    }
    let before = house.asked();
    for number in 0..10 {
        for (to, kind) in [("kitchen@rooms.one.test", "groupchat"), ("kitchen@rooms.one.test/anna", "chat")] {
            let body = format!("{kind} {number}");
            house
                .bob
                .send(&format!("<message to='{to}' type='{kind}'><body>{body}</body></message>"))
                .unwrap();
            house.anna.wait_for("it", |stanza| body_of(stanza).as_deref() == Some(&body), PATIENCE).unwrap();
        }
    }
    // A private message is asked about on its way into the room, and on its way out.
    assert_eq!(house.asked() - before, 30);
}
