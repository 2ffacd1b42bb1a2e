//! The household of the end-to-end tests: a real Postfix, a real Prosody, and postward between them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod chain;
pub(crate) mod desk;
pub(crate) mod forwarding;
pub(crate) mod http;
pub(crate) mod traces;

use anyhow::Result;
use testbed::browser::Browser;
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::{Delivery, Sink};
use testbed::postfix::{Options, Postfix};

/// The program under test.
pub(crate) fn postward() -> Result<Postward> {
    Postward::new(env!("CARGO_BIN_EXE_postward"))
}

/// Adds a member whose mail addresses are theirs: the codes are taken from where they wait to be mailed, and whose an
/// address is already agrees.
pub(crate) fn add_member(postward: &Postward, name: &str, addresses: &[&str]) -> Result<()> {
    add_member_with(postward, name, addresses, &[])
}

/// The same with other flags of `postward member add`.
pub(crate) fn add_member_with(
    postward: &Postward,
    name: &str,
    addresses: &[&str],
    flags: &[&str],
) -> Result<()> {
    let mail = addresses.iter().flat_map(|address| ["--mail", address]);
    postward.ok(["member", "add", name].into_iter().chain(mail).chain(flags.iter().copied()))?;
    let lists = rusqlite::Connection::open(postward.data().join("postward.sqlite"))?;
    for _ in addresses.iter().filter(|address| !address.starts_with('@')) {
        lists.execute(
            "INSERT INTO address_consent SELECT o.member_id, a.member_id, a.norm_key FROM member_identity a \
             JOIN member_identity o USING (kind, norm_key) WHERE kind = 0 AND a.state = 1 AND o.state = 0",
            [],
        )?;
        let code = waiting_code(postward)?;
        postward.ok(["member", "confirm", name, &code])?;
    }
    Ok(())
}

/// A code that waits to be mailed.
pub(crate) fn waiting_code(postward: &Postward) -> Result<String> {
    let lists = rusqlite::Connection::open(postward.data().join("postward.sqlite"))?;
    let text: String = lists.query_row(
        "SELECT content FROM outgoing WHERE content LIKE '%enter this code%' ORDER BY id DESC",
        [],
        |row| row.get(0),
    )?;
    Ok(code_in(&text))
}

/// The code in a mail.
pub(crate) fn code_in(text: &str) -> String {
    let after = text.split_once("under Account: ").map(|(_, after)| after).unwrap_or_default();
    after.split_whitespace().next().unwrap_or_default().to_owned()
}

/// How wide the browser's page is: a phone's.
const PAGE_WIDTH: u32 = 360;

/// The page's front, signed in as the admin.
pub(crate) fn page(postward: &Postward, password: &str) -> Result<Browser> {
    let browser = Browser::open(PAGE_WIDTH)?;
    browser.goto(postward.page())?;
    browser.fill("#password", password)?;
    browser.follow("main button")?;
    Ok(browser)
}

/// Opens a link and chooses a password; the recovery code.
pub(crate) fn come(browser: &Browser, link: &str, password: &str, proof: &str) -> Result<String> {
    browser.goto(link)?;
    browser.follow("main button")?;
    browser.fill("#new", password)?;
    browser.fill("#again", password)?;
    if !proof.is_empty() {
        browser.fill("#proof", proof)?;
    }
    assert!(browser.content_width()? <= PAGE_WIDTH, "it scrolls sideways");
    browser.follow("main button")?;
    let code = browser.text_in("#recovery-code")?;
    browser.follow("main a.button")?;
    Ok(code)
}

/// Blocks this on the page: looks, and confirms. Returns what the page says then.
pub(crate) fn block_on_page(browser: &Browser, postward: &Postward, value: &str) -> Result<String> {
    browser.goto(postward.page())?;
    browser.fill("#value", value)?;
    browser.follow("form.card button")?;
    browser.follow("section.preview button")?;
    browser.text()
}

/// A Postfix that asks postward about each mail, and a sink that keeps what is delivered.
pub(crate) struct MailHouse {
    pub(crate) postfix: Postfix,
    pub(crate) sink: Sink,
    pub(crate) postward: Postward,
}

impl MailHouse {
    pub(crate) fn new() -> Result<Self> {
        let mut postward = postward()?;
        postward.serve(&ServeOptions::default())?;
        Self::around(postward)
    }

    /// A Postfix for a postward that is running.
    pub(crate) fn around(postward: Postward) -> Result<Self> {
        let sink = Sink::start()?;
        let mut options = Options::new(sink.port());
        options.milters = vec![postward.milter().to_owned()];
        let postfix = Postfix::start(&options)?;
        Ok(Self { postfix, sink, postward })
    }

    /// Sends one mail to Bob, which the server must take: whether it is delivered is another question.
    pub(crate) fn send(&self, from: &str, content: &str) -> Result<()> {
        let replies = self.postfix.connect()?.mail(from, &["bob@example.org"], content.as_bytes())?;
        let last = replies.last().expect("a mail has replies");
        assert_eq!(last.code, 250, "{}", last.text);
        Ok(())
    }

    /// What has been delivered, once a marker sent after everything else has arrived and the queue is empty.
    pub(crate) fn delivered(&self) -> Result<Vec<Delivery>> {
        self.send("marker@friends.example", "Subject: marker\r\n\r\nthe end\r\n")?;
        testbed::process::wait_for("the marker at the sink", testbed::PATIENCE, || {
            let there = self.sink.deliveries().iter().any(|delivery| subject(delivery) == "marker");
            Ok(there.then_some(()))
        })?;
        self.postfix.wait_until_queue_is_empty()?;
        Ok(self.sink.deliveries().into_iter().filter(|delivery| subject(delivery) != "marker").collect())
    }

    /// The subjects of what has been delivered, in order of arrival at the sink.
    pub(crate) fn delivered_subjects(&self) -> Result<Vec<String>> {
        let mut subjects: Vec<String> = self.delivered()?.iter().map(subject).collect();
        subjects.sort();
        Ok(subjects)
    }
}

/// A mail's subject as it arrived.
pub(crate) fn subject(delivery: &Delivery) -> String {
    let content = String::from_utf8_lossy(&delivery.content).into_owned();
    let line = content.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().trim().to_owned()
}
