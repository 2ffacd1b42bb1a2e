//! Blocking by forwarding, from the member's mail program to the list and back.
//!
//! ```text
//! member --SMTP, login by XCLIENT--> Postfix --transport map--> listener of postward serve
//! outsider ------------------------>    |  ^                          |
//!                                    milter +------- answer ----------+
//!                                       |
//!                                     Sink (LMTP): members' mailboxes
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;

use anyhow::{Context, Result};
use common::forwarding::{House, as_attachment, crlf, header, reply_to, said, text};
use testbed::PATIENCE;
use testbed::daemon::ServeOptions;
use testbed::mail::Smtp;
use testbed::process::{free_port, wait_for};

#[test]
fn a_message_forwarded_as_attachment_blocks_its_sender_for_that_member_alone_until_it_is_undone() -> Result<()>
{
    let house = House::new()?;
    // What is forwarded is full of what the filter stops, and so is the answer.
    house.postward.ok(["block", "casino", "mallory"])?;
    let answer = house.answered(&as_attachment("mallory@x.example"))?;
    assert_eq!((answer.from.as_str(), answer.to.as_str()), ("", "alice@home.example"));
    assert_eq!(header(&answer, "Auto-Submitted"), "auto-replied");
    assert_eq!(header(&answer, "In-Reply-To"), "<fwd-mallory@x.example>");
    assert!(said(&answer).contains("mallory@x.example is blocked"), "{}", said(&answer));
    assert!(!text(&answer).to_lowercase().contains("postward-forwarded"), "{}", text(&answer));
    house.postward.ok(["remove", "casino", "mallory"])?;
    assert_eq!(house.reached("mallory@x.example", "one")?, ["bob@home.example"]);

    let again = house.answered(&as_attachment("mallory@x.example"))?;
    assert!(said(&again).contains("already"), "{}", said(&again));

    let undone = house.answered(&reply_to(&answer, "Undo"))?;
    assert!(said(&undone).contains("no longer blocked"), "{}", said(&undone));
    assert_eq!(house.reached("mallory@x.example", "two")?, ["alice@home.example", "bob@home.example"]);
    // Whichever of the answers they answer.
    for twice in [&answer, &undone] {
        let twice = house.answered(&reply_to(twice, "undo"))?;
        assert!(said(&twice).contains("isn’t on your list"), "{}", said(&twice));
        let thrice = house.answered(&reply_to(&twice, "undo"))?;
        assert!(said(&thrice).contains("isn’t on your list"), "{}", said(&thrice));
    }
    Ok(())
}

/// Mail programs that forward name the message in In-Reply-To, and its sender has chosen that name.
#[test]
fn a_sender_whose_message_is_called_like_an_answer_of_ours_is_blocked_all_the_same() -> Result<()> {
    let house = House::new()?;
    for (sender, name) in [
        ("m1@x.example", "e-7f3k9.00.postward@home.example".to_owned()),
        ("m2@x.example", format!("q-{}.00.postward@home.example", "0".repeat(32))),
    ] {
        let forward = format!("In-Reply-To: <{name}>\nReferences: <{name}>\n{}", as_attachment(sender));
        let answer = house.answered(&forward)?;
        assert!(said(&answer).contains(&format!("{sender} is blocked")), "{}", said(&answer));
    }
    Ok(())
}

#[test]
fn inline_forwards_in_english_and_german_block_their_sender() -> Result<()> {
    let house = House::new()?;
    for (sender, block) in [
        (
            "m3@x.example",
            "---------- Forwarded message ---------\nFrom: M <m3@x.example>\nDate: Mon\nTo: alice@home.example\n\nhello",
        ),
        (
            "m4@x.example",
            "-------- Weitergeleitete Nachricht --------\nBetreff: x\nVon: M <m4@x.example>\nAn: alice@home.example\n\nhello",
        ),
        (
            "m1@x.example",
            "<div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message ---------<br>From: M \
             &lt;m1@x.example&gt;<br>Date: Mon<br>To: alice@home.example</div>hello</div>",
        ),
        (
            "m2@x.example",
            "<div id=\"divRplyFwdMsg\">-------- Weitergeleitete Nachricht --------<br>Betreff: x<br>\
             Von: M &lt;m2@x.example&gt;<br>An: alice@home.example<br><br>hello</div>",
        ),
    ] {
        let subtype = if block.starts_with('<') { "html" } else { "plain" };
        let answer = house.answered(&format!(
            "From: alice@home.example\nSubject: Fwd: x\nContent-Type: text/{subtype}\n\n{block}\n"
        ))?;
        assert!(said(&answer).contains(&format!("{sender} is blocked")), "{}", said(&answer));
        assert_eq!(house.reached(sender, sender)?, ["bob@home.example"]);
    }
    Ok(())
}

#[test]
fn where_several_addresses_are_possible_a_number_decides() -> Result<()> {
    let house = House::new()?;
    let inline = "From: alice@home.example\nSubject: Fwd: x\n\nFrom: M <m@x.example>\nReply-To: n@x.example\n\nhello\n";
    let question = house.answered(inline)?;
    assert!(said(&question).contains("1  m@x.example\r\n2  n@x.example"), "{}", said(&question));
    assert_eq!(house.reached("m@x.example", "before")?.len(), 2);
    let signed = house.answered(&reply_to(&question, "-1"))?;
    assert!(said(&signed).contains("nothing but a number"), "{}", said(&signed));
    // Where the mail program names no message, the subject does.
    let both =
        format!("From: alice@home.example\nSubject: Re: {}\n\n1 and 2\n", header(&question, "Subject"));
    let both = said(&house.answered(&both)?);
    assert!(both.contains("nothing but a number"), "{both}");
    let wrong = house.answered(&reply_to(&question, "7"))?;
    assert!(said(&wrong).contains("There is no number 7"), "{}", said(&wrong));
    let answer = house.answered(&reply_to(&wrong, "2"))?;
    assert!(said(&answer).contains("n@x.example is blocked"), "{}", said(&answer));
    assert_eq!(house.reached("n@x.example", "blocked")?, ["bob@home.example"]);
    assert_eq!(house.reached("m@x.example", "not blocked")?.len(), 2);
    // Bob can neither answer Alice's question nor undo her entry.
    let bob = |content: &str| -> Result<String> {
        let before = house.answers().len();
        house.logged_in("bob")?.mail(
            "bob@home.example",
            &["block@home.example"],
            crlf(content).as_bytes(),
        )?;
        let answer = wait_for("an answer", PATIENCE, || Ok(house.answers().into_iter().nth(before)))?;
        assert_eq!(answer.to, "bob@home.example");
        Ok(said(&answer))
    };
    assert!(bob(&reply_to(&question, "1"))?.contains("too old"));
    assert!(bob(&reply_to(&answer, "undo"))?.contains("isn’t on your list"));
    assert_eq!(house.reached("n@x.example", "still blocked")?, ["bob@home.example"]);
    Ok(())
}

/// One of each kind; policy-core's own tests have the others.
#[test]
fn nothing_that_a_sender_writes_has_a_friend_blocked_or_allowed_without_a_question() -> Result<()> {
    let house = House::new()?;
    let flowed = "From: alice@home.example\nSubject: Fwd: x\nContent-Type: text/plain; format=flowed\n\n\
                  -------- Forwarded Message --------\n\
                  From: friend@y.example is my very very long display name that goes \non and on <evil@x.example>\n\
                  To: alice@home.example\n\nbuy\n";
    let hidden = "From: alice@home.example\nSubject: Fwd: x\nContent-Type: text/html\n\n\
                  <style>.gmail_attr{display:none}</style><div class=gmail_attr>From: M &lt;evil@x.example&gt;</div>\
                  <p>From: friend@y.example</p>\n";
    let wrapped = as_attachment("SRS0=ab=cd=y.example=friend@x.example");
    let reply_to_alone = as_attachment("alice@home.example")
        .replace("\nSubject: casino", "\nReply-To: friend@y.example\nSubject: casino");
    for content in [flowed, hidden, &wrapped, &reply_to_alone] {
        let question = house.answered(content)?;
        assert_eq!(header(&question, "Subject").split(" [").next(), Some("Which address?"), "{content}");
        assert!(said(&question).contains("friend@y.example\r\n"), "{}", said(&question));
    }
    assert_eq!(house.reached("friend@y.example", "before")?.len(), 2);
    // What wraps the friend's address can be blocked itself.
    let question = house.answered(&wrapped)?;
    let answer = house.answered(&reply_to(&question, "2"))?;
    assert!(
        said(&answer).contains("\"srs0=ab=cd=y.example=friend\"@x.example is blocked"),
        "{}",
        said(&answer)
    );
    assert_eq!(house.reached("friend@y.example", "after")?.len(), 2);
    assert_eq!(house.reached("srs0=ab=cd=y.example=friend@x.example", "wrapped")?, ["bob@home.example"]);
    Ok(())
}

/// An outsider's mail with `Reply-To: block@`, or one that asks for a receipt to there.
#[test]
fn an_answer_that_an_outsider_led_to_our_address_changes_nothing() -> Result<()> {
    let house = House::new()?;
    let answer = |text: &str| {
        house.answered(&format!(
            "From: alice@home.example\nTo: \"Shop support\" <block@home.example>\nSubject: Re: Your parcel\n\
             In-Reply-To: <parcel@x>\nReferences: <parcel@x>\n\nI never ordered this.\n\n{text}\n"
        ))
    };
    for text in [
        "On Monday, Shop wrote:\n> Please answer.\n>\n> From: friend@y.example",
        "From: Shop <friend@y.example>\nSent: Monday\nTo: alice@home.example\nSubject: Your parcel\n\nPlease answer.",
    ] {
        let question = answer(text)?;
        assert!(said(&question).contains("This is an answer to a message"), "{}", said(&question));
        assert!(said(&question).contains("1  friend@y.example"), "{}", said(&question));
    }
    let before = house.answers().len();
    let receipt = "From: alice@home.example\nSubject: Return receipt\nMIME-Version: 1.0\n\
                   Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b\n\
                   Content-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n\
                   --b\nContent-Type: message/rfc822\n\nFrom: friend@y.example\nSubject: x\n\nhi\n--b--\n";
    assert_eq!(house.alice(&["block@home.example"], receipt)?.code, 250);
    assert_eq!(house.reached("friend@y.example", "not blocked")?.len(), 2);
    assert_eq!(house.answers().len(), before);
    Ok(())
}

#[test]
fn to_an_outsider_our_addresses_do_not_exist() -> Result<()> {
    let house = House::new()?;
    let mut smtp = house.postfix.connect()?;
    smtp.command("MAIL FROM:<mallory@x.example>")?;
    let nobody = smtp.command("RCPT TO:<nobody@home.example>")?;
    for address in ["block", "allow", "BLOCK", "block+x"] {
        let reply = smtp.command(&format!("RCPT TO:<{address}@home.example>"))?;
        assert_eq!(reply.text.replace(address, "nobody"), nobody.text);
        assert_eq!(reply.code, 550);
    }
    for form in [
        "\"NAME\"@home.example",
        "@relay.example:NAME@home.example",
        " NAME@home.example",
        "NAME @home.example",
        "(c)NAME@home.example",
        "\\NAME@home.example",
        "\"\\NAME\"@home.example",
        "<NAME@home.example>",
        "NAME@HOME.example",
        "NAME@home.example.",
        "NAME%home.example",
        "home.example!NAME",
        "\"NAME\\+x\"@home.example",
    ] {
        // After a few errors Postfix takes its time.
        let mut smtp = house.postfix.connect()?;
        smtp.command("MAIL FROM:<mallory@x.example>")?;
        let nobody = smtp.command(&format!("RCPT TO:<{}>", form.replace("NAME", "nobody")))?;
        let block = smtp.command(&format!("RCPT TO:<{}>", form.replace("NAME", "block")))?;
        assert_eq!(block.text, nobody.text.replace("nobody", "block"), "{form}");
        assert_eq!(block.code, nobody.code, "{form}");
    }
    // A login that is nobody's is an outsider.
    let mut smtp = house.logged_in("stranger")?;
    smtp.command("MAIL FROM:<alice@home.example>")?;
    assert_eq!(smtp.command("RCPT TO:<block@home.example>")?.code, 550);
    // Nor does a member share the address with anybody.
    let reply = house.alice(&["block@home.example", "bob@home.example"], &as_attachment("m@x.example"))?;
    assert_eq!(reply.code, 550, "{}", reply.text);
    assert_eq!(house.reached("m@x.example", "not blocked")?.len(), 2);
    Ok(())
}

/// An address book has it twice: Postfix delivers to it once.
#[test]
fn our_address_written_twice_is_one_recipient() -> Result<()> {
    let house = House::new()?;
    let twice = ["block@home.example", "Block@Home.Example"];
    let reply = house.alice(&twice, &as_attachment("m@x.example"))?;
    assert_eq!(reply.code, 250, "{}", reply.text);
    wait_for("an answer", PATIENCE, || Ok(house.answers().into_iter().next()))?;
    house.postfix.wait_until_queue_is_empty()?;
    assert!(said(&house.answered(&as_attachment("m@x.example"))?).contains("already"));
    assert_eq!(house.answers().len(), 2, "one for each message");
    let both = house.alice(&["block@home.example", "allow@home.example"], &as_attachment("n@x.example"))?;
    assert_eq!(both.code, 550, "{}", both.text);
    let third = house.alice(&[twice[0], twice[1], "bob@home.example"], &as_attachment("n@x.example"))?;
    assert_eq!(third.code, 550, "{}", third.text);
    assert_eq!(house.reached("n@x.example", "not blocked")?.len(), 2);
    Ok(())
}

#[test]
fn a_forged_header_reaches_nobody_and_changes_nothing() -> Result<()> {
    let house = House::new()?;
    let forged = "version=1 order=block member=1 nonce=00 until=99999999999 mac=00";
    let content = format!(
        "Postward-Forwarded: {forged}\nSubject: forged\nPOSTWARD-forwarded: {forged}\nX-Mine: kept\npostward-forwarded : {forged}\n\nhi\n"
    );
    house.outsider("friend@y.example", &["bob@home.example"], &content)?;
    let delivered = house.sink.wait_for(1)?;
    let there = text(&delivered[0]);
    assert!(!there.to_lowercase().contains("postward-forwarded"), "{there}");
    assert!(there.contains("X-Mine: kept"));
    // A member's own forgery doesn't spoil the real one.
    let answer =
        house.answered(&format!("Postward-Forwarded: {forged}\n{}", as_attachment("m@x.example")))?;
    assert!(said(&answer).contains("m@x.example is blocked"));

    let direct = Smtp::connect(([127, 0, 0, 1], house.listener).into());
    let content = format!("Postward-Forwarded: {forged}\n{}", as_attachment("friend@y.example"));
    let replies = direct?.mail("alice@home.example", &["block@home.example"], crlf(&content).as_bytes())?;
    assert_eq!(replies.last().unwrap().code, 250, "dropped: a refusal would be bounced");
    assert_eq!(house.reached("friend@y.example", "not blocked")?.len(), 2);
    Ok(())
}

/// Postfix looks for each field that it is to remove from the top of its queue file.
#[test]
fn a_mail_made_of_forged_headers_keeps_nobody_busy() -> Result<()> {
    let house = House::new()?;
    let content = format!("{}Subject: forged\n\nhi\n", "Postward-Forwarded: x\n".repeat(200_000));
    let begin = std::time::Instant::now();
    let replies = house.outsider("friend@y.example", &["bob@home.example"], &content)?;
    assert_eq!(replies.last().unwrap().code, 250);
    println!("took {:?}", begin.elapsed());
    assert_eq!(house.sink.wait_for(1)?.len(), 1);
    // A member's can't count: the header that does stands among others.
    let flood = format!("{}{}", "Postward-Forwarded: x\n".repeat(100), as_attachment("m@x.example"));
    assert_eq!(house.alice(&["block@home.example"], &flood)?.code, 250);
    assert_eq!(house.reached("m@x.example", "not blocked")?.len(), 2);
    Ok(())
}

/// A listener that keeps what Postfix delivers instead of ours: the header as it really is.
fn intercepted(house: &mut House, content: &str) -> Result<Vec<u8>> {
    let reply = house.alice(&["block@home.example"], content)?;
    assert_eq!(reply.code, 250, "{}", reply.text);
    wait_for("the mail in the queue", PATIENCE, || Ok((house.postfix.queued()? > 0).then_some(())))?;
    let folder = house.postfix.queue_directory();
    wait_for("the queue file", PATIENCE, || {
        for queue in ["deferred", "active", "incoming"] {
            for file in walk(&folder.join(queue)) {
                let Some(id) = file.file_name().map(|name| name.to_string_lossy().into_owned()) else {
                    continue;
                };
                let output = Command::new("postcat")
                    .arg("-c")
                    .arg(house.postfix.config_directory())
                    .args(["-bhq", &id])
                    .output()?;
                if output.stdout.windows(18).any(|window| window == b"Postward-Forwarded") {
                    return Ok(Some(output.stdout));
                }
            }
        }
        Ok(None)
    })
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

#[test]
fn what_waits_in_the_queue_survives_a_restart_and_a_header_counts_once_and_for_its_message() -> Result<()> {
    let mut house = House::new()?;
    // The milter is there, the listener can't be reached: the mail waits in Postfix's queue.
    house.postward.stop()?;
    let config = house.options.config.clone().unwrap();
    let elsewhere = config.replace(&format!(":{}\"", house.listener), &format!(":{}\"", free_port()?));
    house.postward.serve(&ServeOptions {
        milter: house.options.milter.clone(),
        config: Some(elsewhere),
        ..Default::default()
    })?;
    let queued = intercepted(&mut house, &as_attachment("m@x.example"))?;
    house.postward.stop()?;
    assert!(house.answers().is_empty());
    let options = ServeOptions {
        milter: house.options.milter.clone(),
        config: house.options.config.clone(),
        ..Default::default()
    };
    house.postward.serve(&options)?;
    let answer = wait_for("the answer", PATIENCE * 3, || {
        Command::new("postqueue").arg("-c").arg(house.postfix.config_directory()).arg("-f").status()?;
        Ok(house.answers().into_iter().next())
    })
    .with_context(|| house.postfix.log())?;
    assert!(said(&answer).contains("m@x.example is blocked"), "{}", said(&answer));
    house.postward.stop()?;
    house.postward.serve(&options)?;

    let queued = crlf(&String::from_utf8_lossy(&queued).replace("\r\n", "\n"));
    assert!(queued.contains("Postward-Forwarded: version=1 order=block member="), "{queued}");
    let direct = |to: &str, content: &str| -> Result<u16> {
        let mut smtp = Smtp::connect(([127, 0, 0, 1], house.listener).into())?;
        let replies = smtp.mail("alice@home.example", &[to], content.as_bytes())?;
        Ok(replies.last().unwrap().code)
    };
    // It counts for what it is made for, and once: Alice has taken it back meanwhile.
    let undone = house.answered(&reply_to(&answer, "undo"))?;
    assert!(said(&undone).contains("no longer blocked"), "{}", said(&undone));
    assert_eq!(direct("block@home.example", &queued)?, 250, "replayed after a restart");
    assert_eq!(direct("allow@home.example", &queued)?, 250, "another command");
    let other = queued.replace("m@x.example", "friend@y.example");
    assert_eq!(direct("block@home.example", &other)?, 250, "another message");
    assert_eq!(house.reached("m@x.example", "neither blocked nor allowed")?.len(), 2);
    // Through the milter it is taken away.
    let reply = house.outsider("m@x.example", &["block@home.example"], &queued.replace("\r\n", "\n"))?;
    assert!(reply.iter().any(|reply| reply.code == 550));
    assert_eq!(house.reached("friend@y.example", "not blocked")?.len(), 2);
    Ok(())
}

#[test]
fn an_answer_that_could_not_be_handed_in_outlives_a_kill_and_comes_once() -> Result<()> {
    let mut house = House::new()?;
    house.postward.stop()?;
    let config = house.options.config.clone().unwrap();
    let replies = format!("replies = \"{}\"", house.postfix.address());
    let nowhere = config.replace(&replies, &format!("replies = \"127.0.0.1:{}\"", free_port()?));
    assert_ne!(config, nowhere);
    let options = |config: String| ServeOptions {
        milter: house.options.milter.clone(),
        config: Some(config),
        ..Default::default()
    };
    house.postward.serve(&options(nowhere))?;
    assert_eq!(house.alice(&["block@home.example"], &as_attachment("m@x.example"))?.code, 250);
    let kept = house.postward.data().join("forwarding.json");
    let waiting = |count: usize| {
        wait_for("as many answers that wait", PATIENCE, || {
            // It isn't there before the first forward.
            let kept = std::fs::read(&kept).unwrap_or_default();
            let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap_or_default();
            Ok((kept["answers"].as_object().map(serde_json::Map::len) == Some(count)).then_some(()))
        })
    };
    waiting(1)?;
    house.postfix.wait_until_queue_is_empty()?;
    house.postward.kill()?;
    for _ in 0..2 {
        house.postward.serve(&options(config.clone()))?;
        let answer = wait_for("the answer", PATIENCE, || Ok(house.answers().into_iter().next()))?;
        assert!(said(&answer).contains("m@x.example is blocked"), "{}", said(&answer));
        waiting(0)?;
        house.postward.stop()?;
    }
    house.postfix.wait_until_queue_is_empty()?;
    assert_eq!(house.answers().len(), 1);
    Ok(())
}

#[test]
fn nothing_that_a_peer_does_stalls_the_listener() -> Result<()> {
    let house = House::new()?;
    let connect = || -> Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", house.listener))?;
        stream.set_read_timeout(Some(testbed::PATIENCE))?;
        stream.set_write_timeout(Some(testbed::PATIENCE))?;
        Ok(stream)
    };
    let idle: Vec<TcpStream> = (0..200).map(|_| connect()).collect::<Result<_>>()?;
    let mut endless = connect()?;
    let _ = endless.write_all(&vec![b'a'; 1 << 20]);
    let mut nul = connect()?;
    nul.write_all(b"EHLO \0\0\r\n\0\0\0\r\nMAIL FROM:<\0@x>\r\n\xff\xfe\r\n")?;
    let mut large = connect()?;
    large.write_all(b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<block@home.example>\r\nDATA\r\n")?;
    let line = [vec![b'x'; 998], b"\r\n".to_vec()].concat().repeat(100);
    // What is too large isn't kept, so that there is room for others.
    for _ in 0..400 {
        large.write_all(&line)?;
    }

    let answer = house.answered(&as_attachment("m@x.example"))?;
    assert!(said(&answer).contains("m@x.example is blocked"));
    drop(idle);
    Ok(())
}

#[test]
fn automata_and_mail_about_nobody_change_nothing() -> Result<()> {
    let house = House::new()?;
    let automatic = format!("Auto-Submitted: auto-generated\n{}", as_attachment("m@x.example"));
    assert_eq!(house.alice(&["block@home.example"], &automatic)?.code, 250);
    let own = house.answered(&as_attachment("bob@home.example"))?;
    assert!(said(&own).contains("your own household"), "{}", said(&own));
    let nobody = house.answered("From: alice@home.example\nSubject: x\n\nplease block them\n")?;
    assert!(said(&nobody).contains("There is no address"), "{}", said(&nobody));
    assert_eq!(house.answers().len(), 2);
    assert_eq!(house.reached("m@x.example", "not blocked")?.len(), 2);
    Ok(())
}

#[test]
fn nothing_of_what_is_forwarded_reaches_a_log() -> Result<()> {
    let mut house = House::new()?;
    house.answered(&as_attachment("secretive@whisper.example"))?;
    house.postward.stop()?;
    for word in ["secretive", "whisper", "casino", "alice"] {
        assert!(!house.postward.log().contains(word), "{}", house.postward.log());
    }
    Ok(())
}
