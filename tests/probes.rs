//! Probes: `postward doctor` sends one that must be stopped and one that must get through, by mail and by chat. None ever
//! reaches a person, and nobody else can make use of them.
//!
//! ```text
//! postward serve --SMTP--> Postfix --milter--> postward serve (takes them away)
//!       |                     `--queue, transport map--> its own listener, where one is set up
//!       |                     `--LMTP--> Sink: the household's mailboxes, where none may arrive
//!       `--component--> Prosody, mod_postward --asks--> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::thread;

use anyhow::{Context, Result};
use common::chain::{House, hosts};
use testbed::PATIENCE;
use testbed::process::{free_port, wait_for};
use testbed::xmpp::Client;

/// The domain of everything about probes.
const PROBES: &str = "probe.postward.invalid";

/// Whatever has come to a mailbox once nothing is queued.
fn mailboxes(house: &House) -> Result<Vec<String>> {
    house.postfix.wait_until_queue_is_empty()?;
    Ok(house.sink.deliveries().iter().map(common::subject).collect())
}

fn send(house: &House, helo: &str, from: &str, to: &str, content: &str) -> Result<u16> {
    let mut smtp = house.postfix.connect()?;
    smtp.command(&format!("EHLO {helo}"))?;
    let replies = smtp.mail(from, &[to], content.as_bytes())?;
    Ok(replies.last().context("a reply")?.code)
}

/// The token that a probe was sent with, as Postfix's log shows it when all is over.
fn used_tokens(house: &House) -> Vec<String> {
    let log = house.postfix.log();
    let after = log.split("helo=<").skip(1).filter_map(|rest| rest.split('>').next()?.strip_suffix(PROBES));
    after.map(|token| token.trim_end_matches('.').to_owned()).filter(|token| token.len() == 32).collect()
}

#[test]
fn both_doors_are_probed_and_nobody_gets_anything() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    let mut alice = Client::available(house.prosody.c2s(), "alice@one.test/home")?;
    house.says("mail-blocked-probe", "good", "was stopped, and its sender wasn't told")?;
    house.says("mail-plain-probe", "good", "nobody has got it")?;
    house.comes_to_say("chat-blocked-probe", "good", "stopped at one.test, rooms.one.test")?;
    house.says("chat-plain-probe", "good", "got through at one.test, rooms.one.test")?;
    assert_eq!(mailboxes(&house)?, Vec::<String>::new());
    alice.sync()?;
    assert!(alice.inbox.is_empty(), "{:?}", alice.inbox);
    // They don't count as messages.
    let before = house.postward.ok(["status"])?;
    house.links()?;
    assert_eq!(before, house.postward.ok(["status"])?);
    assert!(house.postfix.log().contains("milter triggers DISCARD action"), "{}", house.postfix.log());
    Ok(())
}

#[test]
fn where_forwarding_is_set_up_a_plain_mail_goes_through_the_queue_to_our_own_listener() -> Result<()> {
    let listener = free_port()?;
    let (maps, transport) = (
        "virtual_mailbox_maps = inline:{ bob@example.org=b, block@example.org=x }".to_owned(),
        format!("transport_maps = inline:{{ {{ block@example.org=smtp:[127.0.0.1]:{listener} }} }}"),
    );
    let config = format!("[forwarding]\nlisten = \"127.0.0.1:{listener}\"\ndomains = [\"example.org\"]\n");
    let house = House::around(&hosts(), &config, false, |options| {
        // Not even from this machine is mail for elsewhere taken.
        let closed = "smtpd_relay_restrictions = reject_unauth_destination".to_owned();
        options.main_cf.extend([maps, transport, closed]);
    })?;
    house.says("mail-plain-probe", "good", "through Postfix and its queue to Postward's own listener")?;
    house.says("mail-blocked-probe", "good", "was stopped")?;
    assert_eq!(mailboxes(&house)?, Vec::<String>::new());
    // Postfix's default.
    house.says(
        "postfix-tells",
        "worth-knowing",
        "disable_vrfy_command isn't \"yes\": strangers can learn",
    )?;
    house.postconf("disable_vrfy_command = yes")?;
    assert_eq!(house.says_now("postfix-tells")?, "");
    house.postconf("smtpd_reject_unlisted_sender = yes")?;
    house.says("postfix-tells", "worth-knowing", "smtpd_reject_unlisted_sender isn't \"no\"")?;
    house.postconf("smtpd_reject_unlisted_sender = no")?;

    // A header alone opens nothing: to the listener, what has a token that it has seen, or hasn't, is anybody's mail.
    for token in used_tokens(&house).into_iter().chain(["0".repeat(32)]) {
        let mut smtp = testbed::mail::Smtp::connect(([127, 0, 0, 1], listener).into())?;
        let content = format!("From: x@y.example\r\nPostward-Probe: {token}\r\n\r\nhello\r\n");
        let replies = smtp.mail("x@y.example", &["block@example.org"], content.as_bytes())?;
        assert_eq!(replies.last().context("a reply")?.code, 250);
    }
    let log = house.postward.log();
    assert!(log.contains("without a header of Postward's that counts"), "{log}");
    house.postconf("transport_maps =")?;
    reload(&house)?;
    // Wherever it went instead, the doctor notices that it didn't arrive; the test's sink stands for that place.
    house.says("mail-plain-probe", "bad", "didn't come to Postward's own listener")
}

fn reload(house: &House) -> Result<()> {
    let folder = house.postfix.config_directory();
    let status = std::process::Command::new("postfix").arg("-c").arg(folder).arg("reload").status()?;
    assert!(status.success());
    Ok(())
}

#[test]
fn a_postfix_that_does_not_ask_is_found_before_anything_is_sent() -> Result<()> {
    let house = House::around(&hosts(), "", false, |options| {
        options.milters.clear();
        // Everything goes to somebody's mailbox here, probes too, if they were sent.
        options.domains.push(PROBES.to_owned());
    })?;
    house.says("mail-asked", "bad", "No probe was sent")?;
    assert_eq!(mailboxes(&house)?, Vec::<String>::new());
    assert_eq!(
        send(&house, "client.example", "a@b.example", "bob@example.org", "Subject: end\r\n\r\nx\r\n")?,
        250
    );
    wait_for("the end", PATIENCE, || Ok((!house.sink.deliveries().is_empty()).then_some(())))?;
    assert_eq!(mailboxes(&house)?, ["end"]);
    Ok(())
}

#[test]
fn a_postfix_that_cannot_reach_the_milter_or_takes_nothing_is_said() -> Result<()> {
    let house = House::new()?;
    house.says("postfix", "good", "Postfix takes mail at")?;
    let milters = format!("smtpd_milters = {{ inet:127.0.0.1:{}, default_action=tempfail }}", free_port()?);
    house.postconf(&milters)?;
    reload(&house)?;
    wait_for("the milter to be missed", PATIENCE, || {
        Ok(house.says_now("mail-blocked-probe")?.contains("puts senders off").then_some(()))
    })?;
    house.postconf("smtpd_milters =")?;
    house.postconf("smtpd_client_restrictions = reject")?;
    reload(&house)?;
    wait_for("the refusal", PATIENCE, || {
        Ok(house.says_now("mail-blocked-probe")?.contains("can't be tried").then_some(()))
    })
}

#[test]
fn an_entry_that_catches_everything_is_found_and_an_ordinary_list_is_not_in_the_way() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    house.postward.ok(["block", "casino", "evil.example", "mallory@one.test"])?;
    house.says("mail-plain-probe", "good", "let through")?;
    house.says("chat-plain-probe", "good", "got through")?;
    house.postward.ok(["block", "--kind", "domain", "--whole-suffix", "invalid"])?;
    house.says("mail-plain-probe", "bad", "an entry catches everything")?;
    house.says("mail-blocked-probe", "good", "was stopped")
}

/// Whoever forges, guesses, or comes to know a token sends ordinary mail with it: it is judged and delivered.
#[test]
fn an_outsider_can_make_no_use_of_probes_in_mail() -> Result<()> {
    let house = House::around(&hosts(), "", false, |options| options.domains.push(PROBES.to_owned()))?;
    house.postward.ok(["block", "evil.example"])?;
    house.says("mail-plain-probe", "good", "let through")?;
    let used = used_tokens(&house);
    assert!(used.len() >= 2, "{}", house.postfix.log());
    let mut sent = 0;
    for token in used.iter().map(String::as_str).chain(["0123456789abcdef0123456789abcdef", ""]) {
        let helo = format!("{token}.{PROBES}");
        // Not dropped as a probe would be, although it says that it is one.
        let content = format!(
            "From: <blocked@{PROBES}>\r\nSubject: forged {sent}\r\nPostward-Probe: {token}\r\n\r\nhello\r\n"
        );
        assert_eq!(send(&house, &helo, "", "bob@example.org", &content)?, 250);
        // Nor let through unjudged.
        let content =
            format!("From: <mallory@evil.example>\r\nSubject: evil\r\nPostward-Probe: {token}\r\n\r\nx\r\n");
        assert_eq!(send(&house, &helo, "mallory@evil.example", "bob@example.org", &content)?, 250);
        sent += 1;
    }
    wait_for("all of them", PATIENCE, || Ok((house.sink.deliveries().len() >= sent).then_some(())))?;
    let mut arrived = mailboxes(&house)?;
    arrived.sort();
    assert_eq!(arrived, (0..sent).map(|number| format!("forged {number}")).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn an_outsider_can_make_no_use_of_probes_in_chat() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    house.postward.ok(["block", "mallory@one.test"])?;
    let mut alice = Client::available(house.prosody.c2s(), "alice@one.test/home")?;
    let mut mallory = Client::available(house.prosody.c2s(), "mallory@one.test/home")?;
    let mut friend = Client::available(house.prosody.c2s(), "friend@one.test/home")?;
    let forged = |body: &str| {
        format!(
            "<message to='alice@one.test'><probe xmlns='urn:postward:check:1' \
             token='0123456789abcdef0123456789abcdef'/><body>{body}</body></message>"
        )
    };
    mallory.send(&forged("blocked all the same"))?;
    mallory.sync()?;
    friend.send(&forged("delivered all the same"))?;
    friend.send("<message to='alice@one.test'><body>the end</body></message>")?;
    alice.keep_until(&["the end"])?;
    assert_eq!(alice.bodies(), ["delivered all the same", "the end"]);
    // To the host itself, as probes go: it ends nowhere near the component.
    friend.send(&forged("x").replace("alice@one.test", "one.test"))?;
    friend.sync()?;
    Ok(())
}

/// Two at once: each has its own tokens.
#[test]
fn checks_at_the_same_time_are_not_in_each_others_way() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    thread::scope(|scope| {
        let all: Vec<_> = (0..3).map(|_| scope.spawn(|| house.links())).collect();
        for one in all {
            let links = one.join().expect("no panic")?;
            for id in ["mail-blocked-probe", "mail-plain-probe", "chat-blocked-probe", "chat-plain-probe"] {
                assert!(links[id].starts_with("good"), "{id}: {}", links[id]);
            }
        }
        Ok(())
    })
}
