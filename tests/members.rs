//! A member, from the admin's link to their own list, with the real store.
//!
//! ```text
//! Chromium (360 px, no JavaScript) --HTTP--> postward serve --SMTP--> Postfix --LMTP--> Sink
//!                                                 ^
//!                       postward member link -----+
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use anyhow::{Context, Result};
use common::{MailHouse, come, subject};
use testbed::PATIENCE;
use testbed::browser::Browser;
use testbed::daemon::ServeOptions;
use testbed::mail::Sink;
use testbed::postfix::{Options, Postfix};

const PHONE: u32 = 360;

fn says(browser: &Browser, what: &str) -> Result<()> {
    let text = browser.text()?;
    assert!(text.contains(what), "\"{what}\" isn't on the page:\n{text}");
    Ok(())
}

fn block(browser: &Browser, value: &str) -> Result<()> {
    browser.fill("#value", value)?;
    browser.follow("form[action=block] > button")?;
    browser.follow(".preview button")?;
    says(browser, &format!("Blocked: {value}"))
}

/// What *Try it* says of mail from this address.
fn tried(browser: &Browser, page: &str, address: &str) -> Result<String> {
    browser.goto(&format!("{page}try"))?;
    browser.fill("#text", address)?;
    browser.follow("main form button")?;
    browser.text()
}

#[test]
fn a_member_comes_by_a_link_and_a_second_link_shows_nothing_of_their_list() -> Result<()> {
    // The sink is there first, so that postward can be told where Postfix takes mail.
    let sink = Sink::start()?;
    let postfix = Postfix::start(&Options::new(sink.port()))?;
    let mut postward = common::postward()?;
    let config = format!("[mail]\nserver = \"{}\"\n", postfix.address());
    postward.serve(&ServeOptions { config: Some(config), ..ServeOptions::default() })?;
    postward.ok(["member", "add", "alice", "--mail", "alice@example.org"])?;
    let link = || -> Result<String> {
        let said = postward.ok(["member", "link", "alice"])?;
        Ok(said.lines().next().context("no link")?.to_owned())
    };

    let browser = Browser::open(PHONE)?;
    let code = come(&browser, &link()?, "her first password", "")?;
    says(&browser, "Block somebody")?;
    block(&browser, "mallory@evil.example")?;

    // The code that was mailed makes the address hers; it is shown to nobody else.
    let mut mailed = testbed::process::wait_for("the code", PATIENCE, || {
        let there = sink.deliveries();
        let text = there.iter().map(|mail| String::from_utf8_lossy(&mail.content).into_owned());
        Ok(text.map(|text| common::code_in(&text)).find(|code| !code.is_empty()))
    })?;
    assert!(!postward.ok(["member", "list", "--json"])?.contains("alice@example.org"));
    assert!(postward.ok(["member", "list"])?.contains("alice@example.org (its code wasn't entered yet)"));
    browser.goto(&format!("{}addresses", postward.page()))?;
    says(&browser, "Your list doesn’t count for it yet")?;
    mailed.make_ascii_uppercase();
    browser.fill("#code", &mailed)?;
    browser.follow("main form:has(#code) button")?;
    says(&browser, "Your list counts for alice@example.org now")?;
    assert!(postward.ok(["member", "list", "--json"])?.contains("alice@example.org"));
    postward.ok(["block", "household.example"])?;
    postward.ok(["block", "--for", "alice", "meant-well.example"])?;
    browser.goto(&format!("{}list", postward.page()))?;
    for seen in ["mallory@evil.example", "household.example", "meant-well.example"] {
        says(&browser, seen)?;
    }
    assert!(!postward.ok(["list"])?.contains("mallory"), "the admin sees nothing of it");
    for theirs in ["mallory@evil.example", "x@meant-well.example", "x@household.example"] {
        let tried = tried(&browser, postward.page(), theirs)?;
        assert!(tried.contains("Mail: blocked") && !tried.contains("list alone"), "{theirs}: {tried}");
    }

    // Somebody else uses a second link: she is told, they see nothing, what she listed stays in force.
    let second = link()?;
    let stranger = Browser::open(PHONE)?;
    come(&stranger, &second, "an impostor's password", "")?;
    stranger.goto(&format!("{}list", postward.page()))?;
    says(&stranger, "household.example")?;
    assert!(!stranger.text()?.contains("mallory"), "{}", stranger.text()?);
    let blind = tried(&stranger, postward.page(), "mallory@evil.example")?;
    assert!(blind.contains("Mail: gets through") && blind.contains("the household’s list alone"), "{blind}");
    testbed::process::wait_for("the announcement", PATIENCE, || {
        let there = sink.deliveries();
        Ok(there.iter().any(|mail| subject(mail).contains("sign-in link")).then_some(()))
    })?;
    assert!(sink.deliveries().iter().all(|mail| !String::from_utf8_lossy(&mail.content).contains("key=")));
    browser.goto(postward.page())?;
    says(&browser, "Sign in")?;

    // A third link, and the recovery code: everything is hers again.
    come(&browser, &link()?, "her second password", &code)?;
    browser.goto(&format!("{}list", postward.page()))?;
    says(&browser, "mallory@evil.example")?;
    stranger.goto(postward.page())?;
    says(&stranger, "Sign in")?;
    stranger.fill("#name", "alice")?;
    stranger.fill("#password", "her second password")?;
    stranger.follow("main button")?;
    says(&stranger, "Block somebody")
}

#[test]
fn the_admin_adds_a_member_on_the_page() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let password = postward.password()?;
    let browser = Browser::open(PHONE)?;
    browser.goto(postward.page())?;
    browser.fill("#password", &password)?;
    browser.follow("main button")?;
    browser.goto(&format!("{}members", postward.page()))?;
    browser.fill("#name", "bob")?;
    browser.fill("#mail", "bob@example.org")?;
    browser.follow("main form:last-of-type button")?;
    let link = browser.text_in("#link")?;
    assert!(browser.content_width()? <= PHONE, "it scrolls sideways");
    let bobs = Browser::open(PHONE)?;
    come(&bobs, &link, "bob's own password", "")?;
    says(&bobs, "Block somebody")
}

/// How many connections are tried. Of 3,500 by hand the kernel took 315: those that are served and its queue.
const SLOW: usize = 700;

/// Doors don't notice connections that send slowly or nothing to the page: heads begun, heads a byte at a time, bodies that
/// never come. Few of them are taken at a time, so that file descriptors are left.
#[test]
fn a_page_full_of_slow_connections_holds_up_no_mail() -> Result<()> {
    use std::io::Write;
    use std::net::TcpStream;
    let mut house = MailHouse::new()?;
    let page = house.postward.page().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let body = format!("POST /sign-in HTTP/1.1\r\nHost: {page}\r\nContent-Length: 9000\r\n\r\nname=");
    let mut slow = Vec::new();
    for number in 0..SLOW {
        // What the kernel's queue doesn't take any more waits outside: as good as there.
        match TcpStream::connect_timeout(&page.parse()?, std::time::Duration::from_millis(20)) {
            Ok(stream) => {
                let begun = ["GET / HTTP/1.1\r\nHost: ", "GET /", &body][number % 3];
                let _ = (&stream).write_all(begun.as_bytes());
                slow.push(stream);
            }
            Err(_) if slow.len() > 64 => break,
            Err(_) => {}
        }
    }
    assert!(slow.len() > 64);
    let pid = house.postward.process()?.pid();
    let open_files = || Ok::<_, std::io::Error>(std::fs::read_dir(format!("/proc/{pid}/fd"))?.count());
    house.postward.ok(["block", "evil.example"])?;
    for round in 0..5 {
        for stream in &slow {
            let _ = (&*stream).write_all(b"x");
        }
        house.send("x@evil.example", "Subject: blocked\r\n\r\nx\r\n")?;
        house.send("x@friend.example", &format!("Subject: plain {round}\r\n\r\nx\r\n"))?;
        assert!(open_files()? < 200, "{} files are open", open_files()?);
    }
    let expected: Vec<String> = (0..5).map(|round| format!("plain {round}")).collect();
    assert_eq!(house.delivered_subjects()?, expected);
    drop(slow);
    Ok(())
}
