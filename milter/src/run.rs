//! The door's life: from the bound socket to the end of the last transaction.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use policy_core::door::{DoorState, Judge};
use policy_core::identity::Identity;
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::budget::Budget;
use crate::clients::TrustedClient;
use crate::connection;
use crate::forwarding::Forwarding;
use crate::listener::Listener;
use crate::proof::Prover;
use crate::turns::Turns;

/// How long sessions may go on after shutdown began: the whole daemon has 5 s.
const GRACE: Duration = Duration::from_secs(3);

/// The part of the bytes in flight that envelopes share.
const ENVELOPES: usize = 8;

/// How much the door takes in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message, header and body: what comes after is not looked at. At least Postfix's
    /// `message_size_limit` (10,240,000 by default).
    pub message_bytes: usize,
    /// Bytes that all messages in flight share. At least twice those of one.
    pub buffered_bytes: usize,
    /// Connections at the same time; more wait. At least the process limits (100 by default) of Postfix's services that ask.
    /// What each holds while it is silent, an envelope and the beginning of a packet, is beside what messages share: up to
    /// 50 KiB.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_bytes: 16 << 20, buffered_bytes: 32 << 20, connections: 500 }
    }
}

/// What the configuration says about mail.
#[derive(Clone, Default)]
pub struct Settings {
    /// How much the door takes in.
    pub limits: Limits,
    /// Clients whose mail isn't judged.
    pub trusted_clients: Vec<TrustedClient>,
    /// The DNS server to ask when an allow entry needs proof; the system's if there is none.
    pub resolver: Option<SocketAddr>,
    /// Blocking by forwarding, where it is configured.
    pub forwarding: Option<Arc<Forwarding>>,
}

/// What all sessions share.
pub(crate) struct Shared<J> {
    pub(crate) judge: Arc<J>,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    /// Bytes that all envelopes share: a part of the same bytes, kept apart because an envelope may lie there for long, and
    /// nobody may have to wait for it.
    pub(crate) envelopes: Arc<Semaphore>,
    pub(crate) turns: Turns,
    pub(crate) trusted: Vec<TrustedClient>,
    pub(crate) prover: Prover,
    /// Blocking by forwarding, where it is configured.
    pub(crate) forwarding: Option<Arc<Forwarding>>,
}

impl<J: Judge> Shared<J> {
    pub(crate) fn new(judge: Arc<J>, settings: Settings) -> Self {
        let limits = settings.limits;
        let envelopes = limits.buffered_bytes / ENVELOPES;
        Self {
            judge,
            limits,
            budget: Budget::new(limits.buffered_bytes - envelopes, limits.message_bytes),
            envelopes: Arc::new(Semaphore::new(envelopes)),
            turns: Turns::new(),
            trusted: settings.trusted_clients,
            prover: Prover::new(settings.resolver),
            forwarding: settings.forwarding,
        }
    }

    /// Whether an address is the household's, whatever way its mail takes: a member's, or at a domain that is configured as
    /// ours.
    pub(crate) fn is_ours(&self, address: &Identity) -> bool {
        self.judge.is_members(address)
            || self.forwarding.as_ref().is_some_and(|forwarding| forwarding.is_ours(address.domain()))
    }
}

/// Judges mail until `shutdown` completes; then accepts no more connections, lets sessions end for at most 3 s, and
/// returns. Those between two mails are waited for, too: without us Postfix would put off what comes next in them.
///
/// All sessions live on one thread of their own: a mail is a dozen steps between two tasks, and each would wake another
/// thread. Large messages are judged on further threads.
///
/// # Errors
///
/// If the system refuses a thread. A listener that can't accept waits and tries again.
pub async fn run<J: Judge>(
    listener: Listener,
    judge: Arc<J>,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    judge.set_state(DoorState::Open { address: listener.local_address().to_string() });
    let (stop, stopped) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("mail".to_owned()).spawn(move || {
        let _ = ended.send(serve(listener, judge, settings, stopped));
    })?;
    tokio::pin!(end);
    tokio::select! {
        outcome = &mut end => return outcome.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())),
        () = shutdown => drop(stop),
    }
    end.await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

/// Runs on the door's own thread until `stopped` has lost its other end.
fn serve<J: Judge>(
    listener: Listener,
    judge: Arc<J>,
    settings: Settings,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let shared = Arc::new(Shared::new(judge, settings));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(accept(listener, &shared, stopped));
    // Not waiting for a message that is still being judged: its time is over.
    runtime.shutdown_background();
    outcome
}

async fn accept<J: Judge>(
    listener: Listener,
    shared: &Arc<Shared<J>>,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let acceptor = listener.accepting()?;
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            // A session that panics ends by itself.
            Some(_) = sessions.join_next() => {}
            stream = acceptor.accept(), if sessions.len() < shared.limits.connections => {
                sessions.spawn(connection::serve(stream, Arc::clone(shared)));
            }
        }
    }
    // Who handed the socket over keeps it open: new connections wait there for our successor.
    drop(acceptor);
    let _ = timeout(GRACE, async { while sessions.join_next().await.is_some() {} }).await;
    Ok(())
}
