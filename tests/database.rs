//! The database is locked by another program, removed or damaged: messages are judged by the last list, an edit says what
//! to do, and nothing starts with an empty list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::MailHouse;
use testbed::daemon::{Postward, ServeOptions};

/// What a command that fails says.
fn fails(postward: &Postward, args: &[&str]) -> Result<String> {
    let output = postward.run(args)?;
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    Ok(String::from_utf8(output.stderr)?)
}

fn still_judges(house: &MailHouse) -> Result<()> {
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    Ok(())
}

#[test]
fn while_another_program_holds_the_database_mail_is_judged_and_an_edit_says_so() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let other = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    other.execute_batch("BEGIN EXCLUSIVE")?;
    let said = fails(&house.postward, &["block", "other.example"])?;
    assert!(said.contains("another program holds the database; try again"), "{said}");
    still_judges(&house)?;
    other.execute_batch("ROLLBACK")?;
    house.postward.ok(["block", "other.example"])?;
    Ok(())
}

#[test]
fn a_database_that_is_held_for_long_keeps_nobody_from_starting_or_signing_in_and_nothing_hangs() -> Result<()>
{
    let mut house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let password = house.postward.password()?;
    let options =
        ServeOptions { milter: Some(house.postward.milter().to_owned()), ..ServeOptions::default() };
    let other = rusqlite::Connection::open(house.postward.data().join("postward.sqlite"))?;
    other.execute_batch("BEGIN EXCLUSIVE")?;
    house.postward.stop()?;
    house.postward.serve(&options)?;
    // Edits wait in a row, and each is answered.
    let postward = &house.postward;
    let said = std::thread::scope(|scope| {
        let edits: Vec<_> = (0..3)
            .map(|number| scope.spawn(move || fails(postward, &["block", &format!("{number}.example")])))
            .collect();
        edits.into_iter().map(|edit| edit.join().expect("no panic")).collect::<Result<Vec<_>>>()
    })?;
    assert!(said.iter().all(|said| said.contains("another program holds the database")), "{said:?}");
    postward.ok(["status"])?;
    let said = common::block_on_page(&common::page(postward, &password)?, postward, "page.example")?;
    assert!(said.contains("another program holds the database; try again"), "{said}");
    still_judges(&house)?;
    other.execute_batch("ROLLBACK")?;
    house.postward.ok(["block", "other.example"])?;
    assert_eq!(house.postward.ok(["export"])?.lines().count(), 2);
    Ok(())
}

#[test]
fn when_the_database_is_removed_no_edit_is_confirmed_and_no_empty_list_takes_its_place() -> Result<()> {
    let mut house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let data = house.postward.data();
    for file in ["postward.sqlite", "postward.sqlite-wal", "postward.sqlite-shm"] {
        let _ = std::fs::remove_file(data.join(file));
    }
    let said = fails(&house.postward, &["block", "other.example"])?;
    assert!(said.contains("the database is lost") && said.contains("postward restore"), "{said}");
    let status = house.postward.run(["status"])?;
    assert_eq!(status.status.code(), Some(1));
    assert!(String::from_utf8(status.stdout)?.contains("Database: the database is lost"));
    assert!(house.postward.log().contains("the database is lost"));
    assert_eq!(house.postward.ok(["export"])?.trim(), "mallory@example.net");
    still_judges(&house)?;

    house.postward.stop()?;
    let error = format!("{:#}", house.postward.serve(&ServeOptions::default()).unwrap_err());
    assert!(error.contains("is gone or empty") && error.contains("postward restore"), "{error}");
    assert!(fails(&house.postward, &["block", "other.example"])?.contains("is gone or empty"));
    assert!(!data.join("postward.sqlite").exists());
    Ok(())
}

#[test]
fn when_the_data_folder_is_removed_commands_say_that_mail_is_judged_and_make_no_empty_list() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let data = house.postward.data();
    std::fs::remove_dir_all(&data)?;
    for command in [&["status"][..], &["block", "other.example"]] {
        let said = fails(&house.postward, command)?;
        assert!(said.contains("Postward runs") && said.contains("was removed"), "{said}");
        assert!(!data.exists());
    }
    still_judges(&house)
}

/// Whoever looks into the database beside the daemon, with any program, takes nothing away: its locks are all there.
#[test]
fn an_edit_outlives_a_look_from_outside() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    // The daemon looks at its files' owners and modes.
    postward.run(["doctor"])?;
    postward.ok(["block", "first.example"])?;
    let outside = rusqlite::Connection::open(postward.data().join("postward.sqlite"))?;
    outside.query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, i64>(0))?;
    outside.close().map_err(|(_, error)| error)?;
    postward.ok(["block", "second.example"])?;
    postward.stop()?;
    let exported = postward.ok(["export"])?;
    assert!(exported.contains("first.example") && exported.contains("second.example"), "{exported}");
    Ok(())
}

#[test]
fn a_damaged_database_is_named_with_its_remedy_at_the_start() -> Result<()> {
    let mut postward = common::postward()?;
    postward.ok(["block", "mallory@example.net"])?;
    let file = postward.data().join("postward.sqlite");
    let whole = std::fs::read(&file)?;
    // All but the first page, and the first one too.
    for from in [4096, 0] {
        let mut damaged = whole.clone();
        damaged[from..].fill(0xff);
        std::fs::write(&file, &damaged)?;
        let error = format!("{:#}", postward.serve(&ServeOptions::default()).unwrap_err());
        assert!(error.contains("the database is damaged") && error.contains("postward restore"), "{error}");
        assert!(fails(&postward, &["list"])?.contains("the database is damaged"));
        assert_eq!(std::fs::read(&file)?, damaged, "what may still be saved was overwritten");
    }
    std::fs::write(&file, &whole)?;
    assert_eq!(postward.ok(["export"])?.trim(), "mallory@example.net");
    Ok(())
}

#[test]
fn a_database_that_is_damaged_while_it_is_open_is_said_by_status_page_and_doctor() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let password = house.postward.password()?;
    house.postward.ok(["status"])?;
    // As a bad SD card does: all pages of the tables are something else. The write-ahead log's are newer: it is emptied.
    let file = house.postward.data().join("postward.sqlite");
    rusqlite::Connection::open(&file)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let mut bytes = std::fs::read(&file)?;
    bytes[4096..].fill(0xff);
    std::fs::write(&file, &bytes)?;
    for _ in 0..2 {
        let status = house.postward.run(["status"])?;
        assert_eq!(status.status.code(), Some(1));
        let said = String::from_utf8(status.stdout)?;
        assert!(said.contains("the database is damaged") && said.contains("postward restore"), "{said}");
    }
    assert_eq!(
        house.postward.log().matches("the database is damaged").count(),
        1,
        "{}",
        house.postward.log()
    );
    let refused = fails(&house.postward, &["block", "second@example.net"])?;
    assert!(refused.contains("the database is damaged"), "{refused}");
    let doctor = house.postward.run(["doctor", "--json"])?;
    assert_eq!(doctor.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("The database is damaged"), "{doctor:?}");
    still_judges(&house)?;
    // Whoever looks at the page hears of it, too, or can't sign in because their password can't be read.
    let said = common::page(&house.postward, &password)?.text()?;
    assert!(said.contains("the database is damaged") || said.contains("can’t read its list"), "{said}");
    Ok(())
}

#[test]
fn no_change_is_confirmed_in_a_damaged_database_that_still_opens() -> Result<()> {
    let postward = common::postward()?;
    let names: Vec<String> = (0..2000).map(|number| format!("mallory{number}@evil.example")).collect();
    let list = postward.folder().join("list");
    std::fs::write(&list, names.join("\n"))?;
    postward.ok(["import", list.to_str().context("a path")?])?;
    let file = postward.data().join("postward.sqlite");
    let whole = std::fs::read(&file)?;
    let mut opened = 0;
    for page in (1..whole.len() / 4096).step_by(9) {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
        std::fs::write(&file, &bytes)?;
        let said = fails(&postward, &["block", "second@example.net"])?;
        assert!(said.contains("the database is damaged"), "page {page}: {said}");
        assert_eq!(std::fs::read(&file)?, bytes, "page {page}: it was written to");
        opened += u32::from(postward.run(["list"])?.status.success());
    }
    assert!(opened > 0, "none of these opens, so nothing was tried");
    Ok(())
}
