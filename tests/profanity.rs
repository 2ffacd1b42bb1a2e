//! Profanity, a chat client for terminals that others wrote, blocks and reports.
//!
//! ```text
//! profanity (alice, in a terminal of its own) --c2s--> Prosody one (mod_blocklist, mod_postward) --> component --> lists
//! mallory, friend --c2s--> Prosody two --s2s-->|
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use common::desk::{DeskHouse, say};
use tempfile::TempDir;
use testbed::PATIENCE;
use testbed::process::wait_for;
use testbed::xmpp::Client;

/// Profanity signed in as alice; ends when dropped.
struct Profanity {
    folder: TempDir,
    child: Child,
    keys: ChildStdin,
}

impl Profanity {
    fn start(house: &DeskHouse) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("profanity");
        fs::create_dir(&data)?;
        fs::write(
            data.join("accounts"),
            format!(
                "[alice]\nenabled=true\njid=alice@one.test\nresource=profanity\nserver={}\nport=5222\ntls.policy=disable\n\
                 password=password\n",
                house.one.address()
            ),
        )?;
        // `script` gives it a terminal, and keeps what it writes there.
        let mut child = Command::new("script")
            .args(["-qfec", "stty rows 50 cols 150 && exec profanity -a alice"])
            .arg(folder.path().join("screen"))
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("TERM", "vt100")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("can't start script, which starts profanity: run scripts/setup")?;
        let keys = child.stdin.take().context("no keyboard")?;
        let mut profanity = Self { folder, child, keys };
        profanity.shows("logged in successfully")?;
        // It asks the server what that offers, and knows no blocks before.
        wait_for("profanity to know the server", PATIENCE, || {
            profanity.types("/blocked")?;
            std::thread::sleep(Duration::from_millis(500));
            Ok(profanity.screen().contains("No blocked users").then_some(()))
        })
        .with_context(|| profanity.screen())?;
        Ok(profanity)
    }

    /// Types a line.
    fn types(&mut self, line: &str) -> Result<()> {
        Ok(write!(self.keys, "{line}\r")?)
    }

    /// All that it has written to its terminal.
    fn screen(&self) -> String {
        let bytes = fs::read(self.folder.path().join("screen")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn shows(&self, what: &str) -> Result<()> {
        wait_for(&format!("{what:?} on the screen"), PATIENCE, || {
            Ok(self.screen().contains(what).then_some(()))
        })
        .with_context(|| self.screen())
    }
}

impl Drop for Profanity {
    fn drop(&mut self) {
        let _ = self.types("/quit");
        let _ = wait_for("profanity to end", PATIENCE, || Ok(self.child.try_wait()?));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What alice's chat client has put on her list.
fn by_client(house: &DeskHouse) -> Result<Vec<String>> {
    let lists = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    let mut found = lists.prepare("SELECT typed FROM entry WHERE source = 3 ORDER BY typed")?;
    let all = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(all)
}

fn wait_for_entries(house: &DeskHouse, profanity: &Profanity, expected: &[&str]) -> Result<()> {
    wait_for("the entries", PATIENCE, || Ok((by_client(house)? == expected).then_some(())))
        .with_context(|| profanity.screen())
}

fn write(from: &mut Client, text: &str) -> Result<()> {
    from.send(&format!("<message type='chat' to='alice@one.test'><body>{text}</body></message>"))?;
    from.sync()
}

#[test]
fn who_is_blocked_in_profanity_is_on_the_list_and_does_not_arrive_until_unblocked() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    let (mut mallory, mut friend) = (house.stranger("mallory")?, house.stranger("friend")?);
    let mut profanity = Profanity::start(&house)?;
    profanity.types("/blocked add mallory@two.test")?;
    wait_for_entries(&house, &profanity, &["mallory@two.test"])?;

    profanity.types("/msg mallory@two.test")?;
    profanity.types("/msg friend@two.test")?;
    profanity.shows("friend@two.test")?;
    write(&mut mallory, "blockedwords")?;
    write(&mut friend, "friendlywords")?;
    profanity.shows("friendlywords")?;
    assert!(!profanity.screen().contains("blockedwords"), "{}", profanity.screen());

    // Taken off the list here, it is unblocked there; blocked once more, and unblocked by profanity.
    say(&mut alice, "remove mallory@two.test")?;
    wait_for("the server's list", PATIENCE, || {
        let stored = fs::read_to_string(house.one.folder().join("data/one%2etest/blocklist/alice.dat"))?;
        Ok((!stored.contains("mallory")).then_some(()))
    })?;
    write(&mut mallory, "wordsaftertheremoval")?;
    // The server tells one block from the next by the second.
    std::thread::sleep(Duration::from_millis(1100));
    profanity.types("/blocked add mallory@two.test")?;
    wait_for_entries(&house, &profanity, &["mallory@two.test"])?;
    write(&mut mallory, "againblockedwords")?;
    profanity.types("/blocked remove mallory@two.test")?;
    wait_for_entries(&house, &profanity, &[])?;
    write(&mut mallory, "wordsafterall")?;
    profanity.types("/msg mallory@two.test")?;
    profanity.shows("wordsaftertheremoval")?;
    profanity.shows("wordsafterall")?;
    assert!(!profanity.screen().contains("blockedwords"), "{}", profanity.screen());
    Ok(())
}

// alice shares her reports, words included
#[test]
fn a_report_made_in_profanity_is_kept_as_far_as_it_is_shared() -> Result<()> {
    let house = DeskHouse::new()?;
    let mut alice = house.client("alice")?;
    say(&mut alice, "block somebody@two.test")?;
    let lists = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    let mut profanity = Profanity::start(&house)?;
    profanity.types("/blocked report-spam first@two.test sold me something")?;
    wait_for_entries(&house, &profanity, &["first@two.test"])?;
    assert_eq!(lists.execute("UPDATE member SET shares_reports = 2", [])?, 1);
    profanity.types("/blocked report-abuse eve@two.test follows me around")?;
    let kept = wait_for("the report", PATIENCE, || {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let all: Vec<(String, i64, String)> = lists
            .prepare("SELECT typed, reason, words FROM report")?
            .query_map([], row)?
            .collect::<Result<_, _>>()?;
        Ok(Some(all).filter(|all| !all.is_empty()))
    })?;
    assert_eq!(kept, [("eve@two.test".to_owned(), 1, "follows me around".to_owned())]);
    Ok(())
}
