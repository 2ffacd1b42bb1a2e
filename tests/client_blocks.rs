//! What members block by the button of their chat client (XEP-0191), mirrored on their own lists, on the real servers.
//!
//! ```text
//! alice --block--> Prosody one (mod_blocklist, mod_postward) --> component --> alice's own list <-- milter <-- Postfix
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use common::desk::{DeskHouse, link_in, say};
use common::{MailHouse, come};
use testbed::PATIENCE;
use testbed::browser::Browser;
use testbed::process::wait_for;
use testbed::xmpp::{Client, Element, body_of};

const BLOCKING: &str = "urn:xmpp:blocking";

/// Asks the server something about blocks, and waits for the answer.
fn block_command(client: &mut Client, kind: &str, payload: &str) -> Result<Element> {
    client.send(&format!("<iq type='{kind}' id='blocks'>{payload}</iq>"))?;
    client.wait_for(
        "an answer",
        |stanza| stanza.name() == "iq" && stanza.attr("id") == Some("blocks"),
        PATIENCE,
    )
}

fn block(client: &mut Client, jid: &str) -> Result<()> {
    change(client, "block", &format!("<item jid='{jid}'/>"))
}

fn unblock(client: &mut Client, jid: &str) -> Result<()> {
    change(client, "unblock", &format!("<item jid='{jid}'/>"))
}

fn change(client: &mut Client, what: &str, items: &str) -> Result<()> {
    let answer = block_command(client, "set", &format!("<{what} xmlns='{BLOCKING}'>{items}</{what}>"))?;
    assert_eq!(answer.attr("type"), Some("result"), "{}", String::from(&answer));
    Ok(())
}

/// What the server's list holds. A client that asks is told of changes from then on.
fn blocked(client: &mut Client) -> Result<Vec<String>> {
    let answer = block_command(client, "get", &format!("<blocklist xmlns='{BLOCKING}'/>"))?;
    let list = answer.get_child("blocklist", BLOCKING).context("a list")?;
    let mut jids: Vec<String> =
        list.children().filter_map(|item| item.attr("jid")).map(str::to_owned).collect();
    jids.sort();
    Ok(jids)
}

/// Whether the server tells that this is unblocked.
fn is_push(stanza: &Element, jid: &str) -> bool {
    is_push_of("unblock", stanza, jid)
}

fn is_push_of(change: &str, stanza: &Element, jid: &str) -> bool {
    let change = stanza.get_child(change, BLOCKING);
    change.is_some_and(|change| change.children().any(|item| item.attr("jid") == Some(jid)))
}

/// Waits until alice's list on our side holds exactly these (and a last line tells that it is hers).
fn wait_for_list(alice: &mut Client, expected: &[&str]) -> Result<String> {
    wait_for("the list on our side", PATIENCE, || {
        // Not so often that it is too much.
        std::thread::sleep(Duration::from_millis(300));
        let said = say(alice, "list")?;
        let count = said.lines().filter(|line| line.contains("e-")).count();
        Ok((count == expected.len() && expected.iter().all(|one| said.contains(one))).then_some(said))
    })
}

fn wait_for_blocked(client: &mut Client, expected: &[&str]) -> Result<()> {
    wait_for("the server's list", PATIENCE, || Ok((blocked(client)? == expected).then_some(())))
}

// alice blocks mallory by her client's button; Postfix gets mail from mallory
#[test]
fn a_block_by_button_holds_for_mail_and_goes_when_it_is_taken_back() -> Result<()> {
    let house = DeskHouse::new()?;
    common::add_member_with(&house.postward, "Alice", &["alice@example.org"], &["--jid", "alice@one.test"])?;
    let mut alice = house.client("alice")?;
    say(&mut alice, "block own@two.test")?;
    for jid in ["mallory@two.test", "three.test", "room@rooms.one.test/nick", "other@two.test/phone"] {
        block(&mut alice, jid)?;
    }
    wait_for_list(&mut alice, &["own@two.test", "mallory@two.test", "*@three.test"])?;

    let mut house = house;
    let mail = MailHouse::around(std::mem::replace(&mut house.postward, common::postward()?))?;
    let send = |from: &str, to: &str, subject: &str| {
        let content = format!("Subject: {subject}\r\n\r\nhi\r\n");
        mail.postfix.connect()?.mail(from, &[to], content.as_bytes())
    };
    for from in ["mallory@two.test", "any@three.test", "any@sub.three.test"] {
        for to in ["alice@example.org", "bob@example.org"] {
            send(from, to, &format!("{from} {to}"))?;
        }
    }
    let expected = [
        "any@sub.three.test alice@example.org",
        "any@sub.three.test bob@example.org",
        "any@three.test bob@example.org",
        "mallory@two.test bob@example.org",
    ];
    assert_eq!(mail.delivered_subjects()?, expected);

    unblock(&mut alice, "mallory@two.test")?;
    wait_for_list(&mut alice, &["own@two.test", "*@three.test"])?;
    send("mallory@two.test", "alice@example.org", "again")?;
    assert!(mail.delivered_subjects()?.contains(&"again".to_owned()));
    // Everything by button at once: what was listed otherwise stays.
    change(&mut alice, "unblock", "")?;
    wait_for_list(&mut alice, &["own@two.test"])?;
    Ok(())
}

// alice blocks 5,000 by her client's button, and unblocks the first and the last; the list goes over in parts
#[test]
fn a_long_list_of_the_buttons_is_mirrored_whole_and_unblocking_unblocks() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let long = "a-rather-long-name-of-somebody-who-writes-again-and-again";
    let jid = |number: usize| format!("{long}-{number:04}@two.test");
    for thousand in 0..5 {
        let items = (0..1000).map(|number| format!("<item jid='{}'/>", jid(1000 * thousand + number)));
        change(&mut alice, "block", &items.collect::<String>())?;
    }
    let listed = |alice: &mut Client, number: usize| -> Result<bool> {
        std::thread::sleep(Duration::from_millis(300));
        Ok(say(alice, &format!("list {}", jid(number)))?.contains("e-"))
    };
    for number in [0, 2500, 4999] {
        wait_for("the list on our side", PATIENCE, || Ok(listed(&mut alice, number)?.then_some(())))?;
    }
    for number in [0, 4999] {
        unblock(&mut alice, &jid(number))?;
        wait_for("its going", PATIENCE, || Ok((!listed(&mut alice, number)?).then_some(())))?;
    }
    assert!(listed(&mut alice, 2500)?);
    Ok(())
}

// alice with two clients; she removes a block in conversation, the admin can't
#[test]
fn removing_it_on_our_side_unblocks_at_the_server_and_tells_all_clients() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut phone = Client::available(house.one.c2s(), "alice@one.test/phone")?;
    let mut mallory = house.stranger("mallory")?;
    for client in [&mut alice, &mut phone] {
        assert_eq!(blocked(client)?, Vec::<String>::new());
    }
    block(&mut alice, "mallory@two.test")?;
    block(&mut alice, "eve@two.test")?;
    wait_for_list(&mut alice, &["mallory@two.test", "eve@two.test"])?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "blocked")?, Vec::<String>::new());
    phone.inbox.clear();

    say(&mut alice, "remove mallory@two.test")?;
    phone.wait_for("a push to the other client", |stanza| is_push(stanza, "mallory@two.test"), PATIENCE)?;
    wait_for_blocked(&mut alice, &["eve@two.test"])?;
    wait_for_list(&mut alice, &["eve@two.test"])?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "free")?, ["mallory"]);
    // Blocked again, it is there again.
    block(&mut phone, "mallory@two.test")?;
    wait_for_list(&mut alice, &["eve@two.test", "mallory@two.test"])?;
    Ok(())
}

// alice with two clients takes back that she has removed a block: at once, and after the server has heard of the removal
#[test]
fn a_block_by_button_whose_removal_is_undone_is_the_clients_again_at_the_server_and_on_all_clients()
-> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut phone = Client::available(house.one.c2s(), "alice@one.test/phone")?;
    let mut mallory = house.stranger("mallory")?;
    for client in [&mut alice, &mut phone] {
        assert_eq!(blocked(client)?, Vec::<String>::new());
    }
    // As XEP-0106 has it; the star is part of the name.
    for jid in ["mallory@two.test", r"st*r\27s@two.test", "three.test"] {
        block(&mut alice, jid)?;
    }
    let all = [r"st*r\27s@two.test", "three.test", "mallory@two.test"];
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    wait_for_list(&mut alice, &["mallory@two.test", "*@three.test", "st*r"])?;
    for jid in all {
        let listed = say(&mut alice, "list")?;
        let part = jid.split('@').next().context("a part")?.trim_end_matches(r"\27s");
        let line = listed.lines().find(|line| line.contains(part)).context("a line")?;
        let id = line.split(['(', ',', ')']).find(|part| part.starts_with("e-")).context("an id")?;
        phone.inbox.clear();
        say(&mut alice, &format!("remove {id}"))?;
        phone.wait_for("a push to the other client", |stanza| is_push(stanza, jid), PATIENCE)?;
        let said = say(&mut alice, "undo")?;
        assert!(said.contains("blocked again"), "{said}");
        phone.wait_for("a push", |stanza| is_push_of("block", stanza, jid), PATIENCE)?;
        wait_for_blocked(&mut alice, &sorted)?;
    }
    // Before the server can have heard of the removal.
    say(&mut alice, "remove mallory@two.test")?;
    say(&mut alice, "undo")?;
    wait_for_list(&mut alice, &["mallory@two.test", "*@three.test", "st*r"])?;
    wait_for_blocked(&mut alice, &sorted)?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "blocked")?, Vec::<String>::new());
    // It is the button's: the button takes it off.
    unblock(&mut phone, "mallory@two.test")?;
    wait_for_list(&mut alice, &["*@three.test", "st*r"])?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "free")?, ["mallory"]);
    Ok(())
}

// alice has mallory on her list by writing and by button, and by button somebody whose name has a star in it
#[test]
fn the_list_tells_the_buttons_entries_from_others_and_they_are_removed_as_they_are_shown() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    say(&mut alice, "block mallory@two.test")?;
    block(&mut alice, "mallory@two.test")?;
    block(&mut alice, "st*r@two.test")?;
    let list = wait_for_list(&mut alice, &["mallory@two.test", "made by a chat client", "st*r"])?;
    let lines = |part: &str| list.lines().filter(|line| line.contains(part)).collect::<Vec<_>>();
    let marked = |line: &&str| line.contains("made by a chat client");
    assert_eq!(lines("mallory@two.test").len(), 2, "{list}");
    assert_eq!(lines("mallory@two.test").into_iter().filter(|line| marked(line)).count(), 1, "{list}");
    // In quotes it is one address, not all that look like it.
    let star = lines("st*r");
    assert!(star.iter().all(|line| marked(line) && line.starts_with("blocked: the address")), "{list}");
    let said = say(&mut alice, "remove st*r@two.test")?;
    assert!(said.starts_with("Removed: the address"), "{said}");
    wait_for_blocked(&mut alice, &["mallory@two.test"])?;
    Ok(())
}

/// Whether a message from somebody reaches alice, and whether they hear of an error. What somebody here sends last comes
/// after it.
fn reaches(house: &DeskHouse, sender: &mut Client, alice: &mut Client, body: &str) -> Result<(bool, bool)> {
    sender.inbox.clear();
    alice.inbox.clear();
    let mut last = house.client("last")?;
    for (from, body) in [(&mut *sender, body), (&mut last, "the last")] {
        from.send(&format!("<message type='chat' to='alice@one.test'><body>{body}</body></message>"))?;
        from.sync()?;
        // Across servers it takes a while; a ping to the same server goes the same way.
        from.send("<iq type='get' to='one.test' id='through'><ping xmlns='urn:xmpp:ping'/></iq>")?;
        from.wait_for("an answer", |stanza| stanza.attr("id") == Some("through"), PATIENCE)?;
    }
    alice.keep_until(&["the last"])?;
    let arrived = alice.inbox.iter().any(|stanza| body_of(stanza).as_deref() == Some(body));
    let is_error = |stanza: &Element| stanza.name() == "message" && stanza.attr("type") == Some("error");
    Ok((arrived, sender.inbox.iter().any(is_error)))
}

// alice has blocked the domain two.test by her button, and allows friend@two.test in conversation
#[test]
fn an_allow_beside_a_domain_that_the_button_blocks_says_that_it_does_not_count_in_chat() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut friend = house.stranger("friend")?;
    block(&mut alice, "two.test")?;
    wait_for_list(&mut alice, &["*@two.test"])?;
    let said = say(&mut alice, "allow friend@two.test")?;
    assert!(!said.contains("arrive"), "{said}");
    assert!(said.contains("In chat it doesn’t count") && said.contains("*@two.test"), "{said}");
    let tried = say(&mut alice, "try friend@two.test")?;
    assert!(tried.contains("Chat: blocked") && tried.contains("Your chat program blocks it"), "{tried}");
    assert_eq!(reaches(&house, &mut friend, &mut alice, "still blocked")?, (false, false));
    // As the answer says.
    say(&mut alice, "remove *@two.test")?;
    wait_for_blocked(&mut alice, &[])?;
    assert_eq!(reaches(&house, &mut friend, &mut alice, "free")?, (true, false));
    let tried = say(&mut alice, "try friend@two.test")?;
    assert!(tried.contains("Chat: gets through"), "{tried}");
    Ok(())
}

// alice has blocked mallory@two.test by her button, allows the same address, takes that back, and presses the button again
#[test]
fn an_allow_of_the_very_address_takes_the_buttons_block_back_and_whoever_came_last_is_right() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut mallory = house.stranger("mallory")?;
    block(&mut alice, "mallory@two.test")?;
    wait_for_list(&mut alice, &["mallory@two.test"])?;
    let said = say(&mut alice, "allow mallory@two.test")?;
    assert!(said.contains("blocked this, too: that is taken back"), "{said}");
    assert!(!said.contains("on the list as blocked"), "{said}");
    wait_for_blocked(&mut alice, &[])?;
    wait_for_list(&mut alice, &["allowed: the address mallory@two.test"])?;
    assert_eq!(reaches(&house, &mut mallory, &mut alice, "allowed")?, (true, false));

    say(&mut alice, "undo")?;
    wait_for_blocked(&mut alice, &["mallory@two.test"])?;
    wait_for_list(&mut alice, &["blocked: the address mallory@two.test"])?;
    assert_eq!(reaches(&house, &mut mallory, &mut alice, "blocked again")?, (false, false));

    say(&mut alice, "allow mallory@two.test")?;
    wait_for_blocked(&mut alice, &[])?;
    wait_for_list(&mut alice, &["allowed: the address mallory@two.test"])?;
    block(&mut alice, "mallory@two.test")?;
    wait_for_list(
        &mut alice,
        &["allowed: the address mallory@two.test", "blocked: the address mallory@two.test"],
    )?;
    let tried = say(&mut alice, "try mallory@two.test")?;
    assert!(tried.contains("Chat: blocked"), "{tried}");
    assert_eq!(blocked(&mut alice)?, ["mallory@two.test"]);
    assert_eq!(reaches(&house, &mut mallory, &mut alice, "by button")?, (false, false));
    Ok(())
}

// alice makes what her button blocked an entry for mail alone, on the page
#[test]
fn a_block_by_button_that_is_edited_to_mail_only_is_taken_back_at_the_server() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut mallory = house.stranger("mallory")?;
    block(&mut alice, "mallory@two.test")?;
    wait_for_list(&mut alice, &["mallory@two.test"])?;
    let link = link_in(&say(&mut alice, "page")?).context("no link")?;
    let browser = Browser::open(360)?;
    come(&browser, &format!("{}welcome?key={link}", house.postward.page()), "the password of alice", "")?;
    browser.goto(&format!("{}list", house.postward.page()))?;
    browser.follow(".entries li .acts a")?;
    browser.click("input[name=channels][value=mail]")?;
    browser.follow("form[action=edit] > button")?;
    wait_for_blocked(&mut alice, &[])?;
    wait_for_list(&mut alice, &["mail only"])?;
    assert_eq!(reaches(&house, &mut mallory, &mut alice, "in chat")?, (true, false));
    Ok(())
}

// alice, who has blocked by button, is deleted, and somebody else gets the name
#[test]
fn blocks_by_button_go_with_the_account_that_made_them() -> Result<()> {
    let house = DeskHouse::with(|options| options.module("admin_shell"))?;
    let mut alice = house.client("alice")?;
    block(&mut alice, "mallory@two.test")?;
    wait_for_list(&mut alice, &["mallory@two.test"])?;
    house.one.console(&["user", "delete", "alice@one.test"])?;
    drop(alice);
    let mut alice = house.client("alice")?;
    assert_eq!(blocked(&mut alice)?, Vec::<String>::new());
    wait_for_list(&mut alice, &[])?;
    Ok(())
}

// an admin allows mallory@two.test for alice, who has blocked them in conversation
#[test]
fn what_an_admin_allows_for_a_member_lifts_no_block_of_theirs_and_is_marked_on_their_list() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut mallory = house.stranger("mallory")?;
    say(&mut alice, "block mallory@two.test")?;
    say(&mut alice, "block words i see you")?;
    house.postward.ok(["allow", "mallory@two.test", "--for", "alice@one.test"])?;
    assert_eq!(reaches(&house, &mut mallory, &mut alice, "hello")?, (false, false));
    let list = wait_for_list(
        &mut alice,
        &["blocked: the address mallory@two.test", "added by an admin", "i see you"],
    )?;
    let marked = list.lines().filter(|line| line.contains("added by an admin")).collect::<Vec<_>>();
    assert!(
        matches!(marked[..], [line] if line.starts_with("allowed: the address mallory@two.test")),
        "{list}"
    );
    Ok(())
}

// Postward is away while alice blocks, unblocks and blocks again; then she is offline while she is unblocked
#[test]
fn whoever_changed_it_last_is_right_across_restarts() -> Result<()> {
    let mut house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    block(&mut alice, "gone@two.test")?;
    block(&mut alice, "kept@two.test")?;
    block(&mut alice, "again@two.test")?;
    let said = wait_for_list(&mut alice, &["gone@two.test", "kept@two.test", "again@two.test"])?;
    assert!(!said.contains("new@two.test"));
    house.postward.stop()?;

    // Without a daemon the same folder is changed by the command line.
    unblock(&mut alice, "gone@two.test")?;
    block(&mut alice, "new@two.test")?;
    // Its time is counted in seconds by the server.
    std::thread::sleep(Duration::from_millis(1100));
    unblock(&mut alice, "again@two.test")?;
    block(&mut alice, "again@two.test")?;
    house.serve_again()?;
    wait_for_list(&mut alice, &["kept@two.test", "again@two.test", "new@two.test"])?;

    // Gone from our side while Postward is stopped; Prosody hears of it while the account has no client.
    drop(alice);
    house.postward.stop()?;
    let lists = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    assert_eq!(lists.execute("DELETE FROM entry WHERE typed = 'kept@two.test'", [])?, 1);
    drop(lists);
    house.serve_again()?;
    let stored = house.one.folder().join("data/one%2etest/blocklist/alice.dat");
    wait_for("the server's stored list", PATIENCE, || {
        Ok((!std::fs::read_to_string(&stored)?.contains("kept@two.test")).then_some(()))
    })?;
    let mut alice = house.client("alice")?;
    assert_eq!(blocked(&mut alice)?, ["again@two.test", "new@two.test"]);
    wait_for_list(&mut alice, &["again@two.test", "new@two.test"])?;
    assert!(!house.one.log().contains("Changing a block list failed"), "{}", house.one.log());
    Ok(())
}

// alice blocks and unblocks; right after the answer Prosody is killed, ends, or its module is reloaded or away for a moment
#[test]
fn what_a_client_changed_just_before_prosody_or_its_module_went_is_on_the_list_afterwards() -> Result<()> {
    let mut house = DeskHouse::with(|options| options.module("admin_shell"))?;
    let mut alice = house.client("alice")?;
    let mut expected: Vec<&str> = Vec::new();
    for (signal, jid) in [("KILL", "killed@two.test"), ("TERM", "ended@two.test")] {
        block(&mut alice, jid)?;
        house.one.stop(signal)?;
        expected.push(jid);
        house.start_prosody_again()?;
        alice = house.client("alice")?;
        wait_for_list(&mut alice, &expected)?;
    }
    unblock(&mut alice, "killed@two.test")?;
    house.one.stop("KILL")?;
    expected.remove(0);
    house.start_prosody_again()?;
    alice = house.client("alice")?;
    wait_for_list(&mut alice, &expected)?;

    block(&mut alice, "reloaded@two.test")?;
    house.one.console(&["module", "reload", "postward"])?;
    expected.push("reloaded@two.test");
    wait_for_list(&mut alice, &expected)?;
    unblock(&mut alice, "ended@two.test")?;
    house.one.console(&["module", "reload", "postward"])?;
    expected.remove(0);
    wait_for_list(&mut alice, &expected)?;

    house.one.console(&["module", "unload", "postward"])?;
    unblock(&mut alice, "reloaded@two.test")?;
    block(&mut alice, "unloaded@two.test")?;
    house.one.console(&["module", "load", "postward"])?;
    wait_for_list(&mut alice, &["unloaded@two.test"])?;
    Ok(())
}

// alice removes on the page while Prosody is down; Postward comes to it only after her client
#[test]
fn what_is_removed_while_prosody_is_down_is_unblocked_there_pushed_and_does_not_come_back() -> Result<()> {
    let mut house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    block(&mut alice, "eve@two.test")?;
    block(&mut alice, "mallory@two.test")?;
    wait_for_list(&mut alice, &["eve@two.test", "mallory@two.test"])?;
    let link = link_in(&say(&mut alice, "page")?).context("no link")?;
    let browser = Browser::open(360)?;
    come(&browser, &format!("{}welcome?key={link}", house.postward.page()), "the password of alice", "")?;
    browser.goto(&format!("{}list", house.postward.page()))?;

    house.one.stop("TERM")?;
    // The newest stands first.
    browser.follow("button[name=id]")?;
    assert!(browser.text()?.contains("Removed: mallory@two.test"), "{}", browser.text()?);
    house.postward.process()?.signal("STOP")?;
    house.one.start_again()?;
    let mut phone = Client::available(house.one.c2s(), "alice@one.test/phone")?;
    assert_eq!(blocked(&mut phone)?, ["eve@two.test", "mallory@two.test"]);
    house.postward.process()?.signal("CONT")?;
    phone.wait_for("a push", |stanza| is_push(stanza, "mallory@two.test"), PATIENCE)?;
    assert_eq!(blocked(&mut phone)?, ["eve@two.test"]);
    wait_for_list(&mut phone, &["eve@two.test"])?;

    // The next time all is told, and once Prosody has read it anew.
    house.postward.stop()?;
    house.one.stop("TERM")?;
    house.one.start_again()?;
    house.serve_again()?;
    let mut alice = house.client("alice")?;
    let mut mallory = house.stranger("mallory")?;
    block(&mut alice, "third@two.test")?;
    wait_for_list(&mut alice, &["eve@two.test", "third@two.test"])?;
    assert_eq!(blocked(&mut alice)?, ["eve@two.test", "third@two.test"]);
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "free")?, ["mallory"]);
    Ok(())
}

// slixmpp, a client that others wrote, as alice
#[test]
fn a_real_client_blocks_hears_of_a_removal_and_unblocks() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testbed/src/blocks.py");
    let mut client = Command::new("/usr/bin/python3")
        .args([script, "alice@one.test/slixmpp", &house.one.address().to_string(), "mallory@two.test"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("can't start Python: run scripts/setup")?;
    let mut input = client.stdin.take().context("an input")?;
    let mut shown = BufReader::new(client.stdout.take().context("an output")?).lines();
    let mut next = || shown.next().context("the client ended")?.context("a line");
    assert_eq!(next()?, "list mallory@two.test");
    wait_for_list(&mut alice, &["mallory@two.test"])?;
    say(&mut alice, "remove mallory@two.test")?;
    assert_eq!(next()?, "told mallory@two.test");
    writeln!(input)?;
    assert_eq!(next()?, "list");
    assert_eq!(next()?, "list mallory@two.test");
    wait_for_list(&mut alice, &["mallory@two.test"])?;
    writeln!(input)?;
    // It is told of its own change, too.
    let mut last = next()?;
    if last == "told mallory@two.test" {
        last = next()?;
    }
    assert_eq!(last, "list");
    wait_for_list(&mut alice, &[])?;
    assert!(client.wait()?.success());
    Ok(())
}
