//! One connection's bytes, in and out.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use policy_core::door::Judge;
use tokio::io::ReadBuf;
use tokio::time::{Instant, timeout};

use crate::listener::Stream;
use crate::protocol::{BUFFER, Malformed, Order, Packets, Replies};
use crate::run::Shared;
use crate::session::Session;

/// An MTA negotiates at once.
const TO_NEGOTIATE: Duration = Duration::from_secs(30);

/// How long we wait for a message's content in all, not counting the time in which we don't read. Postfix has it on its
/// disk by then; whoever is slower would hold memory that others wait for.
const FOR_CONTENT: Duration = Duration::from_secs(120);

/// How long a connection may be silent otherwise. Not shorter: a sender may dribble a mail's content for hours, during
/// which Postfix has nothing to say to us; if we hung up, `default_action=accept` would let that mail in unjudged.
const SILENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long replies may wait to be read.
const TO_REPLY: Duration = Duration::from_secs(120);

thread_local! {
    /// What is read lies here for a moment, so that a silent connection has no buffer of its own.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Serves a connection until it ends. Whatever ends it, Postfix knows what to do without us, and nobody need be told.
pub(crate) async fn serve<J: Judge>(stream: Stream, shared: Arc<Shared<J>>) {
    let connection = Connection { stream, packets: Packets::default(), waited: Duration::ZERO };
    let _ = connection.serve(Session::new(shared)).await;
}

struct Connection {
    stream: Stream,
    packets: Packets,
    /// For the content of the message that is coming in.
    waited: Duration,
}

impl Connection {
    async fn serve<J: Judge>(mut self, mut session: Session<J>) -> io::Result<()> {
        let mut replies = Replies::default();
        loop {
            let going_on = self.take_all(&mut session, &mut replies).await;
            // All that was asked is answered at once, also before what can't be understood.
            self.write(&mut replies).await?;
            if !going_on.map_err(invalid)? {
                return Ok(());
            }
            if let Some(bytes) = self.packets.long() {
                session.room_for(bytes).await.map_err(invalid)?;
            }
            if self.read(session.order()).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Does all that has come in. False: the last command was among it.
    async fn take_all<J: Judge>(
        &mut self,
        session: &mut Session<J>,
        replies: &mut Replies,
    ) -> Result<bool, Malformed> {
        while let Some(command) = self.packets.take_next()? {
            if !session.take(command, replies).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what there is; 0 when the peer has closed.
    async fn read(&mut self, order: Order) -> io::Result<usize> {
        self.packets.rest();
        let patience = match order {
            Order::Fresh => TO_NEGOTIATE,
            order if order.in_content() => FOR_CONTENT.saturating_sub(self.waited),
            _ => SILENCE,
        };
        if !order.in_content() {
            self.waited = Duration::ZERO;
        }
        let begin = Instant::now();
        let Self { stream, packets, .. } = self;
        let read = poll_fn(|cx| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut buffer = ReadBuf::new(scratch);
                ready!(stream.poll_read(cx, &mut buffer))?;
                packets.append(buffer.filled());
                Poll::Ready(Ok(buffer.filled().len()))
            })
        });
        let read = timeout(patience, read).await?;
        self.waited += begin.elapsed();
        read
    }

    async fn write(&self, replies: &mut Replies) -> io::Result<()> {
        while !replies.pending().is_empty() {
            match self.stream.try_write(replies.pending()) {
                Ok(bytes) => replies.sent(bytes),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    timeout(TO_REPLY, self.stream.writable()).await??;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn invalid(error: Malformed) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
