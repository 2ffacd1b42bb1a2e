//! Blocking from a chat client by its menu of commands (XEP-0050), on the real servers.
//!
//! ```text
//! alice, bob, root --c2s--> Prosody one --guard--> component --> lists <-- milter <-- Postfix <-- mallory
//! mallory --c2s--> Prosody two --s2s-->|
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::MailHouse;
use common::desk::{COMMANDS, COMPONENT, Command, DeskHouse, ask, condition, link_in, say};
use testbed::PATIENCE;
use testbed::prosody::Options;
use testbed::xmpp::Client;

// alice --> component, then mallory --> alice by chat, and by mail
#[test]
fn what_a_member_blocks_by_command_is_gone_in_chat_and_mail() -> Result<()> {
    let house = DeskHouse::new()?;
    common::add_member_with(&house.postward, "Alice", &["alice@example.org"], &["--jid", "alice@one.test"])?;
    let mut alice = house.client("alice")?;
    let mut bob = house.client("bob")?;
    let mut mallory = house.stranger("mallory")?;
    let mut friend = house.stranger("friend")?;
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory, &mut friend], "before")?, ["mallory", "friend"]);

    let mut block = Command::begin(&mut alice, "block")?;
    assert_eq!((block.status(), block.actions()), ("executing", vec!["next".into(), "complete".into()]));
    block.go(&mut alice, "next", &[("value", "Mallory@two.test")])?;
    assert!(block.text().contains("This will be blocked for you: the address Mallory@two.test."));
    assert!(
        block.text().contains("Mails and chat messages from it don’t arrive any more."),
        "{}",
        block.text()
    );
    assert_eq!(block.actions(), ["prev", "complete"]);
    block.go(&mut alice, "prev", &[])?;
    block.go(&mut alice, "next", &[("value", "Mallory@two.test"), ("channels", "mail")])?;
    assert!(block.text().contains("Mails from it don’t arrive any more."), "{}", block.text());
    block.go(&mut alice, "prev", &[])?;
    assert!(block.text().contains("<value>Mallory@two.test</value>"), "what was typed is kept");
    block.go(&mut alice, "next", &[("value", "mallory@two.test")])?;
    block.go(&mut alice, "complete", &[])?;
    assert_eq!(block.status(), "completed");
    assert!(block.note().starts_with("Blocked for you: the address mallory@two.test."), "{}", block.note());
    assert!(block.note().ends_with("To take it back, write undo."), "{}", block.note());

    assert_eq!(house.reach(&mut alice, &mut [&mut mallory, &mut friend], "after")?, ["friend"]);
    assert_eq!(house.reach(&mut bob, &mut [&mut mallory, &mut friend], "after")?, ["mallory", "friend"]);
    let house = MailHouse::around(house.postward)?;
    for to in ["alice@example.org", "bob@example.org"] {
        house.postfix.connect()?.mail(
            "mallory@two.test",
            &[to],
            format!("Subject: {to}\r\n\r\nhi\r\n").as_bytes(),
        )?;
    }
    assert_eq!(house.delivered_subjects()?, ["bob@example.org"]);
    Ok(())
}

#[test]
fn an_entry_for_mail_alone_is_not_said_to_count_in_chat_where_no_mail_address_is_known() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let mut block = Command::begin(&mut alice, "block")?;
    block.go(&mut alice, "complete", &[("value", "mallory@two.test"), ("channels", "mail")])?;
    let note = block.note();
    assert!(
        note.contains("so it does nothing yet") && !note.contains("in chat only") && !note.contains("arrive"),
        "{note}"
    );
    Ok(())
}

#[test]
fn any_account_has_a_list_of_its_own_that_nobody_else_sees_or_changes() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut alice, mut bob) = (house.client("alice")?, house.client("bob")?);
    let list = Command::begin(&mut alice, "list")?;
    assert_eq!((list.status(), list.note().as_str()), ("completed", "Your list is empty."));
    assert!(!house.postward.ok(["member", "list"])?.contains("alice"), "looking makes nobody a member");

    let mut block = Command::begin(&mut alice, "block")?;
    block.go(&mut alice, "complete", &[("value", "mallory@two.test"), ("channels", "xmpp")])?;
    assert_eq!(block.status(), "completed", "{}", block.text());
    assert!(house.postward.ok(["member", "list"])?.contains("alice@one.test"));
    let list = Command::begin(&mut alice, "list")?;
    assert!(list.text().contains("mallory@two.test") && list.text().contains("chat only"), "{}", list.text());
    let text = list.text();
    let id = text.split("<value>e-").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let id = format!("e-{id}");

    assert_eq!(Command::begin(&mut bob, "list")?.note(), "Your list is empty.");
    let mut remove = Command::begin(&mut bob, "remove")?;
    for what in [id.as_str(), "mallory@two.test", "two.test", "%", ""] {
        remove.go(&mut bob, "next", &[("entry", what)])?;
        assert_eq!(remove.status(), "executing");
        assert!(!remove.text().contains("blocked:"), "{}", remove.text());
    }
    // Nor by going on with a command that somebody else began, or as another client of the same account.
    let under_way = Command::begin(&mut alice, "remove")?;
    for client in [&mut bob, &mut Client::available(house.one.c2s(), "alice@one.test/other")?] {
        let answer = under_way.try_to(client, "next", &[("entry", &id)])?;
        assert_eq!(condition(&answer), "bad-request");
        assert!(String::from(&answer).contains("bad-sessionid"));
    }

    let mut remove = Command::begin(&mut alice, "remove")?;
    remove.go(&mut alice, "next", &[("entry", &id)])?;
    assert_eq!(remove.status(), "completed");
    assert!(remove.note().contains("the address mallory@two.test is no longer blocked"), "{}", remove.note());
    Ok(())
}

#[test]
fn only_an_admin_changes_the_households_list() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut root, mut alice) = (house.client("root")?, house.client("alice")?);
    let mut mallory = house.stranger("mallory")?;
    for node in ["block", "allow", "remove", "try"] {
        let command = Command::begin(&mut alice, node)?;
        assert!(!command.fields().contains(&"for".to_owned()), "{node}");
        let fields = [("for", "household"), ("value", "mallory@two.test"), ("entry", "x"), ("text", "x")];
        let answer = command.try_to(&mut alice, "complete", &fields)?;
        assert_eq!(condition(&answer), "forbidden", "{node}");
    }
    assert!(say(&mut alice, "household block mallory@two.test")?.starts_with("Only an admin"));
    assert!(say(&mut alice, "household list")?.starts_with("Only an admin"));
    // What the list would refuse isn't proposed.
    assert!(say(&mut root, "household block tom@two.test")?.contains("use the domain two.test"));
    let own = say(&mut root, "household block tom@one.test")?;
    assert!(own.starts_with("Blocked for everyone") && !own.contains("use the domain"), "{own}");
    let own = say(&mut alice, "block tim@one.test")?;
    assert!(own.starts_with("Blocked for you") && !own.contains("use the domain"), "{own}");
    let block = house.postward.ok(["block", "tam@one.test"])?;
    assert!(block.starts_with("Blocked") && !block.contains("use the domain"), "{block}");
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "one")?, ["mallory"]);

    let mut block = Command::begin(&mut root, "block")?;
    assert!(block.fields().contains(&"for".to_owned()));
    block.go(&mut root, "complete", &[("value", "mallory@two.test"), ("for", "household")])?;
    assert!(block.note().starts_with("Blocked for everyone here:"), "{}", block.text());
    assert!(house.postward.ok(["list"])?.contains("mallory@two.test"));
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "two")?, Vec::<String>::new());

    // The admin's own list is another one, and members' are not the admin's.
    say(&mut alice, "block eve@two.test")?;
    let mut remove = Command::begin(&mut root, "remove")?;
    remove.go(&mut root, "next", &[("entry", "mallory@two.test"), ("for", "me")])?;
    assert!(remove.note().contains("isn’t on your list"));
    remove.go(&mut root, "next", &[("entry", "eve@two.test"), ("for", "household")])?;
    assert!(remove.note().contains("isn’t on the household’s list"));
    remove.go(&mut root, "next", &[("entry", "mallory@two.test"), ("for", "household")])?;
    assert_eq!(remove.status(), "completed");
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "three")?, ["mallory"]);
    Ok(())
}

#[test]
fn a_long_list_comes_in_pages() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut root = house.client("root")?;
    let lines: String = (0..45).map(|number| format!("spam{number:02}.example\n")).collect();
    let file = house.postward.folder().join("long.txt");
    std::fs::write(&file, lines)?;
    house.postward.ok(["import", file.to_str().unwrap()])?;
    let shown =
        |list: &Command| (0..45).filter(|n| list.text().contains(&format!("spam{n:02}.example"))).count();

    let mut list = Command::begin(&mut root, "list")?;
    list.go(&mut root, "next", &[("for", "household")])?;
    assert!(list.text().contains("45 entries on the household’s list"), "{}", list.text());
    let first = list.text();
    assert_eq!((shown(&list), list.actions()), (20, vec!["next".into(), "complete".into()]));
    list.go(&mut root, "execute", &[])?;
    assert_eq!((shown(&list), list.actions()), (20, vec!["prev".into(), "next".into(), "complete".into()]));
    list.go(&mut root, "next", &[])?;
    assert_eq!((shown(&list), list.actions()), (5, vec!["prev".into(), "complete".into()]));
    let answer = list.try_to(&mut root, "next", &[])?;
    assert!(String::from(&answer).contains("bad-action"), "there is no page behind the last");
    list.go(&mut root, "prev", &[])?;
    list.go(&mut root, "prev", &[])?;
    let rows = |text: &str| text.split("<item").skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&list.text()), rows(&first));
    list.go(&mut root, "cancel", &[])?;
    assert_eq!(list.status(), "canceled");
    assert_eq!(condition(&list.try_to(&mut root, "next", &[])?), "bad-request");

    let mut list = Command::begin(&mut root, "list")?;
    list.go(&mut root, "next", &[("for", "household"), ("find", "SPAM07")])?;
    assert_eq!((list.status(), shown(&list)), ("completed", 1));
    Ok(())
}

#[test]
fn where_a_choice_must_be_made_it_is_asked_for() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    // A public suffix, a domain of millions, a short word: each must be said twice.
    for value in ["co.uk", "gmail.com"] {
        let mut block = Command::begin(&mut alice, "block")?;
        block.go(&mut alice, "complete", &[("value", value)])?;
        assert_eq!((block.status(), block.fields()), ("executing", vec!["sure".to_owned()]), "{value}");
        block.go(&mut alice, "complete", &[("sure", "0")])?;
        assert!(block.note().starts_with("Nothing has changed yet"), "{}", block.text());
        block.go(&mut alice, "complete", &[("sure", "true")])?;
        assert_eq!(block.status(), "completed", "{value}");
    }
    // What is no address is shown before it counts as words.
    let mut block = Command::begin(&mut alice, "block")?;
    block.go(&mut alice, "complete", &[("value", "see you")])?;
    assert!(block.text().contains("That is no address and no domain"), "{}", block.text());
    block.go(&mut alice, "complete", &[])?;
    assert!(block.note().starts_with("Blocked for you: the words “see you”"), "{}", block.note());
    // An address or all of its domain.
    let mut block = Command::begin(&mut alice, "block")?;
    block.go(&mut alice, "next", &[("value", "x@evil.example")])?;
    block.go(&mut alice, "complete", &[("instead", "evil.example")])?;
    assert!(block.note().starts_with("Blocked for you: the domain evil.example"), "{}", block.text());

    say(&mut alice, "allow x@evil.example")?;
    say(&mut alice, "block x@evil.example")?;
    let mut remove = Command::begin(&mut alice, "remove")?;
    remove.go(&mut alice, "next", &[("entry", "x@evil.example")])?;
    assert_eq!(remove.fields(), ["entries"]);
    let text = remove.text();
    assert!(
        text.contains("blocked: the address x@evil.example") && text.contains("allowed: the address"),
        "{text}"
    );
    let option = text.split("<option").find(|option| option.contains("allowed:")).unwrap();
    let id = option.split("<value>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    remove.go(&mut alice, "complete", &[("entries", &id)])?;
    assert!(remove.note().contains("no longer allowed"), "{}", remove.note());
    Ok(())
}

#[test]
fn what_would_happen_can_be_tried_and_leaves_no_trace() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    house.postward.ok(["block", "casino night"])?;
    say(&mut alice, "block mallory@two.test")?;
    let mut tried = |text: &str| -> Result<String> {
        let mut command = Command::begin(&mut alice, "try")?;
        command.go(&mut alice, "complete", &[("text", text)])?;
        assert_eq!(command.status(), "completed");
        Ok(command.text())
    };
    let text = tried("mallory@two.test")?;
    assert!(
        text.contains("Chat: blocked. It would be dropped") && text.contains("own list blocks"),
        "{text}"
    );
    assert!(tried("a casino night for you")?.contains("the household's list blocks the words"));
    assert!(tried("friend@two.test")?.contains("Chat: gets through."));
    let listed = house.postward.ok(["list", "--json"])?;
    assert!(listed.contains("\"hits\": 0") || listed.contains("\"hits\":0"), "{listed}");
    Ok(())
}

// alice --> component, then her browser --> page
#[test]
fn the_page_command_gives_the_caller_a_link_that_works_once() -> Result<()> {
    let house = DeskHouse::with(Options::reachable_component)?;
    let mut alice = house.client("alice")?;
    let page = Command::begin(&mut alice, "page")?;
    assert_eq!((page.status(), page.fields()), ("completed", vec!["link".to_owned()]));
    assert!(page.note().contains("works once, for 60 minutes"), "{}", page.text());
    let first = link_in(&page.text()).context("no link")?;
    let second = link_in(&Command::begin(&mut alice, "page")?.text()).context("no link")?;
    assert!(house.arrive(&first)?.starts_with("HTTP/1.1 403"), "the second takes its place");
    let arrived = house.arrive(&second)?;
    assert!(arrived.starts_with("HTTP/1.1 303") && arrived.contains("location: new-password"), "{arrived}");
    assert!(house.arrive(&second)?.starts_with("HTTP/1.1 403"), "it works once");
    let mut eve = house.stranger("eve")?;
    let command = format!("<command xmlns='{COMMANDS}' node='page' action='execute'/>");
    assert_eq!(condition(&ask(&mut eve, "set", &command)?), "service-unavailable");
    let log = house.postward.log();
    assert!(!log.contains(&first) && !log.contains(&second), "{log}");
    Ok(())
}

// alice with forms that no client would send
#[test]
fn hostile_forms_and_steps_change_nothing_and_the_next_one_works() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let long = "a".repeat(100_000);
    let marks = "a\u{301}".repeat(20_000);
    for (field, value) in [
        ("value", ""),
        ("value", long.as_str()),
        ("value", marks.as_str()),
        ("value", "\u{202e}\u{200b}"),
        ("value", "@"),
        ("value", "a@@b.example"),
        ("kind", "nonsense"),
        ("kind", "address-sha256"),
        ("channels", "pigeon"),
        ("action", "observe"),
        ("until", "2001-01-01"),
        ("until", "tomorrow"),
        ("until", long.as_str()),
    ] {
        let mut block = Command::begin(&mut alice, "block")?;
        let mut fields = vec![(field, value)];
        if field != "value" {
            fields.push(("value", "mallory@two.test"));
        }
        block.go(&mut alice, "complete", &fields)?;
        assert_eq!(block.status(), "executing", "{field}");
        assert!(!block.note().is_empty(), "{field} {}", block.text());
    }
    let mut regex = Command::begin(&mut alice, "block")?;
    regex.go(&mut alice, "complete", &[("value", "(a*)*b("), ("kind", "regex")])?;
    assert!(regex.note().contains("regular expression can't be used"), "{}", regex.note());

    assert!(!house.postward.ok(["member", "list"])?.contains("alice"), "nothing was stored");
    let mut block = Command::begin(&mut alice, "block")?;
    block.go(&mut alice, "complete", &[("value", "mallory@two.test")])?;
    assert_eq!(block.status(), "completed");
    let log = house.postward.log();
    assert!(!log.contains("mallory") && !log.contains("alice") && !log.contains("panicked"), "{log}");
    Ok(())
}

// alice with requests that are no commands
#[test]
fn requests_that_are_no_commands_are_refused_as_the_standards_say() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let command = |attributes: &str, content: &str| {
        format!("<command xmlns='{COMMANDS}' {attributes}>{content}</command>")
    };
    for (payload, expected) in [
        (command("node='block' action='explode'", ""), "bad-request"),
        (command("node='block' action='complete'", ""), "bad-request"),
        (command("node='block' sessionid='no such'", ""), "bad-request"),
        (command("node='no such'", ""), "item-not-found"),
        (command("", ""), "item-not-found"),
        (format!("{0}{0}", command("node='list'", "")), "bad-request"),
        ("<query xmlns='jabber:iq:roster'/>".to_owned(), "service-unavailable"),
    ] {
        assert_eq!(condition(&ask(&mut alice, "set", &payload)?), expected, "{payload}");
    }
    let many: String = (0..2000).map(|n| format!("<field var='v{n}'><value>x</value></field>")).collect();
    let form = format!("<x xmlns='jabber:x:data' type='submit'>{many}</x>");
    let begun = ask(&mut alice, "set", &command("node='block' action='execute'", &form))?;
    assert_eq!(begun.attr("type"), Some("result"));

    Ok(())
}

#[test]
fn whoever_asks_too_much_is_put_off_and_others_are_not() -> Result<()> {
    let house = DeskHouse::new()?;
    let (mut alice, mut bob) = (house.client("alice")?, house.client("bob")?);
    for number in 0..300 {
        alice.send(&format!(
            "<iq type='get' id='f{number}' to='{COMPONENT}'><ping xmlns='urn:xmpp:ping'/></iq>"
        ))?;
    }
    let last = alice.wait_for("the last answer", |stanza| stanza.attr("id") == Some("f299"), PATIENCE)?;
    assert_eq!(condition(&last), "resource-constraint");
    for _ in 0..20 {
        alice.send(&format!(
            "<message type='chat' to='{COMPONENT}'><body>block bob@one.test</body></message>"
        ))?;
    }
    alice.sync()?;
    assert_eq!(Command::begin(&mut bob, "list")?.status(), "completed");
    alice.sync()?;
    assert!(alice.bodies().iter().any(|body| body.starts_with("That was too much")), "{:?}", alice.bodies());
    assert!(alice.bodies().len() < 20, "it isn't said again and again");
    Ok(())
}

// slixmpp, a client that others wrote, as alice
#[test]
fn a_real_client_finds_the_commands_and_blocks_somebody() -> Result<()> {
    let house = DeskHouse::new()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testbed/src/commands.py");
    let output = std::process::Command::new("/usr/bin/python3")
        .args([
            script,
            "alice@one.test/slixmpp",
            &house.one.address().to_string(),
            COMPONENT,
            "mallory@two.test",
        ])
        .output()
        .context("can't start Python: run scripts/setup")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        "commands allow block list page remove try",
        "form value kind channels action until",
        "offers complete prev",
        "note Blocked for you: the address mallory@two.test.",
        "listed blocked mallory@two.test",
    ];
    assert_eq!(lines, expected, "{}", String::from_utf8_lossy(&output.stderr));
    let (mut alice, mut mallory) = (house.client("alice")?, house.stranger("mallory")?);
    assert_eq!(house.reach(&mut alice, &mut [&mut mallory], "after")?, Vec::<String>::new());
    Ok(())
}

// al?ice, whose name looks like alice's and is stored like hers, and carol, whose account is several members'
#[test]
fn nobody_gets_at_a_list_by_a_name_that_reads_like_its_owners() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    say(&mut alice, "block mallory@two.test")?;
    let mut other = Client::available(house.one.c2s(), "al\u{115f}ice@one.test/x")?;
    let list = format!("<command xmlns='{COMMANDS}' node='list' action='execute'/>");
    assert_eq!(condition(&ask(&mut other, "set", &list)?), "service-unavailable");

    // As they could be named until lately.
    for name in ["Carol", "Caroline"] {
        house.postward.ok(["member", "add", name])?;
    }
    let lists = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    lists.execute(
        "INSERT INTO member_identity (member_id, kind, value, norm_key) \
         SELECT id, 2, 'carol@one.test', 'test.one@carol' FROM member WHERE name LIKE 'Carol%'",
        [],
    )?;
    let mut carol = house.client("carol")?;
    for text in ["block mallory@two.test", "list", "remove mallory@two.test", "page"] {
        let answer = say(&mut carol, text)?;
        assert!(answer.starts_with("Several members share this account"), "{answer}");
    }
    assert!(say(&mut alice, "list")?.starts_with("One entry"));
    Ok(())
}
