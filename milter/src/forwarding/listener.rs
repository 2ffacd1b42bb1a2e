//! The small SMTP server to which Postfix's transport map leads `block@` and `allow@`.
//!
//! `mailin` (the library under `mailin-embedded`) understands the commands; connections, limits and time are ours,
//! because `mailin-embedded` can't be stopped, reads lines of any length, and waits for silent peers on its few threads.
//!
//! What isn't a member's own is taken and dropped. Postfix would bounce what we refuse: to senders whom anybody can have
//! forged, and who would learn that the address is there.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mailin::response::START_DATA;
use mailin::{Action, Handler, Response, SessionBuilder};
use policy_core::entry::Effect;
use policy_core::identity::Identity;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::Forwarding;
use super::address::Target;
use super::answer::Answer;
use super::command::{NotTaken, Received};
use super::{smtputf8, submit};

/// Sessions at a time. Whoever comes then takes the place of the oldest that isn't carrying something out.
const SESSIONS: usize = 32;

/// How long a session may last, and how long it may be silent.
const SESSION_TIME: Duration = Duration::from_secs(120);
const SILENCE: Duration = Duration::from_secs(20);

/// The longest line. RFC 5321 section 4.5.3.1.6 says 1,000 bytes; Postfix folds at that.
const LINE: u64 = 8 << 10;

/// The largest message, and the bytes of all messages that are being received: Postfix's `message_size_limit` is 10 MB.
const MESSAGE: usize = 20 << 20;
const ALL_MESSAGES: usize = 40 << 20;

/// How long sessions may go on after shutdown began.
const GRACE: Duration = Duration::from_secs(2);

/// The listener can't be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "can't listen at {0} for forwarded messages: {1}. Choose another address with `listen` under [forwarding]"
)]
pub struct ListenError(SocketAddr, io::Error);

/// A bound listener.
#[derive(Debug)]
pub struct ForwardListener(TcpListener);

impl ForwardListener {
    /// Listens at a loopback address.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        TcpListener::bind(address).await.map(Self).map_err(|error| ListenError(address, error))
    }

    /// Where it really listens: with the port that the system chose.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Takes forwarded messages until `shutdown` completes.
pub async fn run(listener: ForwardListener, forwarding: Arc<Forwarding>, shutdown: impl Future<Output = ()>) {
    // No more wait than are remembered.
    let (answers, handed_in) = mpsc::unbounded_channel();
    let submitting = tokio::spawn(submit::run(Arc::clone(&forwarding), handed_in));
    let mut sessions = JoinSet::new();
    let mut places: VecDeque<(AbortHandle, Arc<AtomicBool>)> = VecDeque::new();
    let in_flight = Arc::new(AtomicUsize::new(0));
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = sessions.join_next() => continue,
            accepted = listener.0.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Too many open files is over when some session ends.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        if !peer.ip().is_loopback() {
            continue;
        }
        places.retain(|(session, _)| !session.is_finished());
        if places.len() >= SESSIONS {
            let idle = places.iter().position(|(_, busy)| !busy.load(Ordering::SeqCst));
            match idle.and_then(|oldest| places.remove(oldest)) {
                Some((session, _)) => session.abort(),
                None => continue,
            }
        }
        let busy = Arc::new(AtomicBool::new(false));
        let session = Session {
            forwarding: Arc::clone(&forwarding),
            answers: answers.clone(),
            transaction: Arc::new(Mutex::new(Transaction::new(Arc::clone(&in_flight)))),
            busy: Arc::clone(&busy),
        };
        let handle = sessions.spawn(async move {
            let _ = timeout(SESSION_TIME, session.serve(stream, peer.ip())).await;
        });
        places.push_back((handle, busy));
    }
    drop((listener, answers));
    for (session, busy) in places {
        if !busy.load(Ordering::SeqCst) {
            session.abort();
        }
    }
    let _ = timeout(GRACE, async {
        while sessions.join_next().await.is_some() {}
        let _ = submitting.await;
    })
    .await;
}

/// What a client has said so far.
struct Transaction {
    sender: String,
    /// What is asked for, and under which domain; nothing where it is nobody's address.
    recipients: Vec<Option<(Effect, String)>>,
    raw: Vec<u8>,
    state: State,
    in_flight: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Going,
    /// Its bytes aren't kept: it can't be a member's.
    TooLarge,
    NoRoom,
    Complete,
}

impl Transaction {
    fn new(in_flight: Arc<AtomicUsize>) -> Self {
        Self {
            sender: String::new(),
            recipients: Vec::new(),
            raw: Vec::new(),
            state: State::Going,
            in_flight,
        }
    }

    fn clear(&mut self) {
        self.in_flight.fetch_sub(self.raw.len(), Ordering::SeqCst);
        self.raw = Vec::new();
        self.recipients.clear();
        self.state = State::Going;
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.state != State::Going {
            return;
        }
        if self.raw.len() + bytes.len() > MESSAGE {
            self.in_flight.fetch_sub(self.raw.len(), Ordering::SeqCst);
            self.raw = Vec::new();
            self.state = State::TooLarge;
        } else if self.in_flight.load(Ordering::SeqCst) + bytes.len() > ALL_MESSAGES {
            self.state = State::NoRoom;
        } else {
            self.in_flight.fetch_add(bytes.len(), Ordering::SeqCst);
            self.raw.extend_from_slice(bytes);
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.clear();
    }
}

/// What `mailin` tells of a client's commands.
struct Commands {
    forwarding: Arc<Forwarding>,
    transaction: Arc<Mutex<Transaction>>,
}

fn held(transaction: &Mutex<Transaction>) -> MutexGuard<'_, Transaction> {
    transaction.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handler for Commands {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        let mut transaction = held(&self.transaction);
        transaction.clear();
        from.clone_into(&mut transaction.sender);
        mailin::response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let mut transaction = held(&self.transaction);
        let target = self.forwarding.addresses.target(to);
        let Ok(identity) = Identity::parse_mail(to) else { return mailin::response::NO_MAILBOX };
        // The milter lets through one recipient a message.
        if !transaction.recipients.is_empty() {
            return Response::custom(452, "One recipient a message".to_owned());
        }
        transaction.recipients.push(match target {
            Target::Order(effect) => Some((effect, identity.domain().to_string())),
            Target::Tagged => None,
            Target::Other => return mailin::response::NO_MAILBOX,
        });
        mailin::response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        held(&self.transaction).append(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mut transaction = held(&self.transaction);
        if transaction.state != State::NoRoom {
            transaction.state = State::Complete;
        }
        mailin::response::OK
    }
}

struct Session {
    forwarding: Arc<Forwarding>,
    answers: mpsc::UnboundedSender<(String, Answer)>,
    transaction: Arc<Mutex<Transaction>>,
    busy: Arc<AtomicBool>,
}

impl Session {
    async fn serve(self, stream: TcpStream, peer: IpAddr) -> io::Result<()> {
        let _ = stream.set_nodelay(true);
        let mut stream = BufReader::new(stream);
        let handler =
            Commands { forwarding: Arc::clone(&self.forwarding), transaction: Arc::clone(&self.transaction) };
        let mut smtp = SessionBuilder::new("postward").build(peer, handler);
        write(&mut stream, bytes(&smtp.greeting())?).await?;
        let mut line = Vec::new();
        let mut in_content = false;
        loop {
            line.clear();
            match timeout(SILENCE, (&mut stream).take(LINE).read_until(b'\n', &mut line)).await {
                Ok(Ok(1..)) => {}
                Ok(read) => return read.map(drop),
                Err(_) => return say(&mut stream, 421, "Too slow").await,
            }
            if !line.ends_with(b"\n") {
                return say(&mut stream, 500, "Line too long").await;
            }
            if !line.ends_with(b"\r\n") {
                line.pop();
                line.extend_from_slice(b"\r\n");
            }
            if !in_content {
                line = smtputf8::without_parameter(line);
            }
            let response = smtp.process(&line);
            let state = held(&self.transaction).state;
            match state {
                State::Going | State::TooLarge => {}
                State::Complete => {
                    in_content = false;
                    self.complete(&mut stream).await?;
                    continue;
                }
                State::NoRoom => return say(&mut stream, 452, "Try again later").await,
            }
            if response.action != Action::NoReply {
                in_content = response.code == START_DATA.code;
                write(&mut stream, smtputf8::offered(&line, bytes(&response)?)).await?;
            }
            if response.action == Action::Close {
                return Ok(());
            }
        }
    }

    /// Carries out what has been received, and answers to the end of data.
    async fn complete(&self, stream: &mut BufReader<TcpStream>) -> io::Result<()> {
        let received = {
            let mut transaction = held(&self.transaction);
            let recipient = transaction.recipients.first().cloned().flatten();
            let received = recipient.map(|(effect, domain)| Received {
                sender: transaction.sender.clone(),
                domain,
                effect,
                raw: transaction.raw.clone(),
            });
            transaction.clear();
            received
        };
        let Some(received) = received else { return say(stream, 250, "2.0.0 OK").await };
        if self.forwarding.ends_probe(&received.raw, Instant::now()) {
            return say(stream, 250, "2.0.0 OK").await;
        }
        self.busy.store(true, Ordering::SeqCst);
        let forwarding = Arc::clone(&self.forwarding);
        let done = tokio::task::spawn_blocking(move || forwarding.carry_out(&received, now())).await;
        self.busy.store(false, Ordering::SeqCst);
        match done {
            Ok(Ok(answer)) => {
                // One that nobody takes any more is handed in after the next start.
                let _ = answer.map(|answer| self.answers.send(answer));
                say(stream, 250, "2.0.0 OK").await
            }
            Ok(Err(NotTaken::NobodysOwn)) => {
                self.forwarding.dropped.call_once(|| {
                    eprintln!(
                        "postward: mail to block@ or allow@ came to the listener without a header of Postward's that counts, and \
                         was dropped. It was sent while Postward didn't run, or something changes mail on its way"
                    );
                });
                say(stream, 250, "2.0.0 OK").await
            }
            Ok(Err(NotTaken::Later)) | Err(_) => say(stream, 451, "4.3.0 Try again later").await,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, code: u16, text: &str) -> io::Result<()> {
    write(stream, bytes(&Response::custom(code, text.to_owned()))?).await
}

fn bytes(response: &Response) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    response.write_to(&mut bytes)?;
    Ok(bytes)
}

async fn write(stream: &mut BufReader<TcpStream>, bytes: Vec<u8>) -> io::Result<()> {
    timeout(SILENCE, stream.write_all(&bytes)).await.map_err(io::Error::other)??;
    stream.flush().await
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
