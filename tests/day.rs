//! A day's traffic of a household in a minute, through the real servers: memory, file descriptors and threads are level at its
//! end, no child is left, and whatever should arrive has arrived.
//!
//! ```text
//! 4 SMTP sessions at a time --> Postfix --milter--> postward serve <--component-- Prosody <-- eve, alice
//! Sink <--LMTP-- Postfix            commands, page --'  `--> /proc: VmRSS, fd, task
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use anyhow::{Context, Result};
use common::chain::{House, hosts};
use testbed::PATIENCE;
use testbed::browser::Browser;
use testbed::process::wait_for;
use testbed::xmpp::Client;

/// What memory may be more by at the end than it was after the first third: what the allocator rounds up, in kB.
const ROUNDED_UP: u64 = 6 * 1024;

/// How large a large mail is.
const LARGE: usize = 1_500_000;

/// Hours of such a day: 12 in scripts/test, and as many as POSTWARD_HOURS says in scripts/soak.
fn hours() -> usize {
    std::env::var("POSTWARD_HOURS").map_or(12, |hours| hours.parse().expect("a number in POSTWARD_HOURS"))
}

/// What the daemon holds, once it is at rest: file descriptors and threads of what is over may take a moment to go.
#[derive(Debug)]
struct Held {
    memory: u64,
    descriptors: usize,
    threads: usize,
}

impl Held {
    fn by(pid: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let memory = memory.trim().trim_end_matches(" kB").parse()?;
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        let threads = fs::read_dir(format!("/proc/{pid}/task"))?.count();
        Ok(Self { memory, descriptors, threads })
    }
}

/// A mail, whether it should arrive, and its subject.
struct Mail {
    from: &'static str,
    content: Vec<u8>,
    arrives: bool,
    subject: String,
}

/// The mails of an hour: 12 plain, 6 from blocked senders, 2 with blocked words, 2 large, 4 malformed.
fn mails(hour: usize) -> Vec<Mail> {
    let mut all = Vec::new();
    let mut add = |kind: &str, number: usize, from, arrives, rest: &[u8]| {
        let subject = format!("{kind} {number} of hour {hour}");
        let mut content = format!("Subject: {subject}\r\n").into_bytes();
        content.extend_from_slice(rest);
        all.push(Mail { from, content, arrives, subject });
    };
    for number in 0..12 {
        add("plain", number, "friend@example.net", true, b"From: friend@example.net\r\n\r\nhello\r\n");
    }
    for number in 0..6 {
        add("blocked", number, "mallory@example.net", false, b"\r\nhello\r\n");
    }
    for number in 0..2 {
        add("words", number, "friend@example.net", false, b"\r\nthis is a forbidden phrase\r\n");
    }
    let mut large = b"\r\n".to_vec();
    while large.len() < LARGE {
        large.extend_from_slice(
            b"all work and no play makes a long letter, and nobody reads it to its end\r\n",
        );
    }
    add("large", 0, "friend@example.net", true, &large);
    large.extend_from_slice(b"a forbidden phrase\r\n");
    add("large", 1, "friend@example.net", false, &large);
    let malformed: [&[u8]; 4] = [
        b"From: \"friend <example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n####\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n\r\n<\xff\xfe<<a\r\n",
        b"From: =?bad?q?\r\nMIME-Version: \r\nContent-Type: multipart/mixed; boundary=\"\"\r\n\r\n\r\n",
    ];
    for (number, rest) in malformed.into_iter().enumerate() {
        add("malformed", number, "friend@example.net", true, rest);
    }
    all
}

fn send(house: &House, mails: &[Mail]) -> Result<()> {
    for mail in mails {
        let replies = house.postfix.connect()?.mail(mail.from, &["bob@example.org"], &mail.content)?;
        assert_eq!(replies.last().context("a reply")?.code, 250, "{}", mail.subject);
    }
    Ok(())
}

/// An hour's chat: 20 messages that arrive, 5 that don't.
fn chat(eve: &mut Client, alice: &mut Client, hour: usize) -> Result<()> {
    let mut expected = Vec::new();
    for number in 0..25 {
        let blocked = if number % 5 == 0 { "a forbidden phrase " } else { "" };
        let body = format!("{blocked}{number} of hour {hour}");
        eve.send(&format!("<message type='chat' to='alice@one.test'><body>{body}</body></message>"))?;
        if blocked.is_empty() {
            expected.push(body);
        }
    }
    let bodies: Vec<&str> = expected.iter().map(String::as_str).collect();
    alice.keep_until(&bodies)?;
    assert_eq!(alice.bodies(), bodies);
    alice.inbox.clear();
    Ok(())
}

/// Somebody who isn't signed in looks at the page, and a browser that hangs up in the middle.
fn strangers(page: &str) -> Result<()> {
    let address = page.trim_start_matches("http://").trim_end_matches('/');
    for _ in 0..10 {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /sign-in HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    write!(TcpStream::connect(address)?, "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nContent-Le")?;
    Ok(())
}

/// Edits by command and page, taken back, so that the list is as long as before.
fn edits(house: &House, browser: &Browser, hour: usize) -> Result<()> {
    let (command, page) = (format!("c{hour}.example"), format!("p{hour}.example"));
    house.postward.ok(["block", &command])?;
    common::block_on_page(browser, &house.postward, &page)?;
    browser.goto(&format!("{}list", house.postward.page()))?;
    assert!(browser.text()?.contains(&page));
    house.postward.ok(["remove", &command, &page])?;
    Ok(())
}

#[test]
fn a_day_s_traffic_leaves_nothing_behind() -> Result<()> {
    let mut house = House::with(&hosts().postward("postward.one.test", "of the tests alone"), "", false)?;
    house.wait_for_chat()?;
    house.postward.ok(["block", "mallory@example.net", "forbidden phrase"])?;
    let pid = house.postward.process()?.pid();
    let house = house;
    let browser = common::page(&house.postward, &house.postward.password()?)?;
    let mut alice = Client::available(house.prosody.c2s(), "alice@one.test/home")?;
    let mut eve = Client::available(house.prosody.c2s(), "eve@one.test/away")?;
    let (mut expected, mut held) = (BTreeMap::new(), Vec::new());
    for hour in 0..hours() {
        let mails = mails(hour);
        for mail in mails.iter().filter(|mail| mail.arrives) {
            expected.insert(mail.subject.clone(), 1);
        }
        thread::scope(|scope| -> Result<()> {
            let senders: Vec<_> = mails
                .chunks(mails.len().div_ceil(4))
                .map(|some| scope.spawn(|| send(&house, some)))
                .collect();
            chat(&mut eve, &mut alice, hour)?;
            strangers(house.postward.page())?;
            edits(&house, &browser, hour)?;
            senders.into_iter().try_for_each(|sender| sender.join().expect("no panic"))
        })?;
        held.push(Held::by(pid)?);
    }
    house.postfix.wait_until_queue_is_empty()?;
    let mut arrived = BTreeMap::new();
    for delivery in house.sink.deliveries() {
        *arrived.entry(common::subject(&delivery)).or_insert(0) += 1;
    }
    assert_eq!(arrived, expected, "delivered isn't what was to be delivered");

    let third = hours() / 3;
    let most = |held: &[Held], what: fn(&Held) -> usize| held.iter().map(what).max().unwrap_or_default();
    let (first, last) = (&held[..third], &held[held.len() - third..]);
    let memory = |held: &[Held]| held.iter().map(|held| held.memory).max().unwrap_or_default();
    println!("after the first third {:?}, at the end {:?}", first[third - 1], last[third - 1]);
    assert!(memory(last) <= memory(first) + ROUNDED_UP, "memory grows: {held:#?}");
    // What is over takes a moment to be gone.
    wait_for("file descriptors and threads to be as few as before", PATIENCE, || {
        let now = Held::by(pid)?;
        let level = now.descriptors <= most(first, |held| held.descriptors)
            && now.threads <= most(first, |held| held.threads);
        Ok(level.then_some(()))
    })
    .with_context(|| format!("{held:#?}"))?;
    let parent = format!("PPid:\t{pid}\n");
    for process in fs::read_dir("/proc")? {
        let status = fs::read_to_string(process?.path().join("status")).unwrap_or_default();
        assert!(!status.contains(&parent), "a child is left: {status}");
    }
    assert!(!house.postward.log().contains("panicked"), "{}", house.postward.log());
    assert_eq!(house.postward.ok(["export"])?.lines().count(), 2);
    Ok(())
}
