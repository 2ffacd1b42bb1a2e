//! Backups: whole while the daemon runs, encrypted, and put back whole or not at all.
//!
//! ```text
//! postward backup --> a copy of the database --> age --> FILE
//! postward restore: FILE --> age --> tried in a folder of its own --> renamed over the database
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::Result;
use testbed::browser::Browser;
use testbed::daemon::{Postward, ServeOptions};

/// A household, and a file with the passphrase of its backups.
struct House {
    postward: Postward,
    passphrase: String,
}

impl House {
    fn new() -> Result<Self> {
        let postward = common::postward()?;
        let file = postward.folder().join("passphrase");
        std::fs::write(&file, "correct horse battery staple\n")?;
        let passphrase = file.to_string_lossy().into_owned();
        Ok(Self { postward, passphrase })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.postward.folder().join(name)
    }

    fn run(&self, command: &str, name: &str) -> Result<Output> {
        let file = self.file(name).to_string_lossy().into_owned();
        self.postward.run([command, &file, "--passphrase-file", &self.passphrase])
    }

    fn ok(&self, command: &str, name: &str) -> Result<String> {
        let output = self.run(command, name)?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The command must fail and say this, in one line.
    fn refused(&self, command: &str, name: &str, said: &str) -> Result<()> {
        let output = self.run(command, name)?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(stderr.contains(said) && stderr.lines().count() == 1, "{name}: {stderr}");
        Ok(())
    }

    fn exported(&self) -> Result<String> {
        self.postward.ok(["export"])
    }

    /// The names of what is in the data folder.
    fn left(&self) -> Result<Vec<String>> {
        let names = std::fs::read_dir(self.postward.data())?;
        let mut names: Vec<String> = names
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.sort();
        Ok(names)
    }
}

fn list(name: &str, count: u32) -> String {
    (0..count).fold(String::new(), |mut list, number| {
        let _ = writeln!(list, "{name}{number}.example");
        list
    })
}

#[test]
fn a_backup_made_while_running_brings_everything_back() -> Result<()> {
    let mut house = House::new()?;
    house.postward.serve(&ServeOptions::default())?;
    common::add_member(&house.postward, "anna", &["anna@example.org"])?;
    house.postward.ok(["block", "--note", "a private note", "mallory@example.net"])?;
    house.postward.ok(["block", "--for", "anna", "secret words"])?;
    let before = house.postward.ok(["list", "--json"])?;
    let said = house.ok("backup", "backup.age")?;
    assert!(said.contains("private file"), "{said}");
    let mode = std::fs::metadata(house.file("backup.age"))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let content = std::fs::read(house.file("backup.age"))?;
    assert!(content.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert!(!String::from_utf8_lossy(&content).contains("mallory"));
    assert!(!house.left()?.iter().any(|name| name.contains("copying")), "{:?}", house.left()?);
    house.refused("backup", "backup.age", "Choose a name that isn't there yet")?;

    house.postward.ok(["remove", "mallory@example.net"])?;
    house.postward.ok(["block", "later.example"])?;
    house.refused("restore", "backup.age", "Postward is running: stop it first")?;
    house.postward.stop()?;
    let said = house.ok("restore", "backup.age")?;
    assert!(said.contains("What was there before is kept in"), "{said}");
    house.postward.serve(&ServeOptions::default())?;
    assert_eq!(house.postward.ok(["list", "--json"])?, before);
    assert!(house.postward.ok(["member", "list"])?.contains("anna@example.org"));
    let left = house.left()?;
    assert!(!left.iter().any(|name| name == "restoring"), "{left:?}");
    for name in left.iter().filter(|name| name.ends_with(".sqlite")) {
        let mode = std::fs::metadata(house.postward.data().join(name))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // What was replaced is whole by itself.
    house.postward.stop()?;
    let kept = left.iter().find(|name| name.starts_with("replaced-")).expect("a kept database");
    std::fs::rename(house.postward.data().join(kept), house.postward.data().join("postward.sqlite"))?;
    assert!(house.exported()?.contains("later.example"));
    Ok(())
}

#[test]
fn a_backup_into_an_empty_house_and_only_three_replaced_ones_are_kept() -> Result<()> {
    let house = House::new()?;
    house.refused("backup", "none.age", "nothing to back up")?;
    assert!(!house.file("none.age").exists());
    house.postward.ok(["block", "mallory.example"])?;
    house.ok("backup", "backup.age")?;
    std::fs::remove_dir_all(house.postward.data())?;
    let said = house.ok("restore", "backup.age")?;
    assert!(!said.contains("kept"), "{said}");
    assert_eq!(house.exported()?, "mallory.example\n");
    for day in 1..5 {
        std::fs::write(house.postward.data().join(format!("replaced-2020-01-0{day}T000000.sqlite")), "")?;
    }
    house.ok("restore", "backup.age")?;
    let kept: Vec<_> = house.left()?.into_iter().filter(|name| name.starts_with("replaced-")).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert_eq!(kept[0], "replaced-2020-01-03T000000.sqlite");
    Ok(())
}

#[test]
fn what_is_no_whole_backup_changes_nothing() -> Result<()> {
    let house = House::new()?;
    house.postward.ok(["block", "first.example"])?;
    house.ok("backup", "backup.age")?;
    house.postward.ok(["block", "second.example"])?;
    let whole = std::fs::read(house.file("backup.age"))?;
    for length in [0, 10, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(house.file("short"), &whole[..length])?;
        let said = if length > 200 { "cut short or was changed" } else { "is not a backup, or is cut short" };
        house.refused("restore", "short", said)?;
    }
    for at in [60, 110, 400, whole.len() / 2, whole.len() - 5] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(house.file("changed"), &changed)?;
        house.refused("restore", "changed", "changed")?;
    }
    std::fs::write(house.file("text"), "a shopping list\n".repeat(100))?;
    house.refused("restore", "text", "is not a backup")?;
    house.refused("restore", "absent", "can't read")?;
    std::fs::write(&house.passphrase, "another passphrase\n")?;
    house.refused("restore", "backup.age", "that isn't the passphrase of")?;
    std::fs::write(&house.passphrase, "short\n")?;
    house.refused("backup", "new.age", "at least 10 characters")?;
    assert!(!house.file("new.age").exists());
    assert_eq!(house.exported()?.lines().count(), 2);
    assert!(!house.left()?.iter().any(|name| name.contains("restoring") || name.starts_with("replaced-")));
    Ok(())
}

#[test]
fn without_a_terminal_a_passphrase_is_not_waited_for() -> Result<()> {
    let house = House::new()?;
    house.postward.ok(["block", "first.example"])?;
    let file = house.file("backup.age").to_string_lossy().into_owned();
    let output = house.postward.run(["backup", &file])?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--passphrase-file"), "{output:?}");
    assert!(!house.file("backup.age").exists());
    Ok(())
}

#[test]
fn a_restore_that_is_killed_leaves_the_old_list_or_the_new_one() -> Result<()> {
    let house = House::new()?;
    let (old, new) = (list("old", 3000), list("new", 3000));
    let import = |content: &str| -> Result<()> {
        std::fs::write(house.file("list"), content)?;
        house.postward.ok(["import", "--replace", &house.file("list").to_string_lossy()])?;
        Ok(())
    };
    import(&new)?;
    house.ok("backup", "new.age")?;
    import(&old)?;
    let sorted = |list: &str| {
        let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    for pause in [20, 150, 250, 300, 350, 400, 500, 700] {
        let mut restore = Command::new(env!("CARGO_BIN_EXE_postward"))
            .arg("--data")
            .arg(house.postward.data())
            .arg("restore")
            .arg(house.file("new.age"))
            .args(["--passphrase-file", &house.passphrase])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        std::thread::sleep(Duration::from_millis(pause));
        restore.kill()?;
        let done = restore.wait()?.success();
        let now = sorted(&house.exported()?);
        assert!(now == sorted(&new) || (!done && now == sorted(&old)), "{} after {pause} ms", now.len());
        if now == sorted(&new) {
            import(&old)?;
        }
    }
    house.ok("restore", "new.age")?;
    assert_eq!(sorted(&house.exported()?), sorted(&new));
    Ok(())
}

#[test]
fn a_full_disk_breaks_off_backup_and_restore_and_changes_nothing() -> Result<()> {
    let house = House::new()?;
    std::fs::write(house.file("list"), list("large", 8000))?;
    house.postward.ok(["import", &house.file("list").to_string_lossy()])?;
    house.ok("backup", "large.age")?;
    std::fs::write(house.file("list"), list("small", 5))?;
    house.postward.ok(["import", "--replace", &house.file("list").to_string_lossy()])?;
    // A limit on the size of files stands for a full disk: both end in a write that fails.
    let limited = |kilobytes: u32, command: &str, name: &str| -> Result<Output> {
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        Ok(Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_postward"), "--data"])
            .arg(house.postward.data())
            .arg(command)
            .arg(house.file(name))
            .args(["--passphrase-file", &house.passphrase])
            .output()?)
    };
    for kilobytes in [0, 100, 600] {
        let output = limited(kilobytes, "restore", "large.age")?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{kilobytes} KiB: {stderr}");
        assert!(stderr.contains("disk"), "{kilobytes} KiB: {stderr}");
        assert_eq!(house.exported()?.lines().count(), 5);
    }
    for kilobytes in [0, 40] {
        let output = limited(kilobytes, "backup", "unfinished.age")?;
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(!house.file("unfinished.age").exists());
        assert!(!house.left()?.iter().any(|name| name.contains("copying") || name == "restoring"));
    }
    house.ok("restore", "large.age")?;
    assert_eq!(house.exported()?.lines().count(), 8000);
    Ok(())
}

/// What waits to be sent and what opens an account belong to the day of the backup.
#[test]
fn old_messages_are_not_sent_and_old_links_open_nothing_after_a_restore() -> Result<()> {
    let mut house = House::new()?;
    // Nobody takes mail there: what is to be sent waits.
    let config = Some("[mail]\nserver = \"127.0.0.1:9\"\n".to_owned());
    let options = ServeOptions { config, ..ServeOptions::default() };
    house.postward.serve(&options)?;
    for member in ["anna", "bert"] {
        house.postward.ok(["member", "add", member, "--mail", &format!("{member}@example.org")])?;
        house.postward.ok(["member", "link", member])?;
    }
    let set = "INSERT INTO sign_in (member_id, password) SELECT id, '' FROM member;";
    house.postward.stop()?;
    rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?.execute_batch(set)?;
    house.postward.serve(&options)?;
    house.postward.ok(["member", "remove", "bert"])?;
    let said = house.postward.ok(["member", "link", "anna"])?;
    let link = said.split_whitespace().find(|word| word.starts_with("http")).expect("a link");
    house.postward.stop()?;
    let count = |house: &House, what: &str| -> Result<i64> {
        let database = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
        Ok(database.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0))?)
    };
    assert!(count(&house, "outgoing")? > 1 && count(&house, "sign_in_link")? > 0);
    house.ok("backup", "backup.age")?;
    house.ok("restore", "backup.age")?;
    for what in ["outgoing", "sign_in_link", "member WHERE leaving_asked IS NOT NULL"] {
        assert_eq!(count(&house, what)?, 0, "{what}");
    }
    house.postward.serve(&options)?;
    let (_, key) = link.split_once("welcome").expect("a link");
    let browser = Browser::open(360)?;
    browser.goto(&format!("{}welcome{key}", house.postward.page()))?;
    browser.follow("main button")?;
    assert_eq!(browser.count("input[name=new]")?, 0, "{}", browser.text()?);
    assert!(browser.text()?.contains("link"), "{}", browser.text()?);
    Ok(())
}

/// By a clock that went back, the newest copy isn't the last by its name.
#[test]
fn what_was_replaced_just_now_is_kept_whatever_the_clock_says() -> Result<()> {
    let house = House::new()?;
    house.postward.ok(["block", "first.example"])?;
    house.ok("backup", "backup.age")?;
    house.postward.ok(["block", "second.example"])?;
    for day in 1..5 {
        std::fs::write(house.postward.data().join(format!("replaced-2999-01-0{day}T000000.sqlite")), "")?;
    }
    house.ok("restore", "backup.age")?;
    let kept: Vec<_> = house.left()?.into_iter().filter(|name| name.starts_with("replaced-")).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    std::fs::rename(house.postward.data().join(&kept[0]), house.postward.data().join("postward.sqlite"))?;
    assert_eq!(house.exported()?, "first.example\nsecond.example\n");
    Ok(())
}
