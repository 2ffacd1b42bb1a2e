//! The household of the end-to-end tests: a real Postfix, a real Prosody, and postward between them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod chain;
pub(crate) mod desk;
pub(crate) mod forwarding;
pub(crate) mod traces;

use std::time::Duration;

use anyhow::Result;
use testbed::browser::Browser;
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::{Delivery, Sink};
use testbed::postfix::{Options, Postfix};

/// The program under test.
pub(crate) fn postward() -> Result<Postward> {
    Postward::new(env!("CARGO_BIN_EXE_postward"))
}

/// How long a thing that should happen may take on a slow machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The page's front, signed in as the admin.
pub(crate) fn page(postward: &Postward, password: &str) -> Result<Browser> {
    let browser = Browser::open(360)?;
    browser.goto(postward.page())?;
    browser.fill("#password", password)?;
    browser.follow("main button")?;
    Ok(browser)
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
        testbed::process::wait_for("the marker at the sink", LIMIT, || {
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
