//! The admin hears when a link turns bad, once, and when it is well again, by mail and by chat.
//!
//! ```text
//! postward serve --SMTP--> Postfix --LMTP--> Sink: bob, who is the admin
//!       `--component--> Prosody --> alice, who is it, too
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::process::Command;

use anyhow::Result;
use common::chain::{COMPONENT, House, SECRET, hosts};
use testbed::PATIENCE;
use testbed::process::wait_for;
use testbed::xmpp::Client;

const ADMIN: &str = "[admin]\nmail = [\"bob@example.org\"]\njid = [\"alice@one.test\"]\n";

fn mails(house: &House, count: usize) -> Result<Vec<String>> {
    wait_for("the mails to the admin", PATIENCE, || {
        Ok((house.sink.deliveries().len() >= count).then_some(()))
    })?;
    house.postfix.wait_until_queue_is_empty()?;
    let all = house.sink.deliveries();
    Ok(all.iter().map(|one| String::from_utf8_lossy(&one.content).into_owned()).collect())
}

fn heard(alice: &mut Client, what: &str) -> Result<()> {
    wait_for("the message to the admin", PATIENCE, || {
        alice.sync()?;
        Ok(alice.bodies().iter().any(|body| body.contains(what)).then_some(()))
    })
}

#[test]
fn the_admin_hears_once_that_something_turned_bad_and_once_that_it_is_over() -> Result<()> {
    let house = House::with(&hosts().postward(COMPONENT, SECRET), ADMIN, false)?;
    house.wait_for_chat()?;
    let mut alice = Client::available(house.prosody.c2s(), "alice@one.test/home")?;
    house.doctor(&["--tell"])?;
    assert!(house.sink.deliveries().is_empty(), "all is well, and nobody wants to hear it");

    // No entry keeps it away.
    house.postward.ok(["block", "postward", "wrong", "example.org"])?;
    house.prosody.console(&["module", "unload", "postward"])?;
    house.comes_to_say("chat-module", "bad", "isn't loaded in Prosody")?;
    for _ in 0..2 {
        house.doctor(&["--tell"])?;
    }
    heard(&mut alice, "something is wrong")?;
    assert!(
        mails(&house, 1)?[0].contains("Subject: Postward: something is wrong."),
        "{:?}",
        mails(&house, 1)?
    );

    house.prosody.console(&["module", "load", "postward"])?;
    house.comes_to_say("chat-plain-probe", "good", "got through at one.test")?;
    for _ in 0..2 {
        house.doctor(&["--tell"])?;
    }
    heard(&mut alice, "all is well again")?;
    let all = mails(&house, 2)?;
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[1].contains("Subject: Postward: all is well again."), "{}", all[1]);
    alice.sync()?;
    assert_eq!(alice.bodies().len(), 2, "{:?}", alice.bodies());
    Ok(())
}

/// Has Postfix take mail to Bob, or refuse it, from the next session on.
fn take_mail(house: &House, takes: bool) -> Result<()> {
    house.postconf(match takes {
        true => "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination",
        false => "smtpd_recipient_restrictions = reject",
    })?;
    let folder = house.postfix.config_directory();
    assert!(Command::new("postfix").arg("-c").arg(folder).arg("reload").status()?.success());
    wait_for("Postfix to have read its configuration", PATIENCE, || {
        let mut session = house.postfix.connect()?;
        session.command("EHLO stranger.example")?;
        session.command("MAIL FROM:<someone@friends.example>")?;
        let taken = session.command("RCPT TO:<bob@example.org>")?.code == 250;
        Ok((taken == takes).then_some(()))
    })
}

/// What Postfix didn't take counts as not told: it is tried at the next check, and told once.
#[test]
fn what_could_not_be_mailed_is_tried_again_and_then_told_once() -> Result<()> {
    let admin = "[admin]\nmail = [\"bob@example.org\"]\n";
    let house = House::with(&hosts().postward(COMPONENT, SECRET), admin, false)?;
    house.wait_for_chat()?;
    house.prosody.console(&["module", "unload", "postward"])?;
    house.comes_to_say("chat-module", "bad", "isn't loaded in Prosody")?;
    take_mail(&house, false)?;
    for _ in 0..2 {
        house.doctor(&["--tell"])?;
    }
    assert!(house.postward.log().contains("didn't take the mail to the admin"), "{}", house.postward.log());
    take_mail(&house, true)?;
    for _ in 0..3 {
        house.doctor(&["--tell"])?;
    }
    let all = mails(&house, 1)?;
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].contains("Subject: Postward: something is wrong."), "{}", all[0]);
    Ok(())
}
