//! What a peer at the milter's socket may do: nothing of it stalls the door, takes its memory or switches it off.
//!
//! ```text
//! Peer (this test, straight on the milter protocol) --TCP--> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testbed::daemon::{Postward, ServeOptions};
use testbed::process::wait_for;

/// One milter connection, as Postfix would have it.
struct Peer(TcpStream);

impl Peer {
    fn connect(door: &str) -> Result<Self> {
        let stream = TcpStream::connect(door.strip_prefix("inet:").context("not TCP")?)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(testbed::PATIENCE * 4))?;
        Ok(Self(stream))
    }

    /// Connected, and through the negotiation: version 6, all actions and steps that Postfix 3.7 offers.
    fn negotiated(door: &str) -> Result<Self> {
        let mut peer = Self::connect(door)?;
        peer.negotiate()?;
        assert_eq!(peer.reply()?, b'O');
        Ok(peer)
    }

    fn negotiate(&mut self) -> Result<()> {
        self.send(b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff")
    }

    fn send(&mut self, command: u8, payload: &[u8]) -> Result<()> {
        let mut packet = u32::try_from(payload.len() + 1)?.to_be_bytes().to_vec();
        packet.push(command);
        packet.extend_from_slice(payload);
        Ok(self.0.write_all(&packet)?)
    }

    /// The next reply's command; its payload is read and dropped.
    fn reply(&mut self) -> Result<u8> {
        let mut head = [0; 5];
        self.0.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as u64;
        std::io::copy(&mut (&mut self.0).take(length - 1), &mut std::io::sink())?;
        Ok(head[4])
    }

    fn ask(&mut self, command: u8, payload: &[u8]) -> Result<u8> {
        self.send(command, payload)?;
        self.reply()
    }

    /// The envelope and a header from this sender, up to where the body begins.
    fn begin(&mut self, from: &str) -> Result<()> {
        for (command, payload) in
            [(b'M', format!("<{from}>\0")), (b'R', "<ann@example.org>\0".into()), (b'T', String::new())]
        {
            let reply = self.ask(command, payload.as_bytes())?;
            if reply != b'c' {
                bail!("{} was answered {}", char::from(command), char::from(reply));
            }
        }
        self.send(b'L', format!("From\0 <{from}>\0").as_bytes())?;
        self.send(b'L', b"Subject\0 hello\0")
    }

    /// How a whole mail from this sender is answered.
    fn mail(&mut self, from: &str) -> Result<u8> {
        self.begin(from)?;
        self.send(b'B', b"hello\r\n")?;
        self.ask(b'E', b"")
    }
}

/// A daemon that has mallory@example.net on its list.
fn house(program: Option<&str>) -> Result<Postward> {
    let mut postward = match program {
        Some(program) => Postward::new(program)?,
        None => common::postward()?,
    };
    postward.serve(&ServeOptions::default())?;
    postward.ok(["block", "mallory@example.net"])?;
    Ok(postward)
}

/// A new connection is judged: what is listed is discarded, what isn't passes; and so is a second mail on it.
fn judges(postward: &Postward) -> Result<()> {
    let mut peer = Peer::negotiated(postward.milter())?;
    for (from, answer) in
        [("mallory@example.net", b'd'), ("friend@example.net", b'a'), ("mallory@example.net", b'd')]
    {
        let said = peer.mail(from)?;
        assert_eq!(char::from(said), char::from(answer), "{from}");
    }
    Ok(())
}

#[test]
fn malformed_packets_end_their_own_connection_at_most() -> Result<()> {
    let postward = house(None)?;
    let cases: &[(&str, &[u8])] = &[
        ("a length of 4 GiB", b"\xff\xff\xff\xffB rest"),
        ("a length of 100 MB", b"\x05\xf5\xe1\x00L rest"),
        ("a length of 0", b"\0\0\0\0"),
        ("zeroes", &[0; 4096]),
        ("an unknown command", b"\0\0\0\x03Zab"),
        ("a command beyond ASCII", b"\0\0\0\x01\xff"),
        ("half a head", b"\0\0"),
        ("half a packet", b"\0\0\0\x20M<a@b"),
        ("an argument that doesn't end", b"\0\0\0\x05M<a@b"),
        ("no argument", b"\0\0\0\x01M"),
        ("an empty argument", b"\0\0\0\x02M\0"),
        ("NULs in the sender", b"\0\0\0\x0eM<mal\0lory@\0>\0\0"),
        ("NULs in the recipient", b"\0\0\0\x06M<a>\0\0\0\0\0\x0bR<b\0\0c@d>\0"),
        ("NULs alone in a header", b"\0\0\0\x05M<a>\0\0\0\0\x05R<b>\0\0\0\0\x09L\0\0\0\0\0\0\0\0"),
        ("a header without a value", b"\0\0\0\x05M<a>\0\0\0\0\x05R<b>\0\0\0\0\x04LA:\0"),
        ("NULs in macros", b"\0\0\0\x08DM\0\0\0i\0\0"),
        ("macros of no stage", b"\0\0\0\x05D~i\0q"),
        ("an empty body chunk", b"\0\0\0\x05M<a>\0\0\0\0\x05R<b>\0\0\0\0\x01B"),
        ("SMTP", b"EHLO client.example\r\nMAIL FROM:<a@b>\r\n"),
    ];
    for (case, bytes) in cases {
        for negotiated in [false, true] {
            let door = postward.milter();
            let mut peer = if negotiated { Peer::negotiated(door)? } else { Peer::connect(door)? };
            peer.0.write_all(bytes)?;
            judges(&postward).with_context(|| format!("while there was {case}"))?;
            drop(peer);
            judges(&postward).with_context(|| format!("after {case}"))?;
        }
    }
    // A negotiation that offers nothing, or too little of itself.
    for payload in [&b""[..], b"\0\0", b"\0\0\0\x01\0\0\0\0\0\0\0\0", b"\0\0\0\x06\0\0\0\0\0\0\0\0"] {
        Peer::connect(postward.milter())?.send(b'O', payload)?;
        judges(&postward)?;
    }
    assert!(!postward.log().contains("panicked"), "{}", postward.log());
    Ok(())
}

/// Whether the door has hung up, after what it may still have answered.
fn has_ended(peer: &mut Peer) -> bool {
    match peer.0.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// As docs/postfix.md lists them; `judges` says that it is no matter to others.
#[test]
fn what_no_mta_sends_ends_the_connection_that_it_comes_by() -> Result<()> {
    let postward = house(None)?;
    let long = |command: u8, bytes: usize| [vec![0; 4], vec![command], vec![b'x'; bytes]].concat();
    let packet = |command: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len() + 1).expect("short");
        [&length.to_be_bytes(), [command].as_slice(), payload].concat()
    };
    let content = [packet(b'M', b"<a@b>\0"), packet(b'R', b"<c@d>\0"), packet(b'T', b"")].concat();
    let in_content = |last: Vec<u8>| [content.clone(), last].concat();
    let of_length = |length: u32, command: u8| [&length.to_be_bytes(), [command].as_slice()].concat();
    let cases = [
        ("a length of 0", long(b'M', 0)),
        ("a sender of more than 8 KiB", packet(b'M', &[b'x'; 9_000])),
        ("macros of more than 8 KiB", packet(b'D', &[b'M'; 9_000])),
        ("a field of more than 1 MiB", in_content(of_length((1 << 20) + 2, b'L'))),
        ("a piece of more than 1 MiB", in_content(of_length((1 << 20) + 2, b'B'))),
        ("an unknown command", packet(b'Z', b"ab")),
        ("a sender without an end", packet(b'M', b"<a@b>")),
        ("a field without an end", in_content(packet(b'L', b"Subject\0 hello"))),
        ("a client's family that is none", packet(b'C', b"host\0Z\0\0x\0")),
        ("a client's address that is none", packet(b'C', b"host\x004\0\x19here\0")),
        ("an end without a mail", packet(b'E', b"")),
        ("a recipient without a sender", packet(b'R', b"<c@d>\0")),
        ("a second negotiation", packet(b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff")),
    ];
    for (case, bytes) in cases {
        let mut peer = Peer::negotiated(postward.milter())?;
        peer.0.write_all(&bytes)?;
        assert!(has_ended(&mut peer), "{case}");
    }
    for (case, offer) in [
        ("version 1", b"\0\0\0\x01\0\0\x01\xff\0\x1f\xff\xff"),
        ("an MTA that can't remove recipients", b"\0\0\0\x06\0\0\0\x01\0\x1f\xff\xff"),
    ] {
        let mut peer = Peer::connect(postward.milter())?;
        peer.send(b'O', offer)?;
        assert!(has_ended(&mut peer), "{case}");
    }
    judges(&postward)
}

/// What is behind the first 16 MiB isn't looked at; what is before counts all the same.
#[test]
fn of_a_message_longer_than_16_mib_the_beginning_is_judged() -> Result<()> {
    let postward = house(None)?;
    postward.ok(["block", "casino night"])?;
    let piece = "other text\r\n".repeat(1 << 16);
    let pieces = 24;
    for (words_at, from, answer) in [
        (0, "friend@example.net", b'd'),
        (pieces - 1, "mallory@example.net", b'd'),
        (pieces - 1, "friend@example.net", b'a'),
    ] {
        let mut peer = Peer::negotiated(postward.milter())?;
        peer.begin(from)?;
        for number in 0..pieces {
            if number == words_at {
                peer.send(b'B', b"casino night\r\n")?;
            }
            peer.send(b'B', piece.as_bytes())?;
        }
        let said = peer.ask(b'E', b"")?;
        assert_eq!(char::from(said), char::from(answer), "{from}, words at {words_at}");
    }
    Ok(())
}

#[test]
fn commands_in_a_wrong_order_leave_no_state_behind() -> Result<()> {
    let postward = house(None)?;
    let orders: &[&[u8]] =
        &[b"B", b"E", b"R", b"T", b"N", b"A", b"ME", b"MRTTE", b"MRBLE", b"OMRE", b"MMRE", b"AAQ", b"K"];
    for order in orders {
        let mut peer = Peer::negotiated(postward.milter())?;
        for &command in *order {
            match command {
                b'O' => peer.negotiate()?,
                b'M' => peer.send(b'M', b"<mallory@example.net>\0")?,
                b'R' => peer.send(b'R', b"<ann@example.org>\0")?,
                b'L' => peer.send(b'L', b"From\0 mallory@example.net\0")?,
                b'B' => peer.send(b'B', b"text")?,
                other => peer.send(other, b"")?,
            }
        }
        judges(&postward).with_context(|| String::from_utf8_lossy(order).into_owned())?;
    }
    // Broken off in each place, the next mail on the same connection is judged by what is its own.
    let mut peer = Peer::negotiated(postward.milter())?;
    for stage in 0..4 {
        for (from, next, answer) in [
            ("mallory@example.net", "friend@example.net", b'a'),
            ("friend@example.net", "mallory@example.net", b'd'),
        ] {
            if stage == 0 {
                assert_eq!(peer.ask(b'M', format!("<{from}>\0").as_bytes())?, b'c');
            } else {
                peer.begin(from)?;
            }
            if stage > 1 {
                peer.send(b'B', b"half of a mail")?;
            }
            if stage < 3 {
                peer.send(b'A', b"")?;
            }
            assert_eq!(char::from(peer.mail(next)?), char::from(answer), "stage {stage}");
        }
    }
    assert!(!postward.log().contains("panicked"), "{}", postward.log());
    Ok(())
}

#[test]
fn slow_and_silent_peers_hold_up_nobody_else() -> Result<()> {
    let postward = house(None)?;
    let silent: Vec<Peer> = (0..100).map(|_| Peer::connect(postward.milter())).collect::<Result<_>>()?;
    let door = postward.milter().to_owned();
    let slow: Vec<_> = (0..8)
        .map(|_| {
            let door = door.clone();
            thread::spawn(move || -> Result<u8> {
                let mut peer = Peer::negotiated(&door)?;
                peer.begin("mallory@example.net")?;
                // A byte at a time, in the middle of a packet: a byte a minute, scaled.
                for byte in b"\0\0\0\x25Bslowly, slowly, and once more slowly" {
                    peer.0.write_all(&[*byte])?;
                    thread::sleep(Duration::from_millis(50));
                }
                peer.ask(b'E', b"")
            })
        })
        .collect();
    while slow.iter().any(|peer| !peer.is_finished()) {
        judges(&postward)?;
    }
    for peer in slow {
        assert_eq!(peer.join().expect("no panic")?, b'd', "the slow mail is judged in the end");
    }
    drop(silent);
    judges(&postward)
}

#[test]
fn when_file_descriptors_run_out_the_door_opens_again_as_soon_as_some_are_freed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("postward");
    let script = format!("#!/bin/bash\nulimit -n 64\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_postward"));
    std::fs::write(&program, script)?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let postward = house(program.to_str())?;
    judges(&postward)?;
    for _ in 0..2 {
        let peers: Vec<Peer> = (0..100).map(|_| Peer::connect(postward.milter())).collect::<Result<_>>()?;
        let mut waiting = Peer::connect(postward.milter())?;
        waiting.negotiate()?;
        waiting.0.set_read_timeout(Some(Duration::from_millis(500)))?;
        assert!(waiting.reply().is_err(), "there were enough descriptors: the test tests nothing");
        drop(peers);
        waiting.0.set_read_timeout(Some(testbed::PATIENCE))?;
        assert_eq!(waiting.reply()?, b'O');
        assert_eq!(waiting.mail("mallory@example.net")?, b'd');
        judges(&postward)?;
    }
    Ok(())
}

#[test]
fn a_daemon_whose_mail_door_cant_work_ends_to_be_started_again() -> Result<()> {
    let mut lacked_files = false;
    // Each file more that it may open brings it further; what the mail door needs for itself comes last.
    for files in 8..64 {
        let postward = common::postward()?;
        let mut daemon = Command::new("sh")
            .args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &files.to_string()])
            .args([env!("CARGO_BIN_EXE_postward"), "serve", "--milter", "inet:127.0.0.1:0"])
            .args(["--web", "127.0.0.1:0", "--data"])
            .arg(postward.data())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let ended = wait_for("the daemon to end", testbed::PATIENCE * 4, || Ok(daemon.try_wait()?));
        if ended.is_err() {
            daemon.kill()?;
        }
        let status = ended.with_context(|| format!("with {files} files"))?;
        let mut said = String::new();
        daemon.stderr.take().context("piped")?.read_to_string(&mut said)?;
        if status.code() == Some(1) {
            assert!(said.contains("the mail door has ended"), "{said}");
            assert!(lacked_files, "no limit was so low that it is named");
            return Ok(());
        }
        // Before that, it says what it lacks.
        assert_eq!(status.code(), Some(2), "with {files} files: {said}");
        assert!(said.starts_with("postward: ") && !said.contains("fault of the program"), "{files}: {said}");
        lacked_files |= said.contains("LimitNOFILE=4096");
    }
    bail!("the mail door never lacked a file")
}

/// RFC 5321 section 4.5.3.1.10: a client sends the message to those who were too many in another transaction.
#[test]
fn recipients_without_end_are_put_off_and_those_before_them_are_judged() -> Result<()> {
    let mut postward = house(None)?;
    judges(&postward)?;
    let pid = postward.process()?.pid();
    let idle = memory(pid, "VmRSS")?;
    let mut peer = Peer::negotiated(postward.milter())?;
    peer.ask(b'M', b"<mallory@example.net>\0")?;
    let recipient = |number: usize| format!("<{}{number}@example.org>\0", "x".repeat(4000));
    let first = (0..1_000).find(|&number| peer.ask(b'R', recipient(number).as_bytes()).unwrap() != b'c');
    assert!(first.is_some_and(|number| number > 200), "{first:?}");
    for number in 0..10_000 {
        assert_eq!(peer.ask(b'R', recipient(number).as_bytes())?, b'y');
    }
    peer.send(b'L', b"Subject\0 hello\0")?;
    assert_eq!(peer.ask(b'E', b"")?, b'd');
    assert!(memory(pid, "VmHWM")? - idle <= 16, "{idle} MiB idle, {} MiB at most", memory(pid, "VmHWM")?);
    judges(&postward)
}

/// One client opens many SMTP sessions, names as many recipients in each as it may, and then says nothing: Postfix waits for it for
/// minutes, and nobody else may have to.
#[test]
fn whoever_names_many_recipients_and_falls_silent_holds_up_nobody_else() -> Result<()> {
    let mut postward = house(None)?;
    judges(&postward)?;
    let pid = postward.process()?.pid();
    let idle = memory(pid, "VmRSS")?;
    let silent: Vec<Peer> = (0..40)
        .map(|_| {
            let mut peer = Peer::negotiated(postward.milter())?;
            peer.ask(b'M', b"<x@y.example>\0")?;
            let recipient = |number| format!("<ann+{}{number}@example.org>\0", "x".repeat(930));
            while (0..1_000).all(|number| peer.ask(b'R', recipient(number).as_bytes()).unwrap() == b'c') {}
            Ok(peer)
        })
        .collect::<Result<_>>()?;
    let mut large = Peer::negotiated(postward.milter())?;
    for (from, answer) in [("friend@example.net", b'a'), ("mallory@example.net", b'd')] {
        large.begin(from)?;
        for _ in 0..100 {
            large.send(b'B', &b"a line of text\r\n".repeat(1_000))?;
        }
        assert_eq!(char::from(large.ask(b'E', b"")?), char::from(answer), "{from}");
    }
    // A hundred recipients of one mail are taken even so (RFC 5321 section 4.5.3.1.8), and those that are too many are put off.
    large.ask(b'M', b"<mallory@example.net>\0")?;
    let taken = (0..1_000).take_while(|number| {
        let recipient = format!("<recipient{number:03}@example.org>\0");
        large.ask(b'R', recipient.as_bytes()).unwrap() == b'c'
    });
    assert!((100..1_000).contains(&taken.count()));
    assert_eq!(large.ask(b'E', b"")?, b'd');
    assert!(memory(pid, "VmHWM")? - idle <= 32, "{idle} MiB idle, {} MiB at most", memory(pid, "VmHWM")?);
    drop(silent);
    judges(&postward)
}

/// As many as there may be, each with all that it may hold outside of a message's content, and then silent.
#[test]
fn what_silent_connections_hold_is_bounded() -> Result<()> {
    let mut postward = house(None)?;
    judges(&postward)?;
    let pid = postward.process()?.pid();
    let idle = memory(pid, "VmRSS")?;
    let login = format!("{{auth_authen}}\0{}\0", "l".repeat(8_000));
    let silent: Vec<Peer> = (0..499)
        .map(|_| {
            let mut peer = Peer::negotiated(postward.milter())?;
            peer.send(b'H', format!("{}\0", "h".repeat(8_000)).as_bytes())?;
            peer.send(b'D', format!("M{login}").as_bytes())?;
            peer.ask(b'M', b"<x@y.example>\0")?;
            let recipients = (0..100).map(|number| format!("<recipient{number:03}@example.org>\0"));
            recipients.clone().try_for_each(|recipient| peer.send(b'R', recipient.as_bytes()))?;
            recipients.clone().try_for_each(|_| peer.reply().map(drop))?;
            peer.send(b'D', format!("M{login}").as_bytes())?;
            peer.0.write_all(b"\0\0\x1f\xffR")?;
            peer.0.write_all(&[b'r'; 8_000])?;
            Ok(peer)
        })
        .collect::<Result<_>>()?;
    judges(&postward)?;
    assert!(memory(pid, "VmHWM")? - idle <= 32, "{idle} MiB idle, {} MiB at most", memory(pid, "VmHWM")?);
    drop(silent);
    judges(&postward)
}

/// `VmRSS` or `VmHWM` in MiB.
fn memory(pid: u32, field: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
    let kib: u64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}

#[test]
fn two_hundred_bodies_of_10_mb_at_once_stay_within_the_memory_budget() -> Result<()> {
    const AT_ONCE: usize = 200;
    let mut postward = house(None)?;
    judges(&postward)?;
    let pid = postward.process()?.pid();
    let idle = memory(pid, "VmRSS")?;
    let door = postward.milter().to_owned();
    let (door, all_begun) = (door.as_str(), &Barrier::new(AT_ONCE));
    thread::scope(|scope| {
        let peers: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                scope.spawn(move || -> Result<()> {
                    let mut peer = Peer::negotiated(door)?;
                    let begun = peer.begin("mallory@example.net");
                    all_begun.wait();
                    begun?;
                    let chunk = b"An ordinary line of a long text.\r\n".repeat(1927);
                    for _ in 0..10_000_000 / chunk.len() {
                        peer.send(b'B', &chunk)?;
                    }
                    // Most are broken off: reading them all would take this test minutes.
                    if number % 50 == 0 {
                        assert_eq!(peer.ask(b'E', b"")?, b'd');
                        return Ok(());
                    }
                    peer.send(b'A', b"")?;
                    assert_eq!(peer.mail("friend@example.net")?, b'a');
                    Ok(())
                })
            })
            .collect();
        peers.into_iter().try_for_each(|peer| peer.join().expect("no panic"))
    })?;
    let most = memory(pid, "VmHWM")?;
    println!("{idle} MiB idle, {most} MiB at most");
    // 32 MiB shared; each connection's packet and buffers, 0.1; what reading one takes.
    assert!(most - idle <= 32 + 20 + 16, "{idle} MiB idle, {most} MiB at most");
    judges(&postward)
}
