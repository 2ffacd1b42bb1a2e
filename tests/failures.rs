//! Postward is killed, hangs, is restarted, or its socket is gone, while mail comes in: none is lost, none arrives twice.
//!
//! ```text
//! Smtp (a sender, who tries again when told to) --SMTP--> Postfix --LMTP--> Sink
//!                                                            |
//!                                                          milter
//!                                                            |
//!                                                     postward serve: killed, stopped, restarted
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use common::{postward, subject};
use testbed::PATIENCE;
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::{Reply, Sink};
use testbed::postfix::{Options, Postfix};
use testbed::process::{free_port, wait_for};

/// A Postfix that asks a milter which may not be there.
struct House {
    postfix: Postfix,
    sink: Sink,
}

impl House {
    fn new(milter: String) -> Result<Self> {
        let sink = Sink::start()?;
        let options = Options { milters: vec![milter], ..Options::new(sink.port()) };
        Ok(Self { postfix: Postfix::start(&options)?, sink })
    }

    /// One try to send a mail with this subject.
    fn send(&self, from: &str, subject: &str) -> Result<Reply> {
        let content = format!("From: {from}\r\nSubject: {subject}\r\n\r\nhello\r\n");
        let replies = self.postfix.connect()?.mail(from, &["bob@example.org"], content.as_bytes())?;
        Ok(replies
            .into_iter()
            .find(|reply| reply.code >= 400 || reply.code == 250 && reply.text.contains("queued"))
            .expect("a reply"))
    }

    /// How often each subject arrived, once nothing is queued.
    fn arrived(&self) -> Result<BTreeMap<String, usize>> {
        self.postfix.wait_until_queue_is_empty()?;
        let mut all = BTreeMap::new();
        for delivery in self.sink.deliveries() {
            *all.entry(subject(&delivery)).or_insert(0) += 1;
        }
        Ok(all)
    }
}

fn once(subjects: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    subjects.into_iter().map(|subject| (subject, 1)).collect()
}

/// Somebody is blocked, and the daemon listens at a place that stays the same.
fn listed(milter: &str) -> Result<(Postward, ServeOptions)> {
    let options = ServeOptions { milter: Some(milter.to_owned()), ..ServeOptions::default() };
    let mut postward = postward()?;
    postward.serve(&options)?;
    postward.ok(["block", "mallory@example.net"])?;
    Ok((postward, options))
}

/// Five senders, who try each mail until it is taken, every third from somebody blocked. Returns how often they were put
/// off.
fn under_load(
    house: &House,
    mails: usize,
    meanwhile: impl FnOnce(&AtomicUsize) -> Result<()>,
) -> Result<usize> {
    let (next, put_off) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let senders: Vec<_> = (0..5)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= mails {
                            return Ok(());
                        }
                        let (from, subject) = match number % 3 {
                            0 => ("mallory@example.net", format!("blocked {number}")),
                            _ => ("friend@example.net", format!("friendly {number}")),
                        };
                        loop {
                            match house.send(from, &subject)?.code {
                                250 => break,
                                400..500 => put_off.fetch_add(1, Ordering::SeqCst),
                                other => panic!("{subject} was answered {other}"),
                            };
                            thread::sleep(Duration::from_millis(50));
                        }
                    }
                })
            })
            .collect();
        let done = meanwhile(&next);
        senders.into_iter().try_for_each(|sender| sender.join().expect("no panic"))?;
        done
    })?;
    Ok(put_off.load(Ordering::SeqCst))
}

fn friendly(mails: usize) -> BTreeMap<String, usize> {
    once((0..mails).filter(|number| number % 3 != 0).map(|number| format!("friendly {number}")))
}

/// Waits until so many mails have been begun.
fn begun(next: &AtomicUsize, count: usize) -> Result<()> {
    wait_for("mail to come in", PATIENCE, || Ok((next.load(Ordering::SeqCst) >= count).then_some(())))
}

#[test]
fn killed_again_and_again_in_the_middle_of_mail_it_loses_and_doubles_none() -> Result<()> {
    let milter = format!("inet:127.0.0.1:{}", free_port()?);
    let (mut postward, options) = listed(&milter)?;
    let house = House::new(milter)?;
    let mails = 90;
    let put_off = under_load(&house, mails, |next| {
        for round in 1..4 {
            begun(next, round * 20)?;
            postward.process()?.signal("KILL")?;
            postward.process()?.wait(PATIENCE)?;
            thread::sleep(Duration::from_millis(200));
            postward.serve(&options)?;
        }
        Ok(())
    })?;
    assert!(put_off > 0, "nobody noticed that it was killed: the test tests nothing");
    assert_eq!(house.arrived()?, friendly(mails));
    Ok(())
}

/// How often a test kills the daemon: a few times in scripts/test, and as often as POSTWARD_KILLS says in scripts/soak.
fn kills() -> usize {
    std::env::var("POSTWARD_KILLS").map_or(6, |kills| kills.parse().expect("a number in POSTWARD_KILLS"))
}

/// Sends until told to stop: in turn a plain mail, and one from somebody whose block was confirmed. Each is tried until
/// it is taken. Returns the subjects of the plain ones.
fn send_until(
    stop: &AtomicBool,
    house: &House,
    confirmed: &Mutex<Vec<String>>,
    who: usize,
) -> Result<Vec<String>> {
    let mut plain = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let blocked = confirmed.lock().unwrap().last().map(|domain| format!("mallory@{domain}"));
        for (from, kind) in [(Some("friend@example.net".to_owned()), "plain"), (blocked, "blocked")] {
            let Some(from) = from else { continue };
            let subject = format!("{kind} {who} {number}");
            wait_for("the mail to be taken", PATIENCE, || match house.send(&from, &subject)?.code {
                250 => Ok(Some(())),
                400..500 => Ok(None),
                other => bail!("{subject} was answered {other}"),
            })?;
            if kind == "plain" {
                plain.push(subject);
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(plain)
}

/// Imports pairs of domains and kills the daemon in the middle of the last one, again and again. After each restart a
/// pair is there or not, never half, and is there if its import was confirmed.
fn import_and_kill(
    postward: &mut Postward,
    options: &ServeOptions,
    confirmed: &Mutex<Vec<String>>,
) -> Result<()> {
    let mut expected = BTreeSet::new();
    let mut random = 0x9e37_79b9_u32;
    for round in 0..kills() {
        let pair = |last: bool| [1, 2].map(|half| format!("r{round}-{last}-{half}.example"));
        let file = |pair: &[String; 2]| -> Result<_> {
            let path = postward.folder().join("pair.txt");
            std::fs::write(&path, pair.join("\n"))?;
            Ok(path)
        };
        let before = pair(false);
        postward.ok([OsStr::new("import"), file(&before)?.as_os_str()])?;
        confirmed.lock().unwrap().extend(before.clone());
        expected.extend(before);

        let last = pair(true);
        let mut import = Command::new(env!("CARGO_BIN_EXE_postward"));
        import.arg("--data").arg(postward.data()).arg("import").arg(file(&last)?);
        let mut import = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // Xorshift: other points each round, from its start until after its end.
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        thread::sleep(Duration::from_micros(u64::from(random % 60_000)));
        postward.process()?.signal("KILL")?;
        postward.process()?.wait(PATIENCE)?;
        let done = import.wait()?.success();
        if done {
            confirmed.lock().unwrap().extend(last.clone());
        }
        postward.serve(options)?;
        let now: BTreeSet<String> = postward.ok(["export"])?.lines().map(str::to_owned).collect();
        if done || now.contains(&last[0]) {
            expected.extend(last);
        }
        assert_eq!(now, expected, "after kill {round}");
    }
    Ok(())
}

#[test]
fn killed_in_the_middle_of_edits_under_mail_it_has_the_old_list_or_the_new_one() -> Result<()> {
    let milter = format!("inet:127.0.0.1:{}", free_port()?);
    let options = ServeOptions { milter: Some(milter.clone()), ..ServeOptions::default() };
    let mut postward = postward()?;
    postward.serve(&options)?;
    let house = House::new(format!("{{ {milter}, default_action=tempfail }}"))?;
    let (stop, confirmed) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let plain = thread::scope(|scope| -> Result<Vec<String>> {
        let senders: Vec<_> = [0, 1, 2]
            .map(|who| {
                let (stop, house, confirmed) = (&stop, &house, &confirmed);
                scope.spawn(move || send_until(stop, house, confirmed, who))
            })
            .into_iter()
            .collect();
        // A panic must stop the senders too, or the test would wait for them forever.
        let edits = catch_unwind(AssertUnwindSafe(|| import_and_kill(&mut postward, &options, &confirmed)));
        stop.store(true, Ordering::SeqCst);
        let mut plain = Vec::new();
        for sender in senders {
            plain.extend(sender.join().expect("no panic")?);
        }
        edits.unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(plain)
    })?;
    assert!(plain.len() >= kills(), "too little mail to test anything: {}", plain.len());
    assert_eq!(house.arrived()?, once(plain));
    Ok(())
}

#[test]
fn while_it_hangs_senders_are_put_off_or_let_through_as_postfix_is_told_and_nothing_is_lost() -> Result<()> {
    for (action, code) in [("tempfail", 451), ("accept", 250)] {
        let milter = format!("inet:127.0.0.1:{}", free_port()?);
        let (mut postward, _) = listed(&milter)?;
        let limits = "connect_timeout=1s, command_timeout=1s, content_timeout=1s";
        let house = House::new(format!("{{ {milter}, {limits}, default_action={action} }}"))?;
        assert_eq!(house.send("friend@example.net", "before")?.code, 250);
        postward.process()?.signal("STOP")?;
        let state = format!("/proc/{}/status", postward.process()?.pid());
        // A process of several threads stops a moment later.
        wait_for("it to hang", PATIENCE, || {
            Ok(std::fs::read_to_string(&state)?.contains("State:\tT").then_some(()))
        })?;
        let reply = house.send("friend@example.net", "meanwhile")?;
        assert_eq!(reply.code, code, "{}", reply.text);
        postward.process()?.signal("CONT")?;
        if code == 451 {
            assert_eq!(house.send("friend@example.net", "meanwhile")?.code, 250);
        }
        // What it had in its backlog does no harm, and it filters again.
        assert_eq!(house.send("mallory@example.net", "blocked")?.code, 250);
        assert_eq!(house.send("friend@example.net", "after")?.code, 250);
        assert_eq!(house.arrived()?, once(["before", "meanwhile", "after"].map(str::to_owned)));
    }
    Ok(())
}

#[test]
fn while_its_socket_is_gone_postfix_does_what_it_is_told_and_a_start_brings_the_filter_back() -> Result<()> {
    for (action, code) in [("tempfail", 451), ("accept", 250)] {
        let folder = tempfile::tempdir()?;
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let milter = format!("unix:{}/milter", folder.path().display());
        let (mut postward, options) = listed(&milter)?;
        let house = House::new(format!("{{ {milter}, default_action={action} }}"))?;
        assert_eq!(house.send("friend@example.net", "before")?.code, 250);
        for name in ["stopped", "removed"] {
            if name == "stopped" {
                postward.stop()?;
            }
            let _ = std::fs::remove_file(folder.path().join("milter"));
            let reply = house.send("friend@example.net", name)?;
            assert_eq!(reply.code, code, "{}", reply.text);
            if name == "stopped" {
                postward.serve(&options)?;
            } else {
                postward.stop()?;
                postward.serve(&options)?;
            }
            if code == 451 {
                assert_eq!(house.send("friend@example.net", name)?.code, 250);
            }
        }
        assert_eq!(house.send("mallory@example.net", "blocked")?.code, 250);
        assert_eq!(house.arrived()?, once(["before", "stopped", "removed"].map(str::to_owned)));
    }
    Ok(())
}

/// Postfix asks a milter that has failed no more in the same session. With `accept`, docs/postfix.md says so.
#[test]
fn a_session_that_found_it_away_is_judged_no_more_and_the_next_one_is() -> Result<()> {
    let milter = format!("inet:127.0.0.1:{}", free_port()?);
    let (mut postward, options) = listed(&milter)?;
    let house = House::new(format!("{{ {milter}, default_action=accept }}"))?;
    let mut old = house.postfix.connect()?;
    let mut send = |subject: &str| {
        let content = format!("Subject: {subject}\r\n\r\nhello\r\n");
        old.mail("mallory@example.net", &["bob@example.org"], content.as_bytes())
    };
    send("blocked")?;
    postward.stop()?;
    send("away")?;
    postward.serve(&options)?;
    send("back")?;
    assert_eq!(house.send("mallory@example.net", "blocked")?.code, 250);
    assert_eq!(house.send("friend@example.net", "last")?.code, 250);
    assert_eq!(house.arrived()?, once(["away", "back", "last"].map(str::to_owned)));
    Ok(())
}

/// `default_action=quarantine`: mail is taken, and waits in the hold queue until the admin lets it go, unjudged.
#[test]
fn what_postfix_quarantines_meanwhile_is_delivered_once_it_is_released() -> Result<()> {
    let milter = format!("inet:127.0.0.1:{}", free_port()?);
    let house = House::new(format!("{{ {milter}, default_action=quarantine }}"))?;
    assert_eq!(house.send("friend@example.net", "quarantined")?.code, 250);
    let config = house.postfix.config_directory();
    wait_for("the mail on hold", PATIENCE, || {
        let queue = Command::new("postqueue").arg("-c").arg(&config).arg("-j").output()?;
        Ok(String::from_utf8_lossy(&queue.stdout).contains("\"hold\"").then_some(()))
    })?;
    let (_postward, _) = listed(&milter)?;
    assert_eq!(house.send("friend@example.net", "after")?.code, 250);
    house.sink.wait_for(1)?;
    assert!(Command::new("postsuper").arg("-c").arg(&config).args(["-H", "ALL"]).status()?.success());
    assert!(Command::new("postqueue").arg("-c").arg(&config).arg("-f").status()?.success());
    assert_eq!(house.arrived()?, once(["quarantined", "after"].map(str::to_owned)));
    Ok(())
}

/// With the socket in systemd's hands, senders don't notice a restart, and nothing slips through.
#[test]
fn a_planned_restart_under_load_defers_no_mail_and_lets_nothing_through() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = folder.path().join("milter");
    let unix = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666))?;
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    let inet = format!("inet:{}", tcp.local_addr()?);
    for (socket, milter) in
        [(OwnedFd::from(unix), format!("unix:{}", path.display())), (OwnedFd::from(tcp), inet)]
    {
        let options = ServeOptions { socket: Some(socket), ..ServeOptions::default() };
        let mut postward = postward()?;
        postward.serve(&options)?;
        assert_eq!(postward.milter(), milter);
        postward.ok(["block", "mallory@example.net"])?;
        let house = House::new(milter)?;
        let mails = 90;
        let put_off = under_load(&house, mails, |next| {
            for round in 1..4 {
                begun(next, round * 20)?;
                postward.stop()?;
                thread::sleep(Duration::from_millis(200));
                postward.serve(&options)?;
            }
            Ok(())
        })?;
        assert_eq!(put_off, 0, "{}", house.postfix.log());
        assert_eq!(house.arrived()?, friendly(mails));
    }
    Ok(())
}

#[test]
fn a_mail_that_has_begun_is_judged_while_it_stops() -> Result<()> {
    let milter = format!("inet:127.0.0.1:{}", free_port()?);
    let (mut postward, _) = listed(&milter)?;
    let house = House::new(milter)?;
    let mut sessions = Vec::new();
    for from in ["mallory@example.net", "friend@example.net"] {
        let mut smtp = house.postfix.connect()?;
        smtp.command(&format!("MAIL FROM:<{from}>"))?;
        smtp.command("RCPT TO:<bob@example.org>")?;
        assert_eq!(smtp.command("DATA")?.code, 354);
        sessions.push((from, smtp));
    }
    postward.process()?.signal("TERM")?;
    thread::sleep(Duration::from_millis(300));
    for (from, smtp) in &mut sessions {
        smtp.send(format!("Subject: {from}\r\n\r\nhello\r\n.\r\n").as_bytes())?;
        assert_eq!(smtp.reply()?.code, 250);
    }
    drop(sessions);
    assert!(postward.process()?.wait(PATIENCE)?.success());
    assert_eq!(house.arrived()?, once(["friend@example.net".to_owned()]));
    Ok(())
}

#[test]
fn a_socket_that_nobody_would_answer_is_named_at_the_start() -> Result<()> {
    let socket = OwnedFd::from(TcpListener::bind("127.0.0.1:0")?);
    let elsewhere = Some("inet:127.0.0.1:0".to_owned());
    let error =
        postward()?.serve(&ServeOptions { socket: Some(socket), milter: elsewhere, ..Default::default() });
    assert!(format!("{:#}", error.unwrap_err()).contains("write systemd in its place"));
    let milter = Some("systemd".to_owned());
    let error = postward()?.serve(&ServeOptions { milter, ..ServeOptions::default() });
    assert!(format!("{:#}", error.unwrap_err()).contains("start postward.socket"));
    Ok(())
}
