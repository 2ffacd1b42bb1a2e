//! The command line as people and scripts use it: what it says, what it leaves, how it ends.
//!
//! ```text
//! postward COMMAND --> the database (no daemon) or control.sock --> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use anyhow::{Context, Result};
use testbed::daemon::{Postward, ServeOptions};

/// What a command printed on standard output and error, and its exit status.
fn ran(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

/// Runs a command that must fail with this status and one line that says all of `words`.
fn refused(postward: &Postward, args: &[&str], status: i32, words: &[&str]) -> Result<()> {
    let (stdout, stderr, code) = ran(&postward.run(args)?);
    assert_eq!(code, status, "{args:?}: {stdout}{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?} should say {word:?}: {stderr}");
    }
    Ok(())
}

fn list(postward: &Postward) -> Result<Vec<(String, String, String)>> {
    let entries: serde_json::Value = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
    let text = |entry: &serde_json::Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let each = entries.as_array().expect("an array").iter();
    let mut all: Vec<_> =
        each.map(|entry| (text(entry, "effect"), text(entry, "kind"), text(entry, "value"))).collect();
    all.sort();
    Ok(all)
}

fn of(effect: &str, kind: &str, value: &str) -> (String, String, String) {
    (effect.to_owned(), kind.to_owned(), value.to_owned())
}

#[test]
fn the_kind_of_a_value_is_told_and_said() -> Result<()> {
    let postward = common::postward()?;
    let said = postward.ok(["block", "mallory@example.net", "evil.example", "buy now"])?;
    for expected in
        ["mallory@example.net as an address (e-", "evil.example as a domain (e-", "buy now as words (e-"]
    {
        assert!(said.contains(expected), "{said}");
    }
    assert!(said.contains("No daemon is running"), "{said}");
    postward.ok(["block", "--kind", "words", "--", "-rubbish.example-"])?;
    postward.ok(["allow", "friend@evil.example"])?;
    assert_eq!(
        list(&postward)?,
        [
            of("allow", "address", "friend@evil.example"),
            of("block", "address", "mallory@example.net"),
            of("block", "domain", "evil.example"),
            of("block", "words", "-rubbish.example-"),
            of("block", "words", "buy now"),
        ]
    );
    Ok(())
}

#[test]
fn options_go_before_or_after_the_command() -> Result<()> {
    let postward = common::postward()?;
    let data = postward.data();
    let data = data.to_string_lossy();
    let program = env!("CARGO_BIN_EXE_postward");
    for args in [vec!["--data", &data, "block", "a.example"], vec!["block", "b.example", "--data", &data]] {
        assert!(std::process::Command::new(program).args(&args).output()?.status.success(), "{args:?}");
    }
    assert_eq!(list(&postward)?.len(), 2);
    Ok(())
}

/// admin, in another time zone than the daemon's --> postward serve
#[test]
fn an_entry_ends_by_the_daemons_day_whatever_the_time_zone_of_whoever_types() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let today = jiff::ZonedDateTime::now().date();
    let (last, over) = (today.to_string(), today.yesterday()?.to_string());
    let message = postward.folder().join("message.eml");
    std::fs::write(&message, "From: mallory@evil.example\r\nSubject: hello\r\n\r\nhello\r\n")?;
    // At any hour one of them has another day.
    for zone in ["<+14>-14", "<-12>+12"] {
        let run = |args: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_postward"));
            command
                .arg("--data")
                .arg(postward.data())
                .args(args)
                .env("TZ", zone)
                .env_remove("STATE_DIRECTORY");
            command.output().map(|output| ran(&output))
        };
        let (said, error, code) = run(&["block", "mallory@evil.example", "--until", &last])?;
        assert_eq!(code, 0, "{zone}: {said}{error}");
        let (said, error, code) = run(&["block", "eve@evil.example", "--until", &over])?;
        assert!(code == 2 && error.contains("in the past"), "{zone}: {said}{error}");
        let (said, error, code) = run(&["check", message.to_str().context("a path")?])?;
        assert_eq!(code, 1, "{zone}: {said}{error}");
    }
    Ok(())
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_stored() -> Result<()> {
    let postward = common::postward()?;
    refused(&postward, &["block", "good.example", "co.uk"], 2, &["co.uk", "--whole-suffix"])?;
    refused(&postward, &["block", "--kind", "regex", "a(b"], 2, &["a(b", "character"])?;
    refused(&postward, &["block", "--kind", "address", "nonsense"], 2, &["nonsense"])?;
    refused(&postward, &["block", "x@y.example", "--for", "nobody"], 2, &["nobody", "member list"])?;
    refused(&postward, &["block", "x@y.example", "--until", "2001-01-01"], 2, &["2001-01-01", "past"])?;
    refused(&postward, &["block", "x@y.example", "--action", "hold"], 2, &["reserved", "drop or refuse"])?;
    refused(&postward, &["allow", "x@y.example", "--action", "refuse"], 2, &["what is blocked"])?;
    refused(&postward, &["block", " "], 2, &["an empty value: nothing to match"])?;
    let (_, said, code) = ran(&postward.run(["block", "x@y.example", "--until", "tomorrow"])?);
    assert!(code == 2 && said.contains("no day as 2027-01-31 is one"), "{said}");
    refused(&postward, &["remove", "x@y.example"], 1, &["x@y.example"])?;
    refused(&postward, &["pause", "e-zzzzz"], 1, &["e-zzzzz"])?;
    for command in ["pause", "resume"] {
        refused(&postward, &[command, "x@y.example"], 1, &["no entry x@y.example", "postward list"])?;
    }
    refused(&postward, &["check", "/nowhere/at-all.eml"], 2, &["/nowhere/at-all.eml"])?;
    refused(&postward, &["import", "/nowhere/at-all.txt"], 2, &["/nowhere/at-all.txt"])?;
    assert_eq!(list(&postward)?, []);
    let (_, stderr, code) = ran(&postward.run(["frobnicate"])?);
    assert_eq!((code, stderr.contains("frobnicate")), (2, true));
    Ok(())
}

#[test]
fn entries_are_removed_by_value_in_any_spelling_or_by_id() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "Mallory@Example.net", "evil.example", "buy now"])?;
    postward.ok(["remove", "mallory@EXAMPLE.NET.", "Buy  Now"])?;
    assert_eq!(list(&postward)?, [of("block", "domain", "evil.example")]);
    let entries: serde_json::Value = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
    postward.ok(["remove", entries[0]["id"].as_str().expect("an id")])?;
    assert_eq!(list(&postward)?, []);
    Ok(())
}

#[test]
fn a_kind_that_is_said_before_a_value_counts_as_in_files_and_in_check() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "words:evil.example", "Domain: bad.example", "regex:a+b"])?;
    assert_eq!(
        list(&postward)?,
        [
            of("block", "domain", "bad.example"),
            of("block", "regex", "a+b"),
            of("block", "words", "evil.example"),
        ]
    );
    let (_, stderr, code) = ran(&postward.run(["block", "regex:(a"])?);
    assert_eq!((code, stderr.contains("regex:(a")), (2, true), "{stderr}");
    postward.ok(["remove", "words:evil.example", "regex: a+b"])?;
    assert_eq!(list(&postward)?, [of("block", "domain", "bad.example")]);
    Ok(())
}

#[test]
fn import_takes_what_it_understands_and_lists_the_rest_by_line() -> Result<()> {
    let postward = common::postward()?;
    let file = postward.folder().join("list.json");
    std::fs::write(
        &file,
        "[\n{\"kind\": \"address\", \"value\": \"a@b.example\"},\n{\"kind\": \"domain\", \"value\": \"co.uk\"},\n\
         {\"kind\": \"nonsense\", \"value\": \"x\"},\n{\"kind\": \"domain\", \"value\": \"org.uk\", \"confirmed\": true},\n\
         {\"kind\": \"words\", \"value\": \"buy now\", \"effect\": \"allow\", \"note\": null}\n]\n",
    )?;
    let (said, _, code) = ran(&postward.run([std::ffi::OsStr::new("import"), file.as_os_str()])?);
    assert!(said.starts_with("3 added, 0 already there, 0 removed, 2 refused."), "{said}");
    assert_eq!(code, 1, "a script must be able to tell");
    assert!(said.contains("line 3: ") && said.contains("line 4: "), "{said}");
    assert_eq!(
        list(&postward)?,
        [
            of("allow", "words", "buy now"),
            of("block", "address", "a@b.example"),
            of("block", "domain", "org.uk")
        ]
    );
    Ok(())
}

#[test]
fn replace_swaps_one_scope_and_a_broken_file_swaps_nothing() -> Result<()> {
    let postward = common::postward()?;
    common::add_member(&postward, "alice", &["alice@home.example"])?;
    postward.ok(["block", "old.example", "kept.example"])?;
    postward.ok(["block", "hers.example", "--for", "alice"])?;
    let file = postward.folder().join("list.txt");
    let import = || postward.run([std::ffi::OsStr::new("import"), "--replace".as_ref(), file.as_os_str()]);

    std::fs::write(&file, "kept.example\nnew.example  # fresh\n# a comment\n")?;
    let (said, ..) = ran(&import()?);
    assert!(said.starts_with("1 added, 1 already there, 1 removed, 0 refused."), "{said}");
    let expected = [
        of("block", "domain", "hers.example"),
        of("block", "domain", "kept.example"),
        of("block", "domain", "new.example"),
    ];
    assert_eq!(list(&postward)?, expected);

    let broken = postward.folder().join("list.json");
    std::fs::write(&broken, "[{\"kind\": \"domain\", \"value\": \"only.example\"},\n{\"kind\": \"dom")?;
    let args = ["import", "--replace", &broken.to_string_lossy()];
    refused(&postward, &args, 2, &["line 2", "nothing was changed"])?;
    let one = "{\"kind\": \"domain\", \"value\": \"only.example\"}";
    for text in [
        "",
        "[",
        "[[",
        "]",
        "{}",
        "\u{feff}",
        &format!("[{one}"),
        &format!("[{one},"),
        &format!("[{one} {one}]"),
    ] {
        std::fs::write(&broken, text)?;
        refused(&postward, &args, 2, &["nothing was changed"])?;
    }
    std::fs::write(&file, b"kept\xff.example\n")?;
    refused(&postward, &["import", "--replace", &file.to_string_lossy()], 2, &["nothing was changed"])?;
    assert_eq!(list(&postward)?, expected);
    Ok(())
}

#[test]
fn with_refused_lines_replace_removes_nothing_and_says_how_to_go_on() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "old.example"])?;
    let file = postward.folder().join("list.txt");
    std::fs::write(&file, "new.example\n||old.example^\n")?;
    let (said, _, code) = ran(&postward.run(["import", "--replace", &*file.to_string_lossy()])?);
    assert!(said.starts_with("1 added, 0 already there, 0 removed, 1 refused."), "{said}");
    assert!(said.contains("line 2: ") && said.contains("Nothing was removed"), "{said}");
    assert!(said.contains("import it again") && code == 1, "{said}");
    assert_eq!(
        list(&postward)?,
        [of("block", "domain", "new.example"), of("block", "domain", "old.example")]
    );
    std::fs::write(&file, "new.example\n")?;
    postward.ok(["import", "--replace", &*file.to_string_lossy()])?;
    assert_eq!(list(&postward)?, [of("block", "domain", "new.example")]);
    Ok(())
}

#[test]
fn pause_and_resume_take_values_as_remove_does() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "mallory@example.net", "casino"])?;
    let enabled = || -> Result<Vec<bool>> {
        let all: Vec<serde_json::Value> = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
        Ok(all.iter().map(|entry| entry["enabled"] == true).collect())
    };
    postward.ok(["pause", "Mallory@Example.net", "casino"])?;
    assert_eq!(enabled()?, [false, false]);
    postward.ok(["resume", "casino"])?;
    assert_eq!(enabled()?, [true, false]);
    Ok(())
}

#[test]
fn an_import_switches_nothing_on_again_and_says_what_it_changed() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "casino", "--action", "refuse", "--only", "mail", "--until", "2099-01-31"])?;
    let entries: serde_json::Value = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
    postward.ok(["pause", entries[0]["id"].as_str().expect("an id")])?;
    let before = postward.ok(["list", "--json"])?;
    let file = postward.folder().join("list.txt");
    let import = |text: &str, args: &[&str]| -> Result<String> {
        std::fs::write(&file, text)?;
        let file = file.to_string_lossy();
        postward.ok(["import"].iter().chain(args).copied().chain([&*file]))
    };
    let said = import("casino\n", &[])?;
    assert!(said.starts_with("0 added, 1 already there"), "{said}");
    assert!(said.contains("1 of those already there are switched off"), "{said}");
    assert!(!said.contains("new settings"), "{said}");
    assert_eq!(postward.ok(["list", "--json"])?, before);
    let said = import("casino  # a note\n", &[])?;
    assert!(said.contains("1 of those already there have new settings now"), "{said}");
    let noted = |text: &str| text.replace("\"a note\"", "\"\"");
    let (now, before) = (postward.ok(["list", "--json"])?, noted(&before));
    let only = |text: &str| -> Result<serde_json::Value> {
        let mut all: serde_json::Value = serde_json::from_str(text)?;
        all[0]["changed"] = serde_json::Value::Null;
        all[0]["revision"] = serde_json::Value::Null;
        Ok(all)
    };
    assert_eq!(only(&noted(&now))?, only(&before)?);
    let said = import("casino\n", &["--replace"])?;
    assert!(said.contains("1 of those already there have new settings now"), "{said}");
    let entries: serde_json::Value = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
    assert_eq!((&entries[0]["enabled"], &entries[0]["action"]), (&true.into(), &"drop".into()));
    Ok(())
}

#[test]
fn exported_lists_come_back_unchanged_in_each_format() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "a@b.example", "evil.example", "--note", "he said \"hi\", again"])?;
    postward.ok(["block", "co.uk", "--whole-suffix", "--only", "mail", "--action", "refuse"])?;
    postward.ok(["block", "example.org", "--kind", "words", "--until", "2099-01-31"])?;
    postward.ok(["block", "--kind", "regex", r"win \d+ [euro]"])?;
    postward.ok(["allow", "friend@evil.example"])?;
    for format in ["lines", "csv", "json"] {
        let exported = postward.ok(["export", "--format", format])?;
        let other = common::postward()?;
        let file = other.folder().join("exported");
        std::fs::write(&file, &exported)?;
        let said = other.ok(["import", "--format", format, &file.to_string_lossy()])?;
        assert!(
            said.starts_with("6 added, 0 already there, 0 removed, 0 refused."),
            "{format}: {said}\n{exported}"
        );
        let back = other.ok(["export", "--format", "json"])?;
        let order = |text: &str| -> Vec<serde_json::Value> { serde_json::from_str(text).expect("json") };
        assert_eq!(order(&back), order(&postward.ok(["export", "--format", "json"])?), "{format}: the order");
        let sorted = |text: &str| {
            let mut all: Vec<String> = serde_json::from_str::<Vec<serde_json::Value>>(text)
                .expect("json")
                .iter()
                .map(ToString::to_string)
                .collect();
            all.sort();
            all
        };
        assert_eq!(sorted(&back), sorted(&postward.ok(["export", "--format", "json"])?), "{format}");
    }
    Ok(())
}

#[test]
fn check_says_what_would_happen_and_why() -> Result<()> {
    let postward = common::postward()?;
    let empty = postward.folder().join("empty.eml");
    std::fs::write(&empty, "")?;
    let before_there_is_a_list = postward.ok(["check", &empty.to_string_lossy()])?;
    assert!(before_there_is_a_list.contains("deliver"), "{before_there_is_a_list}");
    postward.ok(["block", "casino", "evil.example"])?;
    let file = |name: &str, text: &str| {
        let path = postward.folder().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let plain = file("plain.eml", "From: a@friends.example\nSubject: hi\n\nlunch?\n");
    let words = file("words.eml", "From: a@friends.example\nSubject: =?utf-8?Q?The_CASINO?=\n\nhello\n");
    let domain = file("domain.eml", "From: X <x@deep.evil.example>\nSubject: hi\n\nlunch?\n");
    let (said, _, code) = ran(&postward.run(["check", &plain])?);
    assert_eq!((code, said.contains("deliver")), (0, true), "{said}");
    let (said, _, code) = ran(&postward.run(["check", "--json", &plain, &words, &domain])?);
    assert_eq!(code, 1);
    let checked: serde_json::Value = serde_json::from_str(&said)?;
    let verdicts: Vec<&str> = (0..3).map(|at| checked[at]["verdict"].as_str().expect("a verdict")).collect();
    assert_eq!(verdicts, ["deliver", "drop", "drop"]);
    assert_eq!(checked[1]["reason"], "blocked-words");
    assert_eq!(checked[2]["reason"], "blocked-domain");
    assert!(checked[1]["explanation"].as_str().expect("a sentence").contains("casino"), "{said}");
    Ok(())
}

#[test]
fn the_running_daemon_carries_changes_out() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let said = postward.ok(["block", "evil.example"])?;
    assert!(said.contains("In force on mail (revision 1)."), "{said}");
    let file = postward.folder().join("list.txt");
    std::fs::write(&file, "one.example\ntwo.example\n")?;
    postward.ok(["import", &file.to_string_lossy()])?;
    let status: serde_json::Value = serde_json::from_str(&postward.ok(["status", "--json"])?)?;
    assert_eq!(
        (&status["running"], &status["entries"], &status["revision"]),
        (&true.into(), &3.into(), &3.into())
    );
    assert_eq!(status["doors"][0]["revision"], 3);
    postward.stop()?;
    assert_eq!(list(&postward)?.len(), 3);
    let (said, _, code) = ran(&postward.run(["status"])?);
    assert!(said.contains("Public suffixes: "), "{said}");
    assert_eq!((code, said.contains("not running")), (1, true), "{said}");
    Ok(())
}

#[test]
fn a_daemon_that_cannot_start_says_why_in_one_line() -> Result<()> {
    let postward = common::postward()?;
    let busy = TcpListener::bind("127.0.0.1:0")?;
    let taken = busy.local_addr()?.to_string();
    let milter = format!("inet:{taken}");
    refused(&postward, &["serve", "--milter", "inet:127.0.0.1:0", "--web", &taken], 2, &[&taken, "--web"])?;
    refused(&postward, &["serve", "--milter", &milter, "--web", "127.0.0.1:0"], 2, &[&taken])?;
    let nowhere = ["serve", "--milter", "unix:/nonexistent/x/milter"];
    refused(&postward, &nowhere, 2, &["install -d", "/nonexistent/x`", "another path"])?;
    refused(&postward, &["serve", "--milter", "inet:192.0.2.1:1"], 2, &["another address"])?;
    refused(&postward, &["serve", "--milter", "nonsense"], 2, &["--milter", "inet:"])?;
    refused(&postward, &["serve", "--web", "nonsense"], 2, &["--web", "HOST:PORT"])?;
    refused(&postward, &["serve", "--xmpp", "127.0.0.1:5347"], 2, &["--xmpp-domain"])?;
    let config = postward.folder().join("bad.toml");
    std::fs::write(&config, "[mail]\nlisten = \"inet:127.0.0.1:0\"\nlistne = 1\n")?;
    let config = config.to_string_lossy();
    refused(&postward, &["serve", "--config", &config], 2, &["bad.toml:3", "listne"])?;
    refused(
        &postward,
        &["serve", "--config", "/nowhere/at-all.toml"],
        2,
        &["/nowhere/at-all.toml", "--config"],
    )?;
    let file = postward.folder().join("a-file");
    std::fs::write(&file, "")?;
    let (_, stderr, code) = ran(&std::process::Command::new(env!("CARGO_BIN_EXE_postward"))
        .args(["list", "--data", &file.to_string_lossy()])
        .output()?);
    assert_eq!((code, stderr.lines().count(), stderr.contains("--data DIR")), (2, 1, true), "{stderr}");
    Ok(())
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["block", "evil.example"])?;
    let database = postward.data().join("postward.sqlite");
    rusqlite::Connection::open(&database)?.pragma_update(None, "user_version", 99)?;
    let before = std::fs::read(&database)?;
    refused(&postward, &["list"], 2, &["newer", "99"])?;
    refused(
        &postward,
        &["serve", "--milter", "inet:127.0.0.1:0", "--web", "127.0.0.1:0"],
        2,
        &["newer", "99"],
    )?;
    assert!(std::fs::read(&database)? == before, "the database was changed");
    Ok(())
}

#[test]
fn two_daemons_do_not_share_a_data_folder_and_the_folder_is_private() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    refused(
        &postward,
        &["serve", "--milter", "inet:127.0.0.1:0", "--web", "127.0.0.1:0"],
        2,
        &["another postward"],
    )?;
    let mode = |path: std::path::PathBuf| -> Result<u32> {
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
    };
    assert_eq!(mode(postward.data())?, 0o700);
    for file in ["postward.sqlite", "control.sock", "lock"] {
        assert_eq!(mode(postward.data().join(file))?, 0o600, "{file}");
    }
    Ok(())
}

#[test]
fn a_command_that_is_under_way_does_not_keep_the_daemon_from_starting() -> Result<()> {
    let mut postward = common::postward()?;
    postward.ok(["block", "evil.example"])?;
    let held = std::fs::File::open(postward.data().join("lock"))?;
    held.lock()?;
    let command = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        drop(held);
    });
    postward.serve(&ServeOptions::default())?;
    command.join().ok().context("the thread")?;
    Ok(())
}

#[test]
fn the_household_cannot_cut_its_own_members_off() -> Result<()> {
    let postward = common::postward()?;
    postward.ok(["member", "add", "alice", "--jid", "alice@chat.home.example"])?;
    postward.ok(["member", "address", "alice", "alice@home.example"])?;
    let code = common::waiting_code(&postward)?;
    let said = postward.ok(["member", "confirm", "alice", &code])?;
    assert!(said.contains("alice@home.example is alice's"), "{said}");
    for value in ["home.example", "Alice@HOME.example", "al*@home.example", "chat.home.example"] {
        refused(&postward, &["block", value], 2, &["alice", "--for NAME"])?;
    }
    postward.ok(["block", "home.example", "--for", "alice"])?;
    Ok(())
}

#[test]
fn a_password_is_made_on_request_and_never_printed_where_it_would_be_kept() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    assert!(postward.log().contains("postward password"), "{}", postward.log());
    let (first, second) = (postward.password()?, postward.password()?);
    assert!(first.len() >= 20 && first != second);
    assert!(!postward.log().contains(&second));
    Ok(())
}
