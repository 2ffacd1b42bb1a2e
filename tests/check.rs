//! `postward check` on stored mail, with the real program.
//!
//! ```text
//! files, folders, Maildirs, mailboxes --> postward check [--entry ...] --> what would happen, standard output
//!                                                                      --> what can't be read, standard error
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use serde_json::Value;
use testbed::daemon::Postward;

/// A folder of mail and a list to judge it by.
struct Archive {
    postward: Postward,
}

/// What a run printed, and its exit status.
struct Ran {
    said: String,
    complained: String,
    code: i32,
}

impl Archive {
    fn new() -> Result<Self> {
        Ok(Self { postward: common::postward()? })
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.postward.folder().join("mail").join(name)
    }

    fn put(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn check<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Ran> {
        let args = std::iter::once(OsString::from("check"))
            .chain(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        let output = self.postward.run(args)?;
        Ok(Ran {
            said: String::from_utf8(output.stdout)?,
            complained: String::from_utf8(output.stderr)?,
            code: output.status.code().unwrap_or(-1),
        })
    }

    /// Checks with `--json`: file name, number in its mailbox and verdict of each message.
    fn verdicts<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Result<Vec<(String, u64, String)>> {
        let args: Vec<OsString> =
            args.into_iter().map(|arg| arg.as_ref().to_owned()).chain(["--json".into()]).collect();
        let ran = self.check(args)?;
        let rows: Vec<Value> = serde_json::from_str(&ran.said)?;
        let name = |row: &Value| {
            let file = row["file"].as_str().unwrap();
            file.strip_prefix(&format!("{}/", self.path("").to_string_lossy().trim_end_matches('/')))
                .unwrap_or(file)
                .to_owned()
        };
        Ok(rows
            .iter()
            .map(|row| {
                (name(row), row["index"].as_u64().unwrap_or(0), row["verdict"].as_str().unwrap().to_owned())
            })
            .collect())
    }
}

fn mail(subject: &str, text: &str) -> String {
    format!("From: friend@friends.example\nSubject: {subject}\n\n{text}\n")
}

fn verdict(file: &str, index: u64, verdict: &str) -> (String, u64, String) {
    (file.to_owned(), index, verdict.to_owned())
}

const FROM: &str = "From friend@friends.example Thu Aug 22 12:36:23 2002\n";

#[test]
fn a_maildir_is_read_with_its_folders_and_without_what_is_no_message() -> Result<()> {
    let archive = Archive::new()?;
    archive.postward.ok(["block", "casino"])?;
    let (good, bad) = (mail("hi", "lunch?"), mail("hi", "the casino"));
    archive.put("Maildir/cur/1.a:2,S", &good);
    archive.put("Maildir/cur/2.b:2,S", &bad);
    archive.put("Maildir/new/3.c", &bad);
    archive.put("Maildir/tmp/4.d", &bad);
    archive.put("Maildir/dovecot-uidlist", "3 V1 N2\nFrom: a@b.example\nSubject: casino\n");
    archive.put("Maildir/.Sub/cur/5.e:2,", &bad);
    archive.put("Maildir/.Sub/tmp/6.f", &bad);
    archive.put("Maildir/.Sub/maildirfolder", "");
    std::fs::create_dir_all(archive.path("Maildir/.Sub/new"))?;
    let expected = [
        verdict("Maildir/.Sub/cur/5.e:2,", 0, "drop"),
        verdict("Maildir/cur/1.a:2,S", 0, "deliver"),
        verdict("Maildir/cur/2.b:2,S", 0, "drop"),
        verdict("Maildir/new/3.c", 0, "drop"),
    ];
    assert_eq!(archive.verdicts([archive.path("Maildir")])?, expected);
    let ran = archive.check([archive.path("Maildir")])?;
    assert_eq!((ran.code, ran.complained.as_str()), (1, ""));
    assert!(!ran.said.contains("1.a:2,S"), "only what is stopped is listed: {}", ran.said);
    assert!(ran.said.contains("4 messages, 3 of them would not be delivered (75.00 %)."), "{}", ran.said);
    assert!(ran.said.contains("       3  the words “casino” (e-"), "{}", ran.said);
    let all = archive.check([archive.path("Maildir").as_os_str(), OsStr::new("--all")])?;
    assert!(all.said.contains("1.a:2,S: deliver."), "{}", all.said);
    Ok(())
}

#[test]
fn a_mailbox_is_read_message_by_message_with_either_line_end() -> Result<()> {
    let archive = Archive::new()?;
    archive.postward.ok(["block", "casino", "evil.example"])?;
    let mailbox = [
        FROM,
        &mail("one", "Content-Length is a lie\n>From the casino\n>>From nowhere\nFrom here on it is quiet\n"),
        FROM,
        "Content-Length: 100000\n",
        &mail("two", "lunch?\n"),
        "From mallory@evil.example Thu Aug 22 12:36:23 2002\n",
        &mail("three", "lunch?"),
    ]
    .concat();
    for (name, content) in [("lf", mailbox.clone()), ("crlf", mailbox.replace('\n', "\r\n"))] {
        let file = archive.put(name, &content);
        assert_eq!(
            archive.verdicts([&file])?,
            [verdict(name, 1, "drop"), verdict(name, 2, "deliver"), verdict(name, 3, "drop")]
        );
        let ran = archive.check([OsStr::new("--json"), file.as_os_str()])?;
        let rows: Vec<Value> = serde_json::from_str(&ran.said)?;
        for row in &rows {
            let offset = usize::try_from(row["offset"].as_u64().unwrap())?;
            assert!(content.get(offset..).is_some_and(|rest| rest.starts_with("From ")), "{row}");
        }
        assert_eq!(rows[0]["matched"]["text"]["place"], "body");
        assert_eq!(
            rows[2]["matched"]["sender"]["role"], "envelope",
            "the From line names the envelope sender"
        );
        let ran = archive.check([&file])?;
        assert!(ran.said.contains(", message 1: drop."), "{}", ran.said);
        assert!(ran.said.contains("From friend@friends.example: one"), "{}", ran.said);
    }
    // The same on standard input.
    let mut child = Command::new(env!("CARGO_BIN_EXE_postward"))
        .args(["check", "-", "--data"])
        .arg(archive.postward.data())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child.stdin.take().unwrap().write_all(mailbox.as_bytes())?;
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout)?.contains("3 messages, 2 of them"), "standard input");
    Ok(())
}

#[test]
fn what_can_not_be_read_is_named_and_the_rest_is_judged() -> Result<()> {
    let archive = Archive::new()?;
    archive.postward.ok(["block", "casino"])?;
    let bad = mail("hi", "casino");
    archive.put("box/a.eml", &bad);
    archive.put("box/sub/deep/b.eml", &bad);
    archive.put(Path::new("box").join(OsStr::from_bytes(b"caf\xe9.eml")), &bad);
    archive.put("box/empty", "");
    archive.put("box/notes.txt", "Shopping: casino\n\nmilk");
    archive.put("box/packed.eml", b"\x1f\x8b\x08\x00junk");
    symlink(archive.path("box"), archive.path("box/sub/loop"))?;
    symlink(archive.path("nowhere"), archive.path("box/sub/dangling"))?;
    let pipe = archive.path("box/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    let ran = archive.check([archive.path("box"), archive.path("missing.eml")])?;
    assert_eq!(ran.code, 2, "{}", ran.said);
    assert!(ran.said.contains("3 messages, 3 of them would not be delivered"), "{}", ran.said);
    assert!(ran.said.contains("2 files are empty or no message, and left out."), "{}", ran.said);
    assert!(ran.said.contains("5 files could not be read"), "{}", ran.said);
    let complaints: Vec<&str> = ran.complained.lines().collect();
    assert_eq!(complaints.len(), 5, "{}", ran.complained);
    for words in
        ["leads back to", "dangling", "is a pipe or a device", "unpack it first", "missing.eml: No such file"]
    {
        assert!(ran.complained.contains(words), "{words}: {}", ran.complained);
    }
    // The same as JSON is an array all the same.
    let ran = archive.check([archive.path("box").as_os_str(), OsStr::new("--json")])?;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&ran.said)?.len(), 3);
    let ran = archive.check([archive.path("missing.eml").as_os_str(), OsStr::new("--json")])?;
    assert_eq!((ran.code, ran.said.as_str()), (2, "[]\n"));
    Ok(())
}

#[test]
fn tried_entries_stop_what_they_would_stop_and_are_not_stored() -> Result<()> {
    let archive = Archive::new()?;
    archive.postward.ok(["block", "casino"])?;
    archive.put("box/1.eml", mail("hi", "the casino and lunch"));
    archive.put("box/2.eml", mail("LUNCH", "tomorrow?"));
    archive.put("box/3.eml", "From: x@deep.evil.example\nSubject: hi\n\nhello\n");
    archive.put("box/4.eml", mail("hi", "call 0900-123456"));
    archive.put("box/5.eml", mail("hi", "class"));
    let folder = archive.path("box");
    let folder = folder.to_str().unwrap();
    let tried = [
        "--entry",
        "words:lunch",
        "--entry",
        "evil.example",
        "--entry",
        r"regex:0900-\d+",
        "--entry",
        "words:ass",
    ];
    let ran = archive.check([&[folder], tried.as_slice()].concat())?;
    assert_eq!(ran.code, 1);
    for line in [
        "5 messages, 4 of them would not be delivered (80.00 %).",
        "       1  the words “lunch” (not on the list)",
        "       1  the domain evil.example (not on the list)",
        r"       1  what the regular expression 0900-\d+ matches (not on the list)",
        "       0  the words “ass” (not on the list)",
        "       1  the words “casino” (e-",
    ] {
        assert!(ran.said.contains(line), "{line}: {}", ran.said);
    }
    assert!(
        ran.said.contains("the subject says “LUNCH”, and an entry that blocks the words “lunch” covers that"),
        "{}",
        ran.said
    );
    let verdicts = |args: &[&str]| -> Result<Vec<String>> {
        Ok(archive.verdicts([&[folder], args].concat())?.into_iter().map(|(_, _, verdict)| verdict).collect())
    };
    assert_eq!(verdicts(&[])?, ["drop", "deliver", "deliver", "deliver", "deliver"], "nothing was stored");
    assert_eq!(
        verdicts(&["--only-entries", "--entry", "words:tomorrow"])?,
        ["deliver", "drop", "deliver", "deliver", "deliver"]
    );
    let ran = archive.check([folder, "--json", "--entry", "words:lunch"])?;
    let rows: Vec<Value> = serde_json::from_str(&ran.said)?;
    assert!(
        rows[0]["entry"].as_str().unwrap().starts_with("e-"),
        "the list's own entry comes first: {}",
        rows[0]
    );
    assert_eq!((&rows[1]["entry"], &rows[1]["pattern"]["value"]), (&Value::Null, &Value::from("lunch")));
    Ok(())
}

#[test]
fn a_tried_entry_that_block_would_refuse_is_refused_in_its_words() -> Result<()> {
    let archive = Archive::new()?;
    let file = archive.put("a.eml", mail("hi", "lunch"));
    let file = file.to_str().unwrap();
    for (kind, value) in
        [("regex", "["), ("domain", "co.uk"), ("address", "not an address"), ("words", "...")]
    {
        let blocked = archive.postward.run(["block", "--kind", kind, "--", value])?;
        let blocked = String::from_utf8(blocked.stderr)?;
        let reason = blocked.split_once(": ").and_then(|(_, rest)| rest.split_once(": ")).unwrap().1;
        let ran = archive.check([file, "--entry", &format!("{kind}:{value}")])?;
        assert_eq!((ran.code, ran.said.as_str()), (2, ""), "{kind}:{value}");
        assert!(ran.complained.ends_with(reason), "{}\n{reason}", ran.complained);
    }
    let ran = archive.check([file, "--entry", "domain:co.uk", "--whole-suffix"])?;
    assert_eq!(ran.code, 0, "{}", ran.complained);
    let ran = archive.check([file, "--only-entries"])?;
    assert_eq!(ran.code, 2, "alone it makes no sense");
    Ok(())
}

#[test]
fn the_part_that_matched_is_named() -> Result<()> {
    let archive = Archive::new()?;
    let multipart = |part: &str| {
        format!(
            "From: a@b.example\nSubject: hi\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x\n{part}\n--x--\n"
        )
    };
    let cases = [
        ("subject", "From: a@b.example\nSubject: =?utf-8?Q?The_CASINO?=\n\nhi\n".to_owned(), "CASINO"),
        ("display-name", "From: The Casino <a@b.example>\n\nhi\n".to_owned(), "Casino"),
        ("body", mail("hi", "the\ncasino"), "casino"),
        ("html", multipart("Content-Type: text/html\n\n<p>Cas<b>ino</b></p>"), "Casino"),
        ("attachment-name", multipart("Content-Type: image/png; name=\"casino.png\"\n\nxx"), "casino"),
        ("attached-message", multipart("Content-Type: message/rfc822\n\nSubject: casino\n\nhi"), "casino"),
        (
            "calendar",
            multipart("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nSUMMARY:casino\nEND:VCALENDAR"),
            "casino",
        ),
    ];
    for (place, content, words) in cases {
        let file = archive.put(place, content);
        let ran = archive.check([file.to_str().unwrap(), "--json", "--entry", "casino"])?;
        let rows: Vec<Value> = serde_json::from_str(&ran.said)?;
        assert_eq!(rows[0]["matched"]["text"]["place"], place, "{}", ran.said);
        assert_eq!(rows[0]["matched"]["text"]["excerpt"], words, "{}", ran.said);
    }
    Ok(())
}

#[test]
fn results_come_in_the_order_of_names_and_a_closed_pipe_is_no_word_worth() -> Result<()> {
    let archive = Archive::new()?;
    for number in 0..2000 {
        archive.put(format!("box/{number:04}.eml"), mail("casino", "hi"));
    }
    let folder = archive.path("box");
    let names: Vec<String> = archive
        .verdicts([folder.as_os_str(), "--entry".as_ref(), "casino".as_ref()])?
        .into_iter()
        .map(|row| row.0)
        .collect();
    assert!(names.iter().eq(&(0..2000).map(|number| format!("box/{number:04}.eml")).collect::<Vec<_>>()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_postward"))
        .args(["check", "--entry", "casino", "--data"])
        .arg(archive.postward.data())
        .arg(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10])?;
    drop(stdout);
    let output = child.wait_with_output()?;
    assert_eq!(String::from_utf8(output.stderr)?, "", "a reader that has gone is nothing to complain about");
    Ok(())
}

#[test]
fn a_message_beyond_the_limit_is_judged_by_its_beginning_and_the_next_one_is_found() -> Result<()> {
    let archive = Archive::new()?;
    let line = "all is quiet here and nothing happens at all\n".repeat(400_000);
    let mailbox = [FROM, &mail("large casino", &line), FROM, &mail("small", "the casino")].concat();
    let file = archive.put("box", mailbox);
    let ran =
        archive.check([file.to_str().unwrap(), "--json", "--only-entries", "--entry", "words:casino"])?;
    let rows: Vec<Value> = serde_json::from_str(&ran.said)?;
    assert_eq!((rows.len(), &rows[0]["cut_short"], &rows[1]["cut_short"]), (2, &true.into(), &false.into()));
    assert_eq!((&rows[0]["verdict"], &rows[1]["verdict"]), (&"drop".into(), &"drop".into()));
    Ok(())
}
