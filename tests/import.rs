//! A long import beside everything else that happens to a list.
//!
//! ```text
//! postward import (60,000 lines) ---> postward serve <--- postward block, a tap on the page
//!                                            ^--- Postfix <--- mails
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::Result;
use common::MailHouse;
use testbed::PATIENCE;
use testbed::process::wait_for;

/// Events are compared, not clocks: both edits are in force before the import has ended, and still are when it has.
#[test]
fn while_a_large_import_runs_a_block_by_command_and_one_on_the_page_are_in_force_long_before_its_end()
-> Result<()> {
    let house = MailHouse::new()?;
    let postward = &house.postward;
    let browser = common::page(postward, &postward.password()?)?;
    let list = postward.folder().join("large");
    let lines = (0..60_000).fold(String::new(), |mut list, number| {
        let _ = writeln!(list, "large{number}.example");
        list
    });
    std::fs::write(&list, lines)?;
    let mut import = Command::new(env!("CARGO_BIN_EXE_postward"))
        .arg("--data")
        .arg(postward.data())
        .arg("import")
        .arg(&list)
        .stdout(Stdio::null())
        .spawn()?;
    wait_for("the first lines", PATIENCE, || {
        Ok(postward.ok(["list", "--find", "large1.example"])?.contains("large1.example").then_some(()))
    })?;
    let said = postward.ok(["block", "mallory@command.example"])?;
    assert!(said.contains("In force"), "{said}");
    let said = common::block_on_page(&browser, postward, "mallory@page.example")?;
    assert!(said.contains("Blocked: mallory@page.example"), "{said}");
    for from in ["mallory@command.example", "mallory@page.example"] {
        house.send(from, "Subject: blocked\r\n\r\nhello\r\n")?;
    }
    assert!(import.try_wait()?.is_none(), "the import was over before the edits");
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert!(import.wait()?.success());
    for from in ["mallory@command.example", "mallory@page.example", "x@large59999.example"] {
        house.send(from, "Subject: blocked\r\n\r\nhello\r\n")?;
    }
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    let entries = postward.ok(["export"])?.lines().count();
    assert_eq!(entries, 60_002);
    Ok(())
}
