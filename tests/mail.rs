//! Mail from the client to the mailbox, with entries made on the real command line.
//!
//! ```text
//! Smtp --SMTP--> Postfix --LMTP--> Sink
//!                   |
//!                 milter
//!                   |
//!               postward serve <--control.sock-- postward block ...
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::Result;
use common::MailHouse;

#[test]
fn blocked_senders_domains_and_words_do_not_arrive_and_everything_else_does() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net", "evil.example", "Überweisung", "casino night"])?;

    let plain = "Subject: envelope\r\n\r\nhello\r\n";
    house.send("Mallory+shop@EXAMPLE.net", plain)?;
    house.send("x@y.example", "From: \"Friend\" <mallory@example.net>\r\nSubject: from\r\n\r\nhello\r\n")?;
    house.send("x@deep.sub.evil.example", "Subject: subdomain\r\n\r\nhello\r\n")?;
    house.send(
        "x@y.example",
        "Subject: base64\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nRWluZSDDnGJlcndlaXN1bmcgYml0dGUK\r\n",
    )?;
    house.send(
        "x@y.example",
        "Subject: quoted\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nEine =C3=9Cber=\r\nweisung bitte\r\n",
    )?;
    house.send("x@y.example", "Subject: =?utf-8?B?Q2FzaW5vIE5pZ2h0?= encoded\r\n\r\nhello\r\n")?;

    house.send("x@notevil.example", "Subject: 1 other domain\r\n\r\nhello\r\n")?;
    house.send("mallory2@example.net", "Subject: 2 other name\r\n\r\nhello\r\n")?;
    house.send("x@y.example", "Subject: 3 other words\r\n\r\nthe casino of this nightly build\r\n")?;

    assert_eq!(house.delivered_subjects()?, ["1 other domain", "2 other name", "3 other words"]);
    Ok(())
}

#[test]
fn what_is_not_blocked_arrives_byte_for_byte() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "casino"])?;
    let body =
        "  leading blanks\r\n.a dot\r\n..two\r\n\r\n\r\ntrailing blank \r\n\u{00e4}\u{1f600} =3D\r\nlast";
    house.send("friend@friends.example", &format!("Subject: plain\r\nX-Odd:   kept \r\n\r\n{body}\r\n"))?;
    let delivered = house.delivered()?;
    assert_eq!(delivered.len(), 1);
    assert_eq!(String::from_utf8_lossy(delivered[0].body()), format!("{body}\r\n"));
    assert!(String::from_utf8_lossy(&delivered[0].content).contains("X-Odd:   kept \r\n"));
    Ok(())
}

#[test]
fn each_recipient_has_their_own_verdict() -> Result<()> {
    let house = MailHouse::new()?;
    common::add_member(&house.postward, "alice", &["alice@example.org"])?;
    house.postward.ok(["block", "--for", "alice", "mallory@example.net"])?;
    let replies = house.postfix.connect()?.mail(
        "mallory@example.net",
        &["Alice+x@example.org", "bob@example.org"],
        b"Subject: both\r\n\r\nhello\r\n",
    )?;
    assert_eq!(replies.last().expect("replies").code, 250);
    let delivered = house.delivered()?;
    assert_eq!(delivered.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["bob@example.org"]);
    Ok(())
}

#[test]
fn a_change_is_in_force_when_the_command_returns() -> Result<()> {
    let house = MailHouse::new()?;
    for round in 0..5 {
        let address = format!("round{round}@example.net");
        let said = house.postward.ok(["block", &address])?;
        assert!(said.contains("In force on mail (revision "), "{said}");
        house.send(&address, "Subject: blocked\r\n\r\nhello\r\n")?;
        house.postward.ok(["remove", &address])?;
        house.send(&address, &format!("Subject: removed {round}\r\n\r\nhello\r\n"))?;
    }
    let expected: Vec<String> = (0..5).map(|round| format!("removed {round}")).collect();
    assert_eq!(house.delivered_subjects()?, expected);
    Ok(())
}

#[test]
fn a_refused_message_gets_a_neutral_answer() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "--action", "refuse", "mallory@example.net"])?;
    let mut smtp = house.postfix.connect()?;
    assert_eq!(smtp.command("MAIL FROM:<mallory@example.net>")?.code, 250);
    let reply = smtp.command("RCPT TO:<bob@example.org>")?;
    assert_eq!((reply.code, reply.text.contains("5.7.1")), (550, true), "{}", reply.text);
    for word in ["block", "list", "filter", "postward", "mallory", "e-"] {
        assert!(!reply.text.to_lowercase().contains(word), "{} tells too much", reply.text);
    }
    assert!(house.delivered()?.is_empty());
    Ok(())
}

/// Decided at RCPT, that recipient alone is refused. Decided later, a refusal would tell the sender of everybody.
#[test]
fn a_refusal_is_for_the_recipient_who_wants_it() -> Result<()> {
    let house = MailHouse::new()?;
    for name in ["alice", "carol"] {
        common::add_member(&house.postward, name, &[&format!("{name}@example.org")])?;
        house.postward.ok(["block", "--for", name, "--action", "refuse", "casino night"])?;
    }
    house.postward.ok(["block", "--for", "alice", "--action", "refuse", "mallory@example.net"])?;
    let mut smtp = house.postfix.connect()?;
    let mut codes = |from: &str, to: &[&str], text: &str| -> Result<Vec<u16>> {
        let to: Vec<String> = to.iter().map(|name| format!("{name}@example.org")).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let content = format!("Subject: {from} writes {text}\r\n\r\n{text}\r\n");
        let codes = smtp.mail(from, &to, content.as_bytes())?.iter().map(|reply| reply.code).collect();
        smtp.command("RSET")?;
        Ok(codes)
    };
    assert_eq!(codes("mallory@example.net", &["alice", "bob"], "hello")?, [250, 550, 250, 354, 250]);
    assert_eq!(codes("x@example.net", &["alice", "bob"], "casino night")?, [250, 250, 250, 354, 250]);
    assert_eq!(codes("x@example.net", &["alice", "carol"], "casino night")?, [250, 250, 250, 354, 550]);
    let arrived: Vec<String> =
        house.delivered()?.iter().map(|one| format!("{} to {}", common::subject(one), one.to)).collect();
    let expected = ["mallory@example.net writes hello", "x@example.net writes casino night"];
    assert_eq!(arrived, expected.map(|subject| format!("{subject} to bob@example.org")));
    Ok(())
}

#[test]
fn a_chrooted_smtpd_reaches_the_unix_socket() -> Result<()> {
    let sink = testbed::mail::Sink::start()?;
    let mut options = testbed::postfix::Options::new(sink.port());
    options.milters = vec!["unix:postward/milter".to_owned()];
    options.chroot = true;
    let postfix = testbed::postfix::Postfix::start(&options)?;
    let folder = postfix.queue_directory().join("postward");
    std::fs::create_dir(&folder)?;
    let mut postward = common::postward()?;
    let milter = Some(format!("unix:{}", folder.join("milter").display()));
    postward.serve(&testbed::daemon::ServeOptions { milter, ..Default::default() })?;
    let house = MailHouse { postfix, sink, postward };
    house.postward.ok(["block", "mallory@example.net"])?;
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    Ok(())
}

#[test]
fn paused_and_expired_entries_do_not_exist() -> Result<()> {
    let house = MailHouse::new()?;
    let said = house.postward.ok(["block", "mallory@example.net"])?;
    let id = said.split(['(', ')']).find(|part| part.starts_with("e-")).expect("an id").to_owned();
    house.postward.ok(["pause", &id])?;
    house.send("mallory@example.net", "Subject: paused\r\n\r\nhello\r\n")?;
    house.postward.ok(["resume", &id])?;
    house.send("mallory@example.net", "Subject: resumed\r\n\r\nhello\r\n")?;
    house.postward.ok(["block", "--only", "xmpp", "chatter@example.net"])?;
    house.send("chatter@example.net", "Subject: only chat\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["only chat", "paused"]);
    Ok(())
}

#[test]
fn nothing_of_the_correspondence_reaches_a_log_or_the_data_folder() -> Result<()> {
    let mut house = MailHouse::new()?;
    house.postward.ok(["block", "casino"])?;
    house.send("secretive@whisper.example", "Subject: quietsubject\r\n\r\nmurmured casino\r\n")?;
    house.send("secretive@whisper.example", "Subject: quietsubject\r\n\r\nmurmured only\r\n")?;
    assert_eq!(house.delivered()?.len(), 1);
    let status = house.postward.ok(["status"])?;
    house.postward.stop()?;
    let mut written = vec![house.postward.log().into_bytes(), status.into_bytes()];
    for file in std::fs::read_dir(house.postward.data())? {
        written.push(std::fs::read(file?.path()).unwrap_or_default());
    }
    for word in ["secretive", "whisper.example", "quietsubject", "murmured", "bob@"] {
        for bytes in &written {
            assert!(!String::from_utf8_lossy(bytes).contains(word), "{word} was written");
        }
    }
    Ok(())
}
