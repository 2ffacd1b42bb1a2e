//! Blocking by writing to the component, as one writes to a person; and that nobody else learns that it is there.
//!
//! ```text
//! alice, bob, root --c2s--> Prosody one --guard--> component --> lists
//! mallory, eve --c2s--> Prosody two --s2s-->|
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::come;
use common::desk::{COMMANDS, COMPONENT, DeskHouse, ask, condition, from_component, link_in, say, say_raw};
use testbed::PATIENCE;
use testbed::browser::Browser;
use testbed::prosody::Options;
use testbed::xmpp::{Client, Element, body_of};

fn forwarded(message: &str) -> String {
    format!("<forwarded xmlns='urn:xmpp:forward:0'>{message}</forwarded>")
}

fn said_by(jid: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' from='{jid}' to='alice@one.test'><body>you will see</body></message>"
    )
}

#[test]
fn a_message_blocks_says_what_it_will_catch_and_undo_takes_it_back() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut alice, mut mallory) = (house.client("alice")?, house.stranger("mallory")?);
    let mut bob = house.client("bob")?;
    let answer = say(&mut alice, "Block Mallory@two.test")?;
    assert_eq!(
        answer,
        "Blocked for you: the address Mallory@two.test.\n\
         Chat messages from it don’t arrive any more. The sender isn’t told, and what is dropped is gone.\n\
         No mail address of yours is known here, so it counts in chat only: your admin can add the address.\n\
         Note: to cover every address there, use the domain two.test.\n\
         To take it back, write undo."
    );
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "one")?, Vec::<String>::new());
    assert!(say(&mut alice, "block mallory@two.test")?.starts_with("Nothing has changed: the address"));
    assert!(say(&mut bob, "undo")?.starts_with("There is nothing"), "another account's change");
    assert!(
        say(&mut alice, "undo")?.starts_with("Taken back: the address Mallory@two.test is no longer blocked")
    );
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "two")?, ["mallory"]);
    assert!(say(&mut alice, "undo")?.starts_with("There is nothing"));

    say(&mut alice, "block words you will see")?;
    mallory.send("<message type='chat' to='alice@one.test'><body>You will see.</body></message>")?;
    mallory.sync()?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "three")?, ["mallory"]);
    assert!(!alice.bodies().contains(&"You will see.".to_owned()));
    let list = say(&mut alice, "list")?;
    assert!(
        list.starts_with("One entry on your list") && list.contains("blocked: the words “you will see”"),
        "{list}"
    );
    assert!(say(&mut alice, "remove you will see")?.starts_with("Removed: the words"));
    assert!(say(&mut alice, "undo")?.contains("is blocked again"));
    assert!(say(&mut alice, "list")?.contains("you will see"));
    let undone = say(&mut alice, "undo")?;
    assert!(undone.contains("is no longer blocked"), "the change before, of the same entry: {undone}");
    assert!(!say(&mut alice, "list")?.contains("you will see"));
    // By what she wrote to block it.
    for words in ["words see you soon", "words: see you soon"] {
        say(&mut alice, "block words see you soon")?;
        assert!(say(&mut alice, &format!("remove {words}"))?.starts_with("Removed: the words"));
    }
    // As phones write it.
    say(&mut alice, "block “mallory@two.test”")?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "four")?, Vec::<String>::new());
    assert!(say(&mut alice, "help")?.contains("block mallory@example.org"));
    let log = house.postward.log();
    assert!(!log.contains("two.test") && !log.contains("alice"), "{log}");
    Ok(())
}

// prvs=1234=joe and joe (two.test): as mail addresses they would be the same
#[test]
fn a_jid_that_looks_like_a_rewritten_mail_address_is_taken_whole() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    for (odd, plain) in [("prvs=1234=joe", "joe"), ("srs0=hash=tt=three.test=tom", "tom")] {
        let (mut odd_one, mut plain_one) = (house.stranger(odd)?, house.stranger(plain)?);
        let said = say(&mut alice, &format!("block {odd}@two.test"))?;
        assert!(said.starts_with("Blocked for you: the address") && !said.contains("taken as"), "{said}");
        assert_eq!(house.reach(&mut alice, &mut [&mut odd_one, &mut plain_one], odd)?, [plain]);
        let said = say(&mut alice, &format!("remove {odd}@two.test"))?;
        assert!(said.starts_with("Removed: the address"), "{said}");
        assert_eq!(house.reach(&mut alice, &mut [&mut odd_one, &mut plain_one], plain)?, [odd, plain]);
        // The same at the command line, where the entry is for chat alone.
        house.postward.ok(["block", "--only", "xmpp", &format!("{odd}@two.test")])?;
        let typed = format!("{odd} typed");
        assert_eq!(house.reach(&mut alice, &mut [&mut odd_one, &mut plain_one], &typed)?, [plain]);
    }
    Ok(())
}

#[test]
fn what_is_unclear_is_asked_and_nothing_changes_before_the_answer() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let empty = |alice: &mut Client| -> Result<()> {
        assert_eq!(say(alice, "list")?, "Your list is empty.");
        Ok(())
    };
    for (text, beginning) in [
        ("block", "That doesn’t say whom it is from"),
        ("please stop him", "I didn’t understand that"),
        ("> you will see\n\nblock that", "That doesn’t say whom it is from"),
        ("block a@two.test\nb@two.test", "Please write one line"),
        ("block a@two.test b@two.test", "Not an address: there are several addresses"),
        ("yes", "I have asked nothing"),
        ("1", "I have asked nothing"),
        ("remove nobody@two.test", "That isn’t on your list"),
        ("household block a@two.test", "Only an admin"),
    ] {
        let answer = say(&mut alice, text)?;
        assert!(answer.starts_with(beginning), "{text}: {answer}");
    }
    empty(&mut alice)?;
    // Whoever wrote the quoted text may have put the addresses there.
    let answer = say(&mut alice, "block\n> Mallory (mallory@two.test) wrote:\n> write to friend@two.test")?;
    assert!(answer.contains("1  mallory@two.test") && answer.contains("2  friend@two.test"), "{answer}");
    assert!(say(&mut alice, "3")?.starts_with("There is no such number"));
    empty(&mut alice)?;
    say(&mut alice, "block\n> Mallory (mallory@two.test) wrote:\n> write to friend@two.test")?;
    assert!(say(&mut alice, "1")?.starts_with("Blocked for you: the address mallory@two.test"));
    assert!(say(&mut alice, "2")?.starts_with("I have asked nothing"), "a question is answered once");
    say(&mut alice, "undo")?;
    // Public suffixes, what millions share, and words that were perhaps none.
    let mut alice = house.client("anna")?;
    for (text, why) in [
        ("block github.io", "github.io doesn’t belong to one owner"),
        ("block gmail.com", "Gmail.com is used by very many people"),
        ("block one.test", "Your own account is at one.test"),
        ("block mallory", "That is no address and no domain"),
        ("block words ok", "“ok” is very short"),
    ] {
        let answer = say(&mut alice, text)?;
        assert!(answer.starts_with(why) && answer.ends_with("write yes."), "{text}: {answer}");
        say(&mut alice, "help")?;
        assert!(
            say(&mut alice, "yes")?.starts_with("I have asked nothing"),
            "the answer comes next or never"
        );
        empty(&mut alice)?;
        say(&mut alice, text)?;
        assert!(say(&mut alice, "Yes")?.starts_with("Blocked for you:"), "{text}");
        say(&mut alice, "undo")?;
    }
    Ok(())
}

#[test]
fn somebody_in_a_room_is_not_taken_for_the_whole_room_unasked() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    for whole in ["hall@rooms.two.test", "mallory@two.test"] {
        let answer = say(&mut alice, &format!("block {whole}/there"))?;
        assert!(answer.starts_with("What stands behind the slash isn’t told apart: all of "), "{answer}");
        assert!(answer.contains(whole) && answer.ends_with("write yes."), "{answer}");
        assert_eq!(say(&mut alice, "list")?, "Your list is empty.");
    }
    say(&mut alice, "block mallory@two.test/there")?;
    assert!(say(&mut alice, "yes")?.starts_with("Blocked for you:"));
    Ok(())
}

#[test]
fn a_forwarded_messages_sender_is_blocked_and_a_rooms_is_not_known() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut alice, mut mallory) = (house.client("alice")?, house.stranger("mallory")?);
    let answer_to = |alice: &mut Client, content: &str| -> Result<String> {
        Ok(body_of(&say_raw(alice, content)?).unwrap_or_default())
    };
    // Clients write something of their own beside it.
    let content = format!("<body>Forwarded message</body>{}", forwarded(&said_by("mallory@two.test/phone")));
    assert!(answer_to(&mut alice, &content)?.starts_with("Blocked for you: the address mallory@two.test."));
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "one")?, Vec::<String>::new());
    say(&mut alice, "undo")?;
    let content = format!("<body>try</body>{}", forwarded(&said_by("mallory@two.test/phone")));
    assert!(answer_to(&mut alice, &content)?.starts_with("Chat: gets through."));
    let content = format!("<body>allow</body>{}", forwarded(&said_by("mallory@two.test/phone")));
    assert!(answer_to(&mut alice, &content)?.starts_with("Allowed for you: the address mallory@two.test."));
    say(&mut alice, "undo")?;
    // The person who must be kept out may live here.
    let answer = answer_to(&mut alice, &forwarded(&said_by("bob@one.test/x")))?;
    assert!(answer.starts_with("Blocked for you: the address bob@one.test."), "{answer}");
    say(&mut alice, "undo")?;

    // Somebody called like a wildcard.
    let mut friend = house.stranger("friend")?;
    let mut star = house.stranger("*")?;
    assert!(answer_to(&mut alice, &forwarded(&said_by("*@two.test/x")))?.starts_with("Blocked for you"));
    assert_eq!(house.reach(&mut alice, &mut [&mut friend, &mut star], "two")?, ["friend"]);
    say(&mut alice, "undo")?;

    let room = "<message xmlns='jabber:client' type='groupchat' from='den@rooms.one.test/mallory'><body>x</body></message>";
    let private = "<message xmlns='jabber:client' type='chat' from='den@rooms.one.test/mallory'><body>x</body>\
                   <x xmlns='http://jabber.org/protocol/muc#user'/></message>";
    for (message, beginning) in [
        (room.to_owned(), "That is from a group chat"),
        (private.to_owned(), "That is from a group chat"),
        (said_by("alice@one.test/home"), "That is from yourself"),
        (said_by("two.test"), "That doesn’t say whom it is from"),
        (said_by(""), "That doesn’t say whom it is from"),
        (
            "<message xmlns='jabber:client'><body>x</body></message>".to_owned(),
            "That doesn’t say whom it is from",
        ),
    ] {
        let answer = answer_to(&mut alice, &forwarded(&message))?;
        assert!(answer.starts_with(beginning), "{message}: {answer}");
    }
    let encrypted =
        "<encrypted xmlns='eu.siacs.conversations.axolotl'/><body>I sent you an OMEMO message</body>";
    assert!(answer_to(&mut alice, encrypted)?.starts_with("I can’t read encrypted messages"));
    assert_eq!(say(&mut alice, "list")?, "Your list is empty.");
    Ok(())
}

// alice and mallory (two.test) in a room of one.test's and in one of two.test's; she forwards what he said there to her alone,
// without a word that it is from a room (XEP-0045 section 7.5 has the mark only since 2016)
#[test]
fn whom_a_forwarded_message_is_from_is_asked_where_it_may_be_a_whole_room() -> Result<()> {
    let rooms = |host: &str| Options::new(&[host]).rooms(&format!("rooms.{host}"));
    let elsewhere = rooms("two.test").line("muc_room_default_public_jids = true");
    let house = DeskHouse::beside(&elsewhere)?;
    let (mut alice, mut mallory) = (house.client("alice")?, house.stranger("mallory")?);
    let forward = |alice: &mut Client, from: &str| -> Result<String> {
        Ok(body_of(&say_raw(alice, &forwarded(&said_by(from)))?).unwrap_or_default())
    };
    let (hall, den) = ("hall@rooms.two.test", "den@rooms.one.test");
    for room in [hall, den] {
        for (client, nick) in [(&mut alice, "alice"), (&mut mallory, "mal")] {
            let join = format!(
                "<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
            );
            client.send(&join)?;
            client.wait_for("to be in", |s| s.children().any(|child| child.name() == "subject"), PATIENCE)?;
        }
    }
    alice.wait_for("him", |s| s.attr("from") == Some("den@rooms.one.test/mal"), PATIENCE)?;
    // Her room shows her who he is, as she is its moderator; so does the other room everybody.
    for room in [hall, den] {
        assert!(forward(&mut alice, &format!("{room}/alice"))?.starts_with("That is from yourself"));
        let asked = forward(&mut alice, &format!("{room}/mal"))?;
        assert!(asked.starts_with(&format!("That is from a group chat, {room}, and nothing")), "{asked}");
        let choices: Vec<&str> = asked.lines().skip(1).collect();
        assert_eq!(choices.len(), 2, "{asked}");
        assert_eq!(choices[0], "1  mallory@two.test, who has that name there now");
        assert!(choices[1].starts_with(&format!("2  {room}, the whole group chat")), "{asked}");
        assert_eq!(say(&mut alice, "list")?, "Your list is empty.");
        forward(&mut alice, &format!("{room}/mal"))?;
        assert!(say(&mut alice, "1")?.starts_with("Blocked for you: the address mallory@two.test."));
        say(&mut alice, "undo")?;
        forward(&mut alice, &format!("{room}/mal"))?;
        assert!(say(&mut alice, "2")?.starts_with(&format!("Blocked for you: the address {room}.")));
        say(&mut alice, "undo")?;
    }
    // Whoever isn't in the room, or no moderator, doesn't learn it by forwarding what nobody said.
    let (mut bob, mut eve) = (house.client("bob")?, house.client("eve")?);
    bob.send(&format!("<presence to='{den}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>"))?;
    bob.wait_for("to be in", |s| s.children().any(|child| child.name() == "subject"), PATIENCE)?;
    for client in [&mut bob, &mut eve] {
        let asked = forward(client, &format!("{den}/mal"))?;
        assert!(asked.contains("which doesn’t say who wrote it") && !asked.contains("mallory@"), "{asked}");
        assert!(asked.contains(&format!("1  {den}, the whole group chat")), "{asked}");
        assert_eq!(say(client, "list")?, "Your list is empty.");
    }
    // Nobody knows what this is: what was blocked is said plainly.
    let done = forward(&mut alice, "hall@rooms.three.test/mal")?;
    assert!(done.starts_with("Blocked for you: the address hall@rooms.three.test."), "{done}");
    let note = "Note: if hall@rooms.three.test is a group chat, this is about all of it: everybody in it.";
    assert!(done.contains(note) && done.ends_with("To take it back, write undo."), "{done}");
    // An account here is none.
    let done = forward(&mut alice, "bob@one.test/x")?;
    assert!(
        done.starts_with("Blocked for you: the address bob@one.test.") && !done.contains("group chat"),
        "{done}"
    );
    Ok(())
}

#[test]
fn what_is_not_done_or_does_not_hold_is_not_said() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut alice, mut root) = (house.client("alice")?, house.client("root")?);
    for (own, note) in [
        ("alice@one.test", "Note: what your own clients send to your own account in chat arrives"),
        (COMPONENT, "Note: my own answers arrive all the same."),
    ] {
        let answer = say(&mut alice, &format!("block {own}"))?;
        assert!(answer.starts_with("Blocked for you") && answer.contains(note), "{answer}");
        assert!(say(&mut alice, "undo")?.ends_with("is no longer blocked by your list."));
    }
    let two = format!("{}{}", forwarded(&said_by("m1@two.test")), forwarded(&said_by("m2@two.test")));
    let answer = body_of(&say_raw(&mut alice, &two)?).unwrap_or_default();
    assert!(answer.starts_with("Those are several messages."), "{answer}");
    assert_eq!(say(&mut alice, "list")?, "Your list is empty.");
    let other = format!("<body>block m3@two.test</body>{}", forwarded(&said_by("m4@two.test")));
    let answer = body_of(&say_raw(&mut alice, &other)?).unwrap_or_default();
    assert!(answer.starts_with("Blocked for you: the address m3@two.test."), "{answer}");
    assert!(answer.ends_with("have not looked at what you forwarded."), "{answer}");
    say(&mut root, "household block m5@two.test")?;
    assert!(say(&mut root, "undo")?.ends_with("is no longer blocked by the household’s list."));
    Ok(())
}

#[test]
fn long_lists_come_in_pages_and_remove_finds_what_is_half_remembered() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut root = house.client("root")?;
    let file = house.postward.folder().join("long.txt");
    std::fs::write(&file, (0..25).map(|n| format!("spam{n:02}.example\n")).collect::<String>())?;
    house.postward.ok(["import", file.to_str().unwrap()])?;
    let first = say(&mut root, "household list")?;
    assert!(
        first.starts_with("25 entries on the household’s list") && first.ends_with("write more."),
        "{first}"
    );
    let second = say(&mut root, "more")?;
    let shown = |text: &str| (0..25).filter(|n| text.contains(&format!("spam{n:02}.example"))).count();
    assert_eq!((shown(&first), shown(&second), shown(&format!("{first}{second}"))), (20, 5, 25));
    assert!(say(&mut root, "more")?.starts_with("I have asked nothing"));
    let answer = say(&mut root, "household remove spam1")?;
    assert!(answer.starts_with("Nothing has changed yet") && answer.contains("9  blocked:"), "{answer}");
    let chosen = answer.lines().find_map(|line| line.strip_prefix("3  blocked: the domain ")).unwrap();
    let chosen = chosen.split(' ').next().unwrap();
    assert!(say(&mut root, "3")?.starts_with(&format!("Removed: the domain {chosen}")));
    assert!(say(&mut root, "household list")?.starts_with("24 entries"));
    say(&mut root, "undo")?;
    assert!(say(&mut root, "household list")?.starts_with("25 entries"));
    assert_eq!(say(&mut root, "list")?, "Your list is empty.", "the admin's own list is another one");
    Ok(())
}

// alice's two clients, carbons on, and her archive
#[test]
fn answers_are_for_the_client_that_asked_and_for_no_archive() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut phone = house.client("alice")?;
    let mut tablet = Client::available(house.one.c2s(), "alice@one.test/tablet")?;
    for client in [&mut phone, &mut tablet] {
        client.send("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>")?;
        client.sync()?;
    }
    let answer = say_raw(&mut phone, "<body>block mallory@two.test</body>")?;
    assert!(answer.has_child("no-store", "urn:xmpp:hints"), "{}", String::from(&answer));
    // Something else, whose copy comes later and is archived.
    phone.send("<message type='chat' to='bob@one.test'><body>hello</body></message>")?;
    let copied = |stanza: &Element| String::from(stanza).contains("hello");
    tablet.sync()?;
    let copy = tablet.inbox.iter().find(|stanza| copied(stanza)).is_some();
    if !copy {
        tablet.wait_for("the copy", copied, PATIENCE)?;
    }
    let seen = tablet.inbox.iter().map(String::from).collect::<String>();
    assert!(!seen.contains("Blocked for you"), "{seen}");
    phone.send("<iq type='set' id='archive'><query xmlns='urn:xmpp:mam:2'/></iq>")?;
    let mut archive = String::new();
    loop {
        let stanza = phone.wait_for("the archive", |_| true, PATIENCE)?;
        if stanza.attr("id") == Some("archive") {
            break;
        }
        archive.push_str(&String::from(&stanza));
    }
    assert!(archive.contains("hello"), "{archive}");
    assert!(!archive.contains("Blocked for you"), "{archive}");
    Ok(())
}

#[test]
fn accounts_here_see_what_the_component_offers() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let info =
        String::from(&ask(&mut alice, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>")?);
    for feature in [COMMANDS, "urn:xmpp:ping", "vcard-temp", "jabber:x:data"] {
        assert!(info.contains(&format!("var='{feature}'")), "{info}");
    }
    assert!(info.contains("category='automation'") && info.contains("type='command-list'"), "{info}");
    let items = format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{COMMANDS}'/>");
    let items = ask(&mut alice, "get", &items)?;
    let query = items.children().next().unwrap();
    let nodes: Vec<&str> = query.children().filter_map(|item| item.attr("node")).collect();
    assert_eq!(nodes, ["block", "allow", "list", "remove", "try", "page"]);
    for node in nodes {
        let info = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
        let info = String::from(&ask(&mut alice, "get", &info)?);
        assert!(info.contains("type='command-node'"), "{info}");
    }
    let vcard = ask(&mut alice, "get", "<vCard xmlns='vcard-temp'/>")?;
    assert!(String::from(&vcard).contains("<FN>Postward</FN>"));
    assert_eq!(ask(&mut alice, "get", "<ping xmlns='urn:xmpp:ping'/>")?.attr("type"), Some("result"));
    alice.send("<iq type='get' id='items' to='one.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")?;
    let items = alice.wait_for("the items", |stanza| stanza.attr("id") == Some("items"), PATIENCE)?;
    assert!(String::from(&items).contains(COMPONENT), "their server names it");
    let unknown = "<query xmlns='http://jabber.org/protocol/disco#info' node='no such'/>";
    assert_eq!(condition(&ask(&mut alice, "get", unknown)?), "item-not-found");
    Ok(())
}

// alice --> component, then her browser --> page
#[test]
fn open_my_page_gives_a_link_for_the_client_that_asked_and_no_archive() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let answer = say_raw(&mut alice, "<body>Open my page</body>")?;
    // Prosody takes `private` out on delivery.
    for hint in ["no-store", "no-copy"] {
        assert!(answer.children().any(|child| child.name() == hint), "{}", String::from(&answer));
    }
    let said = body_of(&answer).unwrap_or_default();
    assert!(said.contains("works once, for 60 minutes"), "{said}");
    let key = link_in(&said).unwrap();
    assert!(house.arrive(&key)?.starts_with("HTTP/1.1 303"));
    assert!(house.arrive(&key)?.starts_with("HTTP/1.1 403"), "it works once");
    Ok(())
}

// the admin names bob's account for a member, and opens that one's page, before bob ever wrote
#[test]
fn whoever_claims_an_account_before_its_owner_writes_reads_nothing_of_its_list() -> Result<()> {
    let house = DeskHouse::new()?;
    house.postward.ok(["member", "add", "bobby", "--jid", "bob@one.test"])?;
    let list = format!("{}list", house.postward.page());
    let welcome = |said: &str| link_in(said).map(|key| format!("{}welcome?key={key}", house.postward.page()));
    let spy = Browser::open(360)?;
    come(
        &spy,
        &welcome(&house.postward.ok(["member", "link", "bobby"])?).unwrap(),
        "the password of a spy",
        "",
    )?;

    let mut bob = house.client("bob")?;
    let said = say(&mut bob, "block his-ex@two.test")?;
    assert!(said.starts_with("Blocked for you"), "{said}");
    spy.goto(&list)?;
    assert!(!spy.text()?.contains("his-ex@two.test"), "{}", spy.text()?);
    let told =
        |stanza: &Element| body_of(stanza).is_some_and(|body| body.contains("somebody opened by a link"));
    bob.wait_for("to be told", told, PATIENCE)?;

    let bobs = Browser::open(360)?;
    come(&bobs, &welcome(&say(&mut bob, "page")?).unwrap(), "the password of bob", "")?;
    say(&mut bob, "block another@two.test")?;
    // What was said of the link may have come before the answer.
    say(&mut bob, "list")?;
    bobs.goto(&list)?;
    let shown = bobs.text()?;
    assert!(shown.contains("his-ex@two.test") && shown.contains("another@two.test"), "{shown}");
    spy.goto(&list)?;
    assert!(!spy.text()?.contains("@two.test"), "{}", spy.text()?);
    Ok(())
}

#[test]
fn without_an_address_of_the_page_its_said_what_the_admin_must_set() -> Result<()> {
    let mut house = DeskHouse::new()?;
    house.postward.stop()?;
    house.serve_configured("")?;
    let mut alice = house.client("alice")?;
    let answer = say(&mut alice, "page")?;
    assert!(answer.contains("set url under [web]") && !answer.contains("key="), "{answer}");
    assert!(!house.postward.ok(["member", "list"])?.contains("alice"));
    Ok(())
}

// somebody without an account, on a host of ours that takes anybody --> the component
#[test]
fn a_guest_without_an_account_is_a_stranger_too() -> Result<()> {
    let guests = "VirtualHost \"guests.test\"\nauthentication = \"anonymous\"";
    let house = DeskHouse::with(|options| options.line(guests))?;
    let mut guest = Client::anonymous(house.one.c2s(), "guests.test")?;
    for body in ["block alice@one.test", "page"] {
        guest.send(&format!("<message to='{COMPONENT}'><body>{body}</body></message>"))?;
    }
    for payload in ["<ping xmlns='urn:xmpp:ping'/>", "<query xmlns='http://jabber.org/protocol/disco#info'/>"]
    {
        assert_eq!(condition(&ask(&mut guest, "get", payload)?), "service-unavailable");
    }
    guest.send(
        "<iq type='get' id='i' to='guests.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    )?;
    let items = guest.wait_for("the items", |stanza| stanza.attr("id") == Some("i"), PATIENCE)?;
    assert!(!String::from(&items).contains(COMPONENT), "{}", String::from(&items));
    assert!(!guest.inbox.iter().any(from_component), "{:?}", guest.inbox);
    assert!(!house.postward.ok(["member", "list"])?.contains("guests.test"));
    Ok(())
}

// eve, over s2s and in a room of ours --> the component, which her server can even reach
#[test]
fn a_stranger_and_a_room_learn_nothing_and_change_nothing() -> Result<()> {
    let house = DeskHouse::with(Options::reachable_component)?;
    let (mut alice, mut eve) = (house.client("alice")?, house.stranger("eve")?);
    let join = |client: &mut Client, nick: &str| -> Result<()> {
        client.send(&format!(
            "<presence to='den@rooms.one.test/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        ))?;
        let own = |stanza: &Element| stanza.name() == "presence" && String::from(stanza).contains("110");
        client.wait_for("the room", own, PATIENCE).map(drop)
    };
    join(&mut alice, "alice")?;
    join(&mut eve, "eve")?;
    let block = |whom: &str| format!("<body>block {whom}</body>");
    let invite = |whom: &str| {
        format!(
            "<message to='den@rooms.one.test'><x xmlns='http://jabber.org/protocol/muc#user'><invite \
             to='{COMPONENT}'><reason>block {whom}</reason></invite></x></message>"
        )
    };
    eve.send(&format!("<message type='chat' to='{COMPONENT}'>{}</message>", block("friend@two.test")))?;
    eve.send(&format!("<presence to='{COMPONENT}' type='subscribe'/><presence to='{COMPONENT}'/>"))?;
    for (client, whom) in [(&mut eve, "alice@one.test"), (&mut alice, "eve@two.test")] {
        // A room speaks in its own name for whoever is in it.
        client.send(&invite(whom))?;
        client
            .send(&format!("<message type='groupchat' to='den@rooms.one.test'>{}</message>", block(whom)))?;
        client.send(&format!("<message type='chat' to='room@{COMPONENT}'>{}</message>", block(whom)))?;
    }
    let command = format!("<command xmlns='{COMMANDS}' node='block' action='execute'/>");
    for (kind, payload) in [
        ("get", "<ping xmlns='urn:xmpp:ping'/>"),
        ("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
        ("get", "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
        ("get", "<vCard xmlns='vcard-temp'/>"),
        ("set", command.as_str()),
    ] {
        assert_eq!(condition(&ask(&mut eve, kind, payload)?), "service-unavailable", "{payload}");
    }
    let items = "<iq type='get' id='items' to='one.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
    eve.send(items)?;
    let items = eve.wait_for("the items", |stanza| stanza.attr("id") == Some("items"), PATIENCE)?;
    assert!(!String::from(&items).contains(COMPONENT), "{}", String::from(&items));
    // What was asked last is answered, so that an answer to what came before would be there.
    eve.sync()?;
    alice.sync()?;
    for client in [&eve, &alice] {
        assert!(!client.inbox.iter().any(from_component), "{:?}", client.inbox);
    }
    assert_eq!(house.reach(&mut alice, &mut [&mut eve], "hello")?, ["eve"]);
    let members = house.postward.ok(["member", "list"])?;
    assert!(!members.contains("test"), "{members}");
    Ok(())
}

#[test]
fn a_household_without_a_mail_server_hears_of_chat_alone() -> Result<()> {
    let mut house = DeskHouse::new()?;
    house.postward.stop()?;
    house.serve_configured("[mail]\nserver = \"none\"\n")?;
    let mut alice = house.client("alice")?;
    let answer = say(&mut alice, "block mallory@two.test")?;
    assert!(answer.contains("Chat messages from it don’t arrive any more. "), "{answer}");
    let answer = answer + &say(&mut alice, "allow friend@two.test")?;
    assert!(answer.contains("Chat messages from it arrive.") && !answer.contains("mail"), "{answer}");
    Ok(())
}

// alice --> component, then her browser --> page; the household has an entry, too
#[test]
fn a_members_front_page_counts_what_is_in_force_for_them() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = Client::available(house.one.c2s(), "alice@one.test/home")?;
    let link = link_in(&say(&mut alice, "page")?).context("no link")?;
    let browser = Browser::open(360)?;
    come(&browser, &format!("{}welcome?key={link}", house.postward.page()), "the password of alice", "")?;
    let front = || {
        browser.goto(house.postward.page())?;
        browser.text()
    };
    assert!(front()?.contains("Nobody is on the list yet."), "{}", front()?);
    say(&mut alice, "block mallory@two.test")?;
    say(&mut Client::available(house.one.c2s(), "bob@one.test/home")?, "block eve@two.test")?;
    assert!(front()?.contains("One entry is on the list."), "{}", front()?);
    house.postward.ok(["block", "joe@two.test"])?;
    assert!(front()?.contains("2 entries are on the list."), "{}", front()?);
    Ok(())
}
