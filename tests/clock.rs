//! The clock jumps by a day and by ten years, forward and back, while Postward runs: nothing hangs, ends or is lost, and end
//! dates count by the date there is.
//!
//! ```text
//! libfaketime, which reads its offset anew each time <-- postward serve <-- Postfix, Prosody, page, commands
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use common::chain::{House, hosts};
use jiff::ToSpan;
use testbed::daemon::{Postward, ServeOptions};
use testbed::xmpp::Client;

/// A clock that is ahead or behind by what stands in a file.
struct Clock(PathBuf);

impl Clock {
    fn jump(&self, by: &str) -> Result<()> {
        // Renamed into place: nobody reads half of it.
        let new = self.0.with_extension("new");
        fs::write(&new, format!("{by}\n"))?;
        Ok(fs::rename(new, &self.0)?)
    }
}

/// The program by such a clock: the daemon and each command. The kernel's clock is right: it dates files, and monotonic
/// clocks don't jump.
fn by_a_clock(folder: &Path) -> Result<(Postward, Clock)> {
    let clock = Clock(folder.join("clock"));
    clock.jump("+0")?;
    let library = glob(Path::new("/usr/lib"), "faketime/libfaketimeMT.so.1")?;
    let program = folder.join("postward");
    let text = format!(
        "#!/bin/sh\nexport FAKETIME_TIMESTAMP_FILE='{}' FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1\n\
         LD_PRELOAD='{}' exec '{}' \"$@\"\n",
        clock.0.display(),
        library.display(),
        env!("CARGO_BIN_EXE_postward")
    );
    fs::write(&program, text)?;
    fs::set_permissions(&program, Permissions::from_mode(0o755))?;
    Ok((Postward::new(program)?, clock))
}

/// A file by its name below one of the folders in this one, as Debian's architectures have theirs.
fn glob(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut found = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path().join(name)));
    found.find(|path| path.exists()).with_context(|| format!("there is no {name}: run scripts/setup"))
}

fn mail(house: &House, from: &str, subject: &str) -> Result<()> {
    let content = format!("Subject: {subject}\r\n\r\nhello\r\n");
    let replies = house.postfix.connect()?.mail(from, &["bob@example.org"], content.as_bytes())?;
    assert_eq!(replies.last().context("a reply")?.code, 250);
    Ok(())
}

#[test]
fn whatever_the_clock_does_nothing_ends_hangs_or_is_lost() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (postward, clock) = by_a_clock(folder.path())?;
    let mut house =
        House::of(postward, &hosts().postward("postward.one.test", "of the tests alone"), "", false, |_| {})?;
    house.wait_for_chat()?;
    let postward = &house.postward;
    let soon = (jiff::ZonedDateTime::now().date() + 3.days()).to_string();
    postward.ok(["block", "mallory@example.net"])?;
    postward.ok(["block", "--until", &soon, "passing.example"])?;
    postward.ok(["member", "add", "anna"])?;
    let said = postward.ok(["member", "link", "anna"])?;
    let link = said.split_whitespace().find(|word| word.starts_with("http")).context("a link")?.to_owned();
    let mut alice = Client::available(house.prosody.c2s(), "alice@one.test/home")?;
    let mut eve = Client::available(house.prosody.c2s(), "eve@one.test/away")?;
    let browser = common::page(postward, &postward.password()?)?;

    let mut friendly = Vec::new();
    let jumps = [
        ("+1d", "good", true),
        ("-1d", "bad", true),
        ("+10y", "good", false),
        ("-10y", "bad", true),
        ("+0", "good", true),
    ];
    for (number, (by, clock_is, passing)) in jumps.into_iter().enumerate() {
        clock.jump(by)?;
        // Mail, by an entry without an end and by one that ends in three days.
        mail(&house, "mallory@example.net", &format!("blocked {number}"))?;
        mail(&house, "x@passing.example", &format!("passing {number}"))?;
        mail(&house, "friend@example.net", &format!("friendly {number}"))?;
        friendly.push(format!("friendly {number}"));
        if !passing {
            friendly.push(format!("passing {number}"));
        }
        // Chat, the page of whoever is signed in, a command.
        eve.send(&format!("<message type='chat' to='alice@one.test'><body>chat {number}</body></message>"))?;
        alice.wait_for_body(&format!("chat {number}"))?;
        let said = common::block_on_page(&browser, postward, &format!("page{number}.example"))?;
        assert!(said.contains(&format!("page{number}.example")), "{by}: {said}");
        postward.ok(["block", &format!("command{number}.example")])?;
        mail(&house, &format!("x@command{number}.example"), "blocked at once")?;
        // Probes come back by monotonic clocks.
        let links = house.links()?;
        for probe in ["mail-blocked-probe", "mail-plain-probe", "chat-blocked-probe", "chat-plain-probe"] {
            assert!(links.get(probe).is_some_and(|link| link.starts_with("good")), "{by}: {links:#?}");
        }
        assert!(links.get("clock").is_some_and(|link| link.starts_with(clock_is)), "{by}: {links:#?}");
        // A start by that clock is one, too.
        house.postward.ok(["status"])?;
    }
    // The link was neither used up nor made to last by all that.
    let visitor = testbed::browser::Browser::open(360)?;
    clock.jump("+10y")?;
    for (by, fields) in [("+10y", 0), ("-10y", 0), ("+0", 1)] {
        clock.jump(by)?;
        visitor.goto(&link)?;
        visitor.follow("main button")?;
        assert_eq!(visitor.count("input[name=new]")?, fields, "{by}: {}", visitor.text()?);
    }
    friendly.sort();
    assert_eq!(delivered(&house)?, friendly);

    let before = house.postward.ok(["export"])?;
    assert_eq!(before.lines().count(), 2 + 2 * jumps.len());
    let config = fs::read_to_string(house.config())?;
    for by in ["-10y", "+10y", "+0"] {
        clock.jump(by)?;
        let milter = house.postward.milter().to_owned();
        house.postward.stop()?;
        house.postward.serve(&ServeOptions {
            milter: Some(milter),
            config: Some(config.clone()),
            ..ServeOptions::default()
        })?;
        house.wait_for_chat()?;
        mail(&house, "mallory@example.net", "blocked")?;
        // One whose last day is over is exported as such.
        assert_eq!(house.postward.ok(["export"])?.replace("[ended ", "[until "), before, "{by}");
    }
    house.postward.stop()?;
    // Each was counted, on the day that was last seen.
    let listed: serde_json::Value = serde_json::from_str(&house.postward.ok(["list", "--json"])?)?;
    let all = listed.as_array().context("a list")?;
    let mallory = all.iter().find(|entry| entry.to_string().contains("mallory")).context("mallory")?;
    assert_eq!(mallory["hits"], 8, "{listed}");
    assert_eq!(mallory["last_hit"], jiff::ZonedDateTime::now().date().to_string(), "{listed}");
    assert_eq!(delivered(&house)?, friendly);
    assert!(!house.postward.log().contains("panicked"), "{}", house.postward.log());
    Ok(())
}

fn delivered(house: &House) -> Result<Vec<String>> {
    house.postfix.wait_until_queue_is_empty()?;
    let mut subjects: Vec<String> = house.sink.deliveries().iter().map(common::subject).collect();
    subjects.sort();
    Ok(subjects)
}
