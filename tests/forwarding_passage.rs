//! What becomes of mail to `block@` on its way: while Postward is away, from mail programs that speak SMTPUTF8, from logins in
//! any case, from links that outsiders made.
//!
//! ```text
//! member --SMTP, login by XCLIENT--> Postfix --transport map--> listener of postward serve
//! outsider ------------------------>    |  ^                          |
//!                                    milter +------- answer ----------+
//!                                       |
//!                                     Sink (LMTP): members' mailboxes, and what is bounced to them
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::forwarding::{House, as_attachment, crlf, reply_to, said};
use common::subject;
use testbed::PATIENCE;
use testbed::daemon::ServeOptions;
use testbed::mail::Delivery;
use testbed::process::wait_for;

/// The answer to what is handed in by this, after those before.
fn answer_after(house: &House, before: usize) -> Result<Delivery> {
    wait_for("an answer", PATIENCE, || Ok(house.answers().into_iter().nth(before)))
}

/// A refusal would be bounced: to the member, and to whomever a stranger has named as the sender.
#[test]
fn what_comes_while_postward_is_away_is_bounced_to_nobody_and_changes_nothing() -> Result<()> {
    let mut house = House::with(|options| options.main_cf.push("milter_default_action = accept".into()))?;
    house.postward.stop()?;
    assert_eq!(house.alice(&["block@home.example"], &as_attachment("friend@y.example"))?.code, 250);
    let large = format!("Subject: large\n\n{}", "so much\n".repeat(1_000_000));
    for (to, content) in [
        (&["block@home.example"][..], "Subject: x\n\nhi\n"),
        (&["allow@home.example", "block@home.example"], "Subject: both\n\nhi\n"),
        (&["block+tag@home.example"], "Subject: x\n\nhi\n"),
        (&["block@home.example"], &large),
    ] {
        let replies = house.outsider("bob@home.example", to, content)?;
        assert_eq!(replies.last().unwrap().code, 250);
    }
    house.postward.serve(&ServeOptions {
        milter: house.options.milter.clone(),
        config: house.options.config.clone(),
        ..Default::default()
    })?;
    wait_for("the queue to be empty", PATIENCE * 2, || Ok((house.postfix.queued()? == 0).then_some(())))?;
    assert_eq!(house.reached("friend@y.example", "not blocked")?.len(), 2);
    let arrived: Vec<String> = house.sink.deliveries().iter().map(subject).collect();
    assert_eq!(arrived, ["not blocked", "not blocked", "end not blocked"], "{}", house.postfix.log());
    let told = house.postward.log().matches("without a header of Postward's").count();
    assert_eq!(told, 1, "{}", house.postward.log());
    Ok(())
}

/// docs/forwarding.md: Postfix itself keeps outsiders away, in its own words, whether Postward runs or not.
#[test]
fn postfix_can_refuse_outsiders_by_itself_while_postward_is_away() -> Result<()> {
    let mut house = House::with(|options| {
        options.main_cf.extend(
            [
                "milter_default_action = accept",
                "smtpd_recipient_restrictions = permit_sasl_authenticated, permit_mynetworks, check_recipient_access inline:{ \
                 { block@home.example = 550 5.1.1 User unknown in virtual mailbox table }, \
                 { allow@home.example = 550 5.1.1 User unknown in virtual mailbox table } }",
            ]
            .map(str::to_owned),
        );
    })?;
    let refused = |house: &House| -> Result<()> {
        let mut smtp = house.postfix.connect()?;
        smtp.command("XCLIENT NAME=mail.x.example ADDR=192.0.2.66")?;
        smtp.command("EHLO mail.x.example")?;
        smtp.command("MAIL FROM:<mallory@x.example>")?;
        let nobody = smtp.command("RCPT TO:<nobody@home.example>")?;
        for name in ["block", "allow", "BLOCK", "block+x"] {
            let reply = smtp.command(&format!("RCPT TO:<{name}@home.example>"))?;
            assert_eq!(reply.text.replace(name, "nobody"), nobody.text);
        }
        Ok(())
    };
    refused(&house)?;
    house.postward.stop()?;
    refused(&house)
}

#[test]
fn a_mail_program_that_speaks_smtputf8_is_understood() -> Result<()> {
    let house = House::new()?;
    for (from, sender) in [("alice@home.example", "m1@x.example"), ("älice@home.example", "m2@x.example")] {
        let before = house.answers().len();
        let mut smtp = house.logged_in("alice")?;
        assert_eq!(smtp.command(&format!("MAIL FROM:<{from}> BODY=8BITMIME SMTPUTF8"))?.code, 250);
        assert_eq!(smtp.command("RCPT TO:<block@home.example>")?.code, 250);
        assert_eq!(smtp.command("DATA")?.code, 354);
        // A line like a command, in the middle of what is forwarded.
        let content = as_attachment(sender)
            .replace("Fwd: x", "Fwd: Gruß")
            .replace("casino night ", "MAIL FROM:<x@x.example> SMTPUTF8\ncasino night ");
        smtp.send(crlf(&content).as_bytes())?;
        assert_eq!(smtp.command(".")?.code, 250);
        let answer = answer_after(&house, before)?;
        assert_eq!(answer.to, "alice@home.example");
        assert!(said(&answer).contains(&format!("{sender} is blocked")), "{}", said(&answer));
    }
    assert_eq!(house.sink.deliveries().len(), 2, "nothing was bounced");
    Ok(())
}

#[test]
fn a_member_blocks_by_forwarding_whatever_case_they_log_in_with() -> Result<()> {
    let house = House::new()?;
    for (login, sender) in [("ALICE", "m1@x.example"), ("Alice@MAIL.test", "m2@x.example")] {
        let before = house.answers().len();
        let content = crlf(&as_attachment(sender));
        let replies = house.logged_in(login)?.mail(
            "alice@home.example",
            &["block@home.example"],
            content.as_bytes(),
        )?;
        assert_eq!(replies.last().unwrap().code, 250, "{login}");
        let answer = answer_after(&house, before)?;
        assert!(said(&answer).contains(&format!("{sender} is blocked")), "{}", said(&answer));
        assert_eq!(house.reached(sender, sender)?, ["bob@home.example"]);
    }
    Ok(())
}

/// A link, or `List-Unsubscribe: <mailto:allow@home.example?subject=...&body=...>`: the mail program sends what it says, logged in
/// as Alice.
#[test]
fn a_message_that_a_link_may_have_made_allows_nobody_before_a_number_is_sent() -> Result<()> {
    let house = House::new()?;
    let forward =
        "---------- Forwarded message ---------\nFrom: Friend <pal@y.example>\nDate: Mon\n\nhello\n";
    let text = format!("From: alice@home.example\nSubject: Fwd: x\n\n{forward}");
    // As a mail program that writes HTML composes it.
    let markup = format!("<div class=\"gmail_quote\">\n{forward}</div>");
    let escaped = markup.replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\n");
    let html = format!(
        "From: alice@home.example\nSubject: Fwd: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n{markup}\n--b\n\
         Content-Type: text/html\n\n<div dir=\"ltr\">{escaped}<a href=\"https://x/?class='gmail_quote'\">x</a></div>\n--b--\n"
    );
    // What a link says is HTML to Roundcube: `mailto:allow@home.example?body=<blockquote type="cite">...`.
    let said_html = format!(
        "From: alice@home.example\nSubject: Fwd: x\nUser-Agent: Roundcube Webmail/1.6.5\nContent-Type: text/html\n\n\
         <div id=\"body1\"><blockquote type=\"cite\"><pre>{}</pre></blockquote></div>\n",
        forward.replace('<', "&lt;")
    );
    let on_phone = said_html.replace("User-Agent: Roundcube Webmail/1.6.5", "X-Mailer: iPhone Mail (20A362)");
    let mut last = None;
    for content in [&text, &html, &said_html, &on_phone] {
        let question = house.answered_by("allow@home.example", content)?;
        assert!(said(&question).contains("1  pal@y.example"), "{}", said(&question));
        last = Some(question);
    }
    // Whoever did forward it so sends the number.
    let answer = house.answered_by("allow@home.example", &reply_to(&last.unwrap(), "1"))?;
    assert!(said(&answer).contains("pal@y.example is allowed"), "{}", said(&answer));
    // Whom a link has blocked is named, and taken back with a word.
    let answer = house.answered(&text)?;
    assert!(said(&answer).contains("pal@y.example is blocked"), "{}", said(&answer));
    assert_eq!(house.reached("pal@y.example", "blocked")?, ["bob@home.example"]);
    house.answered(&reply_to(&answer, "undo"))?;
    assert_eq!(house.reached("pal@y.example", "taken back")?.len(), 2);
    Ok(())
}

/// As Debian sets it up, with the line of docs/forwarding.md for it: the domain stands in `mydestination`.
#[test]
fn with_the_line_of_the_docs_members_of_a_local_domain_can_forward_and_nobody_else_is_told() -> Result<()> {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/forwarding.md"))?;
    let line = docs.lines().find(|line| line.starts_with("local_recipient_maps =")).context("the line")?;
    let line = line.replace("example.org", "home.example");
    let house = House::with(|options| {
        options.domains.clear();
        let sink = options.sink;
        options.main_cf.retain(|line| !line.starts_with("virtual_mailbox_maps"));
        options.main_cf.extend([
            "mydestination = home.example".to_owned(),
            "alias_maps = inline:{ alice=x, bob=x }".to_owned(),
            format!("local_transport = lmtp:inet:127.0.0.1:{sink}"),
            line,
        ]);
    })?;
    let answer = house.answered(&as_attachment("mallory@x.example"))?;
    assert!(said(&answer).contains("mallory@x.example is blocked"), "{}", said(&answer));
    assert_eq!(house.reached("mallory@x.example", "blocked")?, ["bob@home.example"]);
    for unknown in ["block@home.example", "no-such-user@home.example"] {
        let replies = house.outsider("mallory@x.example", &[unknown], "Subject: x\n\nhi\n")?;
        assert!(replies.iter().any(|reply| reply.code == 550), "{unknown}: {replies:?}");
    }
    Ok(())
}
