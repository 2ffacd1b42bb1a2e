//! A client sends mail to a real Postfix; the door judges it; what passes arrives at the sink.
//!
//! ```text
//! Smtp --SMTP--> Postfix --LMTP--> Sink
//!                   |
//!                 milter (the door, judging by a rule of the test's)
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use milter::{Address, Limits, Settings, bind, run};
use policy_core::candidate::{Candidate, SenderRole};
use policy_core::door::{DoorState, FailureMode, Judge, JudgingFailed};
use policy_core::verdict::{Judgement, Outcome, Verdict};
use testbed::mail::{Delivery, Sink};
use testbed::postfix::{Options, Postfix};
use tokio::runtime::Runtime;

/// Stops what comes from `drop@` or `refuse@`, and what goes to somebody whose name begins with `strict`.
struct Rule;

impl Judge for Rule {
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        let from = |name| {
            candidate
                .senders
                .iter()
                .any(|sender| sender.role == SenderRole::Envelope && sender.identity.local() == Some(name))
        };
        if from("failure") {
            panic!("a fault of ours");
        }
        let verdicts = candidate.recipients.iter().map(|recipient| {
            let strict = recipient.identity.local().is_some_and(|local| local.starts_with("strict"));
            let outcome = match () {
                () if from("drop") || strict => Outcome::Drop,
                () if from("refuse") => Outcome::Refuse,
                () => Outcome::Deliver,
            };
            Verdict { outcome, ..Verdict::unlisted() }
        });
        Ok(Judgement { revision: 1, verdicts: verdicts.collect(), if_proven: None })
    }

    fn refuses(&self, _: &Candidate) -> bool {
        false
    }

    fn failure_mode(&self) -> FailureMode {
        FailureMode::HoldOff
    }

    fn set_state(&self, _: DoorState) {}
}

struct House {
    postfix: Postfix,
    sink: Sink,
    door: Address,
    _runtime: Runtime,
}

impl House {
    fn new() -> Result<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(bind(&"inet:127.0.0.1:0".parse()?, 0o660))?;
        let door = listener.local_address().clone();
        runtime.spawn(run(listener, Arc::new(Rule), Settings::default(), std::future::pending()));
        let sink = Sink::start()?;
        let options = Options { milters: vec![door.to_string()], ..Options::new(sink.port()) };
        Ok(Self { postfix: Postfix::start(&options)?, sink, door, _runtime: runtime })
    }

    /// Sends one mail in a session of its own; gives the code of the last reply and its text.
    fn send(&self, from: &str, to: &[&str], content: &[u8]) -> Result<(u16, String)> {
        let replies = self.postfix.connect()?.mail(from, to, content)?;
        let last = replies.last().unwrap();
        Ok((last.code, last.text.clone()))
    }

    /// Everything that arrives, once a last mail to tell the end by has arrived and nothing is queued.
    fn all_that_arrives(&self) -> Result<Vec<Delivery>> {
        self.send("marker@friend.example", &["end@example.org"], MAIL)?;
        self.postfix.wait_until_queue_is_empty()?;
        let mut all = self.sink.deliveries();
        let marker = all.iter().position(|delivery| delivery.from == "marker@friend.example");
        all.remove(marker.expect("the marker arrived"));
        Ok(all)
    }
}

const MAIL: &[u8] = b"From: a@friend.example\r\nSubject: hello\r\n\r\nText\r\n";

fn recipients(deliveries: &[Delivery]) -> Vec<&str> {
    let mut names: Vec<&str> = deliveries.iter().map(|delivery| delivery.to.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn mail_from_a_blocked_envelope_sender_never_arrives_and_the_sender_is_told_250() -> Result<()> {
    let house = House::new()?;
    assert_eq!(house.send("drop@mallory.example", &["ann@example.org", "bob@example.org"], MAIL)?.0, 250);
    assert!(house.all_that_arrives()?.is_empty());
    Ok(())
}

#[test]
fn refused_mail_is_answered_without_a_reason() -> Result<()> {
    let house = House::new()?;
    let (code, text) = house.send("refuse@mallory.example", &["ann@example.org"], MAIL)?;
    assert_eq!((code, text.as_str()), (550, "550 5.7.1 The message could not be accepted\r\n"));
    // One who drops and one who refuses: nobody is told anything.
    let to = ["ann@example.org", "strict@example.org"];
    assert_eq!(house.send("refuse@mallory.example", &to, MAIL)?.0, 250);
    assert!(house.all_that_arrives()?.is_empty());
    Ok(())
}

#[test]
fn one_recipient_is_removed_and_the_others_get_the_mail() -> Result<()> {
    let house = House::new()?;
    let to = ["ann@example.org", "Strict+Tag@Example.ORG", "\"strict two\"@example.org", "bob@example.org"];
    assert_eq!(house.send("carol@friend.example", &to, MAIL)?.0, 250);
    let arrived = house.all_that_arrives()?;
    let names = recipients(&arrived);
    assert!(names.contains(&"ann@example.org") && names.contains(&"bob@example.org"));
    assert!(!names.iter().any(|name| name.to_lowercase().starts_with("strict")), "{names:?}");
    Ok(())
}

#[test]
fn what_passes_arrives_byte_for_byte() -> Result<()> {
    let house = House::new()?;
    let mut body = b".\r\n..dots\r\n\xff\xfe\x80 caf\xc3\xa9\r\n\r\n".to_vec();
    body.extend(b"x".repeat(900));
    body.extend(b"\r\n");
    body.extend(b"line of a longer mail\r\n".repeat(20_000));
    body.extend(b"the end without a line end");
    let content =
        [b"From: a@friend.example\r\nSubject: =?utf-8?q?x?=\r\n folded\r\n\r\n", body.as_slice()].concat();
    assert_eq!(house.send("carol@friend.example", &["ann@example.org"], &content)?.0, 250);
    let arrived = house.all_that_arrives()?;
    body.extend(b"\r\n");
    assert!(arrived.len() == 1 && arrived.first().is_some_and(|delivery| delivery.body() == body));
    Ok(())
}

#[test]
fn several_mails_in_a_session_are_judged_each_by_itself() -> Result<()> {
    let house = House::new()?;
    let mut smtp = house.postfix.connect()?;
    smtp.command("MAIL FROM:<drop@mallory.example>")?;
    smtp.command("RCPT TO:<ann@example.org>")?;
    assert_eq!(smtp.command("RSET")?.code, 250);
    for from in ["carol@friend.example", "drop@mallory.example", "", "dave@friend.example"] {
        assert_eq!(smtp.mail(from, &["ann@example.org"], MAIL)?.last().unwrap().code, 250);
    }
    let arrived = house.all_that_arrives()?;
    let mut from: Vec<&str> = arrived.iter().map(|delivery| delivery.from.as_str()).collect();
    from.sort_unstable();
    assert_eq!(from, ["", "carol@friend.example", "dave@friend.example"]);
    Ok(())
}

#[test]
fn our_own_fault_holds_mail_off_and_leaves_the_door_open() -> Result<()> {
    let house = House::new()?;
    assert_eq!(house.send("failure@friend.example", &["ann@example.org"], MAIL)?.0, 451);
    assert_eq!(house.send("carol@friend.example", &["ann@example.org"], MAIL)?.0, 250);
    assert_eq!(house.all_that_arrives()?.len(), 1);
    Ok(())
}

#[test]
fn garbage_and_idle_connections_at_the_socket_do_not_stall_the_door() -> Result<()> {
    let house = House::new()?;
    let Address::Inet(host, port) = &house.door else { panic!("not TCP") };
    let mut open = Vec::new();
    for number in 0..50 {
        let mut stream = TcpStream::connect((host.as_str(), *port))?;
        // Nothing, a command out of order, one that claims 4 GiB, zeroes, a MAIL before the negotiation.
        let bytes: &[u8] = match number % 5 {
            0 => b"",
            1 => b"\0\0\0\x01E",
            2 => b"\xff\xff\xff\xffBrest",
            3 => &[0; 64],
            _ => b"\0\0\0\x05M<a>\0",
        };
        stream.write_all(bytes)?;
        open.push(stream);
    }
    assert_eq!(house.send("drop@mallory.example", &["ann@example.org"], MAIL)?.0, 250);
    assert_eq!(house.send("carol@friend.example", &["ann@example.org"], MAIL)?.0, 250);
    assert_eq!(house.all_that_arrives()?.len(), 1);
    Ok(())
}

#[test]
fn more_connections_than_the_limit_wait_until_others_have_ended() -> Result<()> {
    let runtime = Runtime::new()?;
    let listener = runtime.block_on(bind(&"inet:127.0.0.1:0".parse()?, 0o660))?;
    let door = listener.local_address().to_string();
    let limits = Limits { connections: 2, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    runtime.spawn(run(listener, Arc::new(Rule), settings, std::future::pending()));
    let connect = || -> Result<TcpStream> {
        let mut peer = TcpStream::connect(door.strip_prefix("inet:").expect("TCP"))?;
        peer.write_all(b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff")?;
        Ok(peer)
    };
    let answered = |peer: &mut TcpStream, patience| -> Result<bool> {
        peer.set_read_timeout(Some(patience))?;
        Ok(peer.read(&mut [0; 64]).is_ok_and(|bytes| bytes > 0))
    };
    let (mut first, mut second) = (connect()?, connect()?);
    assert!(answered(&mut first, testbed::PATIENCE)? && answered(&mut second, testbed::PATIENCE)?);
    let mut third = connect()?;
    assert!(!answered(&mut third, Duration::from_millis(300))?, "the limit is none");
    drop(first);
    assert!(answered(&mut third, testbed::PATIENCE)?);
    Ok(())
}
