//! Members and their admin, each on their own: what an admin comes upon of a member's list, whose an address is.
//!
//! ```text
//! alice, bob, the admin: an HTTP client each --> postward serve --milter-- Postfix --LMTP--> Sink
//!                                  the admin's commands --^
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use common::http::Client;
use common::{MailHouse, waiting_code};
use testbed::daemon::ServeOptions;

#[test]
fn nothing_of_a_members_list_is_in_what_the_admin_shows_tries_counts_exports_or_replaces() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let mut alice = Client::member(&postward, "alice")?;
    let mut admin = Client::admin(&postward)?;
    postward.ok(["block", "household.example"])?;
    postward.ok(["block", "--for", "alice", "for-her.example"])?;
    let counted = |said: String| said.lines().find(|line| line.starts_with("List: ")).map(str::to_owned);
    let without_revision = |line: String| line.split_once(", ").map(|(_, counts)| counts.to_owned());
    let before = counted(postward.ok(["status"])?).and_then(without_revision);
    alice.list("hers.example")?;
    assert_eq!(counted(postward.ok(["status"])?).and_then(without_revision), before, "counts");
    assert!(!postward.ok(["status", "--json"])?.contains("members_entries"));

    let mail = postward.folder().join("mail.eml");
    std::fs::write(&mail, "From: x@hers.example\nTo: alice@example.org\nSubject: hello\n\nhello\n")?;
    let mail = mail.to_string_lossy().into_owned();
    let mut said = vec![
        postward.ok(["list"])?,
        postward.ok(["list", "--for", "alice"])?,
        postward.ok(["list", "--find", "hers"])?,
        postward.ok(["export"])?,
        postward.ok(["export", "--format", "json"])?,
        admin.submit("export", &[("format", "json")])?.body,
    ];
    for page in ["", "list", "allowed", "persons", "counts", "import", "members", "account"] {
        said.push(admin.get(page)?.body);
    }
    for said in &said {
        assert!(!said.contains("hers.example") && !said.contains("a private note"), "{said}");
    }
    // What is tried is judged by the household's entries: hers stop nothing.
    let tried = postward.ok(["check", "--json", &mail])?;
    assert!(tried.contains("\"deliver\""), "{tried}");
    let tried = admin.try_out("x@hers.example")?.body;
    assert!(tried.contains("result deliver") && !tried.contains("result stop"), "{tried}");
    let removed = postward.run(["remove", "hers.example"])?;
    assert!(!removed.status.success(), "{removed:?}");

    // Replacing: what the admin added for her goes, and nothing of her own.
    let all = alice.all()?;
    let file = postward.folder().join("new.txt");
    std::fs::write(&file, "new.example\n")?;
    let file = file.to_string_lossy().into_owned();
    postward.ok(["import", "--replace", &file])?;
    assert_eq!(alice.all()?, all);
    postward.ok(["import", "--replace", "--for", "alice", &file])?;
    let list = alice.get("list")?.body;
    for there in ["hers.example", "new.example"] {
        assert!(list.contains(there), "{there}: {list}");
    }
    assert!(!list.contains("for-her.example") && !list.contains("household.example"), "{list}");
    Ok(())
}

/// Commands ask the daemon over its socket. Whatever a question says there, it is the admin's.
/// An admin who sends a member a mail and asks before and after would learn whether the member blocks its sender.
#[test]
fn how_much_was_stopped_is_not_told_where_members_have_lists() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    assert!(postward.ok(["status"])?.contains("0 judged, 0 stopped"));
    common::add_member(&postward, "alice", &["alice@home.example"])?;
    for status in [&["status"][..], &["status", "--json"]] {
        let said = postward.ok(status)?;
        assert!(said.contains("judged") && !said.contains("stopped"), "{said}");
    }
    Ok(())
}

#[test]
fn nobody_passes_for_a_member_on_the_control_socket() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let mut alice = Client::member(&postward, "alice")?;
    alice.list("hers.example")?;
    postward.ok(["block", "household.example"])?;
    let ask = |question: &str| -> Result<String> {
        let mut socket = UnixStream::connect(postward.data().join("control.sock"))?;
        socket.write_all(format!("{question}\n").as_bytes())?;
        let mut answer = String::new();
        BufReader::new(socket).read_line(&mut answer)?;
        Ok(answer)
    };
    let all = r#"{"order":"newest","limit":100}"#;
    for actor in [r#""admin""#, r#"{"member":1}"#, r#"{"unproven":1}"#] {
        let listed = ask(&format!(r#"{{"entries":{{"actor":{actor},"query":{all}}}}}"#))?;
        assert!(
            listed.contains("household.example") && !listed.contains("hers.example"),
            "{actor}: {listed}"
        );
    }
    Ok(())
}

#[test]
fn an_address_is_shared_by_its_owners_yes_and_then_takes_both_of_them() -> Result<()> {
    const SHARED: &str = "bob@example.org";
    let house = MailHouse::new()?;
    let postward = &house.postward;
    let come = |name: &str| -> Result<Client> {
        postward.ok(["member", "add", name, "--mail", SHARED])?;
        let code = waiting_code(postward)?;
        let mut client = Client::arrive(postward, name)?;
        assert_eq!(client.submit("addresses", &[("code", &code)])?.status, 303);
        Ok(client)
    };
    let mut alice = come("alice")?;
    let mut bob = come("bob")?;
    let blocks = |client: &mut Client, value: &str| -> Result<()> {
        let status = client.submit("block", &[("value", value), ("seen", &format!(" {value}"))])?.status;
        assert_eq!(status, 303);
        Ok(())
    };
    let mail = |from: &str, subject: &str| {
        house.send(&format!("x@{from}"), &format!("Subject: {subject}\r\n\r\nhello\r\n"))
    };
    blocks(&mut alice, "both.example")?;
    blocks(&mut alice, "hers.example")?;
    blocks(&mut bob, "his.example")?;
    assert!(bob.get("addresses")?.body.contains("it is another member’s, who is asked whether to share it"));
    mail("hers.example", "hers, while it is hers alone")?;
    mail("his.example", "his, while it is hers alone")?;

    let page = alice.get("addresses")?.body;
    assert!(page.contains("wants to share your address"), "{page}");
    let (_, yes) = page.split_once("name=\"share\" value=\"").context("no such button")?;
    let yes = yes.split('"').next().unwrap_or_default().to_owned();
    // Only whose it is can say so.
    assert_eq!(bob.submit("addresses", &[("share", &yes)])?.status, 422);
    assert_eq!(alice.submit("addresses", &[("share", &yes)])?.status, 303);
    assert!(!alice.get("addresses")?.body.contains("wants to share your address"));
    assert!(bob.get("addresses")?.body.contains("Your list counts for it."));

    mail("hers.example", "hers, since it is shared")?;
    mail("both.example", "both's, listed by one")?;
    blocks(&mut bob, "both.example")?;
    mail("both.example", "both's, listed by both")?;
    let arrived = ["both's, listed by one", "hers, since it is shared", "his, while it is hers alone"];
    assert_eq!(house.delivered_subjects()?, arrived);
    Ok(())
}

#[test]
fn where_no_code_can_be_mailed_none_is_promised() -> Result<()> {
    let mut postward = common::postward()?;
    let config = Some("[mail]\nserver = \"none\"\n".to_owned());
    postward.serve(&ServeOptions { config, ..ServeOptions::default() })?;
    let config = postward.folder().join("postward.toml").to_string_lossy().into_owned();
    let said = postward.ok(["member", "add", "alice", "--mail", "alice@example.org", "--config", &config])?;
    assert!(
        said.contains("No code can be mailed to alice@example.org") && !said.contains("is mailed"),
        "{said}"
    );
    let mut alice = Client::arrive(&postward, "alice")?;
    assert!(alice.get("addresses")?.body.contains("no code can be mailed"));
    assert_eq!(alice.submit("addresses", &[("again", "alice@example.org")])?.status, 303);
    assert!(alice.get("addresses")?.body.contains("No code can be mailed to"));
    Ok(())
}

#[test]
fn a_password_that_was_shown_on_a_screen_is_to_be_changed() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let made = postward.password()?;
    let asks = "Choose one of your own, under Account";
    for _ in 0..2 {
        assert!(Client::with_password(&postward, &made)?.get("")?.body.contains(asks));
    }
    let mut admin = Client::with_password(&postward, &made)?;
    let own = "a password of the admin's own";
    let change = [("current", made.as_str()), ("new", own), ("again", own)];
    assert_eq!(admin.submit("account", &change)?.status, 303);
    assert!(!Client::with_password(&postward, own)?.get("")?.body.contains(asks));
    Ok(())
}

// admin --HTTP--> page --> the real store
#[test]
fn what_is_refused_stands_beside_its_field_and_nothing_of_it_is_saved() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    common::add_member(&postward, "alice", &["alice@example.org"])?;
    let mut admin = Client::admin(&postward)?;
    for (field, value) in [
        ("name", "alice"),
        ("mail", "no address"),
        ("mail", "example.org"),
        ("jid", "@b.example"),
        ("jid", "a@b c"),
    ] {
        let form = [("name", "carol"), (field, value)];
        let form = if field == "name" { &form[1..] } else { &form[..] };
        let refused = admin.submit("members", form)?;
        assert_eq!(refused.status, 422, "{field} {value}");
        assert!(refused.body.contains(&format!("id=\"{field}-error\"")), "{field} {value}: {}", refused.body);
        assert!(refused.body.contains(&format!("name=\"{field}\" value=\"{value}\"")), "{}", refused.body);
        assert!(!postward.ok(["member", "list"])?.contains("carol"));
    }
    // The household can't block its own; neither the person nor the others of their addresses are there then.
    let half = [("name", "Half"), ("identities", "m@x.example\r\nalice@example.org"), ("block", "yes")];
    let refused = admin.submit("persons", &half)?;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("id=\"identities-error\""), "{}", refused.body);
    assert!(
        !admin.get("persons")?.body.contains(">Half<") && !admin.get("list")?.body.contains("m@x.example")
    );
    // So of a person who was there before.
    let before = [("name", "Half"), ("identities", "m@x.example")];
    assert_eq!(admin.submit("persons", &before)?.status, 303);
    let persons = admin.get("persons")?.body;
    let id = persons.split_once("persons?id=").context("no person")?.1.split('"').next().unwrap().to_owned();
    let seen = admin.get(&format!("persons?id={id}"))?.hidden("seen")?;
    let more = [("id", id.as_str()), ("seen", &seen), half[0], half[1], half[2]];
    assert_eq!(admin.submit("persons", &more)?.status, 422);
    assert!(!admin.get(&format!("persons?id={id}"))?.body.contains("alice@example.org"));
    Ok(())
}
