//! The door's life: from the bound socket to the end of the last transaction.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indymilter::Config;
use policy_core::door::{DoorState, Judge};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::budget::Budget;
use crate::listener::Listener;
use crate::session::callbacks;

/// How long transactions may go on after shutdown began: the whole daemon has 5 s.
const GRACE: Duration = Duration::from_secs(3);

/// How long a connection may be silent. Not shorter: a sender may dribble a mail's content for hours, during which
/// Postfix has nothing to say to us; if we hung up, `default_action=accept` would let that mail in unjudged.
const SILENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How much the door takes in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message, header and body: what comes after is not looked at. At least Postfix's
    /// `message_size_limit` (10,240,000 by default).
    pub message_bytes: usize,
    /// Bytes that all messages in flight share; one message more may be beyond it.
    pub buffered_bytes: usize,
    /// Connections at the same time; more wait. At least Postfix's `smtpd` process limit (100 by default).
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_bytes: 16 << 20, buffered_bytes: 32 << 20, connections: 1000 }
    }
}

/// What all sessions share.
pub(crate) struct Shared<J> {
    pub(crate) judge: Arc<J>,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    pub(crate) transactions: Transactions,
    /// Large messages are judged two at a time: reading one takes memory of its own.
    pub(crate) judging: Semaphore,
}

/// How many mails are in flight.
pub(crate) struct Transactions(watch::Sender<usize>);

impl Transactions {
    pub(crate) fn begin(&self) -> InTransaction {
        self.0.send_modify(|count| *count += 1);
        InTransaction(self.0.clone())
    }

    async fn none_left(&self) {
        let _ = self.0.subscribe().wait_for(|&count| count == 0).await;
    }
}

/// One mail in flight, until it is dropped.
pub(crate) struct InTransaction(watch::Sender<usize>);

impl Drop for InTransaction {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Judges mail until `shutdown` completes; then accepts no more connections, lets mails in flight end for at most
/// 3 s, and returns.
///
/// # Errors
///
/// None in practice: a listener that can't accept waits and tries again.
pub async fn run<J: Judge>(
    listener: Listener,
    judge: Arc<J>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    judge.set_state(DoorState::Open { address: listener.local_address().to_string() });
    let closed = listener.closed();
    let shared = Arc::new(Shared {
        judge,
        limits,
        budget: Budget::new(limits.buffered_bytes),
        transactions: Transactions(watch::Sender::new(0)),
        judging: Semaphore::new(2),
    });
    let config =
        Config { max_connections: limits.connections, connection_timeout: SILENCE, ..Config::default() };
    let drained = async {
        shutdown.await;
        closed.store(true, Ordering::Relaxed);
        let _ = timeout(GRACE, shared.transactions.none_left()).await;
    };
    indymilter::run(listener, callbacks(&shared), config, drained).await
}
