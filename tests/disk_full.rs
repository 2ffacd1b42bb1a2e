//! The disk is full: filtering goes on by the last list, an edit is refused and says what to do, nothing is half saved, and
//! it works again once there is room.
//!
//! ```text
//! the data folder, on a file system of its own (tmpfs, 2 MB) <-- postward serve <-- Postfix, page, commands
//! a file that takes all the room that is left
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use common::chain::{COMPONENT, House, SECRET, hosts};
use common::{MailHouse, subject};
use testbed::PATIENCE;
use testbed::daemon::{Postward, ServeOptions};

/// A small file system, which goes with the test, even if it fails.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Over this folder.
    fn mount(folder: &Path, bytes: u32) -> Result<Self> {
        std::fs::create_dir(folder)?;
        let size = format!("size={bytes},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "postward-test"]).arg(folder).status();
        if !mounted.context("can't start mount")?.success() {
            bail!("mounting a tmpfs needs root: run as scripts/test does");
        }
        Ok(Self(folder.to_owned()))
    }

    /// Takes all the room but for this much.
    fn fill(&self, but: usize) -> Result<()> {
        let mut ballast = std::fs::File::create(self.ballast())?;
        while ballast.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
        let taken = ballast.metadata()?.len();
        ballast.set_len(taken.saturating_sub(but as u64))?;
        Ok(())
    }

    fn make_room(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    /// As `ro` or `rw`.
    fn remount(&self, how: &str) -> Result<()> {
        let options = format!("remount,{how}");
        if !Command::new("mount").args(["-o", &options]).arg(&self.0).status()?.success() {
            bail!("can't mount it anew as {how}");
        }
        Ok(())
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a daemon that the test leaves behind may still have files open there.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A household whose lists are on a small disk. The daemon ends before the disk goes.
fn house() -> Result<(MailHouse, SmallDisk)> {
    let mut postward = common::postward()?;
    let disk = SmallDisk::mount(&postward.data(), 2 << 20)?;
    postward.serve(&ServeOptions::default())?;
    Ok((MailHouse::around(postward)?, disk))
}

fn entries(postward: &Postward) -> Result<BTreeSet<String>> {
    Ok(postward.ok(["export"])?.lines().map(str::to_owned).collect())
}

/// What a command that fails says.
fn fails(postward: &Postward, args: &[&str]) -> Result<String> {
    let output = postward.run(args)?;
    assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    Ok(String::from_utf8(output.stderr)?)
}

fn list(name: &str, count: u32) -> String {
    (0..count).fold(String::new(), |mut list, number| {
        let _ = writeln!(list, "{name}{number}.example");
        list
    })
}

/// With no room at all, and with a little, so that a change fails at its beginning, in its middle or near its end.
#[test]
fn while_the_disk_is_full_edits_are_refused_and_filtering_goes_on() -> Result<()> {
    let (house, disk) = house()?;
    let postward = &house.postward;
    postward.ok(["block", "mallory@example.net"])?;
    let password = postward.password()?;
    let browser = common::page(postward, &password)?;
    let large = postward.folder().join("large");
    std::fs::write(&large, list("large", 8000))?;
    let large = large.to_string_lossy().into_owned();
    let short = postward.folder().join("short").to_string_lossy().into_owned();
    // It fails while the command still sends.
    let larger = postward.folder().join("larger");
    std::fs::write(&larger, list("larger", 60_000))?;
    let larger = larger.to_string_lossy().into_owned();
    for room in [0, 32 << 10, 200 << 10, 600 << 10] {
        let before = entries(postward)?;
        disk.fill(room)?;
        for args in [&["import", &large][..], &["import", "--replace", &large]] {
            let there = entries(postward)?;
            let said = fails(postward, args)?;
            assert!(said.contains("disk") && said.contains("make room and try again"), "{room}: {said}");
            let now = entries(postward)?;
            assert!(now.is_superset(&before), "{room}: {args:?}");
            assert!(now.difference(&before).all(|line| line.starts_with("large")), "{room}: {args:?}");
            let how_much = now.len() - there.len();
            assert!(how_much == 0 || said.contains("of 8000 lines went in, and stay"), "{room}: {said}");
        }
        let full = entries(postward)?;
        if room == 0 {
            let said = fails(postward, &["import", &larger])?;
            assert!(said.contains("the disk is full; make room and try again"), "{said}");
            for args in [&["block", "other.example"][..], &["remove", "mallory@example.net"], &["password"]] {
                let said = fails(postward, args)?;
                assert!(said.contains("the disk is full; make room and try again"), "{args:?}: {said}");
            }
            let said = common::block_on_page(&browser, postward, "page.example")?;
            assert!(said.contains("the disk is full; make room and try again"), "{said}");
            // Who has to make room can sign in, and hears of it from the doctor.
            assert_eq!(common::page(postward, &password)?.count("nav.tabs")?, 1, "not signed in");
            let doctor = postward.run(["doctor", "--json"])?;
            let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
            assert!(doctor.status.code() == Some(2) && said.contains("The disk is full"), "{doctor:?}");
            postward.ok(["status"])?;
        }
        assert_eq!(entries(postward)?, full, "{room}");
        house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
        house.send("friend@example.net", &format!("Subject: friendly {room}\r\n\r\nhello\r\n"))?;
        disk.make_room()?;
        std::fs::write(&short, before.iter().fold(String::new(), |list, line| list + line + "\n"))?;
        postward.ok(["import", "--replace", &short])?;
        assert_eq!(entries(postward)?, before, "{room}");
        let again = format!("again{room}.example");
        postward.ok(["block", &again])?;
        house.send(&format!("x@{again}"), "Subject: blocked again\r\n\r\nhello\r\n")?;
    }
    let delivered = house.delivered_subjects()?;
    assert_eq!(delivered, ["friendly 0", "friendly 204800", "friendly 32768", "friendly 614400"]);
    // Nothing that was refused waits in a file for its time.
    let MailHouse { mut postward, .. } = house;
    let before = entries(&postward)?;
    postward.stop()?;
    postward.serve(&ServeOptions::default())?;
    assert_eq!(entries(&postward)?, before);
    assert_eq!(before.len(), 5);
    assert!(!postward.log().contains("panicked"), "{}", postward.log());
    drop(postward);
    drop(disk);
    Ok(())
}

/// A restore that finds no room leaves the lists as they are.
#[test]
fn a_restore_onto_a_full_disk_changes_nothing() -> Result<()> {
    let postward = common::postward()?;
    let disk = SmallDisk::mount(&postward.data(), 2 << 20)?;
    let [passphrase, backup, large] = ["passphrase", "backup.age", "large"]
        .map(|name| postward.folder().join(name).to_string_lossy().into_owned());
    std::fs::write(&passphrase, "correct horse battery staple\n")?;
    std::fs::write(&large, list("large", 1000))?;
    postward.ok(["import", &large])?;
    postward.ok(["backup", &backup, "--passphrase-file", &passphrase])?;
    postward.ok(["block", "later.example"])?;
    for room in [0, 16 << 10, 100 << 10, 250 << 10] {
        disk.fill(room)?;
        let said = fails(&postward, &["restore", &backup, "--passphrase-file", &passphrase])?;
        assert!(said.contains("disk"), "{room}: {said}");
        disk.make_room()?;
        assert_eq!(entries(&postward)?.len(), 1001, "{room}: {said}");
    }
    postward.ok(["restore", &backup, "--passphrase-file", &passphrase])?;
    assert_eq!(entries(&postward)?.len(), 1000);
    drop(disk);
    Ok(())
}

/// A start with a full disk filters, by the whole list; a stop loses none of it.
#[test]
fn it_starts_and_stops_on_a_full_disk() -> Result<()> {
    let (house, disk) = house()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let milter = Some(house.postward.milter().to_owned());
    let options = ServeOptions { milter, ..ServeOptions::default() };
    let mut house = house;
    house.send("mallory@example.net", "Subject: counted\r\n\r\nhello\r\n")?;
    disk.fill(0)?;
    house.postward.stop()?;
    house.postward.serve(&options)?;
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    house.postward.stop()?;
    disk.make_room()?;
    house.postward.serve(&options)?;
    assert_eq!(entries(&house.postward)?, BTreeSet::from(["mallory@example.net".to_owned()]));
    house.postward.ok(["block", "other.example"])?;
    drop(house);
    drop(disk);
    Ok(())
}

/// SQLite itself can begin nothing then, not even to read.
#[test]
fn without_room_for_sqlite_s_own_files_it_starts_by_the_last_list_and_says_so() -> Result<()> {
    let (mut house, disk) = house()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let options =
        ServeOptions { milter: Some(house.postward.milter().to_owned()), ..ServeOptions::default() };
    let backup = house.postward.folder().join("elsewhere.age").to_string_lossy().into_owned();
    let passphrase = house.postward.folder().join("passphrase").to_string_lossy().into_owned();
    std::fs::write(&passphrase, "correct horse battery staple\n")?;
    house.postward.stop()?;
    disk.fill(0)?;
    let message = house.postward.folder().join("blocked.eml").to_string_lossy().into_owned();
    std::fs::write(&message, "From: mallory@example.net\r\nSubject: x\r\n\r\nhello\r\n")?;
    let reads = |postward: &Postward| -> Result<()> {
        assert_eq!(postward.ok(["export"])?.trim(), "mallory@example.net");
        assert!(postward.ok(["list"])?.contains("mallory@example.net"));
        assert_eq!(postward.run(["check", &message])?.status.code(), Some(1), "not judged by the list");
        let status = postward.run(["status"])?;
        assert_eq!(status.status.code(), Some(1), "{status:?}");
        assert!(String::from_utf8(status.stdout)?.contains("Database: the disk is full"));
        for args in [&["block", "other.example"][..], &["remove", "mallory@example.net"], &["password"]] {
            let said = fails(postward, args)?;
            assert!(said.contains("the disk is full") && said.contains("Make room"), "{args:?}: {said}");
        }
        let _ = std::fs::remove_file(&backup);
        postward.ok(["backup", &backup, "--passphrase-file", &passphrase]).map(drop)
    };
    reads(&house.postward)?;
    house.postward.serve(&options)?;
    assert_eq!(house.postward.log().matches("the disk is full").count(), 1, "{}", house.postward.log());
    reads(&house.postward)?;
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    house.postward.stop()?;
    disk.make_room()?;
    house.postward.serve(&options)?;
    house.postward.ok(["block", "other.example"])?;
    house.postward.stop()?;
    house.postward.ok(["restore", &backup, "--passphrase-file", &passphrase])?;
    assert_eq!(house.postward.ok(["export"])?.trim(), "mallory@example.net");
    drop(house);
    drop(disk);
    Ok(())
}

/// A power cut leaves what was committed last in the write-ahead log alone; its index may be gone.
#[test]
fn on_a_full_or_read_only_disk_the_write_ahead_log_is_read_too() -> Result<()> {
    for read_only in [false, true] {
        let (mut house, disk) = house()?;
        house.postward.ok(["block", "mallory@example.net"])?;
        let options =
            ServeOptions { milter: Some(house.postward.milter().to_owned()), ..ServeOptions::default() };
        house.postward.kill()?;
        let data = house.postward.data();
        assert!(std::fs::metadata(data.join("postward.sqlite-wal"))?.len() > 0, "nothing to protect");
        std::fs::remove_file(data.join("postward.sqlite-shm"))?;
        if read_only {
            disk.remount("ro")?;
        } else {
            disk.fill(0)?;
        }
        assert_eq!(house.postward.ok(["export"])?.trim(), "mallory@example.net");
        let said = fails(&house.postward, &["block", "other.example"])?;
        assert!(said.contains(if read_only { "is read-only" } else { "the disk is full" }), "{said}");
        house.postward.serve(&options)?;
        house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
        house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
        assert_eq!(house.delivered_subjects()?, ["friendly"]);
        house.postward.stop()?;
        if read_only {
            disk.remount("rw")?;
        } else {
            disk.make_room()?;
        }
        house.postward.serve(&options)?;
        house.postward.ok(["block", "other.example"])?;
        assert_eq!(entries(&house.postward)?.len(), 2);
        drop(house);
        drop(disk);
    }
    Ok(())
}

/// Also where nothing of SQLite's is beside the database, and no lock can be made.
#[test]
fn a_read_only_file_system_is_named_and_its_lists_are_read() -> Result<()> {
    let (mut house, disk) = house()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let options =
        ServeOptions { milter: Some(house.postward.milter().to_owned()), ..ServeOptions::default() };
    house.postward.stop()?;
    std::fs::remove_file(house.postward.data().join("lock"))?;
    disk.remount("ro")?;
    assert_eq!(house.postward.ok(["export"])?.trim(), "mallory@example.net");
    let said = fails(&house.postward, &["block", "other.example"])?;
    assert!(said.contains("is read-only") && said.contains("make it writable"), "{said}");
    house.postward.serve(&options)?;
    assert_eq!(house.postward.log().matches("is read-only").count(), 1, "{}", house.postward.log());
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    house.postward.stop()?;
    drop(house);
    drop(disk);
    Ok(())
}

/// The daily check on a full disk can't keep what it has told: it tells it once all the same.
#[test]
fn the_admin_hears_once_that_the_disk_is_full_and_once_that_there_is_room() -> Result<()> {
    let postward = common::postward()?;
    let disk = SmallDisk::mount(&postward.data(), 64 << 20)?;
    let admin = "[admin]\nmail = [\"bob@example.org\"]\n";
    let house = House::of(postward, &hosts().postward(COMPONENT, SECRET), admin, false, |_| {})?;
    house.wait_for_chat()?;
    let told = |count: usize| -> Result<Vec<String>> {
        for _ in 0..3 {
            house.doctor(&["--tell"])?;
        }
        testbed::process::wait_for("the mails to the admin", PATIENCE, || {
            Ok((house.sink.deliveries().len() >= count).then_some(()))
        })?;
        house.postfix.wait_until_queue_is_empty()?;
        Ok(house.sink.deliveries().iter().map(subject).collect())
    };
    assert!(told(0)?.is_empty(), "all is well");
    disk.fill(0)?;
    assert_eq!(told(1)?, ["Postward: something is wrong."]);
    disk.make_room()?;
    assert_eq!(told(2)?, ["Postward: something is wrong.", "Postward: all is well again."]);
    drop(house);
    drop(disk);
    Ok(())
}
