//! What is blocked in the browser is stopped on both doors.
//!
//! ```text
//! Chromium --HTTP--> postward serve <--milter-- Postfix <--SMTP-- Smtp
//!                          |                       `--LMTP--> Sink
//!                          `--component-- Prosody <--c2s-- friend, alice
//! ```
//!
//! And the button that checks whether it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use anyhow::Result;
use common::MailHouse;
use common::chain::House;
use testbed::browser::Browser;
use testbed::daemon::ServeOptions;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;

const COMPONENT: &str = "postward.one.test";
const SECRET: &str = "of the tests alone";

#[test]
fn a_word_blocked_in_the_browser_is_stopped_in_mail_and_chat() -> Result<()> {
    let [prosody] = Prosody::start_all([&Options::new(&["one.test"]).postward(COMPONENT, SECRET)])?;
    let mut postward = common::postward()?;
    let xmpp = Some((prosody.component_address(), COMPONENT.to_owned(), SECRET.to_owned()));
    postward.serve(&ServeOptions { xmpp, ..ServeOptions::default() })?;
    postward.wait_for_chat()?;
    let password = postward.password()?;
    let house = MailHouse::around(postward)?;
    let mut alice = Client::available(prosody.c2s(), "alice@one.test/home")?;
    let mut friend = Client::available(prosody.c2s(), "friend@one.test/home")?;
    let chat = |body: &str| format!("<message type='chat' to='alice@one.test'><body>{body}</body></message>");

    house.send("x@y.example", "Subject: before\r\n\r\nyour prize is waiting\r\n")?;
    friend.send(&chat("your prize is waiting"))?;
    alice.keep_until(&["your prize is waiting"])?;

    let browser = Browser::open(360)?;
    browser.goto(house.postward.page())?;
    browser.fill("#password", &password)?;
    browser.follow("main button")?;
    browser.fill("#value", "prize")?;
    browser.follow("form[action=block] > button")?;
    browser.follow(".preview button")?;
    assert!(browser.text()?.contains("Blocked: prize"), "{}", browser.text()?);

    house.send("x@y.example", "Subject: words\r\n\r\nyour PRIZE is waiting\r\n")?;
    house.send("x@y.example", "Subject: plain\r\n\r\nyour price is right\r\n")?;
    friend.send(&chat("a prize again"))?;
    friend.send(&chat("a plain one"))?;
    alice.keep_until(&["a plain one"])?;
    assert_eq!(alice.bodies(), ["your prize is waiting", "a plain one"]);
    assert_eq!(house.delivered_subjects()?, ["before", "plain"]);

    // "Try it" says the same about a pasted message, and why.
    browser.goto(&format!("{}try", house.postward.page()))?;
    browser.fill("textarea", "From: x@y.example\nSubject: hi\n\nthe prize\n")?;
    browser.follow("main form button")?;
    let text = browser.text()?;
    assert!(text.contains("dropped") && text.contains("prize"), "{text}");

    // Removed in the browser, it is stopped no longer.
    browser.goto(&format!("{}list", house.postward.page()))?;
    assert!(browser.text()?.contains("prize"));
    browser.follow("form[action=remove] .acts button[name=id]")?;
    friend.send(&chat("a prize at last"))?;
    alice.keep_until(&["a prize at last"])?;
    Ok(())
}

/// The button, with every link in place, and with one that isn't.
#[test]
fn the_chain_is_checked_in_the_browser() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    let browser = Browser::open(360)?;
    browser.goto(house.postward.page())?;
    browser.fill("#password", &house.postward.password()?)?;
    browser.follow("main button")?;
    browser.follow("nav.tabs a[href$=chain]")?;
    assert!(browser.text()?.contains("It has not been run yet"), "{}", browser.text()?);
    browser.follow("form[action=chain] button")?;
    let text = browser.text()?;
    assert!(text.contains("All is well. Mail and chat are being watched."), "{text}");
    for sentence in [
        "A blocked mail, handed to Postfix",
        "A blocked stanza was stopped at one.test",
        "The database is whole.",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }

    // What root saw stands there, too, and what is broken stands first.
    house.postconf("message_size_limit = 0")?;
    house.doctor(&[])?;
    house.prosody.console(&["module", "unload", "postward"])?;
    house.comes_to_say("chat-module", "bad", "isn't loaded in Prosody")?;
    browser.follow("form[action=chain] button")?;
    let text = browser.text()?;
    assert!(text.contains("The chain does NOT hold") && text.contains("isn't loaded in Prosody"), "{text}");
    assert!(text.contains("Postfix takes mails of any size"), "{text}");
    Ok(())
}
