//! Chat between two servers and between local users, with entries made on the real command line.
//!
//! ```text
//! mallory, friend --c2s--> Prosody two --s2s--> Prosody one --c2s--> alice, carol
//!                                                  |
//!                                 mod_postward + component <--> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use anyhow::Result;
use testbed::PATIENCE;
use testbed::daemon::{Postward, ServeOptions};
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;

const COMPONENT: &str = "postward.one.test";
const SECRET: &str = "of the tests alone";

struct ChatHouse {
    postward: Postward,
    one: Prosody,
    two: Prosody,
}

impl ChatHouse {
    fn new() -> Result<Self> {
        let ours = Options::new(&["one.test"]).rooms("rooms.one.test").postward(COMPONENT, SECRET);
        let theirs = Options::new(&["two.test", "sub.evil.test"]);
        let [one, two] = Prosody::start_all([&ours, &theirs])?;
        let mut postward = common::postward()?;
        let xmpp = Some((one.component_address(), COMPONENT.to_owned(), SECRET.to_owned()));
        postward.serve(&ServeOptions { xmpp, ..ServeOptions::default() })?;
        postward.wait_for_chat()?;
        Ok(Self { postward, one, two })
    }
}

fn message(to: &str, body: &str) -> String {
    format!("<message type='chat' to='{to}'><body>{body}</body></message>")
}

#[test]
fn blocked_jids_domains_and_words_are_dropped_and_the_rest_arrives_in_order() -> Result<()> {
    let house = ChatHouse::new()?;
    house.postward.ok(["block", "mallory@two.test", "evil.test", "carol@one.test", "casino night"])?;
    let mut alice = Client::available(house.one.c2s(), "alice@one.test/home")?;
    let mut mallory = Client::available(house.two.c2s(), "mallory@two.test/home")?;
    let mut evil = Client::available(house.two.c2s(), "x@sub.evil.test/home")?;
    let mut friend = Client::available(house.two.c2s(), "friend@two.test/home")?;
    let mut carol = Client::available(house.one.c2s(), "carol@one.test/home")?;
    let mut dave = Client::available(house.one.c2s(), "dave@one.test/home")?;

    for client in [&mut mallory, &mut evil, &mut carol] {
        client.send(&message("alice@one.test", "from somebody blocked"))?;
        client.send("<presence type='subscribe' to='alice@one.test'/>")?;
        client.sync()?;
    }
    friend.send(&message("alice@one.test", "f1"))?;
    friend.send(&message("alice@one.test", "a Casino\u{a0}NIGHT for you"))?;
    friend.send(&message("alice@one.test", "f2"))?;
    friend.sync()?;
    dave.send(&message("alice@one.test", "d1"))?;
    dave.send(&message("alice@one.test", "casino night"))?;
    dave.send(&message("alice@one.test", "d2"))?;
    // Absence is shown where the message would have arrived: what each sender sent last has come, and nothing of the
    // blocked ones before it.
    alice.keep_until(&["f2", "d2"])?;
    house.postward.ok(["remove", "mallory@two.test", "evil.test", "carol@one.test"])?;
    for (client, last) in [(&mut mallory, "m"), (&mut evil, "e"), (&mut carol, "c")] {
        client.send(&message("alice@one.test", last))?;
        alice.keep_until(&[last])?;
    }
    let bodies = alice.bodies();
    let of =
        |prefix: char| bodies.iter().filter(|body| body.starts_with(prefix)).cloned().collect::<Vec<_>>();
    assert_eq!(of('f'), ["f1", "f2"]);
    assert_eq!(of('d'), ["d1", "d2"]);
    assert_eq!(bodies.len(), 7, "{bodies:?}");
    assert!(alice.inbox.iter().all(|stanza| stanza.attr("type") != Some("subscribe")));
    Ok(())
}

#[test]
fn presence_reaches_several_contacts_and_room_messages_several_occupants() -> Result<()> {
    let house = ChatHouse::new()?;
    house.postward.ok(["block", "casino"])?;
    let join = |name: &str| -> Result<Client> {
        let mut client = Client::available(house.one.c2s(), &format!("{name}@one.test/home"))?;
        client.send(&format!(
            "<presence to='den@rooms.one.test/{name}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        ))?;
        client.wait_for(
            "the room's self-presence",
            |stanza| {
                stanza.name() == "presence"
                    && stanza.attr("from").is_some_and(|from| from.ends_with(name))
                    && String::from(stanza).contains("110")
            },
            testbed::PATIENCE,
        )?;
        Ok(client)
    };
    let (mut alice, mut bob, mut carol) = (join("alice")?, join("bob")?, join("carol")?);
    for body in ["one", "a casino", "two"] {
        bob.send(&format!(
            "<message type='groupchat' to='den@rooms.one.test'><body>{body}</body></message>"
        ))?;
    }
    for client in [&mut alice, &mut bob, &mut carol] {
        client.keep_until(&["two"])?;
    }
    for client in [&alice, &carol] {
        let bodies: Vec<String> = client.bodies().into_iter().filter(|body| !body.is_empty()).collect();
        assert_eq!(bodies, ["one", "two"]);
    }
    Ok(())
}

/// A usual slip: `postward` isn't among the modules of any host, or only among those of the rooms.
#[test]
fn chat_is_not_said_to_be_watched_where_prosody_never_asks() -> Result<()> {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("xmpp-component/prosody");
    let nowhere = Options::new(&["one.test"]).component(COMPONENT, SECRET);
    let rooms = "Component \"rooms.one.test\" \"muc\"\nmodules_enabled = { \"postward\" }";
    let rooms = nowhere
        .clone()
        .plugin_path(&modules)
        .line(&format!("postward_component = \"{COMPONENT}\""))
        .line(rooms);
    for (options, front, said, code) in [
        (nowhere, "Chat is NOT being watched: mod_postward has not been heard from", "Not yet on chat", 1),
        (rooms, "Chat is being watched, but not at one.test", "Not at one.test, where nothing is judged", 0),
    ] {
        let prosody = Prosody::start(&options)?;
        let mut postward = common::postward()?;
        let xmpp = Some((prosody.component_address(), COMPONENT.to_owned(), SECRET.to_owned()));
        postward.serve(&ServeOptions { xmpp, ..ServeOptions::default() })?;
        wait_for("the state of chat", PATIENCE, || {
            let status = postward.run(["status"])?;
            let text = String::from_utf8_lossy(&status.stdout).into_owned();
            let there = text.contains("Chat: open") && text.contains("judged at one.test");
            let nowhere =
                text.contains("Chat: open") && text.contains("mod_postward has not been heard from");
            Ok((if code == 0 { there } else { nowhere } && status.status.code() == Some(code)).then_some(()))
        })?;
        let blocked = postward.ok(["block", "mallory@two.test"])?;
        assert!(blocked.contains("In force on mail") && blocked.contains(said), "{blocked}");
        let page =
            common::http::Client::admin(&postward)?.get("")?.body.replace(['\u{2068}', '\u{2069}'], "");
        assert!(page.contains(front) && !page.contains("Chat is being watched."), "{page}");
    }
    Ok(())
}
