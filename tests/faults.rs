//! What goes wrong on a home server: the power fails, the disk is full, a file is lost. The list is the old one or the
//! new one, never a third, and the doors stay as they were.
//!
//! ```text
//! postward COMMAND --control.sock--> postward serve (killed in the middle) --> the database
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use common::MailHouse;
use testbed::daemon::{Postward, ServeOptions};

fn values(postward: &Postward) -> Result<BTreeSet<String>> {
    let exported = postward.ok(["export"])?;
    Ok(exported.lines().map(str::to_owned).collect())
}

#[test]
fn what_a_command_confirmed_survives_kill_9() -> Result<()> {
    let mut postward = common::postward()?;
    let mut confirmed = BTreeSet::new();
    for round in 0..6 {
        postward.serve(&ServeOptions::default())?;
        for number in 0..4 {
            let domain = format!("r{round}n{number}.example");
            postward.ok(["block", &domain])?;
            confirmed.insert(domain);
        }
        let last = format!("r{round}last.example");
        let unconfirmed = Command::new(env!("CARGO_BIN_EXE_postward"))
            .arg("--data")
            .arg(postward.data())
            .args(["block", &last])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        std::thread::sleep(Duration::from_millis(round * 7));
        postward.process()?.signal("KILL")?;
        postward.process()?.wait(Duration::from_secs(10))?;
        let done = unconfirmed?.wait()?.success();
        let now = values(&postward)?;
        if done {
            confirmed.insert(last.clone());
        }
        let without_last: BTreeSet<String> = now.iter().filter(|value| **value != last).cloned().collect();
        let expected: BTreeSet<String> = confirmed.iter().filter(|value| **value != last).cloned().collect();
        assert_eq!(without_last, expected);
        assert!(!done || now.contains(&last));
        if now.contains(&last) {
            confirmed.insert(last);
        }
    }
    Ok(())
}

#[test]
fn a_replace_that_is_killed_leaves_the_old_list_or_the_new_one() -> Result<()> {
    let mut postward = common::postward()?;
    let list = |name: &str| {
        (0..3000).fold(String::new(), |mut list, number| {
            let _ = writeln!(list, "{name}{number}.example");
            list
        })
    };
    let (old, new) = (list("old"), list("new"));
    let file = postward.folder().join("list.txt");
    for pause in [5, 60, 150, 300, 600] {
        std::fs::write(&file, &old)?;
        postward.ok(["import", "--replace", &file.to_string_lossy()])?;
        std::fs::write(&file, &new)?;
        postward.serve(&ServeOptions::default())?;
        let mut import = Command::new(env!("CARGO_BIN_EXE_postward"))
            .arg("--data")
            .arg(postward.data())
            .args(["import", "--replace"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        std::thread::sleep(Duration::from_millis(pause));
        postward.process()?.signal("KILL")?;
        postward.process()?.wait(Duration::from_secs(10))?;
        let done = import.wait()?.success();
        let now = values(&postward)?;
        let is = |list: &str| now == list.lines().map(str::to_owned).collect();
        assert!(is(&new) || (!done && is(&old)), "{} entries after {pause} ms", now.len());
    }
    Ok(())
}

#[test]
fn a_stale_milter_socket_is_replaced_after_kill_9() -> Result<()> {
    let mut postward = common::postward()?;
    let socket = format!("unix:{}", postward.folder().join("milter.sock").display());
    for _ in 0..2 {
        postward.serve(&ServeOptions { milter: Some(socket.clone()), ..ServeOptions::default() })?;
        assert_eq!(postward.milter(), socket);
        postward.ok(["status"])?;
        postward.process()?.signal("KILL")?;
        postward.process()?.wait(Duration::from_secs(10))?;
    }
    Ok(())
}

#[test]
fn filtering_goes_on_by_the_last_list_when_the_database_is_lost() -> Result<()> {
    let house = MailHouse::new()?;
    house.postward.ok(["block", "mallory@example.net"])?;
    for file in ["postward.sqlite", "postward.sqlite-wal", "postward.sqlite-shm"] {
        let _ = std::fs::remove_file(house.postward.data().join(file));
    }
    house.send("mallory@example.net", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@example.net", "Subject: friendly\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["friendly"]);
    Ok(())
}

#[test]
fn a_bad_configuration_on_reload_leaves_the_old_one_in_force() -> Result<()> {
    let mut postward = common::postward()?;
    let config = Some("[mail]\nfailure = \"hold-off\"\n".to_owned());
    postward.serve(&ServeOptions { config, ..ServeOptions::default() })?;
    let file = postward.folder().join("postward.toml");
    for (text, said) in [
        ("[mail]\nfailure = \"nonsense\"\n", "postward.toml:2: "),
        ("[mail]\nfailure = \"deliver\"\n", "was read again"),
    ] {
        std::fs::write(&file, text)?;
        postward.process()?.signal("HUP")?;
        testbed::process::wait_for(said, common::LIMIT, || Ok(postward.log().contains(said).then_some(())))?;
        postward.ok(["status"])?;
    }
    assert!(postward.log().contains("the old one stays in force"), "{}", postward.log());
    Ok(())
}

#[test]
fn the_daemon_ends_in_time_with_connections_open() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let milter = postward.milter().trim_start_matches("inet:").to_owned();
    let page = postward.page().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let idle: Vec<_> = [&milter, &page, &milter, &page]
        .into_iter()
        .map(std::net::TcpStream::connect)
        .collect::<Result<_, _>>()?;
    postward.stop()?;
    drop(idle);
    Ok(())
}
