//! The admin hears when a link turns bad, once, and when it is well again, by mail and by chat.
//!
//! ```text
//! postward serve --SMTP--> Postfix --LMTP--> Sink: bob, who is the admin
//!       `--component--> Prosody --> alice, who is it, too
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::Result;
use common::LIMIT;
use common::chain::{COMPONENT, House, SECRET, hosts};
use testbed::process::wait_for;
use testbed::xmpp::Client;

const ADMIN: &str = "[admin]\nmail = [\"bob@example.org\"]\njid = [\"alice@one.test\"]\n";

fn mails(house: &House, count: usize) -> Result<Vec<String>> {
    wait_for("the mails to the admin", LIMIT, || Ok((house.sink.deliveries().len() >= count).then_some(())))?;
    house.postfix.wait_until_queue_is_empty()?;
    let all = house.sink.deliveries();
    Ok(all.iter().map(|one| String::from_utf8_lossy(&one.content).into_owned()).collect())
}

fn heard(alice: &mut Client, what: &str) -> Result<()> {
    wait_for("the message to the admin", LIMIT, || {
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
    wait_for("the module", LIMIT, || {
        Ok(house.says_now("chat-plain-probe")?.contains("got through at one.test").then_some(()))
    })?;
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
