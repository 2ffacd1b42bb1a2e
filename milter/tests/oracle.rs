//! The door's protocol loop against `indymilter`, which somebody else wrote: the same bytes to both, the same answers, and
//! the same messages made of them.
//!
//! ```text
//! script --TCP--> the door     --> what is judged
//!        \-TCP--> indymilter   --> what is judged
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::ffi::CString;
use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use indymilter::{Actions, Callbacks, Config, ContextActions, MacroStage, ProtoOpts, SetErrorReply, Status};
use milter::{Address, Settings, bind, run};
use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::door::{DoorState, FailureMode, Judge, JudgingFailed};
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::message::{Unread, envelope_identities};
use policy_core::verdict::{Judgement, Outcome, Verdict};
use proptest::prelude::*;
use tokio::runtime::Runtime;

/// All that matters of a message, as text.
type Judged = Arc<Mutex<Vec<String>>>;

fn described(candidate: &Candidate) -> String {
    let senders: Vec<String> =
        candidate.senders.iter().map(|sender| format!("{:?} {}", sender.role, sender.identity)).collect();
    let recipients: Vec<String> = candidate
        .recipients
        .iter()
        .map(|recipient| format!("{} {:?}", recipient.identity, recipient.delivery))
        .collect();
    let mut texts: Vec<String> =
        candidate.texts.iter().map(|text| format!("{:?} {:?}", text.place, text.shown)).collect();
    if let Some(unread) = &candidate.unread {
        unread.texts(&mut |stretch| {
            texts.push(format!("{:?} {:?}", stretch.place, stretch.shown));
        });
    }
    format!("{senders:?} {recipients:?} {texts:?} {}", candidate.authenticated)
}

/// Drops what comes from `drop@`, refuses what comes from `refuse@`, and drops what goes to `strict@`.
fn outcomes(candidate: &Candidate) -> Vec<Outcome> {
    let from = |name| {
        let mut senders = candidate.senders.iter();
        senders.any(|sender| sender.role == SenderRole::Envelope && sender.identity.local() == Some(name))
    };
    let each = candidate.recipients.iter().map(|recipient| match recipient.identity.local() {
        _ if from("drop") => Outcome::Drop,
        _ if from("refuse") => Outcome::Refuse,
        Some("strict") => Outcome::Drop,
        _ => Outcome::Deliver,
    });
    each.collect()
}

struct Rule(Judged);

impl Judge for Rule {
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        self.0.lock().unwrap().push(described(candidate));
        let verdicts = outcomes(candidate)
            .into_iter()
            .map(|outcome| Verdict { outcome, ..Verdict::unlisted() })
            .collect();
        Ok(Judgement { revision: 1, verdicts, if_proven: None })
    }

    /// Who is refused at RCPT, whatever the message.
    fn refuses(&self, envelope: &Candidate) -> bool {
        envelope.recipients.iter().any(|recipient| recipient.identity.local() == Some("never"))
    }

    fn failure_mode(&self) -> FailureMode {
        FailureMode::HoldOff
    }

    fn set_state(&self, _: DoorState) {}
}

/// What `indymilter`'s callbacks keep of a connection.
#[derive(Default)]
struct Kept {
    sender: String,
    login: Option<String>,
    recipients: Vec<(CString, Delivery)>,
    raw: Vec<u8>,
    in_body: bool,
}

impl Kept {
    fn candidate(&self) -> Candidate {
        let mut candidate = Candidate::new(Channel::Mail);
        let senders = envelope_identities(&self.sender).into_iter();
        candidate.senders = senders.map(|identity| Sender { role: SenderRole::Envelope, identity }).collect();
        if let Some(login) = &self.login {
            candidate.authenticated = true;
            let identity = Identity::parse_mail(login).ok();
            candidate.senders.extend(identity.map(|identity| Sender { role: SenderRole::Login, identity }));
        }
        let each = self.recipients.iter().map(|(argument, delivery)| Recipient {
            identity: Identity::parse_mail(&bare(argument)).unwrap(),
            delivery: *delivery,
        });
        candidate.recipients = each.collect();
        // The door doesn't read the content of what goes out again.
        let judged = self.recipients.iter().any(|(_, delivery)| *delivery != Delivery::Elsewhere);
        let raw = if judged { self.raw.clone() } else { Vec::new() };
        Unread::fill(Arc::new(raw), &mut candidate);
        candidate
    }
}

fn bare(argument: &CString) -> String {
    argument.to_str().unwrap().trim_matches(['<', '>']).to_owned()
}

/// The door's decisions on `indymilter`, as they stood there before it had a loop of its own.
fn callbacks(judged: &Judged) -> Callbacks<Kept> {
    let judged = Arc::clone(judged);
    Callbacks::new()
        .on_negotiate(|cx, _, offered| {
            Box::pin(async move {
                cx.requested_actions = Actions::DELETE_RCPT | Actions::REQUEST_MACROS;
                cx.requested_opts = offered
                    & (ProtoOpts::NO_EOH
                        | ProtoOpts::NO_UNKNOWN
                        | ProtoOpts::NOREPLY_CONNECT
                        | ProtoOpts::NOREPLY_HELO
                        | ProtoOpts::NOREPLY_HEADER
                        | ProtoOpts::NOREPLY_EOH
                        | ProtoOpts::NOREPLY_BODY
                        | ProtoOpts::LEADING_SPACE);
                cx.requested_macros = HashMap::from([
                    (MacroStage::Mail, c"{auth_authen} {mail_addr}".to_owned()),
                    (MacroStage::Rcpt, c"{rcpt_mailer} {rcpt_addr}".to_owned()),
                ]);
                Status::Continue
            })
        })
        .on_connect(|_, _, _| Box::pin(async { Status::Noreply }))
        .on_helo(|_, _| Box::pin(async { Status::Noreply }))
        .on_mail(|cx, args| {
            Box::pin(async move {
                let login = cx.macros.get(c"{auth_authen}").and_then(|login| login.to_str().ok());
                cx.data = Some(Kept {
                    sender: bare(&args[0]),
                    login: login.filter(|login| !login.is_empty()).map(str::to_owned),
                    ..Kept::default()
                });
                Status::Continue
            })
        })
        .on_rcpt(|cx, args| {
            Box::pin(async move {
                if bare(&args[0]).starts_with("never@") {
                    let said = "The message could not be accepted";
                    cx.reply.set_error_reply("550", Some("5.7.1"), [said]).unwrap();
                    return Status::Reject;
                }
                let mailer = cx.macros.get(c"{rcpt_mailer}").and_then(|mailer| mailer.to_str().ok());
                let delivery = match mailer {
                    Some("smtp") => Delivery::Elsewhere,
                    Some("local") => Delivery::ToAccount,
                    _ => Delivery::ToAddress,
                };
                cx.data.as_mut().unwrap().recipients.push((args[0].clone(), delivery));
                Status::Continue
            })
        })
        .on_data(|_| Box::pin(async { Status::Continue }))
        .on_header(|cx, name, value| {
            Box::pin(async move {
                let value = value.to_str().unwrap().replace('\n', "\r\n");
                let field = format!("{}:{value}\r\n", name.to_str().unwrap());
                cx.data.as_mut().unwrap().raw.extend_from_slice(field.as_bytes());
                Status::Noreply
            })
        })
        .on_body(|cx, chunk| {
            Box::pin(async move {
                let kept = cx.data.as_mut().unwrap();
                if !std::mem::replace(&mut kept.in_body, true) {
                    kept.raw.extend_from_slice(b"\r\n");
                }
                kept.raw.extend_from_slice(&chunk);
                Status::Noreply
            })
        })
        .on_eom(move |cx| {
            let judged = Arc::clone(&judged);
            Box::pin(async move {
                let kept = cx.data.take().unwrap();
                let candidate = kept.candidate();
                judged.lock().unwrap().push(described(&candidate));
                let outcomes = outcomes(&candidate);
                let stopped = outcomes.iter().filter(|outcome| **outcome != Outcome::Deliver).count();
                if stopped == 0 {
                    return Status::Accept;
                }
                if stopped == outcomes.len() {
                    if outcomes.contains(&Outcome::Drop) {
                        return Status::Discard;
                    }
                    let said = "The message could not be accepted";
                    cx.reply.set_error_reply("550", Some("5.7.1"), [said]).unwrap();
                    return Status::Reject;
                }
                for ((argument, _), outcome) in kept.recipients.into_iter().zip(outcomes) {
                    if outcome != Outcome::Deliver {
                        let named = CString::new(bare(&argument)).unwrap();
                        cx.actions.delete_recipient(named).await.unwrap();
                    }
                }
                Status::Accept
            })
        })
        .on_abort(|cx| {
            Box::pin(async move {
                cx.data = None;
                Status::Continue
            })
        })
}

/// Both, running.
struct Two {
    door: SocketAddr,
    oracle: SocketAddr,
    door_judged: Judged,
    oracle_judged: Judged,
    _runtime: Runtime,
}

impl Two {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let (door_judged, oracle_judged) = (Judged::default(), Judged::default());
        let listener = runtime.block_on(bind(&"inet:127.0.0.1:0".parse().unwrap(), 0o660)).unwrap();
        let Address::Inet(_, port) = *listener.local_address() else { panic!("not TCP") };
        let rule = Arc::new(Rule(Arc::clone(&door_judged)));
        runtime.spawn(run(listener, rule, Settings::default(), pending()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let oracle = listener.local_addr().unwrap();
        runtime.spawn(indymilter::run(
            listener,
            callbacks(&oracle_judged),
            Config::default(),
            pending::<()>(),
        ));
        let door = SocketAddr::from(([127, 0, 0, 1], port));
        Self { door, oracle, door_judged, oracle_judged, _runtime: runtime }
    }

    /// Both get these bytes, cut at this length; the script ends with Quit, after which both hang up.
    fn compare(&self, script: &[u8], cut: usize) {
        let door = said(self.door, script, cut);
        assert_eq!(shown(&door), shown(&said(self.oracle, script, cut)));
        let take = |judged: &Judged| std::mem::take(&mut *judged.lock().unwrap());
        assert_eq!(take(&self.door_judged), take(&self.oracle_judged));
    }
}

fn said(address: SocketAddr, script: &[u8], cut: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(testbed::PATIENCE)).unwrap();
    script.chunks(cut).for_each(|piece| stream.write_all(piece).unwrap());
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    all
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn packet(command: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len() + 1).unwrap();
    [&length.to_be_bytes(), [command].as_slice(), payload].concat()
}

fn cstrings(strings: &[&str]) -> Vec<u8> {
    strings.iter().flat_map(|string| [string.as_bytes(), b"\0"].concat()).collect()
}

/// One mail, and how far it comes.
#[derive(Clone, Debug)]
struct Mail {
    from: String,
    login: Option<String>,
    to: Vec<(String, &'static str)>,
    headers: Vec<(String, String)>,
    body: Vec<Vec<u8>>,
    /// After so many packets it is aborted.
    aborted: Option<usize>,
}

impl Mail {
    fn packets(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let login = self.login.as_deref().unwrap_or_default();
        all.push(packet(b'D', &[b"M".as_slice(), &cstrings(&["{auth_authen}", login])].concat()));
        all.push(packet(b'M', &cstrings(&[&format!("<{}>", self.from), "SIZE=1000"])));
        for (address, mailer) in &self.to {
            let macros = cstrings(&["{rcpt_mailer}", mailer, "{rcpt_addr}", address]);
            all.push(packet(b'D', &[b"R".as_slice(), &macros].concat()));
            all.push(packet(b'R', &cstrings(&[&format!("<{address}>"), "NOTIFY=NEVER"])));
        }
        all.push(packet(b'D', b"Ti\0ABC\0"));
        all.push(packet(b'T', b""));
        let headers = self.headers.iter().map(|(name, value)| packet(b'L', &cstrings(&[name, value])));
        all.extend(headers);
        all.extend(self.body.iter().map(|chunk| packet(b'B', chunk)));
        all.push(packet(b'D', b"Ei\0ABC\0"));
        if let Some(packets) = self.aborted {
            all.truncate(packets.max(2));
            all.push(packet(b'A', b""));
        } else {
            // With a rest of the body in it, `indymilter` never answers where the body's replies are off.
            all.push(packet(b'E', b""));
        }
        all
    }
}

fn mails() -> impl Strategy<Value = Mail> {
    let from = prop_oneof![
        Just("drop@a.example".to_owned()),
        Just("refuse@a.example".to_owned()),
        Just(String::new()),
        "[a-z]{1,8}(\\+[a-z]{1,4})?@[a-z]{1,8}\\.example",
    ];
    let address = prop_oneof!["[a-zA-Z]{1,8}@home\\.example", "(strict|never)@home\\.example"];
    let to = proptest::collection::vec((address, prop_oneof![3 => Just("virtual"), 1 => Just("smtp")]), 1..5);
    let name = prop_oneof!["From", "Subject", "X-[A-Za-z]{1,5}", "Reply-To", "Content-Type"];
    let value = prop_oneof![
        " [a-z]{1,9} <[a-z]{1,6}@[a-z]{1,6}\\.example>",
        "[ \t]?[ -~]{0,60}(\n [ -~]{0,60}){0,2}",
        Just(" multipart/mixed; boundary=x".to_owned()),
    ];
    let chunk = prop_oneof![
        "[ -~\r\n]{1,200}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 1..100),
        (1_usize..65_000).prop_map(|length| b"line of text\r\n"
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect()),
    ];
    (
        from,
        proptest::option::weighted(0.3, "[a-z]{1,5}(@home\\.example)?"),
        to,
        // Without any, `indymilter` takes what follows DATA for a mistake and never answers.
        proptest::collection::vec((name, value), 1..8),
        proptest::collection::vec(chunk, 0..4),
        proptest::option::weighted(0.2, 0_usize..20),
    )
        .prop_map(|(from, login, to, headers, body, aborted)| Mail {
            from,
            login,
            to,
            headers,
            body,
            aborted,
        })
}

const OFFER: &[u8] = b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff";

fn script(offer: &[u8], mails: &[Mail]) -> Vec<u8> {
    let mut script = packet(b'O', offer);
    script.extend(packet(b'D', b"Cj\0mail.test\0"));
    script.extend(packet(b'C', b"client.example\x004\x30\x39192.0.2.1\0"));
    script.extend(packet(b'D', b"H"));
    script.extend(packet(b'H', b"client.example\0"));
    mails.iter().for_each(|mail| script.extend(mail.packets().concat()));
    script.extend(packet(b'Q', b""));
    script
}

#[test]
fn sessions_are_answered_and_understood_as_by_another_implementation() {
    let two = Two::start();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (
        proptest::collection::vec(mails(), 1..4),
        prop_oneof![Just(1_usize), Just(7), Just(1000), Just(1_000_000)],
    );
    runner
        .run(&strategy, |(mails, cut)| {
            let bytes = script(OFFER, &mails);
            two.compare(&bytes, if bytes.len() > 20_000 { cut.max(1000) } else { cut });
            Ok(())
        })
        .unwrap();
}

#[test]
fn malformed_packets_end_the_connection_as_they_do_there() {
    let two = Two::start();
    let good = |letters: &[u8]| {
        let mut script = packet(b'O', OFFER);
        for letter in letters {
            script.extend(match letter {
                b'M' => packet(b'M', b"<a@b.example>\0"),
                b'R' => packet(b'R', b"<c@home.example>\0"),
                other => packet(*other, b""),
            });
        }
        script
    };
    for (name, before, bytes) in [
        ("an unknown command", b"MR".as_slice(), packet(b'Z', b"ab")),
        ("an argument that doesn't end", b"", packet(b'M', b"<a@b.example>")),
        ("no argument", b"", packet(b'M', b"")),
        ("a header without a value", b"MRT", packet(b'L', b"Subject\0")),
        ("a header that doesn't end", b"MRT", packet(b'L', b"Subject\0 hello")),
        ("a family that doesn't exist", b"", packet(b'C', b"host\0Z\0\0x\0")),
        ("an address that is none", b"", packet(b'C', b"host\x004\0\x19here\0")),
        ("a packet of 100 MB", b"MRT", b"\x05\xf5\xe1\x00B rest".to_vec()),
    ] {
        let script = [good(before), bytes].concat();
        let door = said(two.door, &script, 1_000_000);
        assert_eq!(shown(&door), shown(&said(two.oracle, &script, 1_000_000)), "{name}");
    }
}
