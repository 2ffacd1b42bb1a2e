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
        postward.process()?.wait(testbed::PATIENCE)?;
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
fn a_replace_that_is_killed_leaves_all_of_the_old_list_or_of_the_new_one_and_a_second_one_finishes_it()
-> Result<()> {
    let mut postward = common::postward()?;
    let list = |name: &str| {
        (0..3000).fold(String::new(), |mut list, number| {
            let _ = writeln!(list, "{name}{number}.example");
            list
        })
    };
    let (old, new) = (list("old"), list("new"));
    let file = postward.folder().join("list.txt");
    let all = |list: &str| -> BTreeSet<String> { list.lines().map(str::to_owned).collect() };
    let (all_old, all_new) = (all(&old), all(&new));
    for pause in [5, 60, 150, 300, 600, 1200] {
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
        postward.process()?.wait(testbed::PATIENCE)?;
        let done = import.wait()?.success();
        let now = values(&postward)?;
        let holds = now.is_superset(&all_old) || now.is_superset(&all_new);
        assert!(now == all_new || (!done && holds), "{} entries after {pause} ms", now.len());
        postward.ok(["import", "--replace", &file.to_string_lossy()])?;
        assert_eq!(values(&postward)?, all_new, "after {pause} ms");
    }
    Ok(())
}

#[test]
fn an_import_that_fills_the_disk_says_how_much_is_in_and_a_second_one_finishes_it() -> Result<()> {
    let postward = common::postward()?;
    let list = |name: &str, count: u32| {
        (0..count).fold(String::new(), |mut list, number| {
            let _ = writeln!(list, "{name}{number}.example");
            list
        })
    };
    std::fs::write(postward.folder().join("small"), list("small", 500))?;
    std::fs::write(postward.folder().join("large"), list("large", 10_000))?;
    // A limit on the size of files stands for a full disk: both end in a write that fails. The import is retried with
    // growing room, so that it fails at different places.
    for (kilobytes, replace) in [(300, false), (700, true), (1500, true)] {
        let folder = postward.folder().join(format!("data-{kilobytes}"));
        let run = |limit: &str, args: &str| -> Result<std::process::Output> {
            let script = format!("trap '' XFSZ; {limit} exec \"$0\" --data \"$1\" {args}");
            let program = env!("CARGO_BIN_EXE_postward");
            Ok(Command::new("bash")
                .args(["-c", &script, program])
                .arg(&folder)
                .current_dir(postward.folder())
                .output()?)
        };
        assert!(run("", "import small")?.status.success());
        let args = if replace { "import --replace large" } else { "import large" };
        let failed = run(&format!("ulimit -f {kilobytes};"), args)?;
        assert_eq!(failed.status.code(), Some(2), "{}", String::from_utf8_lossy(&failed.stdout));
        let exported = run("", "export")?;
        let left = String::from_utf8_lossy(&exported.stdout).into_owned();
        let said = String::from_utf8_lossy(&failed.stderr);
        assert_eq!(
            left.lines().filter(|line| line.starts_with("small")).count(),
            500,
            "{kilobytes} KiB: {said}"
        );
        let new = left.lines().filter(|line| line.starts_with("large")).count();
        assert!(
            new > 0 && said.contains(&format!("{new} of 10000 lines went in, and stay")),
            "{new}: {said}"
        );
        assert!(run("", args)?.status.success());
        let exported = run("", "export")?;
        let all = String::from_utf8_lossy(&exported.stdout).lines().count();
        assert_eq!(all, if replace { 10_000 } else { 10_500 });
    }
    Ok(())
}

#[test]
fn what_was_removed_is_gone_from_the_files_once_nothing_can_bring_it_back() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    postward.ok(["block", "kept.example"])?;
    std::fs::write(postward.folder().join("list"), "other.example\n")?;
    postward.ok(["import", "--replace", &postward.folder().join("list").to_string_lossy()])?;
    for file in std::fs::read_dir(postward.data())? {
        let bytes = std::fs::read(file?.path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("kept.example"));
    }
    postward.stop()?;
    assert_eq!(values(&postward)?, BTreeSet::from(["other.example".to_owned()]));
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
        postward.process()?.wait(testbed::PATIENCE)?;
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
        testbed::process::wait_for(said, testbed::PATIENCE, || {
            Ok(postward.log().contains(said).then_some(()))
        })?;
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
